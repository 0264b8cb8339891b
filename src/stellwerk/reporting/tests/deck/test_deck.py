"""The deck: the same figures in every format, slides only where there is data, nothing overflows, claims follow the data."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest
from django.utils.translation import override
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER

from stellwerk.core.documents.numbers import Numbers
from stellwerk.core.documents.scene import LEFT, WIDE, Chart, Page, Table, Text
from stellwerk.core.documents.text import height_of, width_of, wrap
from stellwerk.reporting.deck.build import TemplateProblem, build_document, write_deck
from stellwerk.reporting.deck.facts import ClaimError, Facts
from stellwerk.reporting.payload import Amounts, CycleCounts, DeckPayload, Light, Money, MoneyFacts, StatusPayload
from stellwerk.reporting.tests.deck import sample

DECIMAL = re.compile(r"[+\u2212]?\d[\d.]*,\d+")


@pytest.fixture(scope="module")
def big() -> DeckPayload:
    return sample.big()


def made(payload: DeckPayload, fmt: str, lang: str = "de", **more: Any) -> bytes:
    buffer = io.BytesIO()
    write_deck(payload, lang=lang, fmt=fmt, target=buffer, **more)  # type: ignore[arg-type]
    return buffer.getvalue()


@pytest.fixture(scope="module")
def deck_of(big: DeckPayload) -> Callable[..., bytes]:
    """``big`` in a format and a language, made once for all tests that only read it."""
    return cache(lambda fmt, lang="de": made(big, fmt, lang))


def pptx_text(content: bytes) -> list[str]:
    """Text of each slide: shapes and table cells."""
    pages = []
    for slide in Presentation(io.BytesIO(content)).slides:
        parts = []
        for shape in slide.shapes:
            if shape.has_text_frame:
                parts.append(shape.text_frame.text)
            if shape.has_table:
                parts += [cell.text_frame.text for row in shape.table.rows for cell in row.cells]
        pages.append("\n".join(parts))
    return pages


def pdf_text(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    try:
        pages = []
        for number in range(len(document)):
            page = document[number]
            text = page.get_textpage()
            pages.append(text.get_text_bounded())
            text.close()
            page.close()
        return pages
    finally:
        document.close()


def _walk(value: Any) -> list[Any]:
    if is_dataclass(value) and not isinstance(value, type) and not isinstance(value, Money):
        return [found for item in fields(value) for found in _walk(getattr(value, item.name))]
    if isinstance(value, tuple | list):
        return [found for part in value for found in _walk(part)]
    if isinstance(value, dict):
        return [found for part in value.values() for found in _walk(part)]
    return [value]


def _shown(value: Decimal, places: int) -> str:
    """Written independently of the product's formatting."""
    text = f"{abs(value.quantize(Decimal(1).scaleb(-places), rounding='ROUND_HALF_UP')):,.{places}f}"
    return text.replace(",", "_").replace(".", ",").replace("_", ".")


def _thousands(minor: int) -> str:
    return _shown(Decimal(minor) / 100_000, 1)


