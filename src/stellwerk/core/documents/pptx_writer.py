"""A :class:`~stellwerk.core.documents.scene.Document` as editable PPTX: native tables and charts, shapes, real placeholders."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from lxml import etree
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.util import Pt

from stellwerk.core.documents.numbers import Numbers
from stellwerk.core.documents.pptx_charts import add_chart
from stellwerk.core.documents.pptx_template import EMU, LEAST_TYPE, Template, open_template
from stellwerk.core.documents.scene import (
    LEFT,
    SMALLEST,
    SUBTITLE_TOP,
    TOP,
    Cell,
    Chart,
    Color,
    Diamond,
    Document,
    Icon,
    Line,
    Paragraph,
    Rect,
    Run,
    Slide,
    Table,
    Text,
)
from stellwerk.core.documents.text import clean, fit, height_of, width_of, wrap

_NS: Final = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_STATUS: Final = {"red": "B3261E", "amber": "C27C00", "green": "1E7B4A", "neutral": "8A949E", "grey-light": "6E7882"}
_STATUS_ON_DARK: Final = {
    "red": "F2695C",
    "amber": "EBA53A",
    "green": "5CB583",
    "neutral": "8F9BA7",
    "grey-light": "AAB5C0",
}
_PROPERTY: Final = 255  # longest core property that PowerPoint accepts
_LARGEST_TITLE: Final = 28.0
_SMALLEST_TITLE: Final = 14.0
FOOTER_RULE: Final = " | "  # between the parts of a footer
_MARGIN: Final = 0.06  # left and right inset of a table cell in inches


class Palette:
    """Colour names as DrawingML: theme colours, except the status colours."""

    def __init__(self, template: Template) -> None:
        secondary = '<a:schemeClr val="tx2"/>' if template.secondary_ok else '<a:schemeClr val="tx1"/>'
        line = _scheme("tx1", 50) if template.dark else _scheme("bg1", 80)
        band = _scheme("bg1", 75, 25) if template.dark else _scheme("bg1", 95)
        self._status = _STATUS_ON_DARK if template.dark else _STATUS
        self._names: dict[str, str] = {
            "ink": _scheme("tx1"),
            "grey": secondary,
            "hair": line,
            "accent": _scheme("accent1"),
            "tint": _scheme("accent1", 50) if template.dark else _scheme("accent1", 40, 60),
            "band": band,
            "white": _scheme("bg1"),
        }
        if template.own:
            self._names |= {"hair": _scheme("accent6"), "tint": _scheme("accent2"), "band": _scheme("bg2")}

    def color(self, name: Color) -> str:
        return self._names.get(name) or f'<a:srgbClr val="{self._status[name]}"/>'

    def fill(self, name: Color) -> str:
        return "<a:noFill/>" if name == "none" else f"<a:solidFill>{self.color(name)}</a:solidFill>"


def _scheme(name: str, modulation: int | None = None, offset: int | None = None) -> str:
    inner = (f'<a:lumMod val="{modulation}000"/>' if modulation is not None else "") + (
        f'<a:lumOff val="{offset}000"/>' if offset is not None else ""
    )
    return f'<a:schemeClr val="{name}">{inner}</a:schemeClr>' if inner else f'<a:schemeClr val="{name}"/>'


def render_pptx(
    document: Document,
    numbers: Numbers,
    template: Path | Template | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> bytes:
    """The presentation as bytes. Raises TemplateProblem before anything is written.

    A document that was laid out for another page than the template's is scaled down to its room.
    """
    base = template if isinstance(template, Template) else open_template(template)
    presentation = base.presentation
    look = _Look(
        _title_size(base, document),
        Palette(base),
        {id(at): _footers(at) for at in (base.title_layout, base.content_layout)},
    )
    for index, slide in enumerate(document.slides, start=1):
        _SlidePainter(base, document, slide, numbers, look, index).paint()
        if progress is not None:
            progress(index, len(document.slides))
    properties = presentation.core_properties
    author = document.author[:_PROPERTY]
    properties.title, properties.author, properties.keywords = document.title[:_PROPERTY], author, document.keywords
    properties.language, properties.last_modified_by, properties.comments = numbers.language_code, author, ""
    buffer = io.BytesIO()
    presentation.save(buffer)
    return buffer.getvalue()


def _title_size(base: Template, document: Document) -> float:
    """One size for the titles of all content slides: the template's own (at most 28 points), smaller until each title fits."""
    if base.own:
        return base.title.size
    titles = [slide.title for slide in document.slides if slide.layout == "content"]
    size = min(base.title.size, _LARGEST_TITLE)
    while size > _SMALLEST_TITLE and any(_title_lines(base, text, size) > _title_room(base, size) for text in titles):
        size -= 1
    return size


