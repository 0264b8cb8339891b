"""Two people do the same at the same moment (``python -m tests.concurrency.racing``), in a migrated installation of its own.

Real threads with their own connections on a real database file (or PostgreSQL): an in-memory test database would hide
what happens. Prints one JSON object: per race what the two got, and everything that was not right afterwards.
"""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from stellwerk.core.memory import load
from tests.concurrency.racing_staffing import STAFFING_RACES, StaffingRaces

ROUNDS = 5
DAY = dt.date(2026, 11, 20)
LOST = {
    "StaleEdit",
    "WrongState",
    "StalePlan",
    "Refused",
    "NothingTaken",
    "Overlap",
    "PlanStale",
    "EditRefused",
    "StaleImport",
    "LinkDead",
}


def race(*works: Callable[[], Any]) -> list[str]:
    """Start all at once; ``ok`` or the class of the error of each."""
    from django.db import connections

    barrier = threading.Barrier(len(works))
    results = [""] * len(works)

    def run(number: int, work: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            work()
            results[number] = "ok"
        except Exception as error:
            results[number] = type(error).__name__ if type(error).__name__ in LOST else repr(error)[:300]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return results


class Races(StaffingRaces):
    """Each method runs one race and returns (what the two got, faults)."""

    def __init__(self, cast: Any) -> None:
        self.cast = cast
        self.number = 0
        self.race = race

    def _project(self) -> Any:
        from stellwerk.portfolio.models import Project

        self.number += 1
        cast = self.cast
        return Project.objects.create(
            key=f"RACE-{self.number}", name=f"Rennen {self.number}", portfolio=cast.portfolio, unit=cast.unit,
            phase="executing", manager=cast.people["paul"], sponsor=cast.people["stefan"],
        )  # fmt: skip

    def _submitted(self) -> Any:
        from stellwerk.reporting.services import start_report, submit_report
        from stellwerk.reporting.tests.conftest import alpha_figures, complete

        project = self._project()
        alpha_figures(project, DAY)
        report = complete(start_report(project=project, by=self.cast.paul, data_date=DAY), self.cast.paul)
        return submit_report(report=report, by=self.cast.paul)

    def publishing(self) -> tuple[list[str], list[str]]:
        from stellwerk.core.models import AuditEntry, Snapshot
        from stellwerk.reporting.models import StatusReport
        from stellwerk.reporting.services import accept_report, publish_report

        report = accept_report(report=self._submitted(), by=self.cast.anton)
        pairs = [StatusReport.objects.get(pk=report.pk) for _ in range(2)]
        got = race(*(lambda row=row: publish_report(report=row, by=self.cast.petra) for row in pairs))
        label = {"entity_type": "reporting.statusreport", "entity_id": report.pk}
        seen = (Snapshot.objects.filter(**label).count(), AuditEntry.objects.filter(**label, verb="publish").count())
        return got, _one_winner(got) + ([] if seen == (1, 1) else [f"snapshots and audit entries: {seen}"])

    def accepting_and_returning(self) -> tuple[list[str], list[str]]:
        from stellwerk.core.models import AuditEntry
        from stellwerk.core.states import advance
        from stellwerk.reporting.models import StatusReport

        report = self._submitted()
        one, two = (StatusReport.objects.get(pk=report.pk) for _ in range(2))
        got = race(
            lambda: advance(one, "accept", by=self.cast.anton, version=one.version),
            lambda: advance(two, "return", by=self.cast.petra, version=two.version, reason="The forecast is missing."),
        )
        verbs = list(
            AuditEntry.objects.filter(
                entity_type="reporting.statusreport", entity_id=report.pk, verb__in=("accept", "return")
            ).values_list("verb", flat=True)
        )
        return got, _one_winner(got) + ([] if len(verbs) == 1 else [f"audit says {verbs}"])

    def starting_a_report(self) -> tuple[list[str], list[str]]:
        from stellwerk.reporting.models import StatusReport
        from stellwerk.reporting.services import start_report

        project = self._project()
        got = race(*(lambda: start_report(project=project, by=self.cast.paul, data_date=DAY) for _ in range(2)))
        count = StatusReport.objects.filter(project=project).count()
        wrong = [] if set(got) <= {"ok", "Refused"} and "ok" in got else [f"got {got}"]
        return got, wrong + ([] if count == 1 else [f"{count} reports"])

    def endorsing_a_budget(self) -> tuple[list[str], list[str]]:
        """One authority presses twice: one endorsement, and it goes on once."""
        from stellwerk.controlling.models import AuthorityLimit, Budget, BudgetLine, BudgetMonth
        from stellwerk.core.models import AuditEntry
        from stellwerk.core.states import advance

        for role, amount in (("sponsor", 1_00), ("executive", None)):
            AuthorityLimit.objects.get_or_create(
                organisation=self.cast.organisation, role=role, defaults={"amount": amount}
            )
        project = self._project()
        budget = Budget.objects.create(key=f"BUD-R{self.number}", project=project, state="submitted", awaits="sponsor")
        BudgetMonth.objects.create(line=BudgetLine.objects.create(budget=budget), month=DAY.replace(day=1), amount=9_00)
        pairs = [Budget.objects.get(pk=budget.pk) for _ in range(2)]
        got = race(*(lambda row=row: advance(row, "endorse", by=self.cast.stefan) for row in pairs))
        budget.refresh_from_db()
        seen = AuditEntry.objects.filter(entity_type="controlling.budget", entity_id=budget.pk, verb="endorse").count()
        wrong = [] if (budget.state, budget.awaits, seen) == ("endorsed", "executive", 1) else [f"{budget.state}, {budget.awaits}, {seen} entries"]  # fmt: skip
        return got, _one_winner(got) + wrong

    def editing(self) -> tuple[list[str], list[str]]:
        from stellwerk.core import services
        from stellwerk.portfolio.models import Project

        project = self._project()
        pairs = [(Project.objects.get(pk=project.pk), name) for name in ("Von Petra", "Von Anton")]
        got = race(
            *(
                lambda row=row, name=name: services.edit(row, {"name": name}, by=self.cast.petra, version=row.version)
                for row, name in pairs
            )
        )
        after = Project.objects.get(pk=project.pk)
        wrong = [] if after.version == project.version + 1 else [f"version {project.version} became {after.version}"]
        winner = pairs[got.index("ok")][1] if "ok" in got else ""
        return got, _one_winner(got) + wrong + ([] if after.name == winner else [f"{after.name} instead of {winner}"])

    def creating(self) -> tuple[list[str], list[str]]:
        from stellwerk.portfolio.models import Project
        from stellwerk.portfolio.services.projects import create_project

        self.number += 1
        names = [f"Neu {self.number} {side}" for side in "ab"]
        values = {"portfolio": self.cast.portfolio, "unit": self.cast.unit}
        got = race(
            *(lambda name=name: create_project(values={**values, "name": name}, by=self.cast.petra) for name in names)
        )
        keys = set(Project.objects.filter(name__in=names).values_list("key", flat=True))
        return got, ([] if got == ["ok", "ok"] and len(keys) == 2 else [f"got {got}, keys {keys}"])

    def importing(self) -> tuple[list[str], list[str]]:
        from django.conf import settings

        from stellwerk.portfolio.importing import apply_import, plan_import
        from stellwerk.portfolio.importing.options import Options
        from stellwerk.portfolio.models import Portfolio, Project, ProjectStatus

        self.number += 1
        key = f"BAU{self.number}"
        Portfolio.objects.create(key=key, name=key, unit=self.cast.unit, state="active")
        path = Path(settings.HOME) / "projekte.csv"
        lines = [f"P-{n};Umbau Halle {n};{n}00.000,00 €;rot" for n in range(1, 9)]
        path.write_text("\n".join(["Schlüssel;Projekt;Budget;Ampel", *lines]), encoding="utf-8")

        def work() -> None:
            plan = plan_import(file=path, portfolio_key=key, by=self.cast.petra, options=Options(as_of=DAY))
            apply_import(plan=plan, by=self.cast.petra)

        got = race(work, work)
        counts = (
            Project.objects.filter(portfolio__key=key).count(),
            ProjectStatus.objects.filter(project__portfolio__key=key).count(),
        )
        wrong = [] if "ok" in got and set(got) <= {"ok", *LOST} else [f"got {got}"]
        return got, wrong + ([] if counts == (8, 8) else [f"projects and statuses: {counts}"])

    def undoing(self) -> tuple[list[str], list[str]]:
        from stellwerk.core import changesets
        from stellwerk.core.models import ChangeSet
        from stellwerk.portfolio.models import Project

        self.importing()
        change_set = ChangeSet.objects.filter(state="applied").order_by("-pk").first()
        assert change_set is not None
        before = Project.objects.count()
        pairs = [ChangeSet.objects.get(pk=change_set.pk) for _ in range(2)]
        got = race(*(lambda row=row: changesets.undo(row, by=self.cast.petra) for row in pairs))
        gone = before - Project.objects.count()
        return got, _one_winner(got) + ([] if gone == 8 else [f"{gone} projects gone"])

    def archiving_and_editing(self) -> tuple[list[str], list[str]]:
        from stellwerk.core import services
        from stellwerk.portfolio.models import Project

        project = self._project()
        one, two = (Project.objects.get(pk=project.pk) for _ in range(2))
        got = race(
            lambda: services.archive(one, by=self.cast.petra, version=one.version),
            lambda: services.edit(two, {"name": "Anders"}, by=self.cast.petra, version=two.version),
        )
        after = Project.objects.get(pk=project.pk)
        return got, _one_winner(got) + (["both applied"] if after.archived and after.name == "Anders" else [])

    def _planned(self) -> Any:
        from stellwerk.planning.tests.plans import example_plan

        return example_plan(self._project())

    def proposing_a_baseline(self) -> tuple[list[str], list[str]]:
        from stellwerk.planning.models import Plan
        from stellwerk.planning.services.baselines import intact, propose_baseline

        plan = self._planned()
        rows = [(Plan.objects.get(pk=plan.pk), by) for by in (self.cast.paul, self.cast.petra)]
        got = race(*(lambda row=row, by=by: propose_baseline(plan=row, reason="Now", by=by) for row, by in rows))
        made = list(plan.baselines.all())
        fine = len(made) == 1 and made[0].rows.count() == 6 and intact(made[0])
        return got, _one_winner(got) + ([] if fine else [f"{len(made)} baselines, or torn rows"])

    def deciding_about_a_baseline(self) -> tuple[list[str], list[str]]:
        from stellwerk.planning.models import Baseline
        from stellwerk.planning.services.baselines import approve_baseline, propose_baseline, reject_baseline

        baseline = propose_baseline(plan=self._planned(), reason="Now", by=self.cast.paul)
        one, two = (Baseline.objects.get(pk=baseline.pk) for _ in range(2))
        got = race(
            lambda: approve_baseline(baseline=one, by=self.cast.stefan, version=one.version),
            lambda: reject_baseline(baseline=two, by=self.cast.elke, reason="No", version=two.version),
        )
        after = Baseline.objects.get(pk=baseline.pk)
        fine = (after.state == "approved") == (got[0] == "ok") and (after.approved_at is not None) == (got[0] == "ok")
        return got, _one_winner(got) + ([] if fine else [f"{after.state} after {got}"])

    def planning_one_row(self) -> tuple[list[str], list[str]]:
        """Two planners give one activity another duration, both having seen the same version."""
        from stellwerk.planning.models import Activity, Plan
        from stellwerk.planning.services.editing import edit_plan

        plan = self._planned()
        row = Activity.objects.filter(plan=plan, summary=False, duration__gt=0).order_by("position").first()
        assert row is not None

        def work(by: Any, days: int) -> None:
            seen = Plan.objects.select_related("project").get(pk=plan.pk)
            edit_plan(
                plan=seen,
                by=by,
                operations=[{"op": "set", "row": row.pk, "version": row.version, "values": {"days": days}}],
            )

        got = race(lambda: work(self.cast.paul, 41), lambda: work(self.cast.petra, 43))
        after = Activity.objects.get(pk=row.pk)
        wanted = (41 if got[0] == "ok" else 43) * 480
        raised = Plan.objects.get(pk=plan.pk).revision - plan.revision
        fine = after.duration == wanted and raised == 1
        return got, _one_winner(got) + ([] if fine else [f"duration {after.duration}, revision raised by {raised}"])

    def linking_in_a_circle(self) -> tuple[list[str], list[str]]:
        """One draws A → B, the other B → A: only one of them can stand."""
        from stellwerk.planning.compute import compute
        from stellwerk.planning.models import Activity, Link, Plan
        from stellwerk.planning.services.editing import edit_plan

        plan = self._planned()
        edit_plan(plan=Plan.objects.get(pk=plan.pk), by=None, operations=[
            {"op": "add", "values": {"name": name, "days": 2}} for name in ("Hin", "Her")
        ])  # fmt: skip
        one, other = (Activity.objects.get(plan=plan, name=name).pk for name in ("Hin", "Her"))

        def work(before: int, after: int) -> None:
            seen = Plan.objects.select_related("project").get(pk=plan.pk)
            edit_plan(plan=seen, by=self.cast.paul, operations=[{"op": "link", "from": before, "to": after}])

        got = race(lambda: work(one, other), lambda: work(other, one))
        links = Link.objects.filter(predecessor__in=(one, other), successor__in=(one, other)).count()
        compute(Plan.objects.select_related("project", "calendar").get(pk=plan.pk))
        return got, _one_winner(got) + ([] if links == 1 else [f"{links} links"])

    def _two_plans(self) -> list[int]:
        """One activity in each of two projects."""
        from stellwerk.planning.models import Activity, Plan
        from stellwerk.planning.services.editing import edit_plan

        numbers = []
        for name in ("Hin", "Her"):
            plan = Plan.objects.get(pk=self._planned().pk)
            edit_plan(plan=plan, by=None, operations=[{"op": "add", "values": {"name": name, "days": 2}}])
            numbers.append(Activity.objects.get(plan=plan, name=name).pk)
        return numbers

    def linking_in_a_circle_over_projects(self) -> tuple[list[str], list[str]]:
        """One draws A → B in the plan of B, the other B → A in the plan of A: only one of them can stand."""
        from stellwerk.planning.models import Activity, Link, Plan
        from stellwerk.planning.programme import circle_across
        from stellwerk.planning.services.editing import edit_plan

        one, other = self._two_plans()

        def work(before: int, after: int) -> None:
            taker = Plan.objects.select_related("project").get(activities=after)
            edit_plan(plan=taker, by=self.cast.petra, operations=[{"op": "link", "from": before, "to": after}])

        got = race(lambda: work(one, other), lambda: work(other, one))
        links = Link.objects.filter(predecessor__in=(one, other), successor__in=(one, other)).count()
        circle = circle_across(Activity.objects.get(pk=one).plan)
        return got, _one_winner(got) + ([] if links == 1 and not circle else [f"{links} links, circle {circle}"])

    def slipping_while_a_taker_is_linked(self) -> tuple[list[str], list[str]]:
        """The giver moves while its taker is linked: after the jobs the taker begins when the giver ends."""
        from stellwerk.core.jobs import run_pending
        from stellwerk.planning.models import Activity, Plan
        from stellwerk.planning.services.editing import edit_plan

        one, other = self._two_plans()
        run_pending(1000)

        def work(row: int, operation: dict[str, Any]) -> None:
            plan = Plan.objects.select_related("project").get(activities=row)
            edit_plan(plan=plan, by=self.cast.petra, operations=[operation])

        got = race(
            lambda: work(one, {"op": "set", "row": one, "values": {"days": 30}}),
            lambda: work(other, {"op": "link", "from": one, "to": other}),
        )
        run_pending(1000)
        giver, taker = Activity.objects.get(pk=one), Activity.objects.get(pk=other)
        wrong = [] if got == ["ok", "ok"] else [f"got {got}"]
        fine = giver.duration == 30 * 480 and taker.start > giver.finish
        return got, wrong + ([] if fine else [f"giver ends {giver.finish}, taker begins {taker.start}"])

    def importing_the_first_schedule(self) -> tuple[list[str], list[str]]:
        """Two planners apply previews of a project that had no plan when they looked."""
        from stellwerk.planning.exchange.tests.helping import plan as document
        from stellwerk.planning.models import Activity, Plan
        from stellwerk.planning.services.importing import import_schedule

        project = self._project()

        def work(by: Any) -> None:
            import_schedule(project=project, document=document(), by=by, name="plan.xml", seen=0)

        got = race(lambda: work(self.cast.petra), lambda: work(self.cast.anton))
        plans = Plan.objects.filter(project=project).count()
        rows = Activity.objects.filter(plan__project=project).count()
        fine = plans == 1 and rows == len(document().tasks)
        return got, _one_winner(got) + ([] if fine else [f"{plans} plans, {rows} rows"])

    def importing_over_an_edit(self) -> tuple[list[str], list[str]]:
        """One applies the preview of a file, the other changes a row that both saw."""
        from stellwerk.planning.models import Activity, Plan
        from stellwerk.planning.selectors.documents import document_of
        from stellwerk.planning.services.editing import edit_plan
        from stellwerk.planning.services.importing import import_schedule

        plan = Plan.objects.select_related("project", "calendar").get(pk=self._planned().pk)
        row = Activity.objects.filter(plan=plan, summary=False).order_by("position").first()
        assert row is not None
        known = document_of(plan)
        file = replace(
            known, tasks=tuple(replace(one, name="Datei") if one.uid == row.uid else one for one in known.tasks)
        )

        def edit() -> None:
            seen = Plan.objects.select_related("project").get(pk=plan.pk)
            values = {"name": "Hand"}
            edit_plan(plan=seen, by=self.cast.paul, operations=[
                {"op": "set", "row": row.pk, "version": row.version, "values": values}
            ])  # fmt: skip

        def load() -> None:
            import_schedule(
                project=plan.project, document=file, by=self.cast.petra, name="plan.xml", seen=plan.revision
            )

        got = race(edit, load)
        after = Activity.objects.get(pk=row.pk).name
        fine = after == ("Hand" if got[0] == "ok" else "Datei")
        return got, _one_winner(got) + ([] if fine else [f"{after} after {got}"])

    def naming_views(self) -> tuple[list[str], list[str]]:
        """Two windows of one reader give two views one name, then make each of them the first of its page."""
        from stellwerk.core.lists.saved import change_view, save_view, set_default_view
        from stellwerk.core.models import SavedView

        self.number += 1
        page, paul = f"race.{self.number}", self.cast.paul
        views = [save_view(by=paul, page=page, name=name, query="") for name in "ab"]
        got = race(*[lambda view=view: change_view(view, by=paul, name="c", shared=True) for view in views])
        faults = [] if got.count("ok") == 1 and any(row.startswith("Invalid") for row in got) else [f"got {got}"]
        second = race(*[lambda view=view: set_default_view(view, by=paul, page=page) for view in views])
        if second != ["ok", "ok"] or SavedView.objects.filter(page=page, is_default=True).count() != 1:
            faults.append(f"defaults: {second}")
        return ["ok" if row == "ok" else "Invalid" for row in got], faults

    def _week(self) -> dt.date:
        """A Monday that no other race uses."""
        self.number += 1
        return DAY - dt.timedelta(days=DAY.weekday() + 7 * self.number)

    def saving_one_week(self) -> tuple[list[str], list[str]]:
        """Two windows save the same new week: one is told, and the hours of one of them stand there, never both added."""
        from stellwerk.resources.models import TimeEntry
        from stellwerk.resources.services.timesheets import save_week
        from stellwerk.resources.tests.sheets import line

        tom, week = self.cast.people["tom"], self._week()
        weeks = [line(self.cast.project, (minutes,) * 5 + (0, 0)) for minutes in (60, 120)]
        got = race(
            *(
                lambda row=row: save_week(person=tom, week=week, lines=[row], by=self.cast.tom, version=0)
                for row in weeks
            )
        )
        kept = list(TimeEntry.objects.filter(sheet__monday=week).values_list("minutes", flat=True))
        return got, _one_winner(got) + ([] if kept in ([60] * 5, [120] * 5) else [f"entries {kept}"])

    def approving_two_weeks(self) -> tuple[list[str], list[str]]:
        """Two weeks of one person and month are approved at once: the sums of the month hold both."""
        from django.db.models import Sum

        from stellwerk.core.states import advance
        from stellwerk.resources.models import HoursMonth, TimeEntry
        from stellwerk.resources.tests.sheets import submitted

        sheets = [submitted(self.cast, week=self._week()) for _ in range(2)]
        got = race(*(lambda row=row: advance(row, "approve", by=self.cast.rita) for row in sheets))
        total = HoursMonth.objects.aggregate(total=Sum("minutes"))["total"]
        entries = TimeEntry.objects.filter(sheet__state="approved").aggregate(total=Sum("minutes"))["total"]
        wrong = [] if got == ["ok", "ok"] else [f"got {got}"]
        return got, wrong + ([] if total == entries else [f"sums {total}, entries {entries}"])

    def correcting_one_entry(self) -> tuple[list[str], list[str]]:
        """Two correct the same entry: it is reversed once."""
        from stellwerk.resources.models import TimeEntry
        from stellwerk.resources.services.timesheets_correct import correct_entry
        from stellwerk.resources.tests.sheets import approved

        sheet = approved(self.cast, week=self._week())
        entry = sheet.entries.order_by("day").first()
        assert entry is not None
        got = race(
            *(
                lambda minutes=minutes: correct_entry(entry=entry, minutes=minutes, reason="x", by=self.cast.rita)
                for minutes in (60, 120)
            )
        )
        count = TimeEntry.objects.filter(corrects=entry, minutes__lt=0).count()
        return got, _one_winner(got) + ([] if count == 1 else [f"{count} reversals"])

    def entering_absences(self) -> tuple[list[str], list[str]]:
        """The person and the line manager enter overlapping days: one of them is told."""
        from stellwerk.people.models import Absence
        from stellwerk.people.services import enter_absence

        self.number += 1
        first = dt.date(2027, 1, 1) + dt.timedelta(days=20 * self.number)
        tom = self.cast.people["tom"]
        got = race(
            *(
                lambda by=by, late=late: enter_absence(
                    {"person": tom, "first": first + dt.timedelta(days=late), "last": first + dt.timedelta(days=5)},
                    by=by,
                )
                for late, by in enumerate((self.cast.tom, self.cast.rita))
            )
        )
        got = ["Refused" if row.startswith("Invalid") else row for row in got]
        count = Absence.objects.filter(person=tom, first__gte=first, last__lt=first + dt.timedelta(days=20)).count()
        return got, _one_winner(got) + ([] if count == 1 else [f"{count} absences"])

    def _lines(self, number: int) -> list[Any]:
        from stellwerk.controlling.ledger import Line

        return [
            Line(
                at,
                100,
                "EUR",
                dt.date(2026, 9, 5),
                dt.date(2026, 9, 1),
                document=f"R{number}-{at}",
                line="1",
                object="R",
            )
            for at in range(50)
        ]

    def booking_one_file_twice(self) -> tuple[list[str], list[str]]:
        """Two take the same lines in as two files: each line is booked once."""
        from stellwerk.controlling.models import ActualsImport, Booking
        from stellwerk.controlling.services.bookings import book_lines

        self.number += 1
        lines = self._lines(self.number)
        batches = [
            ActualsImport.objects.create(organisation=self.cast.organisation, file_name=f"{self.number}-{at}")
            for at in (1, 2)
        ]
        got = race(*(lambda one=one: book_lines(batch=one, lines=lines, by=self.cast.conny) for one in batches))
        count = Booking.objects.filter(document__startswith=f"R{self.number}-").count()
        faults = [] if got == ["ok", "ok"] else [f"got {got}"]
        return got, faults + ([] if count == 50 else [f"{count} bookings"])

    def _closable(self) -> Any:
        """September, one step before its close; everything that could hold it is accepted as it stands."""
        from stellwerk.controlling.models import Period
        from stellwerk.controlling.selectors.periods import Closing

        organisation = self.cast.organisation
        Period.objects.filter(organisation=organisation).delete()
        facts = {
            name: {"reason": "x", "facts": ""}
            for name in ("time_sheets", "actuals", "labour", "unmatched", "differences", "forecasts")
        }
        period = Period.objects.create(
            organisation=organisation, month=dt.date(2026, 9, 1), state="forecast_confirmed", accepted=facts
        )
        for check in Closing(period).checks:
            if check.code in facts:
                facts[check.code]["facts"] = check.facts
        Period.objects.filter(pk=period.pk).update(accepted=facts)
        return period

    def closing_while_a_file_is_booked(self) -> tuple[list[str], list[str]]:
        """Whoever is first: what is frozen is what is booked, and a closed month has taken no line afterwards."""
        from stellwerk.controlling.models import ActualsImport, Period
        from stellwerk.controlling.services.bookings import book_lines
        from stellwerk.controlling.services.close import prove
        from stellwerk.core.states import advance

        self.number += 1
        period = self._closable()
        batch = ActualsImport.objects.create(organisation=self.cast.organisation, file_name=f"{self.number}")
        got = race(
            lambda: advance(Period.objects.get(pk=period.pk), "close", by=self.cast.conny),
            lambda: book_lines(batch=batch, lines=self._lines(self.number), by=self.cast.conny),
        )
        period.refresh_from_db()
        batch.refresh_from_db()
        faults = [f"got {got}"] if got[1] != "ok" or got[0] not in ("ok", *LOST) else []
        if period.state == "closed":
            proof = prove(period)
            if proof is None or not proof.holds:
                faults.append("what was frozen does not come out")
            if batch.told["booked"]:
                faults.append("lines were booked into a closed month")
        elif batch.told["booked"] != 50:
            faults.append("neither closed nor booked")
        return got, faults

    def _closing_and(
        self, sheet: Any, step: Callable[[], Any], changed: Callable[[], bool]
    ) -> tuple[list[str], list[str]]:
        """Close September while its hours change: never both, whoever comes first."""
        from stellwerk.controlling.models import Period
        from stellwerk.core.states import advance

        period = self._closable()
        got = race(lambda: advance(Period.objects.get(pk=period.pk), "close", by=self.cast.conny), step)
        got = ["Refused" if row.startswith("Invalid") else row for row in got]
        period.refresh_from_db()
        both = period.state == "closed" and changed()
        Period.objects.filter(pk=period.pk).delete()
        sheet.entries.filter(corrects__isnull=False).delete()
        sheet.delete()
        return got, _one_winner(got) + (["hours of a closed month changed"] if both else [])

    def _september(self, state: str) -> Any:
        """An hour in September; what is approved is booked as labour, so that a close notices what comes later."""
        from stellwerk.controlling.models import CostType, Period
        from stellwerk.controlling.services.labour import book_labour
        from stellwerk.people.models import PersonRate
        from stellwerk.resources.models import TimeEntry, TimeSheet

        monday, tom, organisation = dt.date(2026, 9, 7), self.cast.people["tom"], self.cast.organisation
        Period.objects.filter(organisation=organisation).delete()
        CostType.objects.get_or_create(key="CTY-R", defaults={"name": "Eigenleistung", "labour": True})
        PersonRate.objects.get_or_create(person=tom, defaults={"amount": 80_00, "valid_from": dt.date(2026, 1, 1)})
        TimeSheet.objects.filter(person=tom, monday=monday).delete()
        sheet = TimeSheet.objects.create(person=tom, monday=monday, state=state)
        TimeEntry.objects.create(sheet=sheet, project=self.cast.project, day=monday, month=202609, minutes=60)
        book_labour(organisation=organisation, month=monday.replace(day=1), by=self.cast.conny)
        return sheet

    def closing_while_hours_are_approved(self) -> tuple[list[str], list[str]]:
        from stellwerk.core.states import advance
        from stellwerk.resources.models import TimeSheet

        sheet = self._september("submitted")
        return self._closing_and(
            sheet,
            lambda: advance(sheet, "approve", by=self.cast.rita),
            lambda: TimeSheet.objects.get(pk=sheet.pk).state == "approved",
        )

    def closing_while_hours_are_corrected(self) -> tuple[list[str], list[str]]:
        from stellwerk.resources.services.timesheets_correct import correct_entry

        sheet = self._september("locked")
        entry = sheet.entries.get()
        return self._closing_and(
            sheet,
            lambda: correct_entry(entry=entry, minutes=30, reason="x", by=self.cast.rita),
            lambda: sheet.entries.count() > 1,
        )


def _one_winner(got: list[str]) -> list[str]:
    fair = got.count("ok") == 1 and all(row == "ok" or row in LOST for row in got)
    return [] if fair else [f"got {got}"]


RACES = (
    "publishing",
    "accepting_and_returning",
    "starting_a_report",
    "endorsing_a_budget",
    "editing",
    "creating",
    "importing",
    "undoing",
    "archiving_and_editing",
    "proposing_a_baseline",
    "deciding_about_a_baseline",
    "planning_one_row",
    "linking_in_a_circle",
    "linking_in_a_circle_over_projects",
    "slipping_while_a_taker_is_linked",
    "importing_the_first_schedule",
    "importing_over_an_edit",
    "naming_views",
    "saving_one_week",
    "approving_two_weeks",
    "correcting_one_entry",
    "entering_absences",
    "booking_one_file_twice",
    "closing_while_a_file_is_booked",
    "closing_while_hours_are_approved",
    "closing_while_hours_are_corrected",
    *STAFFING_RACES,
)


def main() -> dict[str, Any]:
    load("stellwerk.config.urls")
    from django.utils import translation

    from stellwerk.testing import build_cast

    with translation.override("en"):
        races = Races(build_cast())
        result: dict[str, Any] = {}
        for name in RACES:
            outcomes: Counter[str] = Counter()
            faults: list[str] = []
            for _ in range(ROUNDS):
                got, wrong = getattr(races, name)()
                outcomes[" + ".join(sorted(got))] += 1
                faults += wrong
            result[name] = {"outcomes": dict(outcomes), "faults": faults}
    return result


if __name__ == "__main__":
    print(json.dumps(main()))
