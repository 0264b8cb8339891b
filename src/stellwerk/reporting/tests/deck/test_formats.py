"""The deck on templates of other formats: laid out for their room, nothing too small, outside, on top of each other or lost."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
from django.utils.translation import override
from pptx import Presentation
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from stellwerk.core.documents.pptx_template import TemplateProblem, open_template
from stellwerk.core.documents.scene import Chart, Run, Table, Text
from stellwerk.reporting.deck.build import build_document, write_deck
from stellwerk.reporting.deck.facts import Facts
from stellwerk.reporting.tests.deck import sample
from stellwerk.reporting.tests.deck.test_deck import _boxes_inside, _long
from stellwerk.trials import tries

INCH = 914400
SLACK = 9525 / INCH + 1e-9  # a hundredth of an inch
FORMATS = {"4:3": (10.0, 7.5), "16:9": (13.333, 7.5), "16:9 small": (10.0, 5.625), "4:3 large": (13.333, 10.0)}


def template(folder: Path, size: tuple[float, float], footer: int = 12) -> Path:
    """The office program's standard template in that format: Calibri, a title of 44 points, footers of ``footer`` points."""
    path = folder / f"template {size[0]} x {size[1]}.pptx"
    deck = Presentation()
    wide, high = size[0] / 10, size[1] / 7.5
    deck.slide_width, deck.slide_height = Inches(size[0]), Inches(size[1])
    for page in [deck.slide_master, *deck.slide_layouts]:
        for shape in page.placeholders:
            if shape._element.spPr.find(qn("a:xfrm")) is not None:
                shape.left, shape.width = Emu(int(shape.left * wide)), Emu(int(shape.width * wide))
                shape.top, shape.height = Emu(int(shape.top * high)), Emu(int(shape.height * high))
            for style in shape._element.iter(qn("a:defRPr")):
                if style.get("sz") == "1200":
                    style.set("sz", str(footer * 100))
    deck.save(str(path))
    return path


def made(payload: Any, lang: Any, path: Path | None, fmt: Any = "pptx") -> io.BytesIO:
    buffer = io.BytesIO()
    write_deck(payload, lang=lang, fmt=fmt, target=buffer, template=path)
    buffer.seek(0)
    return buffer


def sizes(slide: Any) -> Iterator[tuple[float, str]]:
    """Type size and text of every run that is written on the slide, also in tables and charts; placeholders inherit theirs."""
    for shape in slide.shapes:
        if shape.has_chart:
            space = shape.chart._chartSpace
            found = [int(node.get("sz")) for node in space.iter(qn("a:defRPr"), qn("a:rPr")) if node.get("sz")]
            assert found, shape.name
            yield from ((size / 100, shape.name) for size in found)
            continue
        for run in shape._element.iter(qn("a:r"), qn("a:fld")):
            properties = run.find(qn("a:rPr"))
            text = run.findtext(qn("a:t")) or ""
            size = properties.get("sz") if properties is not None else None
            assert size or shape.is_placeholder, (shape.name, text)
            if size and text.strip():
                yield int(size) / 100, text


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float
    what: str


def place(shape: Any) -> Box:
    """Where a shape lies, in inches: asked for once, a placeholder looks it up in its layout."""
    left, top = shape.left / INCH, shape.top / INCH
    return Box(left, top, left + shape.width / INCH, top + shape.height / INCH, shape.name)


def boxes(places: list[tuple[Any, Box]]) -> list[Box]:
    """Tables and text boxes with text."""
    found = []
    for shape, box in places:
        if shape.has_chart or not (shape.has_table or (shape.has_text_frame and shape.text_frame.text.strip())):
            continue
        found.append(box if shape.has_table else box._replace(what=shape.text_frame.text))
    return found


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("name", [*FORMATS, "ours"])
def test_on_every_format_type_can_be_read_and_nothing_lies_outside_or_on_something_else(
    name: str, lang: str, tmp_path: Path
) -> None:
    path = template(tmp_path, FORMATS[name], footer=8) if name in FORMATS else None
    for payload in (sample.big(tries(60, 24)), sample.small()):
        deck = Presentation(made(payload, lang, path))
        wide, high = (side / INCH + SLACK for side in (deck.slide_width, deck.slide_height))
        for number, slide in enumerate(deck.slides, start=1):
            small = [(size, text) for size, text in sizes(slide) if size < 9]
            assert small == [], (name, number)
            places = [(shape, place(shape)) for shape in slide.shapes]
            for _, box in places:
                inside = min(box.left, box.top) >= -SLACK and box.right <= wide and box.bottom <= high
                assert inside, (name, number, box)
            placed = boxes(places)
            for index, one in enumerate(placed):
                for other in placed[index + 1 :]:
                    across = min(one.right, other.right) - max(one.left, other.left)
                    down = min(one.bottom, other.bottom) - max(one.top, other.top)
                    assert across < 0.03 or down < 0.03, (name, number, one, other)


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("name", ["4:3", "16:9 small"])
def test_no_text_needs_more_room_than_it_has_on_any_format(name: str, lang: str, tmp_path: Path) -> None:
    page = open_template(template(tmp_path, FORMATS[name])).page
    for payload in (sample.big(), sample.small(), _long(sample.big(8)), _long(sample.small())):
        _boxes_inside(payload, lang, page)


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("name", [*FORMATS, "ours"])
def test_dates_and_amounts_are_never_cut(name: str, lang: Any, tmp_path: Path) -> None:
    page = open_template(template(tmp_path, FORMATS[name]) if name in FORMATS else None).page
    with override(lang):
        document = build_document(Facts(sample.big(), lang, page))
    cut = [
        (slide.kind, column.title, cell.text)
        for slide in document.slides
        for table in slide.elements
        if isinstance(table, Table)
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
        if column.align == "right" and "…" in cell.text
    ]
    assert cut == []


