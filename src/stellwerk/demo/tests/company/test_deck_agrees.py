"""No slide of the demo company's deck contradicts another: every figure that two of them show is the same on both."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from stellwerk.core.documents.scene import Cell, Chart, Document, Icon, Slide, Table, Text
from stellwerk.demo.company import Company
from stellwerk.portfolio.models import Portfolio
from stellwerk.reporting.deck.build import build_document
from stellwerk.reporting.deck.facts import Facts
from stellwerk.reporting.pack import deck_payload
from stellwerk.reporting.payload import DeckPayload

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 23)
COLOURS = ("red", "amber", "grey", "green")
AMOUNT = re.compile(r"−?[\d,]+\.\d")


class Deck:
    """The slides by kind, and what stands in their tables and texts."""

    def __init__(self, payload: DeckPayload) -> None:
        with override("en"):
            self.document: Document = build_document(Facts(payload, "en"))
        self.payload = payload
        self.slides: dict[str, list[Slide]] = defaultdict(list)
        for slide in self.document.slides:
            self.slides[slide.kind].append(slide)

    def tables(self, kind: str, sheet: str = "", *, whole: bool = False) -> Iterator[tuple[Slide, Table, Any]]:
        """Every row with its table and slide; ``whole``: also rows that only the workbook has."""
        for slide in self.slides[kind]:
            for element in slide.elements:
                if isinstance(element, Table) and element.sheet.startswith(sheet):
                    for row in (*element.rows, *(element.rest if whole else ())):
                        yield slide, element, row

    def cells(self, kind: str, sheet: str, *, whole: bool = False) -> list[dict[str, Cell]]:
        """Rows by the heading of their column; total rows are left out."""
        return [
            {column.title or str(place): cell for place, (column, cell) in enumerate(zip(table.columns, row.cells, strict=True))}
            for _slide, table, row in self.tables(kind, sheet, whole=whole)
            if not row.total
        ]  # fmt: skip

    def texts(self, kind: str) -> list[str]:
        return [
            " ".join(run.text for paragraph in element.paragraphs for run in paragraph)
            for slide in self.slides[kind]
            for element in slide.elements
            if isinstance(element, Text)
        ]

    def under(self, kind: str, label: str) -> list[str]:
        """Value and remark of a key figure."""
        texts = self.texts(kind)
        at = texts.index(label)
        return texts[at + 1 : at + 3]


def number(text: str) -> Decimal:
    """The first amount of a text."""
    found = AMOUNT.search(text)
    assert found, text
    return Decimal(found.group().replace(",", "").replace("−", "-"))


def amount(cell: Cell) -> Decimal:
    """The exact amount of a cell; it is shown rounded to one place."""
    value = cell.value
    assert isinstance(value, Decimal), cell
    assert abs(value - number(cell.text)) <= Decimal("0.05"), cell
    return value


@pytest.fixture(scope="module")
def deck(company: Company, django_db_blocker: Any) -> Deck:
    with django_db_blocker.unblock():
        return Deck(deck_payload(Portfolio.objects.get(key="NORDLICHT"), None, None))


def test_the_lights_are_counted_the_same_on_every_slide(deck: Deck) -> None:
    rows = [row for _slide, _table, row in deck.tables("matrix", "Traffic lights")]
    overall = [next(icons[0][3] for cell in row.cells if (icons := cell.icons)) for row in rows]
    counts = Counter(alt.rpartition(": ")[2].casefold() for alt in overall)
    assert sum(counts.values()) == len(deck.payload.projects) == 60
    title = deck.slides["title"][0].elements
    lights = [element.light for element in title if isinstance(element, Icon)]
    told = [int(text) for text in deck.texts("title") if text.isdigit()]
    assert dict(zip(lights, told, strict=True)) == {name: counts[name] for name in COLOURS if counts[name]}
    (chart,) = [element for element in deck.slides["summary"][0].elements if isinstance(element, Chart)]
    assert {one.name.casefold(): one.values[-1] for one in chart.series} == {
        one.name.casefold(): counts[one.name.casefold()] or None for one in chart.series
    }
    assert deck.slides["summary"][0].title.startswith(f"{counts['red']} of 60 projects are red")
    assert deck.slides["matrix"][0].title.startswith(f"{counts['red']} of 60 projects are red")
    assert deck.under("summary", "Red projects")[0] == str(counts["red"])
    red = {row.cells[0].text for row, alt in zip(rows, overall, strict=True) if alt.casefold().endswith(": red")}
    pages = {slide.subtitle.partition(" ")[0] for slide in deck.slides["project"]}
    assert pages == red


def test_the_sums_of_money_are_the_same_on_every_slide(deck: Deck) -> None:
    (total,) = [row for _slide, _table, row in deck.tables("finance", "Finance") if row.total]
    (table,) = {id(table): table for _slide, table, _row in deck.tables("finance", "Finance")}.values()
    sums = {column.title: cell for column, cell in zip(table.columns, total.cells, strict=True)}
    bac, ac, eac, vac, budget = (amount(sums[name]) for name in ("BAC", "AC", "EAC", "VAC", "Budget"))
    for name in ("BAC", "AC", "EAC", "VAC", "ETC", "Budget", "Commitment"):
        assert sum(amount(row[name]) for row in deck.cells("finance", "Finance")) == amount(sums[name]), name
    assert number(deck.slides["finance"][0].title) == number(sums["EAC"].text)
    # The key figures of the summary.
    assert number(deck.under("summary", "EAC")[0]) == number(sums["EAC"].text)
    assert number(deck.under("summary", "EAC")[1]) == -number(sums["VAC"].text)
    assert number(deck.under("summary", "AC actual cost")[0]) == number(sums["AC"].text)
    value, remark = deck.under("summary", "Approved budget")
    assert number(value) == number(sums["Budget"].text)
    assert remark.endswith("above EAC" if budget >= eac else "below EAC")
    assert abs(number(remark) - abs(budget - eac)) <= Decimal("0.05")
    # Every project of the matrix, added up.
    rows = deck.cells("matrix", "Traffic lights")
    named = {name.partition(" ")[0]: name for name in rows[0]}
    assert sum(amount(row[named["BAC"]]) for row in rows) == bac
    assert sum(amount(row[named["EAC"]]) for row in rows) == eac
    # The forecast of today, and what its deviation is made of.
    today = {row["0"].text: amount(row["today"]) for row in deck.cells("forecast", "Forecast trend in figures")}
    assert (today["BAC"], today["AC"], today["EAC"], today["VAC = BAC − EAC"]) == (bac, ac, eac, vac)
    assert sum(amount(row["EAC − BAC"]) for row in deck.cells("forecast", "Contributions")) == -vac


def test_the_curve_and_the_finance_slide_tell_one_actual_cost_and_one_forecast(deck: Deck) -> None:
    (slide,) = deck.slides["curve"]
    (chart,) = [element for element in slide.elements if isinstance(element, Chart)]
    last = {one.name: [value for value in one.values if value is not None][-1] for one in chart.series}
    (note,) = [text for text in deck.texts("curve") if text.startswith("Not in the lines")]
    told = [Decimal(found.replace(",", "")) for found in AMOUNT.findall(note)]
    (total,) = [row for _slide, _table, row in deck.tables("finance", "Finance") if row.total]
    (table,) = {id(table): table for _slide, table, _row in deck.tables("finance", "Finance")}.values()
    sums = {column.title: cell for column, cell in zip(table.columns, total.cells, strict=True)}
    assert told[2:] == [number(sums["AC"].text), number(sums["EAC"].text)]
    assert abs(last["AC"] + told[0] - amount(sums["AC"])) <= Decimal("0.05")
    assert abs(last["EAC"] + told[1] - amount(sums["EAC"])) <= Decimal("0.05")
    inside = [project for project in deck.payload.projects if project.key in deck.payload.curve_keys]
    assert 0 < len(inside) < 60
    assert f"{len(inside)} of 60 projects" in slide.subtitle and f"{60 - len(inside)} projects" in note
    for name, code in (("AC", "ac"), ("EV", "ev")):
        assert last[name] == sum(Decimal(project.figures[code].value) for project in inside) / 100_000
    late = {line.key for line in deck.payload.late}
    assert not late & set(deck.payload.curve_keys)


def test_a_project_has_the_same_figures_on_every_slide(deck: Deck) -> None:
    rows = {row["Project"].text: row for row in deck.cells("matrix", "Traffic lights")}
    named = {name.partition(" ")[0]: name for name in next(iter(rows.values()))}
    eac = {key: amount(row[named["EAC"]]) for key, row in rows.items()}
    bac = {key: amount(row[named["BAC"]]) for key, row in rows.items()}
    compared = 0
    for row in deck.cells("changes", "", whole=True):
        column = next(name for name in row if name.startswith("EAC"))
        if row[column].text:
            assert amount(row[column]) == eac[row["Project"].text]
            compared += 1
    for row in deck.cells("forecast", "Contributions"):
        key = row["Project"].text
        if key in eac:
            assert amount(row["EAC − BAC"]) == eac[key] - bac[key]
            compared += 1
    for kind in ("project", "decision"):
        for slide in deck.slides[kind]:
            key = slide.subtitle.partition(" ")[0]
            figures = {
                row.cells[0].text: row.cells[-1]
                for found, table, row in deck.tables(kind)
                if found is slide and table.sheet.startswith("Money")
            }
            told = {name: cell for name, cell in figures.items() if name.startswith(("BAC", "EAC"))}
            assert len(told) == 2, (slide.title, list(figures))
            for name, cell in told.items():
                assert amount(cell) == (bac if name.startswith("BAC") else eac)[key]
            index = next(text for text in _texts(slide) if text.startswith("CPI"))
            assert index == f"CPI {rows[key]['CPI'].text}, SPI(t) {rows[key]['SPI(t)'].text}".replace(" ", index[3], 1)
            compared += 1
    assert compared > 10


def _texts(slide: Slide) -> list[str]:
    return [
        " ".join(run.text for paragraph in element.paragraphs for run in paragraph)
        for element in slide.elements
        if isinstance(element, Text)
    ]


def test_milestones_decisions_and_reports_are_counted_the_same_on_every_slide(deck: Deck) -> None:
    slips = deck.cells("slips", "", whole=True)
    late = deck.under("summary", "Slipping milestones")[0]
    assert len(slips) == int(late) == int(deck.slides["slips"][0].title.partition(" ")[0])
    assert f"{late} gates" in deck.slides["roadmap"][0].title
    asked = deck.cells("decisions", "Decisions")
    assert len(asked) == len([slide for slide in deck.slides["decision"] if "(2/" not in slide.title])
    assert deck.slides["agenda"][0].title.startswith(f"{len(asked)} decisions")
    assert f"{len(asked)} decisions are needed" in deck.slides["summary"][0].title
    missing = deck.cells("gaps", "Missing reports")
    assert deck.slides["gaps"][0].title.startswith(f"{len(missing)} of 60 projects")
    assert {row["Project"].text for row in missing} == {line.key for line in deck.payload.late}
    quality = Counter(row["Dimension"].text for row in deck.cells("quality", "Scope and quality", whole=True))
    for name in ("Scope", "Quality"):
        told = sum(int(deck.under("quality", f"{name}: {colour}")[0]) for colour in ("Red", "Amber"))
        assert quality[name] == told


def test_deliveries_are_late_where_their_days_say_so(deck: Deck) -> None:
    for line in deck.payload.dependencies:
        assert line.needed_by is not None
        assert line.promised_for is not None
        assert line.delta_days is not None
        assert (line.promised_for > line.needed_by) == (line.delta_days > 0), line
        assert (line.promised_for < line.needed_by) == (line.delta_days < 0), line


def test_the_agenda_names_the_slides_where_they_stand(deck: Deck) -> None:
    """The key message of a topic is the title of its first slide."""
    for row in deck.cells("agenda", "Agenda"):
        first = int(row["Slides"].text.partition("–")[0])
        message = row["Key message"].text.rstrip("…")
        title = deck.document.slides[first - 1].title
        assert title.startswith(message) or row["Topic"].text == "Appendix", (first, message)