def _title_lines(base: Template, text: str, size: float) -> int:
    return len(wrap(text, size, base.title.width * base.type_scale, True))


def _title_room(base: Template, size: float) -> int:
    """Lines of that size in the title's placeholder, at most two."""
    return min(2, max(1, int(base.title.height * 72 / (size * 1.2) + 0.15)))


@dataclass(frozen=True)
class _Footer:
    """A placeholder of a layout for the footer, the date or the slide number, with the look that it inherits."""

    kind: str  # as DrawingML calls it
    name: str
    index: int
    width: int
    align: str
    size: float
    properties: str  # attributes and children of run properties


@dataclass(frozen=True)
class _Look:
    """What all slides share: asking python-pptx for it again on each slide takes as long as painting them."""

    title_size: float
    palette: Palette
    footers: dict[int, list[_Footer]]  # by the identity of the layout


class _SlidePainter:
    """Paints one slide. Shapes are written as XML: adding 400 status shapes one by one through the API is slow."""

    def __init__(
        self, base: Template, document: Document, slide: Slide, numbers: Numbers, look: _Look, number: int
    ) -> None:
        self.base, self.document, self.slide, self.numbers, self.number = base, document, slide, numbers, number
        self.frame, self.palette, self.title_size = base.frame(document.page), look.palette, look.title_size
        layout = base.title_layout if slide.layout == "title" else base.content_layout
        self.page = base.presentation.slides.add_slide(layout)
        self.footers = look.footers[id(layout)]
        self.tree = self.page.shapes._spTree
        self.waiting: list[str] = []  # shapes not yet in the tree
        self.next_id = 1000

    def paint(self) -> None:
        self._placeholders()
        if self.slide.subtitle and self.slide.layout == "content":
            self._subtitle()
        painters: dict[type, Callable[[Any], None]] = {
            Text: self._text,
            Table: self._table,
            Chart: self._chart,
            Icon: self._icon,
            Line: self._line,
            Rect: self._rect,
            Diamond: self._diamond,
        }
        # A foreign title slide has its own picture and logo: nothing but its placeholders is written there.
        bare = self.slide.layout == "title" and not self.base.own
        for element in () if bare else self.slide.elements:
            painters[type(element)](element)
        self._flush()
        if self.slide.notes:
            self.page.notes_slide.notes_text_frame.text = self.slide.notes

    def _subtitle(self) -> None:
        """One line; two smaller ones where the slide is too narrow for it."""
        text, room = self.slide.subtitle, self.document.page.full
        size = 12.0 if len(wrap(text, 12, room)) == 1 else SMALLEST
        box = TOP - SUBTITLE_TOP - 0.05
        run = Run(fit(text, size, room, 2 if size == SMALLEST else 1), color="grey")
        self._text(Text(LEFT, SUBTITLE_TOP, room, box, ((run,),), size=size))

    # ------------------------------------------------ placeholders

    def _placeholders(self) -> None:
        for shape in list(self.page.placeholders):
            kind = shape.placeholder_format.type
            if kind in (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE):
                self._title(shape)
            elif kind == PP_PLACEHOLDER.SUBTITLE and self.slide.layout == "title":
                self._opening(shape, self.slide.subtitle, (20, 18, 16, 14, 12, 10))
            else:
                self.tree.remove(shape._element)
        run = self._run_properties()
        for footer in self.footers:
            if footer.kind == "sldNum":
                field = "{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}"
                self._footer(footer, f'<a:fld id="{field}" type="slidenum">{run}<a:t>{self.number}</a:t></a:fld>')
            else:
                text = self._footer_text(footer) if footer.kind == "ftr" else self.document.date_text
                self._footer(footer, f"<a:r>{run}<a:t>{escape(text)}</a:t></a:r>")

    def _run_properties(self) -> str:
        return f'<a:rPr lang="{self.numbers.language_code}"/>'

    def _title(self, shape: Any) -> None:
        if self.slide.layout == "title":
            self._opening(shape, self.slide.title, (40, 36, 32, 28, 24, 20, 16))
            return
        box, size = self.base.title, self.title_size
        width = box.width * self.base.type_scale
        shape.text_frame.text = fit(self.slide.title, size, width, _title_room(self.base, size), True)
        if size != box.size:
            shape.text_frame.paragraphs[0].runs[0].font.size = Pt(size)

    def _opening(self, shape: Any, text: str, sizes: tuple[int, ...]) -> None:
        """Title or subtitle of the title slide; in a foreign template at the largest size that fits its placeholder."""
        shape.text_frame.text = text
        if self.base.own:
            return
        width, height = (shape.width / EMU - 0.2) * self.base.type_scale, shape.height / EMU - 0.1
        for size in sizes:
            needed = sum(len(wrap(line, size, width, True)) for line in text.split("\n"))
            if height_of(needed, size) * 1.2 <= height:
                break
        for paragraph in shape.text_frame.paragraphs:
            for run in paragraph.runs:
                run.font.size = Pt(size)

    def _footer(self, footer: _Footer, content: str) -> None:
        # Said again on the slide: LibreOffice does not inherit the style of a footer.
        style = f'<a:pPr algn="{footer.align}"/>'
        content = content.replace("/>", f"{footer.properties}</a:rPr>", 1)
        self._append(
            f'<p:sp><p:nvSpPr><p:cNvPr id="{self._id()}" name={quoteattr(footer.name)}/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>'
            f'<p:nvPr><p:ph type="{footer.kind}" idx="{footer.index}"/></p:nvPr></p:nvSpPr><p:spPr/>'
            f"<p:txBody><a:bodyPr/><a:lstStyle/><a:p>{style}{content}</a:p></p:txBody></p:sp>"
        )

    def _footer_text(self, footer: _Footer) -> str:
        """The footer, without body or organisation where the placeholder is too narrow for all of it."""
        width = (footer.width / EMU - (0 if self.base.own else 0.2)) * self.base.type_scale
        parts = self.document.footer.split(FOOTER_RULE)
        while len(parts) > 1 and width_of(FOOTER_RULE.join(parts), footer.size) > width:
            del parts[1 if len(parts) > 3 else 0]
        return fit(FOOTER_RULE.join(parts), footer.size, width)

    # ------------------------------------------------ helpers

    def _id(self) -> int:
        self.next_id += 1
        return self.next_id

    def _append(self, xml: str) -> None:
        self.waiting.append(xml)

    def _flush(self) -> None:
        """All shapes that wait, read at once."""
        self.tree.extend(list(parse_xml(f"<p:spTree {_NS}>{''.join(self.waiting)}</p:spTree>")))
        self.waiting.clear()

    def _xfrm(self, x: float, y: float, w: float, h: float, tag: str = "a", flip: str = "") -> str:
        frame = self.frame
        return (
            f'<{tag}:xfrm{flip}><a:off x="{frame.x(x)}" y="{frame.y(y)}"/>'
            f'<a:ext cx="{frame.length(w)}" cy="{frame.length(h)}"/></{tag}:xfrm>'
        )

    def _paragraphs(self, paragraphs: tuple[Paragraph, ...], size: float, align: str) -> str:
        algn = {"left": "l", "center": "ctr", "right": "r"}[align]
        lang = self.numbers.language_code
        parts = []
        for paragraph in paragraphs or ((),):
            runs = "".join(self._run(run, size, lang) for run in paragraph)
            end = f'<a:endParaRPr lang="{lang}" sz="{self._sz(size)}"/>'
            parts.append(
                f'<a:p><a:pPr algn="{algn}" marL="0" indent="0"><a:spcBef><a:spcPts val="0"/></a:spcBef><a:buNone/></a:pPr>{runs}{end}</a:p>'
            )
        return "".join(parts)

    def _sz(self, size: float) -> int:
        return max(100, round(self.frame.points(size) * self.base.type_scale * 10) * 10)

    def _run(self, run: Run, size: float, lang: str) -> str:
        bold = ' b="1"' if run.bold else ' b="0"'
        return (
            f'<a:r><a:rPr lang="{lang}" sz="{self._sz(run.size or size)}"{bold}>{self.palette.fill(run.color)}</a:rPr>'
            f"<a:t>{escape(run.text)}</a:t></a:r>"
        )

    # ------------------------------------------------ elements

    def _text(self, box: Text) -> None:
        anchor = {"top": "t", "middle": "ctr", "bottom": "b"}[box.anchor]
        identifier = self._id()
        self._append(
            f'<p:sp><p:nvSpPr><p:cNvPr id="{identifier}" name="Text {identifier - 1000}"/><p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr>'
            f'<p:spPr>{self._xfrm(box.x, box.y, box.w, box.h)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/></p:spPr>'
            f'<p:txBody><a:bodyPr wrap="{"square" if box.wrap else "none"}" lIns="0" tIns="0" rIns="0" bIns="0" anchor="{anchor}"><a:noAutofit/></a:bodyPr>'
            f"<a:lstStyle/>{self._paragraphs(box.paragraphs, box.size, box.align)}</p:txBody></p:sp>"
        )

    def _shape(self, geometry: str, xfrm: str, fill: Color, line: Color, alt: str, points: float = 0.75) -> None:
        identifier = self._id()
        outline = f'<a:ln w="{round(points * 12700)}">{self.palette.fill(line)}</a:ln>'
        decorative = (
            ""
            if alt
            else '<a:extLst><a:ext uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}"><adec:decorative '
            'xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative" val="1"/></a:ext></a:extLst>'
        )
        self._append(
            f'<p:sp><p:nvSpPr><p:cNvPr id="{identifier}" name="Shape {identifier - 1000}" descr={quoteattr(alt)}>{decorative}</p:cNvPr><p:cNvSpPr/><p:nvPr/></p:nvSpPr>'
            f"<p:spPr>{xfrm}{geometry}{self.palette.fill(fill)}{outline}</p:spPr>"
            f"<p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:endParaRPr/></a:p></p:txBody></p:sp>"
        )

    def _rect(self, rect: Rect) -> None:
        self._shape(
            '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>',
            self._xfrm(rect.x, rect.y, rect.w, rect.h),
            rect.fill,
            rect.line,
            rect.alt,
        )

    def _diamond(self, item: Diamond) -> None:
        box = self._xfrm(item.x - item.r, item.y - item.r, 2 * item.r, 2 * item.r)
        self._shape('<a:prstGeom prst="diamond"><a:avLst/></a:prstGeom>', box, item.fill, item.line, item.alt, 1.25)

    def _line(self, line: Line) -> None:
        x, y = min(line.x1, line.x2), min(line.y1, line.y2)
        flip = ' flipV="1"' if (line.x2 - line.x1) * (line.y2 - line.y1) < 0 else ""
        dash = '<a:prstDash val="dash"/>' if line.dashed else ""
        identifier = self._id()
        self._append(
            f'<p:cxnSp><p:nvCxnSpPr><p:cNvPr id="{identifier}" name="Line {identifier - 1000}"/><p:cNvCxnSpPr/><p:nvPr/></p:nvCxnSpPr>'
            f"<p:spPr>{self._xfrm(x, y, abs(line.x2 - line.x1), abs(line.y2 - line.y1), flip=flip)}"
            f'<a:prstGeom prst="line"><a:avLst/></a:prstGeom><a:ln w="{round(line.points * 12700)}">{self.palette.fill(line.color)}{dash}</a:ln></p:spPr></p:cxnSp>'
        )

    def _icon(self, icon: Icon) -> None:
        identifier = self._id()
        points = self.frame.points(icon.size * 72)
        if icon.light in ("red", "amber"):
            body = _PATHS[icon.light]
            fill, stroke, width, dash = self.palette.fill(icon.light), _WHITE, 0.105 * points, ""
        else:
            body = _PATHS[icon.light]
            color: Color = "green" if icon.light == "green" else "neutral"
            fill, stroke, width = "<a:noFill/>", self.palette.fill(color), 0.105 * points
            dash = '<a:custDash><a:ds d="160000" sp="130000"/></a:custDash>' if icon.light == "grey" else ""
        cap = "flat" if icon.light == "grey" else "rnd"
        self._append(
            f'<p:sp><p:nvSpPr><p:cNvPr id="{identifier}" name={quoteattr(f"Status {icon.alt}")} descr={quoteattr(icon.alt)}/><p:cNvSpPr/><p:nvPr/></p:nvSpPr>'
            f"<p:spPr>{self._xfrm(icon.x, icon.y, icon.size, icon.size)}<a:custGeom><a:avLst/><a:gdLst/><a:ahLst/><a:cxnLst/>"
            f'<a:rect l="0" t="0" r="r" b="b"/><a:pathLst>{body}</a:pathLst></a:custGeom>{fill}'
            f'<a:ln w="{round(width * 12700)}" cap="{cap}">{stroke}{dash}<a:round/></a:ln></p:spPr>'
            f"<p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:endParaRPr/></a:p></p:txBody></p:sp>"
        )

    def _chart(self, chart: Chart) -> None:
        self._flush()  # add_chart writes into the tree itself
        frame = add_chart(self.page, chart, self.frame, self.palette, self.numbers, self.base.type_scale)
        frame._element.nvGraphicFramePr.cNvPr.set("descr", chart.title)
        frame._element.nvGraphicFramePr.cNvPr.set("name", clean(chart.title)[:80] or "Chart")
        frame._element.nvGraphicFramePr.cNvPr.set("id", str(self._id()))

    # ------------------------------------------------ tables

    def _table(self, table: Table) -> None:
        if not table.rows:
            return
        if table.highlight is not None:
            x = table.x + sum(column.width for column in table.columns[: table.highlight])
            self._rect(Rect(x, table.y, table.columns[table.highlight].width, table.height, "band"))
        grid = "".join(f'<a:gridCol w="{self.frame.length(column.width)}"/>' for column in table.columns)
        rows = []
        if table.has_header:
            rows.append(self._header(table))
        for index, row in enumerate(table.rows):
            next_total = index + 1 < len(table.rows) and table.rows[index + 1].total
            cells = "".join(
                self._cell(table, number, cell, row.total, "ink" if next_total else "hair")
                for number, cell in enumerate(row.cells)
            )
            rows.append(f'<a:tr h="{self.frame.length(row.height)}">{cells}</a:tr>')
        identifier = self._id()
        self._append(
            f'<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="{identifier}" name={quoteattr(f"Table {table.sheet}")} descr={quoteattr(table.alt or table.sheet)}/>'
            f'<p:cNvGraphicFramePr><a:graphicFrameLocks noGrp="1"/></p:cNvGraphicFramePr><p:nvPr/></p:nvGraphicFramePr>'
            f'{self._xfrm(table.x, table.y, table.width, table.height, "p")}<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/table">'
            f"<a:tbl><a:tblPr{' firstRow=' + chr(34) + '1' + chr(34) if table.has_header else ''}/><a:tblGrid>{grid}</a:tblGrid>{''.join(rows)}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
        )
        self._table_icons(table)

    def _header(self, table: Table) -> str:
        cells = "".join(
            self._cell(
                table,
                number,
                Cell(((Run(column.title, True, "grey"),),) if column.title else ()),
                False,
                "ink",
                header=True,
            )
            for number, column in enumerate(table.columns)
        )
        return f'<a:tr h="{self.frame.length(table.header_height)}">{cells}</a:tr>'

    def _cell(self, table: Table, number: int, cell: Cell, total: bool, below: Color, header: bool = False) -> str:
        column = table.columns[number]
        size = table.header_size if header else table.size
        left = (0 if number == 0 else _MARGIN) + cell.inset
        right = 0 if number == len(table.columns) - 1 and column.align == "right" else _MARGIN
        edges = (
            (
                f'<a:lnL w="9525">{self.palette.fill("hair")}</a:lnL>'
                if column.rule
                else '<a:lnL w="0"><a:noFill/></a:lnL>'
            )
            + '<a:lnR w="0"><a:noFill/></a:lnR>'
            + (f'<a:lnT w="12700">{self.palette.fill("ink")}</a:lnT>' if total else '<a:lnT w="0"><a:noFill/></a:lnT>')
            + f'<a:lnB w="{12700 if below == "ink" else 9525}">{self.palette.fill(below)}</a:lnB>'
        )
        anchor = "b" if header else "ctr"
        bottom = 0.02 if header else 0
        return (
            f"<a:tc><a:txBody><a:bodyPr/><a:lstStyle/>{self._paragraphs(cell.runs, size, column.align)}</a:txBody>"
            f'<a:tcPr marL="{self.frame.length(left)}" marR="{self.frame.length(right)}" marT="0" marB="{self.frame.length(bottom)}" anchor="{anchor}">{edges}<a:noFill/></a:tcPr></a:tc>'
        )

    def _table_icons(self, table: Table) -> None:
        y = table.y + (table.header_height if table.has_header else 0)
        for row in table.rows:
            x = table.x
            for column, cell in zip(table.columns, row.cells, strict=True):
                for dx, size, light, alt in cell.icons:
                    self._icon(Icon(x + dx, y + (row.height - size) / 2, size, light, alt))
                x += column.width
            y += row.height


