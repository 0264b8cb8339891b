"""The slide master that a deck is drawn on: the organisation's own file, checked and measured, or our default built here."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _
from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml.ns import qn

from stellwerk.core.documents import scene
from stellwerk.core.documents.pptx_default import EMU as EMU
from stellwerk.core.documents.pptx_default import default_presentation

MAX_FILE: Final = 100 * 2**20
MAX_UNPACKED: Final = 400 * 2**20
MAX_ENTRIES: Final = 5000
MAX_RATIO: Final = 300  # of a single large part
# Widths are measured for Arial. Other fonts are set smaller, so that text also fits where a program lacks the font and
# takes a wide one in its place (Calibri becomes DejaVu Sans, a sixth wider than Arial, on many Linux machines).
_ARIAL_LIKE: Final = frozenset({"arial", "helvetica", "liberation sans", "arimo", "helvetica neue"})
_OTHER_FONTS: Final = 0.86
LEAST_TYPE: Final = 9.0  # points of any text on any slide
# Room that the layouts need at least, in scene inches.
_LEAST_WIDTH: Final = 8.5
_LEAST_HEIGHT: Final = 3.7
_TITLES: Final = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
_SLIDE_TYPE: Final = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
_TEMPLATE_TYPE: Final = b"application/vnd.openxmlformats-officedocument.presentationml.template.main+xml"


class TemplateProblem(ValueError):
    """A template that cannot carry the deck; the message says what is wrong and what to do. ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Frame:
    """How scene inches become slide inches: ``x * scale + dx``; type sizes are scaled alike."""

    scale: float
    dx: float
    dy: float

    def x(self, value: float) -> int:
        return round((value * self.scale + self.dx) * EMU)

    def y(self, value: float) -> int:
        return round((value * self.scale + self.dy) * EMU)

    def length(self, value: float) -> int:
        return round(value * self.scale * EMU)

    def points(self, value: float) -> float:
        """Type sizes scale with the frame."""
        return value * self.scale


@dataclass(frozen=True)
class TitleBox:
    """Room and inherited look of the title placeholder, in inches and points."""

    width: float
    height: float
    size: float
    bold: bool


@dataclass(frozen=True)
class Template:
    presentation: Any
    title_layout: Any
    content_layout: Any
    body: tuple[float, float, float, float]  # left, top, right and bottom of the room for a content slide, in inches
    page: scene.Page  # the scene that fills this body
    title: TitleBox
    dark: bool
    type_scale: (
        float  # of type sizes: below 1 where the theme's font may be wider than Arial or be replaced by a wider one
    )
    secondary_ok: bool  # the theme's second text colour is readable on its background
    own: bool  # our default

    def frame(self, page: scene.Page) -> Frame:
        """How a scene of that page lies on the slide: as large as the body allows, at its upper left corner."""
        if self.own and page == scene.WIDE:
            return Frame(1.0, 0.0, 0.0)
        left, top, right, bottom = self.body
        scale = min((right - left) / page.full, (bottom - top) / (page.bottom - scene.SUBTITLE_TOP))
        return Frame(scale, left - scene.LEFT * scale, top - scene.SUBTITLE_TOP * scale)


def open_template(path: Path | None) -> Template:
    """The given template, checked; our default without one. Raises :class:`TemplateProblem`."""
    if path is None:
        return _measured(default_presentation(), own=True)
    content = _checked_bytes(path)
    try:
        presentation = Presentation(io.BytesIO(content))
    except Exception as error:  # whatever python-pptx or lxml stumble over: the file is broken
        raise TemplateProblem(
            "broken",
            _("The template cannot be opened: %(why)s. Open it in PowerPoint, save it again as .pptx or .potx.")
            % {"why": str(error)[:200] or type(error).__name__},
        ) from error
    try:
        _drop_slides(presentation)
        return _measured(presentation, own=False)
    except TemplateProblem:
        raise
    except (AttributeError, KeyError, ValueError, TypeError, etree.LxmlError) as error:
        raise TemplateProblem(
            "broken", _("The template is damaged: its slide master or a layout cannot be read.")
        ) from error


# ---------------------------------------------------------------- checks before anything is parsed


