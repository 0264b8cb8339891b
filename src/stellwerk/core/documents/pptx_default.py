"""Our own template, made in code: a master and two layouts, without any stored file of ours."""

from __future__ import annotations

from typing import Any, Final

from lxml import etree
from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches

EMU: Final = 914400

_COLORS: Final = {
    "dk1": "1B2530",
    "lt1": "FFFFFF",
    "dk2": "55606C",
    "lt2": "F2F4F6",
    "accent1": "1B4B82",
    "accent2": "A9BCD3",
    "accent3": "55606C",
    "accent4": "8A949E",
    "accent5": "5B7FA8",
    "accent6": "C9CFD6",
    "hlink": "1B4B82",
    "folHlink": "55606C",
}
_SP: Final = (
    '<p:sp xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    '<p:nvSpPr><p:cNvPr id="{id}" name="{name}"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph {ph}/></p:nvPr></p:nvSpPr>'
    '<p:spPr><a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{w}" cy="{h}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr>'
    '<p:txBody><a:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" anchor="{anchor}"><a:normAutofit/></a:bodyPr>'
    '<a:lstStyle><a:lvl1pPr marL="0" indent="0" algn="{align}"><a:buNone/><a:defRPr sz="{size}" b="{bold}">'
    '<a:solidFill><a:schemeClr val="{color}"/></a:solidFill></a:defRPr></a:lvl1pPr></a:lstStyle>'
    "<a:p>{content}<a:endParaRPr/></a:p></p:txBody></p:sp>"
)
_RULE: Final = (
    '<p:cxnSp xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><p:nvCxnSpPr><p:cNvPr id="90" name="Footer rule"/><p:cNvCxnSpPr/>'
    '<p:nvPr userDrawn="1"/></p:nvCxnSpPr><p:spPr><a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{w}" cy="0"/></a:xfrm>'
    '<a:prstGeom prst="line"><a:avLst/></a:prstGeom><a:ln w="9525"><a:solidFill><a:schemeClr val="accent6"/></a:solidFill></a:ln></p:spPr></p:cxnSp>'
)


def _placeholder(identifier: int, name: str, ph: str, rect: tuple[float, float, float, float], **style: str) -> Any:
    x, y, w, h = (round(value * EMU) for value in rect)
    values = {"anchor": "t", "align": "l", "size": "900", "bold": "0", "color": "tx2", "content": ""} | style
    return etree.fromstring(_SP.format(id=identifier, name=name, ph=ph, x=x, y=y, w=w, h=h, **values))


def _footers() -> list[Any]:
    number = '<a:fld id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" type="slidenum"><a:rPr/><a:t>‹#›</a:t></a:fld>'
    return [
        _placeholder(20, "Footer", 'type="ftr" sz="quarter" idx="11"', (0.55, 7.06, 9.2, 0.22), anchor="ctr"),
        _placeholder(21, "Date", 'type="dt" sz="half" idx="10"', (9.9, 7.06, 1.9, 0.22), anchor="ctr", align="r"),
        _placeholder(
            22,
            "Slide Number",
            'type="sldNum" sz="quarter" idx="12"',
            (11.983, 7.06, 0.8, 0.22),
            anchor="ctr",
            align="r",
            content=number,
        ),
    ]


def default_presentation() -> Any:
    """An empty presentation with our master and two layouts ("Title Slide", "Title Only"), made without any stored file of ours."""
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = Emu(12192000), Inches(7.5)
    master = presentation.slide_master
    _recolor(master)
    for layout in list(presentation.slide_layouts):
        if layout.name not in ("Title Slide", "Title Only"):
            presentation.slide_layouts.remove(layout)
    title = ("Title", 'type="title"', (0.55, 0.36, 12.233, 0.8))
    body = _placeholder(3, "Text", 'type="body" idx="1"', (0.55, 1.72, 12.233, 5.1), size="1400", color="tx1")
    _fill(master, [_placeholder(2, *title, size="2200", bold="1", color="tx1", anchor="b"), body, *_footers()])
    master.shapes._spTree.append(
        etree.fromstring(_RULE.format(x=round(0.55 * EMU), y=round(7.0 * EMU), w=round(12.233 * EMU)))
    )
    for style in master._element.xpath("p:txStyles/p:titleStyle/a:lvl1pPr"):
        style.set("algn", "l")
        style.find(qn("a:defRPr")).set("sz", "2200")
        style.find(qn("a:defRPr")).set("b", "1")
    opening, content = (
        presentation.slide_layouts.get_by_name("Title Slide"),
        presentation.slide_layouts.get_by_name("Title Only"),
    )
    _fill(
        opening,
        [
            _placeholder(
                2, "Title", 'type="ctrTitle"', (0.55, 1.95, 6.6, 1.35), size="3200", bold="1", color="tx1", anchor="b"
            ),
            _placeholder(3, "Subtitle", 'type="subTitle" idx="1"', (0.55, 3.45, 6.6, 1.3), size="1600", color="tx2"),
            *_footers(),
        ],
    )
    _fill(content, [_placeholder(2, *title, size="2200", bold="1", color="tx1", anchor="b"), *_footers()])
    return presentation


def _fill(page: Any, shapes: list[Any]) -> None:
    tree = page.shapes._spTree
    for old in tree.xpath("p:sp|p:pic|p:cxnSp|p:graphicFrame|p:grpSp"):
        tree.remove(old)
    for shape in shapes:
        # parsed again by python-pptx's own parser, so that its element classes apply
        from pptx.oxml import parse_xml

        tree.append(parse_xml(etree.tostring(shape)))


def _recolor(master: Any) -> None:
    part = next(relation.target_part for relation in master.part.rels.values() if relation.reltype.endswith("/theme"))
    root = etree.fromstring(part.blob)
    root.set("name", "Stellwerk")
    scheme = root.find(f".//{qn('a:clrScheme')}")
    scheme.set("name", "Stellwerk")
    for name, value in _COLORS.items():
        slot = scheme.find(qn(f"a:{name}"))
        for old in list(slot):
            slot.remove(old)
        etree.SubElement(slot, qn("a:srgbClr")).set("val", value)
    fonts = root.find(f".//{qn('a:fontScheme')}")
    fonts.set("name", "Stellwerk")
    for latin in fonts.iter(qn("a:latin")):
        latin.set("typeface", "Arial")
    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