def test_a_slide_of_4_to_3_is_laid_out_anew_and_not_the_wide_one_made_small(tmp_path: Path) -> None:
    path = template(tmp_path, FORMATS["4:3"])
    base = open_template(path)
    assert base.page.narrow
    assert base.frame(base.page).scale == pytest.approx(1, abs=0.01)
    assert not open_template(template(tmp_path, FORMATS["16:9"])).page.narrow
    deck = Presentation(made(sample.big(), "de", path))
    assert deck.slide_width / deck.slide_height == pytest.approx(4 / 3)
    tables = [shape.table for slide in deck.slides for shape in slide.shapes if shape.has_table]
    cells = [cell for table in tables for row in table.rows for cell in row.cells]
    runs = [run.font.size for cell in cells for line in cell.text_frame.paragraphs for run in line.runs]
    assert min(size for size in runs if size) >= Pt(9)


@pytest.mark.parametrize("name", [*FORMATS, "ours"])
def test_every_project_stands_in_the_matrix_and_every_row_without_room_is_counted(name: str, tmp_path: Path) -> None:
    path = template(tmp_path, FORMATS[name]) if name in FORMATS else None
    payload = sample.big()
    with override("en"):
        document = build_document(Facts(payload, "en", open_template(path).page))
    tables = [(s, e) for s in document.slides for e in s.elements if isinstance(e, Table)]
    keys = [row.cells[0].runs[0][0].text for slide, table in tables if slide.kind == "matrix" for row in table.rows]
    assert sorted(keys) == sorted(project.key for project in payload.projects)
    agenda = [row.cells[0].text for slide, table in tables if slide.kind == "agenda" for row in table.rows]
    assert agenda == [str(number) for number in range(1, len(agenda) + 1)]
    for slide, table in tables:
        said = [
            int(found[1])
            for text in slide.elements
            if isinstance(text, Text)
            for found in [re.match(r"… \((\d+) more in the workbook\)", text.paragraphs[0][0].text)]
            if found
        ]
        if table.rest and table.sheet not in ("Dependencies: measures",):
            assert len(table.rest) in said, (slide.kind, table.sheet, len(table.rest), said)


def test_the_agenda_names_the_slides_on_which_its_topics_start(tmp_path: Path) -> None:
    for name in FORMATS:
        page = open_template(template(tmp_path, FORMATS[name])).page
        with override("en"):
            document = build_document(Facts(sample.big(), "en", page))
        rows = [
            row
            for slide in document.slides
            if slide.kind == "agenda"
            for table in slide.elements
            if isinstance(table, Table)
            for row in table.rows
        ]
        starts = {row.cells[1].text.rstrip("…"): int(row.cells[3].text.split("–")[0]) for row in rows}
        kinds = [slide.kind for slide in document.slides]
        assert starts["Decisions requested"] == kinds.index("decisions") + 1
        assert starts["Finance"] == kinds.index("finance") + 1
        assert int(rows[-1].cells[3].text.split("–")[-1]) == len(kinds)


def test_figures_of_pdf_and_workbook_do_not_depend_on_the_template(tmp_path: Path) -> None:
    path = template(tmp_path, FORMATS["4:3"])
    payload = sample.big(20)

    def cells(buffer: io.BytesIO) -> list[Any]:
        book = openpyxl.load_workbook(buffer)
        return [row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True)]

    assert cells(made(payload, "en", path, "xlsx")) == cells(made(payload, "en", None, "xlsx"))
    number = re.compile(r"[+\u2212]?\d[\d,]*\.\d")

    def numbers(page: Any) -> set[str]:
        with override("en"):
            document = build_document(Facts(payload, "en", page))
        parts = []
        for slide in document.slides:
            if slide.kind in ("finance", "forecast", "decisions", "curve"):
                parts += [slide.title, *(_words(element) for element in slide.elements)]
        return set(number.findall(" ".join(parts)))

    narrow, wide = open_template(path).page, open_template(None).page
    assert numbers(narrow) and numbers(narrow) - numbers(wide) - numbers_of_cut_sums(payload, narrow) == set()


def numbers_of_cut_sums(payload: Any, page: Any) -> set[str]:
    """What "n others" add up to depends on how many rows have room; everything else must not."""
    with override("en"):
        document = build_document(Facts(payload, "en", page))
    return {
        cell.text
        for slide in document.slides
        if slide.kind == "forecast"
        for table in slide.elements
        if isinstance(table, Table)
        for row in table.rows
        if row.cells[0].text.endswith(" others")
        for cell in row.cells
    }


def _words(element: Any) -> str:
    if isinstance(element, Table):
        return " ".join(cell.text for row in element.rows for cell in row.cells)
    if isinstance(element, Text):
        return " ".join(run.text for line in element.paragraphs for run in line if isinstance(run, Run))
    return element.title if isinstance(element, Chart) else ""


def test_a_template_without_room_for_readable_type_is_refused_with_what_it_needs(tmp_path: Path) -> None:
    path = template(tmp_path, (10.0, 4.2))
    with override("en"), pytest.raises(TemplateProblem) as caught:
        write_deck(sample.small(), lang="en", fmt="pptx", target=tmp_path / "deck.pptx", template=path)
    assert caught.value.code == "no-room"
    assert "at least 8.5 × 3.7" in str(caught.value)
    assert not (tmp_path / "deck.pptx").exists()


def test_sixty_projects_on_4_to_3_take_at_most_five_seconds(tmp_path: Path) -> None:
    path = template(tmp_path, FORMATS["4:3"])
    payload = sample.big()
    made(sample.small(), "de", path)
    start = time.process_time()
    made(payload, "de", path)
    assert time.process_time() - start < 5
