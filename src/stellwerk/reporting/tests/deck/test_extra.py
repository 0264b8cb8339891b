"""Follow-up, changes, own templates and long names: what the deck says about them."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.utils.translation import override
from pptx import Presentation
from pptx.util import Inches

from stellwerk.core.documents.scene import Document, Slide, Table
from stellwerk.reporting.deck.build import build_document, write_deck
from stellwerk.reporting.deck.facts import ClaimError, Facts
from stellwerk.reporting.deck.slides.followup import standing
from stellwerk.reporting.payload import (
    Amounts,
    ChangeLine,
    CurvePoint,
    DecisionLine,
    DeckPayload,
    DependencyLine,
    Figure,
    FollowUp,
    Light,
    MilestoneLine,
    Money,
    MoneyFacts,
    RoleMonth,
    StatusPayload,
)
from stellwerk.reporting.tests.deck import sample

ON = date(2026, 11, 20)


def document_of(payload: DeckPayload) -> Document:
    with override("en"):
        return build_document(Facts(payload, "en"))


def slides_of(payload: DeckPayload, kind: str) -> list[Slide]:
    return [slide for slide in document_of(payload).slides if slide.kind == kind]


def words_of(slide: Slide) -> list[list[str]]:
    tables = [element for element in slide.elements if isinstance(element, Table)]
    return [[cell.text for cell in row.cells] for table in tables for row in table.rows]


def project(key: str, value: str, previous: str | None = None) -> StatusPayload:
    return StatusPayload(key, f"Name {key}", ON, overall=Light(value, previous=previous))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "before", "now", "expected"),
    [
        ("gone", ON, None, "gone"),
        ("unknown", ON, None, "unknown"),
        ("open", ON - timedelta(1), ON, "overdue"),
        ("open", ON, ON + timedelta(1), "moved"),
        ("open", ON + timedelta(1), ON + timedelta(1), "open"),
        ("open", None, None, "open"),
    ],
)
def test_a_line_of_the_last_report_stands_as_its_dates_say(
    state: str, before: date | None, now: date | None, expected: str
) -> None:
    line = FollowUp("A", "A", "measure", "Do it", state, due_before=before, due=now)  # type: ignore[arg-type]
    assert standing(line, ON) == expected


def test_follow_up_is_left_out_where_everything_runs_as_planned() -> None:
    payload = sample.small()
    later, earlier = payload.data_date + timedelta(9), payload.data_date - timedelta(9)
    running = FollowUp("A", "A", "measure", "Do it", "open", due_before=later, due=later)
    payload = replace(payload, follow_up=(running,))
    assert slides_of(payload, "followup") == []
    overdue = replace(running, due=earlier, due_before=earlier)
    assert len(slides_of(replace(payload, follow_up=(overdue,)), "followup")) == 1


def test_every_decision_is_followed_up_on_as_many_slides_as_it_needs() -> None:
    payload = sample.small()
    asked = [
        FollowUp("A-1", "Alpha", "decision", f"Question {number}?", "open", due=payload.data_date + timedelta(days=9))
        for number in range(40)
    ]
    moved = FollowUp("A-1", "Alpha", "measure", "Second team", "gone")
    slides = slides_of(replace(payload, follow_up=(*asked, moved)), "followup")
    texts = [text for slide in slides for row in words_of(slide) for text in row]
    assert len(slides) > 1
    for number in range(40):
        assert sum(f"Question {number}?" in text for text in texts) == 1
    assert any("Second team" in text for text in texts)


def test_changes_count_the_same_projects_as_their_title() -> None:
    payload = DeckPayload(
        "O", ON, "P", "P", previous_date=ON - timedelta(14),
        projects=(project("A", "red", "amber"), project("B", "green", "red"), project("C", "grey", "red")),
        changes=(
            ChangeLine("A", "Name A", "light", "overall", "amber", "red"),
            ChangeLine("A", "Name A", "light", "cost", "green", "red"),
            ChangeLine("B", "Name B", "light", "overall", "red", "green"),
            ChangeLine("C", "Name C", "light", "overall", "red", "grey"),
            ChangeLine("C", "Name C", "light", "cost", "red", "grey"),
        ),
    )  # fmt: skip
    (slide,) = slides_of(payload, "changes")
    assert slide.title.startswith("The overall light of 1 project is worse than before: A; 1 better")
    rows = words_of(slide)
    assert [row[0] for row in rows] == ["A", "B", "C"]
    assert rows[0][-1] == "Cost: Green → Red"
    assert rows[2][-1] == "no current report"  # not every light of it once more


def test_rows_without_room_on_a_slide_stand_in_the_workbook() -> None:
    lines = tuple(ChangeLine(f"P{n:03}", "N", "phase", before="planning", after="executing") for n in range(60))
    payload = replace(sample.small(), changes=lines)
    buffer = io.BytesIO()
    write_deck(payload, lang="en", fmt="xlsx", target=buffer)
    keys = {row[0] for row in openpyxl.load_workbook(buffer)["Changes"].iter_rows(min_row=2, values_only=True)}
    assert keys == {line.project_key for line in lines}


def test_options_of_a_decision_stand_beside_each_other_with_the_recommended_one_marked() -> None:
    first = slides_of(sample.big(10), "decision")[0]
    table = next(element for element in first.elements if isinstance(element, Table))
    assert table.highlight is not None


def test_titles_name_a_project_by_name_where_its_key_is_a_number() -> None:
    named = [replace(p, key=f"PRJ-{n:04}", name=f"Works {n}") for n, p in enumerate(sample.big(6).projects)]
    payload = replace(sample.big(6), projects=tuple(named), changes=(), follow_up=(), money_trend=None)
    titles = [slide.title for slide in slides_of(payload, "project")]
    assert titles and all(title.startswith("Works ") for title in titles)


@pytest.mark.parametrize("wide", [True, False])
def test_a_foreign_template_carries_titles_of_one_size_and_an_untouched_title_slide(tmp_path, wide: bool) -> None:  # type: ignore[no-untyped-def]
    template = Presentation()
    if wide:
        template.slide_width = Inches(13.333)
    template.save(tmp_path / "own.pptx")
    buffer = io.BytesIO()
    write_deck(sample.big(10), lang="de", fmt="pptx", target=buffer, template=tmp_path / "own.pptx")
    deck = Presentation(buffer)
    opening, *pages = deck.slides
    assert all(shape.is_placeholder for shape in opening.shapes)
    sizes = {run.font.size for page in pages for run in page.shapes.title.text_frame.paragraphs[0].runs}
    assert len(sizes) == 1


def test_names_longer_than_a_document_property_may_be_make_a_deck() -> None:
    payload = replace(sample.small(), organisation="O" * 400, portfolio_name="P" * 400)
    for fmt in ("pptx", "pdf", "xlsx"):
        assert write_deck(payload, lang="de", fmt=fmt, target=io.BytesIO()).slides  # type: ignore[arg-type]


def test_the_workbook_says_whose_rows_they_are_and_keeps_whole_texts() -> None:
    long = (
        "A question that is far longer than the cell of a slide, because somebody wanted to say everything at once " * 3
    )
    payload = sample.big(10)
    first = replace(payload.decisions[0], question=long.strip())
    buffer = io.BytesIO()
    write_deck(replace(payload, decisions=(first, *payload.decisions[1:])), lang="en", fmt="xlsx", target=buffer)
    book = openpyxl.load_workbook(buffer)
    assert any(long.strip() in str(row[2]) for row in book["Decisions"].iter_rows(values_only=True))
    sheet = book["Lights of projects"]
    assert sheet["A1"].value == "Project"
    assert {row[0] for row in sheet.iter_rows(min_row=2, values_only=True)} <= {p.key for p in payload.projects}


def test_published_figures_stand_in_the_workbook_as_numbers_and_dates_with_their_source() -> None:
    figures = {
        "eac": Figure("56521739", "computed", "EUR", ON, "Month end"),
        "finish.forecast": Figure("2027-02-25", "reported"),
        "phase": Figure("planning"),
        "spi_t": Figure("0.86"),
        "odd": Figure("NaN"),
    }
    payload = replace(sample.small(), projects=(replace(project("A", "red"), figures=figures),))
    buffer = io.BytesIO()
    write_deck(replace(payload, history=()), lang="en", fmt="xlsx", target=buffer)
    sheet = openpyxl.load_workbook(buffer)["Figures and sources"]
    rows = {row[2]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert rows["eac"][1] == "Forecast total cost (EAC)"
    assert rows["eac"][3:7] == (565217.39, "EUR", "computed", "Month end")
    assert rows["finish.forecast"][3].date() == date(2027, 2, 25)
    assert (rows["phase"][3], rows["spi_t"][3], rows["odd"][3]) == ("planning", 0.86, "NaN")


def test_levels_of_confidentiality_are_put_into_words() -> None:
    payload = replace(sample.small(), confidentiality="internal")
    with override("de"):
        assert "| Intern" in build_document(Facts(payload, "de")).footer


def small(**values: object) -> DeckPayload:
    return DeckPayload("Firma", ON, "P", "Projekte", projects=(project("A", "green"), project("B", "red")), **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "name", "label"),
    [
        ("G1", "G1 Planungsfreigabe", "Planungsfreigabe"),
        ("M3", "M3: Abnahme", "Abnahme"),
        ("G1", "G10 Freigabe", "G10 Freigabe"),
        ("", "Abnahme", "Abnahme"),
        ("G1", "G1", "G1"),
    ],
)
def test_a_code_stands_once_beside_its_name(code: str, name: str, label: str) -> None:
    assert MilestoneLine(name, code).label == label


def test_the_due_dates_of_few_decisions_are_never_cut() -> None:
    """Few decisions are written larger: the column grows with them."""
    lines = tuple(DecisionLine(f"Frage {n}?", due=date(2026, 11, 28), impact="Text " * 30) for n in range(2))
    payload = small()
    payload = replace(payload, projects=(replace(payload.projects[0], decisions=lines), payload.projects[1]))
    with override("de"):
        document = build_document(Facts(payload, "de"))
    (slide,) = [slide for slide in document.slides if slide.kind == "decisions"]
    assert [row[4] for row in words_of(slide)] == ["28.11.26"] * 2


def test_the_title_of_one_settled_decision_speaks_of_one() -> None:
    settled = FollowUp("A", "A", "decision", "First?", "gone", due_before=ON)
    still = FollowUp("A", "A", "decision", "Second?", "open", due_before=ON, due=ON + timedelta(3))
    payload = small(previous_date=ON - timedelta(14), follow_up=(settled, still))
    with override("de"):
        (slide,) = [s for s in build_document(Facts(payload, "de")).slides if s.kind == "followup"]
    assert slide.title.startswith("1 von 2 zuvor erbetenen Entscheidungen ist nicht mehr offen")


def test_roles_are_named_in_the_language_of_the_deck_and_no_shortage_draws_no_row_of_noughts() -> None:
    months = [date(2026, 12, 1), date(2027, 1, 1)]
    rows = tuple(RoleMonth("Bauleitung", m, Decimal(4), Decimal(2), Decimal(1), "Site management") for m in months)
    (slide,) = slides_of(small(capacity=rows), "resources")
    assert slide.title == "Capacity suffices for every role in all 2 months shown"
    assert "Site management" in str(words_of(slide)) and "Bauleitung" not in str(slide)
    assert "Shortage of all roles" not in str(slide)
    short = tuple(replace(row, demand=Decimal(5)) for row in rows)
    with override("de"):
        document = build_document(Facts(small(capacity=short), "de"))
    (slide,) = [s for s in document.slides if s.kind == "resources"]
    assert "Bauleitung" in slide.title and "Fehlbedarf aller Rollen" in str(slide)


def test_deliveries_without_measures_leave_their_room_to_what_is_affected() -> None:
    line = DependencyLine(
        "A", "B", "Trasse", date(2026, 12, 1), date(2026, 12, 3), 2, affects="Querung der Elbe und Druckprobe"
    )
    (slide,) = slides_of(small(dependencies=(line,)), "dependencies")
    assert "Querung der Elbe und Druckprobe" in str(words_of(slide))
    assert slide.title == "1 of 1 deliveries comes later than needed: A to B by 2 working days"
    one = replace(line, promised_for=date(2026, 12, 2), delta_days=1)
    assert slides_of(small(dependencies=(one,)), "dependencies")[0].title.endswith("by 1 working day")
    (slide,) = slides_of(small(dependencies=(replace(line, measure="Second shift"),)), "dependencies")
    assert "Second shift" in str(words_of(slide))


def test_the_curve_says_of_how_many_projects_it_is() -> None:
    points = tuple(
        CurvePoint(
            date(2026, month, 1), Money(month * 100_00, "EUR"), Money(month * 90_00, "EUR"), Money(month * 95_00, "EUR")
        )
        for month in (9, 10, 11)
    )
    (slide,) = slides_of(small(curve=points, curve_projects=1), "curve")
    assert "1 of 2 projects" in slide.subtitle
    (slide,) = slides_of(small(curve=points, curve_projects=2), "curve")
    assert "of 2 projects" not in slide.subtitle


def with_curve(other: str, other_ac: int = 5_000_00) -> DeckPayload:
    """A curve of project A alone, which has spent 9,500; B has other money."""

    def spent(one: StatusPayload, ac: int, eac: int, code: str) -> StatusPayload:
        return replace(one, money=MoneyFacts(Amounts(ac=Money(ac, code), eac=Money(eac, code))))

    points = (
        CurvePoint(date(2026, 9, 30), *(Money(0, "EUR"),) * 3),
        CurvePoint(ON, Money(11_000_00, "EUR"), Money(9_000_00, "EUR"), Money(9_500_00, "EUR"), Money(9_500_00, "EUR")),
        CurvePoint(date(2027, 6, 30), forecast=Money(20_000_00, "EUR")),
    )
    one, two = small().projects
    projects = (spent(one, 9_500_00, 20_000_00, "EUR"), spent(two, other_ac, 7_000_00, other))
    return replace(small(curve=points, curve_projects=1, curve_keys=("A",)), projects=projects)


def test_the_curve_says_what_the_other_projects_add_to_the_finance_slide() -> None:
    (slide,) = slides_of(with_curve("EUR"), "curve")
    text = str(slide.elements).replace("\\xa0", " ")
    assert "Not in the lines: 1 project with AC 5.0 k€ and EAC 7.0 k€; all together AC 14.5 k€ and EAC 27.0 k€." in text
    (finance,) = slides_of(with_curve("EUR"), "finance")
    assert "14.5" in str(words_of(finance)) and "27.0" in str(words_of(finance))


def test_projects_in_another_currency_are_not_added_to_the_curve() -> None:
    (slide,) = slides_of(with_curve("CHF"), "curve")
    assert "Not in the lines" not in str(slide.elements)


def test_a_curve_that_ends_elsewhere_than_its_projects_never_leaves_the_house() -> None:
    payload = with_curve("EUR")
    with pytest.raises(ClaimError):
        slides_of(replace(payload, curve_keys=("B",)), "curve")


def test_names_of_sheets_end_with_a_whole_word() -> None:
    settled = FollowUp("A", "A", "decision", "First?", "gone", due_before=ON)
    payload = small(previous_date=ON - timedelta(14), follow_up=(settled,))
    made = io.BytesIO()
    write_deck(payload, lang="de", fmt="xlsx", target=made)
    names = openpyxl.load_workbook(io.BytesIO(made.getvalue())).sheetnames
    assert "Im letzten Bericht erbetene" in names and not any("  " in name for name in names), names