_FOOTERS: Final = {PP_PLACEHOLDER.FOOTER: "ftr", PP_PLACEHOLDER.DATE: "dt", PP_PLACEHOLDER.SLIDE_NUMBER: "sldNum"}


def _footers(layout: Any) -> list[_Footer]:
    shapes = [(shape, shape.placeholder_format) for shape in layout.placeholders]
    return [_inherited(layout, shape, form) for shape, form in shapes if form.type in _FOOTERS]


def _inherited(layout: Any, shape: Any, form: Any) -> _Footer:
    styles = _level_styles(layout, shape, form.type)
    align = next((style.get("algn") for style in styles if style.get("algn")), "l")
    fills = [fill for style in styles for fill in style.iterfind(f"{qn('a:defRPr')}/{qn('a:solidFill')}")]
    fill = etree.tostring(fills[0]).decode() if fills else '<a:solidFill><a:schemeClr val="tx1"/></a:solidFill>'
    size = max(_inherited_size(styles), LEAST_TYPE)
    properties = f' sz="{round(size * 100)}">{fill}<a:latin typeface="+mn-lt"/>'
    return _Footer(_FOOTERS[form.type], shape.name, form.idx, shape.width, align, size, properties)


def _level_styles(layout: Any, shape: Any, kind: Any) -> list[Any]:
    """First-level paragraph styles of a placeholder: of the layout, then of the master's placeholder of the same type."""
    sources = [shape, *(item for item in layout.slide_master.placeholders if item.placeholder_format.type == kind)]
    return [node for source in sources for node in source._element.iter(qn("a:lvl1pPr"))]


