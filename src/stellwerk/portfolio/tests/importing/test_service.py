"""The import service: who may, what is refused, what bad cells become, what an undo leaves, what two people do to each other."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stellwerk.core.changesets import undo
from stellwerk.core.errors import Invalid, NotAllowed, Refused, WrongState
from stellwerk.core.models import AuditEntry, ChangeSet
from stellwerk.core.services import edit
from stellwerk.core.tabular import UnusableFile
from stellwerk.portfolio.importing import NothingTaken, StalePlan, apply_import, plan_import, read_wishes, writing
from stellwerk.portfolio.importing.options import Options
from stellwerk.portfolio.importing.source import day_in
from stellwerk.portfolio.importing.words import category_of, phase_of
from stellwerk.portfolio.models import Figure, Portfolio, Programme, Project, ProjectAlias, ProjectStatus
from stellwerk.portfolio.tests.importing.helping import counts, picture, table, take
from stellwerk.testing import Cast

pytestmark = pytest.mark.django_db
DAY, LATER = dt.date(2026, 10, 30), dt.date(2026, 11, 13)
HEAD = ["Projektnummer", "Projektname", "Ampel", "Endtermin", "Gesamtbudget", "Phase"]


def file(*rows: list[Any], head: list[str] | None = None) -> io.BytesIO:
    return table(head or HEAD, *rows)


A = ["P-1", "Neubau Halle 7", "grün", "30.06.2028", "2.300.000,00 €", "Umsetzung"]
B = ["P-2", "Leitstand Nord", "rot", "31.12.2027", "800.000,00 €", "Planung"]


# ── who may ──────────────────────────────────────────────────────────────────────────────────────


def test_pmo_lead_and_analyst_may_import_others_may_not(cast: Cast) -> None:
    for name in ("petra", "anton"):
        plan_import(file=file(A, B), portfolio_key="ANLAGEN", by=cast.users[name])
    for name in ("paul", "conny", "stefan", "elke", "tom", "walter", "uwe", "ada"):
        with pytest.raises(NotAllowed):
            plan_import(file=file(A, B), portfolio_key="ANLAGEN", by=cast.users[name])
        with pytest.raises(NotAllowed):
            plan_import(file=file(A, B), portfolio_key="NEU", by=cast.users[name])


def test_a_permission_that_ends_between_preview_and_apply_counts(cast: Cast) -> None:
    plan = plan_import(file=file(A, B), portfolio_key="ANLAGEN", by=cast.petra, options=Options(as_of=DAY))
    cast.petra.grants.all().delete()
    fresh = type(cast.petra).objects.get(pk=cast.petra.pk)
    with pytest.raises(NotAllowed):
        apply_import(plan=plan, by=fresh)


def test_a_strictly_confidential_project_is_neither_changed_nor_named(cast: Cast) -> None:
    Project.objects.filter(pk=cast.project.pk).update(confidentiality="strict", external_key="P-1")
    plan, _done = take(file(A, ["P-9", "Elektrolyse Lubmin 2", "rot", "", "", ""]), "ANLAGEN", by=cast.anton, as_of=DAY)
    assert [r.reason.code for r in plan.rejected] == ["not_yours"]
    assert "Lubmin" not in json.dumps([entry.candidates for entry in plan.unsure], default=str)
    cast.project.refresh_from_db()
    assert cast.project.finish_forecast is None


# ── what comes in ────────────────────────────────────────────────────────────────────────────────


def test_every_import_tells_the_audit_trail(cast: Cast) -> None:
    take(file(A, B), "ANLAGEN", by=cast.petra, as_of=DAY)
    entries = AuditEntry.objects.filter(verb="import", entity_type="portfolio.project")
    assert entries.count() == 2
    assert {entry.actor for entry in entries} == {cast.petra}
    assert entries.get(entity_key=Project.objects.get(external_key="P-1").key).changes["name"] == [
        None,
        "Neubau Halle 7",
    ]


def test_bad_cells_are_listed_and_kept_and_the_good_ones_go_in() -> None:
    bad = ["P-3", "Kessel", "lila", "31.02.2027", "viel Geld", "Umsetzung"]
    plan, _done = take(file(A, bad), as_of=DAY)
    found = [(r["row"], r["column"], r["value"]) for r in plan.result()["rejected"]]
    assert found == [(3, "Ampel", "lila"), (3, "Endtermin", "31.02.2027"), (3, "Gesamtbudget", "viel Geld")]
    project = Project.objects.get(external_key="P-3")
    status = project.statuses.get()
    assert [remark["value"] for remark in status.remarks] == ["lila", "31.02.2027", "viel Geld"]
    assert project.attributes["Ampel"] == "lila" and project.phase == "executing" and project.budget is None


def test_all_or_nothing_takes_nothing() -> None:
    plan = plan_import(
        file=file(A, ["P-3", "Kessel", "lila", "", "", ""]),
        portfolio_key="X",
        by=None,
        options=Options(as_of=DAY, strict=True),
    )
    with pytest.raises(NothingTaken):
        apply_import(plan=plan, by=None)
    assert not Portfolio.objects.exists() and not ChangeSet.objects.exists()


def test_rows_that_name_one_project_twice_are_refused_unless_they_say_the_same() -> None:
    plan, _done = take(file(A, A, B, ["P-2", "Leitstand Nord", "grün", "", "", ""]), as_of=DAY)
    assert counts(plan) == (1, 0, 0, 1)
    assert [(r.row, r.reason.code) for r in plan.rejected] == [(4, "duplicate"), (5, "duplicate")]
    assert plan.repeated == 1


def test_a_row_without_name_is_refused_and_a_key_serves_as_name() -> None:
    plan, _done = take(
        file(["", "", "rot", "", "5 €", "Planung"], ["P-7", "", "grün", "", "7 €", "Planung"], A), as_of=DAY
    )
    assert [r.reason.code for r in plan.rejected] == ["no_name"]
    assert Project.objects.get(external_key="P-7").name == "P-7"


def test_control_characters_scripts_and_formulas_are_kept_as_harmless_text() -> None:
    head = ["Projektname", "Projektnummer", "Kommentar"]
    long = "<script>alert(1)</script> Text mit\x0bSteuerzeichen\x1b und einer Länge, die für einen Kommentar reicht, also mehr als sechzig Zeichen."
    take(file(["=1+1", "P-1", long], ["@cmd", "P-2", long + " 2"], ["-3", "P-3", long + " 3"], head=head), as_of=DAY)
    project = Project.objects.get(external_key="P-1")
    summary = project.statuses.get().summary
    assert project.name == "=1+1" and "<script>" in summary and "\x0b" not in summary and "\x1b" not in summary


def test_an_overlong_value_is_refused_and_kept_in_full() -> None:
    head = ["Projektnummer", "Projektname", "Abteilung"]
    plan, _done = take(
        file(["P-1", "Halle", "x" * 200], ["P-2", "y" * 300, "Bau"], ["P-3", "Tor", "Bau"], head=head),
        as_of=DAY,
        columns={"Abteilung": "department", "Projektname": "name"},
    )
    assert {(r.row, r.column, r.reason.code) for r in plan.rejected} == {
        (2, "Abteilung", "too_long"),
        (3, "Projektname", "too_long"),
    }
    one, two = Project.objects.get(external_key="P-1"), Project.objects.get(external_key="P-2")
    assert one.department == "" and one.attributes["Abteilung"] == "x" * 200
    assert two.name == "P-2" and two.attributes["Projektname"] == "y" * 300


def test_an_amount_in_another_currency_is_refused() -> None:
    head = ["Projektnummer", "Projektname", "Gesamtbudget", "Istkosten"]
    plan, _done = take(file(["P-1", "Halle", "100 €", "50 £"], ["P-2", "Tor", "80 €", "70 €"], head=head), as_of=DAY)
    assert [(r.row, r.column, r.reason.code) for r in plan.rejected] == [(2, "Istkosten", "other_currency")]
    assert Figure.objects.get(code="ac").amount == 70_00


def test_the_word_for_a_phase_that_the_user_chose_counts() -> None:
    take(file([*A[:5], "Stufe Blau"], B), as_of=DAY, phases={"stufe blau": "transition"})
    assert Project.objects.get(external_key="P-1").phase == "transition"


def test_managers_are_matched_to_persons_exactly_or_kept_as_reported(cast: Cast) -> None:
    head = ["Projektnummer", "Projektname", "Projektleiter", "Auftraggeber"]
    rows = [
        ["P-1", "Halle", "Paul Jansen", "Stefan Voss"],
        ["P-2", "Tor", "Jansen, Paul", "Paul Jansen"],
        ["P-3", "Dach", "P. Jansen", ""],
    ]
    take(file(*rows, head=head), as_of=DAY)
    one, two, three = (Project.objects.get(external_key=key) for key in ("P-1", "P-2", "P-3"))
    assert (one.manager, one.sponsor) == (cast.people["paul"], cast.people["stefan"])
    assert (two.manager, two.sponsor, two.sponsor_name) == (cast.people["paul"], None, "Paul Jansen")
    assert (three.manager, three.manager_name) == (None, "P. Jansen")


def test_programmes_are_created_only_when_the_user_chooses_so() -> None:
    head = ["Projektnummer", "Projektname", "Programm"]
    rows = [["P-1", "Halle", "Wasserstoff"], ["P-2", "Tor", "Wasserstoff"], ["P-3", "Dach", "Netze"]]
    take(file(*rows, head=head), "OHNE", as_of=DAY)
    assert Programme.objects.count() == 0 and Project.objects.first().attributes["Programm"] == "Wasserstoff"  # type: ignore[union-attr]
    take(file(*rows, head=head), "MIT", as_of=DAY, create_programmes=True)
    assert sorted(Programme.objects.values_list("name", flat=True)) == ["Netze", "Wasserstoff"]
    assert Project.objects.filter(portfolio__key="MIT", programme__name="Wasserstoff").count() == 2


def test_one_file_may_hold_several_dates_of_a_project() -> None:
    head = ["Berichtsdatum", *HEAD]
    rows = [["30.09.2026", *A], ["31.10.2026", *A[:2], "rot", *A[3:]], ["30.09.2026", *B], ["31.10.2026", *B]]
    plan, _done = take(file(*rows, head=head))
    assert counts(plan) == (2, 0, 0, 4)
    lights = Figure.objects.filter(project__external_key="P-1", code="light.overall").order_by("date")
    assert [(str(f.date), f.light) for f in lights] == [("2026-09-30", "green"), ("2026-10-31", "red")]
    assert counts(take(file(*rows, head=head))[0]) == (0, 0, 2, 0)


# ── recognising ──────────────────────────────────────────────────────────────────────────────────


def test_a_renamed_project_is_found_by_key_and_later_by_its_old_name() -> None:
    take(file(A, B), as_of=DAY)
    take(file(["P-1", "Halle 7 und Vorplatz", *A[2:]], B), as_of=LATER)
    project = Project.objects.get(external_key="P-1")
    assert project.name == "Halle 7 und Vorplatz"
    plan, _done = take(
        table(["Projektname", "Ampel"], ["Neubau Halle 7", "rot"], ["Leitstand Nord", "rot"]),
        as_of=dt.date(2026, 11, 20),
    )
    assert counts(plan) == (0, 2, 0, 2)
    assert ProjectAlias.objects.filter(project=project).exists()


def test_names_that_are_alike_are_asked_about_and_answers_count() -> None:
    take(table(["Projektname", "Ampel"], ["Umbau Leitstand Nord", "rot"], ["Dach", "grün"]), as_of=DAY)
    second = [["Projekt Umbau Leitstand Nord (ULN)", "gelb"], ["Dach", "grün"]]
    plan, _done = take(table(["Projektname", "Ampel"], *second), as_of=LATER)
    [question] = plan.result()["unsure"]
    assert question["row"] == 2 and question["candidates"][0]["name"] == "Umbau Leitstand Nord"
    key = question["candidates"][0]["key"]
    plan, _done = take(table(["Projektname", "Ampel"], *second), as_of=LATER, answers={"2": key})
    assert counts(plan) == (0, 1, 1, 1)
    assert Project.objects.get(key=key).name == "Projekt Umbau Leitstand Nord (ULN)"
    plan, _done = take(table(["Projektname", "Ampel"], *second), as_of=LATER)
    assert counts(plan) == (0, 0, 2, 0)  # remembered


def test_the_same_name_under_another_key_is_asked_about() -> None:
    take(file(A, B), as_of=DAY)
    plan, _done = take(file(["Q-77", *A[1:]], B), as_of=LATER)
    assert [row["name"] for row in plan.result()["unsure"]] == ["Neubau Halle 7"]


def test_an_archived_project_is_not_changed(cast: Cast) -> None:
    take(file(A, B), "ANLAGEN", as_of=DAY)
    from django.utils import timezone

    Project.objects.filter(external_key="P-1").update(archived_at=timezone.now())
    plan, _done = take(file(A, B), "ANLAGEN", as_of=LATER)
    assert [r.reason.code for r in plan.rejected] == ["archived"] and counts(plan)[1] == 1


# ── again, older, by hand ────────────────────────────────────────────────────────────────────────


def test_an_older_edition_fills_gaps_but_overwrites_no_newer_value_and_nothing_done_by_hand(cast: Cast) -> None:
    take(file(A, B), "ANLAGEN", as_of=LATER)
    project = Project.objects.get(external_key="P-1")
    project = edit(project, {"department": "Bau"}, by=cast.petra)
    older = table(
        [*HEAD, "Abteilung", "Projektart"],
        [*A[:3], "01.01.2028", "1 €", "Planung", "Technik", "Investition"],
        [*B, "Netze", "Wartung"],
    )
    take(older, "ANLAGEN", as_of=DAY)
    project.refresh_from_db()
    assert (project.finish_forecast, project.budget, project.phase) == (dt.date(2028, 6, 30), 2_300_000_00, "executing")
    assert (project.department, project.kind) == ("Bau", "Investition")


def test_a_second_list_of_the_same_day_adds_and_takes_nothing_away() -> None:
    take(file(A, B), as_of=DAY)
    costs = table(
        ["Projektnummer", "Projektname", "Istkosten"],
        ["P-1", "Neubau Halle 7", "100.000,00 €"],
        ["P-2", "Leitstand Nord", "5.000,00 €"],
    )
    plan, _done = take(costs, as_of=DAY)
    assert counts(plan) == (0, 2, 0, 2)
    project = Project.objects.get(external_key="P-1")
    assert {f.code for f in project.figures.all()} == {"light.overall", "finish.forecast", "budget", "phase", "ac"}
    assert project.statuses.count() == 1


def test_a_corrected_edition_of_the_same_day_replaces_what_it_says() -> None:
    take(file(A, B), as_of=DAY)
    plan, _done = take(file([*A[:4], "2.500.000,00 €", A[5]], B), as_of=DAY)
    assert counts(plan) == (0, 1, 1, 1)
    assert Project.objects.get(external_key="P-1").budget == 2_500_000_00
    assert Figure.objects.get(project__external_key="P-1", code="budget").amount == 2_500_000_00


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=30)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            words,
            st.sampled_from(["rot", "grün", "", "k. A."]),
            st.sampled_from(["1.1.2027", "Q3 2026", "", "tbd"]),
            st.integers(-5, 10**9),
        ),
        min_size=2,
        max_size=8,
    )
)
def test_whatever_the_names_say_the_same_file_twice_changes_nothing(
    db: None, rows: list[tuple[str, str, str, int]]
) -> None:
    from django.db import transaction

    body = [[f"K{i}", f"Projekt {name}", light, day, str(amount)] for i, (name, light, day, amount) in enumerate(rows)]
    head = ["Projektnummer", "Projektname", "Ampel", "Endtermin", "Budget"]
    with transaction.atomic():
        plan, _done = take(file(*body, head=head), as_of=DAY, orientation="rows")
        created = counts(plan)[0]
        before = picture("LISTE")
        again, change_set = take(file(*body, head=head), as_of=DAY, orientation="rows")
        assert counts(again) == (0, 0, created, 0) and change_set is None
        assert picture("LISTE") == before
        transaction.set_rollback(True)


# ── undo and two at once ─────────────────────────────────────────────────────────────────────────


def test_an_undo_restores_changed_projects_and_removes_new_ones(cast: Cast) -> None:
    take(file(A), "ANLAGEN", by=cast.petra, as_of=DAY)
    before = picture("ANLAGEN")
    _plan, change_set = take(file([*A[:2], "rot", "01.01.2029", *A[4:]], B), "ANLAGEN", by=cast.petra, as_of=LATER)
    assert change_set is not None
    undo(change_set, by=cast.petra)
    assert picture("ANLAGEN") == before


def test_an_undo_is_refused_after_a_later_edit_by_hand(cast: Cast) -> None:
    _plan, change_set = take(file(A, B), "ANLAGEN", by=cast.petra, as_of=DAY)
    assert change_set is not None
    edit(Project.objects.get(external_key="P-1"), {"description": "von Hand"}, by=cast.anton)
    with pytest.raises(Refused, match="Neubau Halle 7"):
        undo(change_set, by=cast.petra)
    assert Project.objects.filter(external_key="P-1").exists()


def test_an_undo_is_refused_after_a_later_import_changed_the_projects(cast: Cast) -> None:
    _plan, first = take(file(A, B), "ANLAGEN", by=cast.petra, as_of=DAY)
    take(file([*A[:3], "01.01.2029", *A[4:]], B), "ANLAGEN", by=cast.petra, as_of=LATER)
    assert first is not None
    with pytest.raises(WrongState):
        undo(first, by=cast.petra)


def test_a_plan_made_before_somebody_elses_import_is_not_applied(cast: Cast) -> None:
    mine = plan_import(file=file(A, B), portfolio_key="ANLAGEN", by=cast.petra, options=Options(as_of=DAY))
    take(file(A, B), "ANLAGEN", by=cast.anton, as_of=DAY)
    with pytest.raises(StalePlan):
        apply_import(plan=mine, by=cast.petra)
    assert Project.objects.filter(external_key="P-1").count() == 1
    new = plan_import(file=file(A, B), portfolio_key="NEU", by=cast.petra, options=Options(as_of=DAY))
    take(file(A), "NEU", by=cast.anton, as_of=DAY)
    with pytest.raises(StalePlan):
        apply_import(plan=new, by=cast.petra)


def test_a_published_reporting_date_takes_no_list(cast: Cast) -> None:
    from stellwerk.reporting.models import Cycle

    Cycle.objects.create(key="CYC-0001", portfolio=cast.portfolio, number=1, data_date=DAY, state="published")
    plan = plan_import(file=file(A, B), portfolio_key="ANLAGEN", by=cast.petra, options=Options(as_of=DAY))
    assert any("closed" in str(warning) for warning in plan.warnings)
    with pytest.raises(WrongState, match="closed"):
        apply_import(plan=plan, by=cast.petra)
    assert not ProjectStatus.objects.exists()
    take(file(A, B), "ANLAGEN", by=cast.petra, as_of=LATER)


# ── files and settings that cannot be used ───────────────────────────────────────────────────────


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4", b"PK\x03\x04", b"\x00\x01\x02" * 900, b"nothing but words"])
def test_an_unusable_file_is_refused_before_anything_is_looked_at(data: bytes) -> None:
    with pytest.raises(UnusableFile):
        plan_import(file=io.BytesIO(data), name="x.csv", portfolio_key="X", by=None)
    assert not Portfolio.objects.exists()


def test_a_mapping_names_all_its_mistakes() -> None:
    with pytest.raises(Invalid) as refusal:
        read_wishes({"columns": {"Etat": "budgt", "Name": "nmae"}, "options": {"factor": 12, "colour": "red"}})
    text = str(refusal.value)
    assert "“budget”" in text and "“name”" in text and "“colour”" in text and "“12”" in text
    with pytest.raises(Invalid):
        read_wishes(["no", "object"])


def test_a_mapping_decides_over_names_and_contents() -> None:
    plan, _done = take(file(A, B), as_of=DAY, columns={"Gesamtbudget": "benefit", "Phase": None})
    assert Figure.objects.filter(code="benefit").count() == 2 and Project.objects.get(external_key="P-1").budget is None
    assert plan.mapped.of("phase") is None
    again = plan_import(file=file(A, B), portfolio_key="LISTE", by=None, options=Options(as_of=DAY))
    assert again.mapped.reused and again.mapped.of("benefit") is not None


def test_bare_amounts_take_the_factor_that_the_user_names() -> None:
    take(table(["Projektname", "Budget"], ["Halle", "2,5"], ["Tor", "0,75"]), as_of=DAY, factor=1_000_000)
    assert sorted(Project.objects.values_list("budget", flat=True)) == [750_000_00, 2_500_000_00]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("uk_2019.csv", dt.date(2019, 12, 31)), ("wb_2025-03-31.csv", dt.date(2025, 3, 31)), ("Stand 31.10.2026.xlsx", dt.date(2026, 10, 31)),
        ("liste_20261031_v2.ods", dt.date(2026, 10, 31)), ("bericht 2026-02.csv", dt.date(2026, 2, 28)), ("plan 2025 bis 2027.csv", None),
        ("v12.csv", None), ("liste 31.02.2026.csv", None),
    ],
)  # fmt: skip
def test_the_name_of_a_file_tells_its_day(name: str, day: dt.date | None) -> None:
    assert day_in(name) == day


@pytest.mark.parametrize(
    ("word", "phase"),
    [
        ("3 – Umsetzung", "executing"), ("In progress", "executing"), ("Abgeschlossen", "closed"), ("on hold", "on_hold"), ("ABGEBROCHEN", "stopped"),
        ("Feinplanung", "planning"), ("Active", "executing"), ("BANK APPROVED", ""), ("", ""), ("closing", "closing"), ("nicht gestartet", "initiating"),
    ],
)  # fmt: skip
def test_words_of_others_become_our_phases(word: str, phase: str) -> None:
    assert phase_of(word) == phase


def test_words_of_others_become_our_categories() -> None:
    assert [category_of(word) for word in ("Pflicht", "Run the business", "Growth", "Transformation", "rot")] == [
        "mandatory",
        "run",
        "grow",
        "transform",
        "",
    ]


def test_a_data_date_in_the_future_is_worth_a_warning() -> None:
    plan = plan_import(
        file=file(A, B), portfolio_key="X", by=None, options=Options(as_of=dt.date(2036, 1, 1)), today=DAY
    )
    assert "future" in {warning.code for warning in plan.warnings}


def test_planning_writes_nothing() -> None:
    plan_import(file=file(A, B), portfolio_key="X", by=None)
    assert not any(
        (
            Portfolio.objects.exists(),
            Project.objects.exists(),
            ChangeSet.objects.exists(),
            ProjectStatus.objects.exists(),
        )
    )


def test_the_unit_chosen_once_counts_for_the_next_edition_too() -> None:
    head = ["Projektname", "Budget"]
    take(table(head, ["Halle", "2,5"], ["Tor", "0,75"]), as_of=DAY, factor=1_000_000)
    take(table(head, ["Halle", "3,5"], ["Tor", "0,75"]), as_of=LATER)
    assert Project.objects.get(name="Halle").budget == 3_500_000_00


def test_the_planner_of_the_database_is_told_of_the_rows_before_the_data_date_is_looked_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On PostgreSQL that query ran for minutes over 100,000 rows that the planner knew nothing of."""
    order: list[str] = []
    monkeypatch.setattr(writing, "MANY", 1)
    for name in ("refresh_statistics", "note_data_dates"):
        real = getattr(writing, name)
        monkeypatch.setattr(writing, name, lambda *a, n=name, r=real, **k: (order.append(n), r(*a, **k)))
    take(file(A, B), as_of=DAY)
    assert order == ["refresh_statistics", "note_data_dates"]
    assert Portfolio.objects.get(key="LISTE").data_date == DAY