def _allowed(payload: DeckPayload) -> set[str]:
    """Every decimal number that may stand in a German deck, computed from the payload alone."""
    values = _walk(payload)
    allowed = {_thousands(value.minor) for value in values if isinstance(value, Money)}
    for value in values:
        if isinstance(value, Decimal):
            allowed |= {_shown(value, 1), _shown(value, 2)}
        if isinstance(value, str):
            allowed |= {token.lstrip("+\u2212") for token in DECIMAL.findall(value)}
    groups: dict[str, list[Amounts]] = {}
    for project in payload.projects:
        if project.money and project.money.total.eac and project.money.total.bac:
            total = project.money.total
            allowed.add(_thousands(total.eac.minor - total.bac.minor))
            allowed.add(_shown(Decimal(total.eac.minor * 100) / total.bac.minor - 100, 1))
            groups.setdefault(project.programme, []).append(total)
    everything = [total for rows in groups.values() for total in rows]
    for rows in [*groups.values(), everything]:
        sums = {name.name: sum(getattr(row, name.name).minor for row in rows) for name in fields(Amounts)}
        allowed |= {_thousands(value) for value in sums.values()}
        allowed.add(_shown(Decimal(sums["eac"] * 100) / sums["bac"] - 100, 1))
        decided = sum(line.impact_money.minor for line in payload.decisions if line.impact_money)
        allowed |= {
            _thousands(v)
            for v in (
                sums["eac"] - sums["bac"],
                sums["budget"] - sums["eac"],
                sums["budget"] - sums["eac"] - decided,
                decided,
            )
        }
    allowed |= _changed_numbers(payload) | _trend_numbers(payload)
    for point in payload.curve:
        if point.ac and point.ev and point.pv:
            allowed |= {_thousands(point.ac.minor - point.ev.minor), _thousands(point.pv.minor - point.ev.minor)}
    gaps: dict[date, Decimal] = {}
    covered: dict[date, Decimal] = {}
    uncovered: dict[date, Decimal] = {}
    for row in payload.capacity:
        gap = row.capacity - row.demand
        allowed.add(_shown(gap, 1))
        gaps[row.month] = gaps.get(row.month, Decimal(0)) + min(gap, Decimal(0))
        covered[row.month] = covered.get(row.month, Decimal(0)) + row.covered
        uncovered[row.month] = uncovered.get(row.month, Decimal(0)) + row.demand - row.covered
    for sums_by_month in (gaps, covered, uncovered):
        allowed |= {_shown(value, 1) for value in sums_by_month.values()}
    return allowed


def _changed_numbers(payload: DeckPayload) -> set[str]:
    pairs = [(line.before_money, line.after_money) for line in payload.changes]
    return {_thousands(after.minor - before.minor) for before, after in pairs if before and after}


def _trend_numbers(payload: DeckPayload) -> set[str]:
    """Differences between the dates of the money trend, and what the projects below the greatest contributions add up to."""
    if payload.money_trend is None:
        return set()
    points = payload.money_trend.points
    now = points[-1]
    found = {
        _thousands(getattr(now, name).minor - getattr(p, name).minor) for p in points for name in ("bac", "ac", "eac")
    }
    found |= {_thousands(p.bac.minor - p.eac.minor) for p in points}
    before = points[-2]
    found.add(_thousands((now.bac.minor - now.eac.minor) - (before.bac.minor - before.eac.minor)))
    differences = [
        total.eac.minor - total.bac.minor
        for p in payload.projects
        if p.key in payload.money_trend.keys and p.money and (total := p.money.total).eac and total.bac
    ]
    differences.sort(reverse=True)
    return found | {_thousands(sum(differences[number:])) for number in range(len(differences))}


def test_every_number_in_pptx_pdf_and_workbook_comes_from_the_payload(
    big: DeckPayload, deck_of: Callable[..., bytes]
) -> None:
    allowed = _allowed(big)
    for pages in (pptx_text(deck_of("pptx")), pdf_text(deck_of("pdf"))):
        found = {token.lstrip("+\u2212") for page in pages for token in DECIMAL.findall(page)}
        assert len(found) > 300
        assert found - allowed == set()
    book = openpyxl.load_workbook(io.BytesIO(deck_of("xlsx")), data_only=True)
    cells = [
        cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if isinstance(cell.value, float)
    ]
    wrong = set()
    for cell in cells:
        value = Decimal(repr(cell.value))
        candidates = {_shown(value, 1), _shown(value, 2), _shown(value / 1000, 1)}
        if not candidates & allowed:
            wrong.add((cell.parent.title, cell.coordinate, cell.value))
    assert wrong == set()


def test_pptx_and_pdf_say_the_same_on_every_slide(deck_of: Callable[..., bytes]) -> None:
    def numbers(page: str) -> list[str]:
        return sorted(re.findall(r"\d[\d.,]*\d|\d", page))

    for left, right in zip(pptx_text(deck_of("pptx", "en")), pdf_text(deck_of("pdf", "en")), strict=True):
        missing = list(numbers(left))
        for token in numbers(right):
            if token in missing:
                missing.remove(token)
        assert missing == []  # the PDF may say more: it draws the charts' axes and values