def _checked_bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_FILE:
            raise TemplateProblem(
                "too-large", _("The template is larger than 100 MB. Remove pictures and videos from its slides.")
            )
        content = path.read_bytes()
    except OSError as error:
        raise TemplateProblem(
            "unreadable", _("The template cannot be read: %(why)s") % {"why": error.strerror or error}
        ) from error
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise TemplateProblem(
            "old-format",
            _(
                "The template is an old .ppt file or protected by a password. Save it as .pptx or .potx without password."
            ),
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise TemplateProblem("not-pptx", _("The template is not a PowerPoint file (.pptx or .potx).")) from error
    with archive:
        return _checked_archive(archive, content)


def _checked_archive(archive: zipfile.ZipFile, content: bytes) -> bytes:
    entries = archive.infolist()
    bomb = TemplateProblem("bomb", _("The template unpacks to an implausible size and is refused."))
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise bomb
    if any(entry.file_size > 2**20 and entry.file_size > MAX_RATIO * max(entry.compress_size, 1) for entry in entries):
        raise bomb
    names = {entry.filename for entry in entries}
    if "[Content_Types].xml" not in names or not any(name.startswith("ppt/") for name in names):
        raise TemplateProblem("not-pptx", _("The template is not a PowerPoint file (.pptx or .potx)."))
    types = _read(archive, "[Content_Types].xml", bomb)
    if b"macroEnabled" in types or any(name.lower().endswith("vbaproject.bin") for name in names):
        raise TemplateProblem("macros", _("The template contains macros. Save it without macros as .pptx or .potx."))
    if _TEMPLATE_TYPE in types:
        return _as_presentation(archive, types, bomb)
    if _SLIDE_TYPE not in types:
        raise TemplateProblem("not-pptx", _("The template is not a PowerPoint file (.pptx or .potx)."))
    return content


def _read(archive: zipfile.ZipFile, name: str, bomb: TemplateProblem) -> bytes:
    try:
        with archive.open(name) as part:
            data = part.read(MAX_UNPACKED + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise TemplateProblem("broken", _("The template is damaged: a part of it cannot be unpacked.")) from error
    if len(data) > MAX_UNPACKED:
        raise bomb
    return data


def _as_presentation(archive: zipfile.ZipFile, types: bytes, bomb: TemplateProblem) -> bytes:
    """A .potx with the content type of a presentation: the only difference between the two."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as copy:
        for entry in archive.infolist():
            data = (
                types.replace(_TEMPLATE_TYPE, _SLIDE_TYPE)
                if entry.filename == "[Content_Types].xml"
                else _read(archive, entry.filename, bomb)
            )
            copy.writestr(entry.filename, data)
    return buffer.getvalue()


# ---------------------------------------------------------------- layouts and room


def _drop_slides(presentation: Any) -> None:
    identifiers = presentation.slides._sldIdLst
    for identifier in list(identifiers):
        presentation.part.drop_rel(identifier.rId)
        identifiers.remove(identifier)
    for sections in presentation.part._element.xpath("//*[local-name()='sectionLst']"):
        extension = sections.getparent()
        extension.getparent().remove(extension)


def _kinds(layout: Any) -> dict[Any, Any]:
    return {shape.placeholder_format.type: shape for shape in layout.placeholders}


def _measured(presentation: Any, *, own: bool) -> Template:
    layouts = [layout for master in presentation.slide_masters for layout in master.slide_layouts]
    content = _content_layout(layouts)
    opening = _title_layout(layouts)
    kinds = _kinds(content)
    title = next(kinds[kind] for kind in _TITLES if kind in kinds)
    box = tuple(value / EMU for value in (title.left, title.top, title.width, title.height))
    if box[2] < 4 or box[3] < 0.35:
        raise TemplateProblem(
            "no-room",
            _(
                "The template's title placeholder is too small for a sentence: %(w).1f × %(h).1f inches; at least 4.0 × 0.4 are needed."
            )
            % {"w": box[2], "h": box[3]},
        )
    width, height = presentation.slide_width / EMU, presentation.slide_height / EMU
    body = _body(box, kinds, width, height)
    background, text, secondary = _theme_colors(content.slide_master)
    size, bold = _title_style(content, title)
    type_scale = 1.0 if own or _theme_font(content.slide_master) in _ARIAL_LIKE else _OTHER_FONTS
    return Template(
        presentation,
        opening,
        content,
        body,
        scene.WIDE if own else _page(body, type_scale),
        TitleBox(box[2] - 0.02 if own else box[2] - 0.2, box[3], size, bold),
        dark=_luminance(background) < _luminance(text),
        type_scale=type_scale,
        secondary_ok=_contrast(background, secondary) >= 4.5,
        own=own,
    )


def _content_layout(layouts: list[Any]) -> Any:
    with_title = [layout for layout in layouts if any(kind in _kinds(layout) for kind in _TITLES)]
    if not with_title:
        raise TemplateProblem(
            "no-title", _("The template has no layout with a title placeholder. Add one, for example “Title Only”.")
        )
    missing: list[str] = []
    complete = []
    for kind, word in ((PP_PLACEHOLDER.FOOTER, _("footer")), (PP_PLACEHOLDER.SLIDE_NUMBER, _("slide number"))):
        if not any(kind in _kinds(layout) for layout in with_title):
            missing.append(word)
    if not missing:
        complete = [
            layout
            for layout in with_title
            if PP_PLACEHOLDER.FOOTER in _kinds(layout)
            and PP_PLACEHOLDER.SLIDE_NUMBER in _kinds(layout)
            and PP_PLACEHOLDER.TITLE in _kinds(layout)
        ]
    if not complete:
        raise TemplateProblem(
            "no-footer",
            _(
                "No layout of the template has all placeholders that a content slide needs: title, footer and slide number. Missing: %(what)s."
            )
            % {"what": ", ".join(missing) or _("one layout with all three")},
        )
    return min(
        complete, key=lambda layout: (layout._element.get("type") != "titleOnly", len(list(layout.placeholders)))
    )


def _title_layout(layouts: list[Any]) -> Any:
    for layout in layouts:
        kinds = _kinds(layout)
        if PP_PLACEHOLDER.SUBTITLE in kinds and any(kind in kinds for kind in _TITLES):
            return layout
    raise TemplateProblem(
        "no-title-slide",
        _("The template has no layout for the title slide: a title and a subtitle placeholder are needed."),
    )


def _body(
    box: tuple[float, ...], kinds: dict[Any, Any], width: float, height: float
) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the room between title and footer, in inches."""
    left, top, title_width, title_height = box
    footers = [
        kinds[kind].top / EMU
        for kind in (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE)
        if kind in kinds
    ]
    bottom = min([foot for foot in footers if foot > height / 2] or [height - 0.4]) - 0.06
    return max(left, 0.2), top + title_height + 0.05, min(left + title_width, width - 0.2), bottom


def _page(body: tuple[float, float, float, float], type_scale: float) -> scene.Page:
    """The scene for that room: as large as on our own slides where it can be, but never with type below :data:`LEAST_TYPE`."""
    left, top, right, bottom = body
    width, height = right - left, bottom - top
    scale = min(width / scene.WIDE.full, height / (scene.BOTTOM - scene.SUBTITLE_TOP), 1.6)
    scale = max(scale, LEAST_TYPE / (scene.SMALLEST * type_scale))
    if width / scale < _LEAST_WIDTH or height / scale < _LEAST_HEIGHT:
        raise TemplateProblem(
            "no-room",
            _(
                "The template's layout leaves too little room between title and footer: %(w).1f × %(h).1f inches; at least %(least_w).1f × %(least_h).1f are needed."
            )
            % {
                "w": max(width, 0),
                "h": max(height, 0),
                "least_w": _LEAST_WIDTH * scale,
                "least_h": _LEAST_HEIGHT * scale,
            },
        )
    return scene.Page(scene.LEFT + width / scale, scene.SUBTITLE_TOP + height / scale)


def _title_style(layout: Any, title: Any) -> tuple[float, bool]:
    sources = [title._element]
    master = layout.slide_master
    sources += [shape._element for shape in master.placeholders if shape.placeholder_format.type in _TITLES]
    sources += master._element.xpath("p:txStyles/p:titleStyle")
    size: float | None = None
    bold: bool | None = None
    for source in sources:
        for properties in source.iter(qn("a:defRPr")):
            if size is None and properties.get("sz"):
                size = int(properties.get("sz")) / 100
            if bold is None and properties.get("b"):
                bold = properties.get("b") in ("1", "true")
            break
    return size or 28.0, bool(bold)


def _theme_font(master: Any) -> str:
    theme = next((rel.target_part for rel in master.part.rels.values() if rel.reltype.endswith("/theme")), None)
    if theme is None:
        return ""
    root = etree.fromstring(theme.blob, etree.XMLParser(resolve_entities=False))
    latin = root.find(f".//{qn('a:minorFont')}/{qn('a:latin')}")
    return (latin.get("typeface") or "").casefold() if latin is not None else ""


def _theme_colors(master: Any) -> tuple[str, str, str]:
    """Background, first and second text colour as RRGGBB, through the master's colour map."""
    theme = next(
        (relation.target_part for relation in master.part.rels.values() if relation.reltype.endswith("/theme")), None
    )
    mapping = master._element.find(qn("p:clrMap"))
    if theme is None or mapping is None:
        return "FFFFFF", "000000", "000000"
    root = etree.fromstring(theme.blob, etree.XMLParser(resolve_entities=False))
    names = {"bg1": "FFFFFF", "tx1": "000000", "tx2": "000000"}
    for name, fallback in list(names.items()):
        found = root.find(f".//{qn('a:clrScheme')}/{qn('a:' + (mapping.get(name) or 'dk1'))}")
        color = found[0] if found is not None and len(found) else None
        value = (color.get("lastClr") or color.get("val")) if color is not None else None
        names[name] = value if value and re.fullmatch("[0-9A-Fa-f]{6}", value) else fallback
    return names["bg1"], names["tx1"], names["tx2"]


def _luminance(color: str) -> float:
    parts = [int(color[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(first: str, second: str) -> float:
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
