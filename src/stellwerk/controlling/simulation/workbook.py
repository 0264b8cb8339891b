"""A simulation as a workbook: percentiles, curves, activities, projects, risks, and what was assumed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Literal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stellwerk.controlling.models import SimulationRun
from stellwerk.controlling.simulation import page
from stellwerk.core import formats
from stellwerk.core.documents.numbers import Numbers
from stellwerk.core.documents.scene import Cell
from stellwerk.core.documents.xlsx_writer import Workbook
from stellwerk.core.models import User


def workbook_of(run: SimulationRun, user: User) -> bytes:
    """What the reader sees on the page, with all activities that were kept."""
    language: Literal["de", "en"] = "de" if (get_language() or "de").startswith("de") else "en"
    title = _("Simulation: %(what)s") % {"what": run}
    book = Workbook(Numbers(language), title=title, author=user.name)
    hidden = page.hidden_in([run], user)[run.pk]
    if hidden:
        book.sheet(_("Summary"), [_("What"), _("Result")], [(_text(title), _text(page.hidden_text(hidden)))])
    else:
        _summary(book, run, title)
        _percentiles(book, run)
        _curves(book, run)
    _activities(book, run, user)
    _projects(book, run, user)
    risks = page.risk_rows(run, user)
    if risks:
        _risks(book, run, risks)
    return book.finish()


def _text(value: object) -> Cell:
    return Cell(value="" if value is None else str(value))


def _share(value: float | None) -> Cell:
    return Cell(value="–") if value is None else Cell(value=Decimal(str(round(value, 4))), percent=True, places=1)


def _money(amount: int | None, currency: str) -> Cell:
    places = formats.minor_digits(currency)
    return Cell(value="–") if amount is None else Cell(value=formats.major(amount, currency), places=places)


def _number(value: float | None, places: int = 2) -> Cell:
    return Cell(value="–") if value is None else Cell(value=Decimal(str(value)), places=places)


def _summary(book: Workbook, run: SimulationRun, title: str) -> None:
    rows: list[Iterable[Cell]] = [(_text(title), _text(page.answer_of(run)))]
    rows += [(_text(tile["label"]), _text(f"{tile['value']} ({tile['note']})")) for tile in page.tiles_of(run)]
    rows += [(_text(_("Iterations")), Cell(value=run.told["iterations"])), (_text(_("Seed")), Cell(value=run.told["seed"]))]  # fmt: skip
    rows += [(_text(_("What was assumed") if not at else ""), _text(line)) for at, line in enumerate(page.assumptions_of(run))]  # fmt: skip
    book.sheet(_("Summary"), [_("What"), _("Result")], rows)


def _percentiles(book: Workbook, run: SimulationRun) -> None:
    currency = run.told["currency"]
    rows = [
        (_text(row["share"]), Cell(value=row["finish"]), _number(row["days"], 0), _money(row["cost"], currency), _money(row["over"], currency))
        for row in page.table_of(run)
    ]  # fmt: skip
    header = [_("Probability"), _("Finish"), _("Days after the plan"), _("Cost (%(currency)s)") % {"currency": currency}, _("Above the approved budget")]  # fmt: skip
    book.sheet(_("Percentiles"), header, rows)


def _curves(book: Workbook, run: SimulationRun) -> None:
    currency, cost = run.told["currency"], run.told["cost"]
    rows = [
        (_share(share / 100), Cell(value=page.day(at)), _money(cost["curve"][share] if cost else None, currency))
        for share, at in enumerate(run.told["finish"]["curve"])
    ]
    book.sheet(_("S-curves"), [_("Probability"), _("Finish"), _("Cost (%(currency)s)") % {"currency": currency}], rows)


def _activities(book: Workbook, run: SimulationRun, user: User) -> None:
    rows, _hidden = page.activity_rows(run, user, most=10_000)
    header = [_("Activity"), _("Criticality"), _("Cruciality"), _("Sensitivity (SSI)"), _("Mean (days)"), _("Standard deviation (days)")]  # fmt: skip
    cells = [
        (
            _text(row["name"]), _share(row["criticality"]), _number(row["cruciality"]), _number(row["index"]),
            _number(None if row["mean"] is None else row["mean"] / 480), _number(None if row["std"] is None else row["std"] / 480),
        )
        for row in rows
    ]  # fmt: skip
    book.sheet(_("Activities"), header, cells)


def _projects(book: Workbook, run: SimulationRun, user: User) -> None:
    currency = run.told["currency"]
    rows, _hidden = page.project_rows(run, user)
    header = [
        _("Key"), _("Project"), _("Finish: P50"), _("Finish: P80"), _("Approved finish"), _("Approved finish is kept"), _("Cost: P80"),
        _("Approved budget"), _("Approved budget is kept"), _("Date and budget together"),
    ]  # fmt: skip
    cells = [
        (
            _text(row["project"].key), _text(row["project"].name), Cell(value=row["p50"]), Cell(value=row["p80"]),
            Cell(value=row["day"]) if row["day"] else _text("–"), _share(row["share"]), _money(row["cost80"], currency),
            _money(row["approved_budget"], currency), _share(row["cost_share"]), _share(row["both"]),
        )
        for row in rows
    ]  # fmt: skip
    book.sheet(_("Projects"), header, cells)


def _risks(book: Workbook, run: SimulationRun, risks: list[dict[str, Any]]) -> None:
    currency = run.told["currency"]
    header = [_("Risk"), _("Kind"), _("Probability"), _("Later when it happens (days)"), _("Dearer when it happens (%(currency)s)") % {"currency": currency}]  # fmt: skip
    cells = [
        (_text(row["name"]), _text(_("Opportunity") if row["opportunity"] else _("Threat")), _text(row["probability"]), _number(row["delay"], 1), _money(row["cost"], currency))
        for row in risks
    ]  # fmt: skip
    book.sheet(_("Risks"), header, cells)
