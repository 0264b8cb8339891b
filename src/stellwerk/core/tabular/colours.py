"""Traffic lights that are only painted: the colours of cells (or of the sign in them) in an XLSX."""

from __future__ import annotations

import colorsys
import io
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile

from lxml import etree

from stellwerk.core.tabular.cells import column_index
from stellwerk.core.tabular.workbook_parts import sheet_parts

_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})$")
_MOST_CELLS = 200_000
_PALE, _DARK = 0.12, 0.3
_RED, _YELLOW, _GREEN = 16, 70, 170
"""Where a hue (in degrees) stops being red, yellow and green."""
_PURPLE = 335
_INDEXED = {
    2: "FF0000", 3: "00FF00", 5: "FFFF00", 10: "FF0000", 11: "00FF00", 13: "FFFF00", 16: "800000", 17: "008000", 19: "808000", 26: "FFFFCC",
    34: "CCFFFF", 42: "CCFFCC", 43: "FFFF99", 45: "FF99CC", 47: "FFCC99", 50: "99CC00", 51: "FFCC00", 52: "FF9900", 53: "FF6600", 57: "339966",
    58: "003300", 60: "993300",
}  # fmt: skip
_THEME = (
    "lt1",
    "dk1",
    "lt2",
    "dk2",
    "accent1",
    "accent2",
    "accent3",
    "accent4",
    "accent5",
    "accent6",
    "hlink",
    "folHlink",
)

Place = tuple[int, int]
"""Row and column of a cell, from 0."""


def painted(
    source: str | Path | IO[bytes], sheet: str, columns: Collection[int], *, rows: bool = False
) -> dict[Place, str]:
    """The light that each cell of these columns (with ``rows``: of these rows) is painted with; nothing where the file
    cannot say so. Only for files that were read already: sizes have been looked at."""
    try:
        with ZipFile(source if isinstance(source, (str, Path)) else io.BytesIO(_whole(source))) as archive:
            part = sheet_parts(archive).get(sheet)
            if part is None or "xl/styles.xml" not in archive.namelist():
                return {}
            styles = _lights_of_styles(archive)
            return dict(_cells(archive, part, styles, columns, rows))
    except (BadZipFile, etree.XMLSyntaxError, KeyError, ValueError, OSError):
        return {}


def light_of(rgb: str) -> str:
    """green, amber or red for six hexadecimal digits; an empty text for anything else."""
    red, green, blue = (int(rgb[i : i + 2], 16) / 255 for i in (0, 2, 4))
    hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    if saturation < _PALE or value < _DARK:
        return ""
    degrees = hue * 360
    if degrees < _RED or degrees >= _PURPLE:
        return "red"
    return "amber" if degrees < _YELLOW else "green" if degrees < _GREEN else ""


def _whole(stream: IO[bytes]) -> bytes:
    stream.seek(0)
    return stream.read()


def _cells(
    archive: ZipFile, part: str, styles: list[tuple[str, str]], wanted: Collection[int], rows: bool
) -> Iterator[tuple[Place, str]]:
    seen = 0
    with archive.open(part) as stream:
        for _event, cell in etree.iterparse(stream, tag="{*}c", resolve_entities=False, no_network=True):
            match = _CELL.match(cell.get("r", ""))
            seen += 1
            if match is not None and seen <= _MOST_CELLS:
                place = (int(match[2]) - 1, column_index(match[1]))
                style = int(cell.get("s", "0"))
                if place[0 if rows else 1] in wanted and style < len(styles):
                    fill, font = styles[style]
                    light = fill or (font if len(cell) else "")
                    if light:
                        yield place, light
            cell.clear()


def _lights_of_styles(archive: ZipFile) -> list[tuple[str, str]]:
    """For each cell style the light of its fill and that of its font."""
    root = etree.fromstring(archive.read("xl/styles.xml"), etree.XMLParser(resolve_entities=False, no_network=True))
    theme = _theme(archive)
    fills = [_fill(fill, theme) for fill in root.iterfind("{*}fills/{*}fill")]
    fonts = [_colour(font.find("{*}color"), theme) for font in root.iterfind("{*}fonts/{*}font")]
    found = []
    for xf in root.iterfind("{*}cellXfs/{*}xf"):
        fill, font = int(xf.get("fillId", "0")), int(xf.get("fontId", "0"))
        found.append((fills[fill] if fill < len(fills) else "", fonts[font] if font < len(fonts) else ""))
    return found


def _fill(fill: etree._Element, theme: list[str]) -> str:
    pattern = fill.find("{*}patternFill")
    if pattern is None or pattern.get("patternType") != "solid":
        return ""
    return _colour(pattern.find("{*}fgColor"), theme)


def _colour(colour: etree._Element | None, theme: list[str]) -> str:
    if colour is None:
        return ""
    rgb = colour.get("rgb", "")[-6:]
    if not rgb and (number := colour.get("theme")) is not None:
        rgb = theme[int(number)] if int(number) < len(theme) else ""
    if not rgb and (number := colour.get("indexed")) is not None:
        rgb = _INDEXED.get(int(number), "")
    return light_of(rgb) if re.fullmatch(r"[0-9A-Fa-f]{6}", rgb) else ""


def _theme(archive: ZipFile) -> list[str]:
    """The twelve colours of the workbook's theme."""
    name = next((name for name in archive.namelist() if re.fullmatch(r"xl/theme/theme\d*\.xml", name)), None)
    if name is None:
        return []
    root = etree.fromstring(archive.read(name), etree.XMLParser(resolve_entities=False, no_network=True))
    scheme = root.find(".//{*}clrScheme")
    if scheme is None:
        return []
    found = {}
    for entry in scheme:
        colour = entry[0] if len(entry) else None
        if colour is not None:
            found[etree.QName(entry).localname] = colour.get("val") or colour.get("lastClr") or ""
            if etree.QName(colour).localname == "sysClr":
                found[etree.QName(entry).localname] = colour.get("lastClr") or ""
    return [found.get(code, "") for code in _THEME]