def test_chart_values_are_those_of_the_payload(big: DeckPayload, deck_of: Callable[..., bytes]) -> None:
    deck = Presentation(io.BytesIO(deck_of("pptx")))
    charts = [shape for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    curve = next(shape.chart for shape in charts if shape.name.startswith("S-"))
    assert curve.part.chart_workbook.xlsx_part is not None
    series = {line.name: [value for value in line.values if value is not None] for line in curve.plots[0].series}
    wanted = [point.pv.minor / 100_000 for point in sorted(big.curve, key=lambda point: point.on) if point.pv]
    assert series["PV"] == pytest.approx(wanted)


def test_the_workbook_lists_every_project_with_exact_amounts(big: DeckPayload, deck_of: Callable[..., bytes]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(deck_of("xlsx", "en")))
    sheet = next(sheet for sheet in book.worksheets if sheet["A1"].value == "Key")
    header = [cell.value for cell in sheet[1]]
    column = header.index("EAC forecast")
    rows = {row[0]: row[column] for row in sheet.iter_rows(min_row=2, values_only=True)}
    wanted = {p.key: p.money.total.eac.minor / 100 if p.money and p.money.total.eac else None for p in big.projects}
    assert {key: value or None for key, value in rows.items()} == pytest.approx(wanted)


def _boxes_inside(payload: DeckPayload, lang: str, page: Page = WIDE) -> None:
    with override(lang):
        document = build_document(Facts(payload, lang, page))  # type: ignore[arg-type]
    for slide in document.slides:
        where = f"{slide.kind} {slide.title}"
        assert len(wrap(slide.title, 22, 12.2, True)) <= 2 or slide.layout == "title", where
        for element in slide.elements:
            if isinstance(element, Table):
                assert element.y + element.height <= page.bottom + 0.03, where
                assert element.x + element.width <= page.right + 0.02, where
                _cells_fit(element, where)
            elif isinstance(element, Chart):
                assert element.x >= LEFT - 0.1 and element.x + element.w <= page.right + 0.1, where
                assert element.y + element.h <= page.bottom + 0.12, where
            elif isinstance(element, Text) and element.wrap:
                lines = sum(
                    len(
                        wrap(
                            "".join(run.text for run in paragraph),
                            max((run.size or element.size) for run in paragraph),
                            element.w + 0.03,
                            any(run.bold for run in paragraph),
                        )
                    )
                    for paragraph in element.paragraphs
                    if paragraph
                )
                assert height_of(lines, element.size) <= element.h + 0.06, (where, element)
            elif isinstance(element, Text):
                text = "".join(run.text for run in element.paragraphs[0])
                assert element.x + width_of(text, element.size) <= page.right + 0.12 or element.align != "left", (
                    where,
                    text,
                )


def _cells_fit(table: Table, where: str) -> None:
    for number, column in enumerate(table.columns):
        room = column.width - (0 if number == 0 else 0.06) - 0.06 + 0.06 * (number in (0, len(table.columns) - 1))
        lines = wrap(column.title, table.header_size, room + 0.01, True)
        assert len(lines) <= 2 and height_of(len(lines), table.header_size) <= table.header_height, (
            where,
            column.title,
        )
    for row in table.rows:
        for number, (column, cell) in enumerate(zip(table.columns, row.cells, strict=True)):
            room = column.width - cell.inset - (0 if number == 0 else 0.06) - 0.06
            height = 0.0
            for paragraph in cell.runs:
                size = max((run.size or table.size) for run in paragraph)
                text = "".join(run.text for run in paragraph)
                height += height_of(len(wrap(text, size, room + 0.07, paragraph[0].bold)), size)
            assert height <= row.height + 0.01, (where, cell.text)


LONG = (
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihung und noch viel mehr Text, der nirgends hineinpasst "
    * 4
)


def _long(payload: DeckPayload) -> DeckPayload:
    def stretch(value: Any) -> Any:
        if isinstance(value, Money):
            return value
        if is_dataclass(value) and not isinstance(value, type):
            keep = {
                "value",
                "source",
                "computed_value",
                "previous",
                "arrow",
                "half_step",
                "kind",
                "state",
                "currency",
                "dimension",
                "figures",
            }
            return replace(
                value, **{f.name: stretch(getattr(value, f.name)) for f in fields(value) if f.name not in keep}
            )
        if isinstance(value, tuple):
            return tuple(stretch(part) for part in value)
        return LONG if isinstance(value, str) and value else value

    return stretch(payload)  # type: ignore[no-any-return]


@pytest.mark.parametrize("lang", ["de", "en"])
def test_nothing_overflows_its_place(big: DeckPayload, lang: str) -> None:
    for payload in (big, sample.small(), sample.big(1), sample.big(4), _long(sample.big(20)), _long(sample.small())):
        _boxes_inside(payload, lang)


def test_a_deck_leaves_out_slides_without_data() -> None:
    kinds = [kind for kind, _title in write_deck(sample.small(), lang="en", fmt="pptx", target=io.BytesIO()).slides]
    assert kinds == ["title", "agenda", "summary", "matrix", "gaps", "definitions"]


def test_a_portfolio_without_projects_still_makes_a_deck_that_claims_nothing() -> None:
    empty = DeckPayload(organisation="", data_date=date(2026, 1, 1), portfolio_key="X", portfolio_name="")
    for fmt in ("pptx", "pdf", "xlsx"):
        kinds = [kind for kind, _title in write_deck(empty, lang="en", fmt=fmt, target=io.BytesIO()).slides]  # type: ignore[arg-type]
        assert kinds == ["title", "agenda", "definitions"]


def test_titles_count_what_the_payload_holds(big: DeckPayload) -> None:
    titles = dict(reversed(write_deck(big, lang="en", fmt="xlsx", target=io.BytesIO()).slides))
    red = sum(project.overall.value == "red" for project in big.projects)
    assert titles["summary"].startswith(f"{red} of 60 projects are red")
    assert f"{len(big.decisions)} decisions" in titles["decisions"]
    red_pages = [
        kind for kind, _title in write_deck(big, lang="en", fmt="xlsx", target=io.BytesIO()).slides if kind == "project"
    ]
    assert len(red_pages) == red


def test_german_titles_are_german(big: DeckPayload) -> None:
    titles = dict(reversed(write_deck(big, lang="de", fmt="xlsx", target=io.BytesIO()).slides))
    assert "Projekten stehen auf Rot" in titles["summary"]
    assert "Entscheidungen" in titles["decisions"]


def test_a_history_that_contradicts_the_projects_stops_the_deck(big: DeckPayload, tmp_path: Path) -> None:
    wrong = replace(big, history=(CycleCounts(big.data_date, red=0, green=60),))
    with pytest.raises(ClaimError):
        write_deck(wrong, lang="en", fmt="pptx", target=tmp_path / "deck.pptx")
    assert list(tmp_path.iterdir()) == []


def test_a_matrix_slide_has_at_most_sixteen_projects_by_need_for_action(big: DeckPayload) -> None:
    with override("en"):
        document = build_document(Facts(big, "en"))
    tables = [
        element
        for slide in document.slides
        if slide.kind == "matrix"
        for element in slide.elements
        if isinstance(element, Table)
    ]
    assert all(len(table.rows) <= 16 for table in tables)
    keys = [row.cells[0].text for table in tables for row in table.rows]
    assert sorted(keys) == sorted(project.key for project in big.projects)
    values = {project.key: project.overall.value for project in big.projects}
    order = [{"red": 0, "amber": 1, "grey": 2, "green": 3}[values[key] or "grey"] for key in keys]
    assert order == sorted(order)


def test_every_light_has_a_shape_and_alternative_text(deck_of: Callable[..., bytes]) -> None:
    deck = Presentation(io.BytesIO(deck_of("pptx", "en")))
    lights = [shape for slide in deck.slides for shape in slide.shapes if shape.name.startswith("Status ")]
    assert len(lights) > 400
    assert all(shape._element.nvSpPr.cNvPr.get("descr") for shape in lights)


def test_footers_dates_and_numbers_are_real_placeholders(deck_of: Callable[..., bytes]) -> None:
    deck = Presentation(io.BytesIO(deck_of("pptx")))
    for slide in deck.slides:
        kinds = {shape.placeholder_format.type for shape in slide.placeholders}
        assert {PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.SLIDE_NUMBER} <= kinds


def test_chart_formats_carry_the_language(deck_of: Callable[..., bytes]) -> None:
    import zipfile

    for lang, code in (("de", "[$-407]"), ("en", "[$-809]")):
        with zipfile.ZipFile(io.BytesIO(deck_of("pptx", lang))) as archive:
            charts = [
                archive.read(name).decode()
                for name in archive.namelist()
                if re.match(r"ppt/charts/chart.*\.xml$", name)
            ]
        assert charts
        assert all(code in chart for chart in charts)


def test_hostile_text_is_harmless_in_every_format() -> None:
    payload = sample.small()
    assert "control characters evil" in "\n".join(pptx_text(made(payload, "pptx", "en")))
    assert "<script>alert(1)</script>" in "\n".join(pdf_text(made(payload, "pdf", "en"))).replace("\n", " ").replace(
        "\r", ""
    )
    book = openpyxl.load_workbook(io.BytesIO(made(payload, "xlsx", "en")))
    hostile = [
        cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value == "=SUM(A1:A9)"
    ]
    assert hostile
    assert {cell.data_type for cell in hostile} == {"s"}


def test_currencies_are_never_added() -> None:
    def project(key: str, currency: str, minor: int) -> StatusPayload:
        total = Amounts(bac=Money(minor, currency), eac=Money(minor, currency))
        return StatusPayload(key, key, date(2026, 1, 1), overall=Light("green"), money=MoneyFacts(total))

    payload = DeckPayload(
        "O", date(2026, 1, 1), "P", "P", projects=(project("A", "EUR", 1_000_000_00), project("B", "KRW", 5_000_000))
    )
    slides = write_deck(payload, lang="en", fmt="pptx", target=io.BytesIO()).slides
    assert sum(kind == "finance" for kind, _title in slides) == 2
    text = "\n".join(pptx_text(made(payload, "pptx", "en")))
    assert "1,000.0\u00a0k€" in text and "5,000.0\u00a0k\u00a0KRW" in text


def test_projects_without_amounts_are_counted_not_guessed(big: DeckPayload) -> None:
    facts = Facts(big, "en")
    assert sum(row.projects for row in facts.money_totals) == sum(
        p.money.total.eac is not None for p in big.projects if p.money
    )
    assert sum(row.projects + row.without_data for row in facts.money_rows) == 60


def test_a_bad_template_leaves_the_old_file_untouched(tmp_path: Path) -> None:
    target, template = tmp_path / "deck.pptx", tmp_path / "template.pptx"
    target.write_bytes(b"last month")
    template.write_text("no template")
    with pytest.raises(TemplateProblem):
        write_deck(sample.small(), lang="en", fmt="pptx", target=target, template=template)
    assert target.read_bytes() == b"last month"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deck.pptx", "template.pptx"]


def test_progress_counts_the_slides() -> None:
    seen: list[tuple[int, int]] = []
    made(sample.small(), "pptx", "en", progress=lambda done, total: seen.append((done, total)))
    assert seen == [(number, 6) for number in range(1, 7)]


@pytest.mark.parametrize("fmt", ["pptx", "pdf", "xlsx"])
def test_sixty_projects_take_at_most_five_seconds(big: DeckPayload, fmt: str) -> None:
    made(sample.small(), fmt)
    start = time.process_time()
    made(big, fmt)
    assert time.process_time() - start < 5


def test_numbers_of_the_language_are_used(big: DeckPayload) -> None:
    assert Numbers("de").unit(Facts(big, "de").scale("EUR")) == "T€"
    assert Numbers("en").unit(Facts(big, "en").scale("EUR")) == "k€"