def _inherited_size(styles: list[Any]) -> float:
    for style in styles:
        for properties in style.iter(qn("a:defRPr")):
            if properties.get("sz"):
                return int(properties.get("sz")) / 100
    return 12.0


_WHITE: Final = '<a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill>'


def _path(points: list[tuple[float, float]], close: bool, attributes: str) -> str:
    scaled = [(round(x * 100), round(y * 100)) for x, y in points]
    moves = f'<a:moveTo><a:pt x="{scaled[0][0]}" y="{scaled[0][1]}"/></a:moveTo>' + "".join(
        f'<a:lnTo><a:pt x="{x}" y="{y}"/></a:lnTo>' for x, y in scaled[1:]
    )
    return f'<a:path w="1600" h="1600" {attributes}>{moves}{"<a:close/>" if close else ""}</a:path>'


_RING: Final = (
    '<a:path w="1600" h="1600" fill="none"><a:moveTo><a:pt x="160" y="800"/></a:moveTo>'
    '<a:arcTo wR="640" hR="640" stAng="10800000" swAng="21600000"/><a:close/></a:path>'
)
_PATHS: Final = {
    "red": _path(
        [(5, 0.8), (11, 0.8), (15.2, 5), (15.2, 11), (11, 15.2), (5, 15.2), (0.8, 11), (0.8, 5)], True, 'stroke="0"'
    )
    + _path([(5.6, 5.6), (10.4, 10.4)], False, 'fill="none"')
    + _path([(10.4, 5.6), (5.6, 10.4)], False, 'fill="none"'),
    "amber": _path([(8, 0.6), (15.9, 14.9), (0.1, 14.9)], True, 'stroke="0"')
    + _path([(8, 5.8), (8, 9.8)], False, 'fill="none"')
    + _path([(8, 12.3), (8, 12.4)], False, 'fill="none"'),
    "green": _RING + _path([(5.2, 8.2), (7.2, 10.2), (10.9, 6.1)], False, 'fill="none"'),
    "grey": _RING + _path([(5.6, 8), (10.4, 8)], False, 'fill="none"'),
}
