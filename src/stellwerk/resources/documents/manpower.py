"""The manpower plan as a workbook: what was counted as values, what follows from it as formulas."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Literal

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_col_to_name

from stellwerk.core.documents.numbers import Numbers
from stellwerk.core.documents.scene import Cell
from stellwerk.core.documents.xlsx_writer import Workbook
from stellwerk.core.models import User
from stellwerk.people.models import Person
from stellwerk.resources.selectors.manpower import GROSS, HARD, NET, PIPELINE, REQUESTED, SOFT, Plan
from stellwerk.resources.selectors.manpower_answers import (
    Line,
    answer_of,
    detail_of,
    hours_of,
    lines_by_role,
    lines_by_unit,
    measures,
    month_name,
    role_text,
    shortages,
    whole,
)
from stellwerk.resources.selectors.manpower_lists import leavings, overloads, skill_gaps, vacancies

Row = list[Cell]
FIRST: Final = 2
"""The column of the first month."""


def build_workbook(plan: Plan, user: User | None, *, pipeline: bool, named: set[int]) -> bytes:
    """All sheets in the active language. ``named``: units whose single people this reader sees with their load."""
    language: Literal["de", "en"] = "de" if (get_language() or "de").startswith("de") else "en"
    book = Workbook(Numbers(language), title=_("Manpower plan"), author=user.name if user else "")
    months = [f"{month:%Y-%m}" for month in plan.months]
    _summary(book, plan, user, pipeline)
    book.sheet(
        _("Role by month"),
        [_("Role"), _("FTE"), *months, _("Mean")],
        _matrix(lines_by_role(plan, pipeline=pipeline), plan, pipeline),
    )
    book.sheet(
        _("Unit by month"),
        [_("Unit"), _("FTE"), *months, _("Mean")],
        _matrix(lines_by_unit(plan, pipeline=pipeline), plan, pipeline),
    )
    _overload(book, plan, named)
    _skills(book, plan, pipeline)
    _vacancies(book, plan)
    _exits(book, plan, user)
    return book.finish()


def text(value: object) -> Cell:
    return Cell(value=str(value))


def number(value: Decimal | None, places: int = 2, formula: str = "") -> Cell:
    return Cell(value="") if value is None else Cell(value=value, places=places, formula=formula)


def hours(minutes: int) -> Cell:
    return Cell(value=hours_of(minutes), places=1)


def _summary(book: Workbook, plan: Plan, user: User | None, pipeline: bool) -> None:
    by_role = lines_by_role(plan, pipeline=pipeline)
    short = shortages(by_role)
    other = shortages(lines_by_role(plan, pipeline=not pipeline))
    rows: list[Row] = [
        [text(_("Result")), text(answer_of(plan, short))],
        [text(_("Further")), text(detail_of(plan, short, other, pipeline=pipeline))],
        [text(_("Period")), text(f"{month_name(plan.months[0])} – {month_name(plan.months[-1])}")],
        [text(_("Scenario")), text(_("With pipeline") if pipeline else _("Without pipeline"))],
        [text(_("People")), Cell(value=len(plan.workers))],
    ]
    net, external = int(plan.total()[NET].sum()), int(plan.external_net().sum())
    if net:
        rows.append([text(_("Share of external people")), Cell(value=Decimal(external) / net, places=1, percent=True)])
    if plan.hidden:
        rows.append([text(_("Not contained: bookings and demands of confidential projects")), Cell(value=plan.hidden)])
    for one in short:
        rows.append(
            [
                text(_("Missing heads: %(role)s") % {"role": one.line.name}), number(one.most, 1),
                text(month_name(plan.months[one.worst])),
            ]
        )  # fmt: skip
    certain = other if pipeline else short
    for found in measures(plan, short, certain, leavings(plan, user)):
        rows.append([text(_("Measure")), text(found.text), text(found.why)])
    book.sheet(_("Summary"), [_("Manpower plan"), _("Value"), _("Note")], rows)


def _matrix(lines: Sequence[Line], plan: Plan, pipeline: bool) -> list[Row]:
    """Eight rows a line; gap, heads and mean are formulas, the totals sum the lines by the names of the rows."""
    labels = [_("Gross capacity"), _("Net capacity"), _("Firm"), _("Reserved"), _("Requested"), _("Pipeline, weighted")]
    gap, share, heads = _("Gap"), _("Project share"), _("Missing heads")
    rows: list[Row] = [
        [text(_("Working days")), text(""), *(Cell(value=int(days)) for days in plan.working_days), text("")]
    ]
    columns = [xl_col_to_name(FIRST + at) for at in range(len(plan.months))]

    def mean(
        row: int,
        values: Sequence[Decimal | None],
        formulas: Sequence[str] | None = None,
        name: str = "",
        label: str = "",
    ) -> None:
        known = [value for value in values if value is not None]
        cells = [number(value, 2, formulas[at] if formulas else "") for at, value in enumerate(values)]
        average = sum(known, Decimal(0)) / len(known) if known else None
        rows.append(
            [text(name), text(label), *cells, number(average, 2, f"=AVERAGE({columns[0]}{row}:{columns[-1]}{row})")]
        )

    for line in lines:
        top = len(rows) + 2
        for at, measure in enumerate((GROSS, NET, HARD, SOFT, REQUESTED, PIPELINE)):
            mean(top + at, line.fte(line.cell[measure]), None, line.name, labels[at])
        last = top + 5 if pipeline else top + 4
        mean(top + 6, line.gap, [f"={c}{top + 1}-SUM({c}{top + 2}:{c}{last})" for c in columns], line.name, gap)
        part = [Decimal(str(round(value, 4))) for value in plan.share(line.keys).values()]
        if len({key[1] for key in line.keys}) == 1:
            rows.append(
                [text(line.name), text(share), *(Cell(value=value, places=1, percent=True) for value in part), text("")]
            )
            mean(top + 8, line.heads, [f"=MAX(0,-{c}{top + 6})/{c}{top + 7}" for c in columns], line.name, heads)
        else:  # several roles: a surplus in one never fills another, so the heads are those of the roles
            mean(top + 7, line.heads, None, line.name, heads)
    total, end = whole(plan, pipeline=pipeline), len(rows) + 1
    sums = [*((label, total.fte(total.cell[at])) for at, label in enumerate(labels)), (gap, total.gap)]
    sums.append(
        (
            heads,
            tuple(sum((line.heads[at] or Decimal(0) for line in lines), Decimal(0)) for at in range(len(plan.months))),
        )
    )
    for label, values in sums:
        row = len(rows) + 2
        mean(row, values, [f"=SUMIF($B$2:$B${end},$B{row},{c}$2:{c}${end})" for c in columns], _("Total"), label)
    return rows


def _overload(book: Workbook, plan: Plan, named: set[int]) -> None:
    found = overloads(plan, named)
    names = {one.pk: str(one) for one in Person.objects.filter(pk__in=[row.person for row in found if row.person])}
    header = [
        _("Month"),
        _("Unit"),
        _("Role"),
        _("Person"),
        _("People"),
        _("Net (h)"),
        _("Firm (h)"),
        _("Reserved (h)"),
        _("Too much (h)"),
    ]
    rows = []
    for at, one in enumerate(found, start=2):
        rows.append(
            [
                text(f"{one.month:%Y-%m}"), text(plan.units[one.unit].name), text(role_text(plan.roles.get(one.role or 0))),
                text(names.get(one.person or 0, "")), Cell(value=one.people), hours(one.net), hours(one.hard), hours(one.soft),
                Cell(value=hours_of(one.over), places=1, formula=f"=G{at}+H{at}-F{at}"),
            ]
        )  # fmt: skip
    book.sheet(_("Overload"), header, rows)


def _skills(book: Workbook, plan: Plan, pipeline: bool) -> None:
    months = [f"{month:%Y-%m}" for month in plan.months]
    header = [_("Skill"), _("At least level"), _("People with it"), _("Demands"), _("Missing in all (h)"), *months]
    begin, end = xl_col_to_name(5), xl_col_to_name(4 + len(months))
    rows = []
    for at, one in enumerate(skill_gaps(plan, pipeline=pipeline), start=2):
        total = Cell(value=hours_of(int(one.missing.sum())), places=1, formula=f"=SUM({begin}{at}:{end}{at})")
        rows.append(
            [text(one.skill), Cell(value=one.level), Cell(value=one.people), Cell(value=one.demands), total, *(hours(value) for value in one.missing)]
        )  # fmt: skip
    book.sheet(_("Skill gaps"), header, rows)


def _vacancies(book: Workbook, plan: Plan) -> None:
    header = [_("Key"), _("Demand"), _("Project"), _("Role"), _("From"), _("To"), _("Open (h)")]
    rows = [
        [
            text(demand.key), text(demand.title), text(demand.project), text(role_text(demand.role)), Cell(value=demand.first),
            Cell(value=demand.last), hours(int(rest.sum())),
        ]
        for demand, rest in vacancies(plan)
    ]  # fmt: skip
    book.sheet(_("Vacancies"), header, rows)


def _exits(book: Workbook, plan: Plan, user: User | None) -> None:
    header = [
        _("Person"), _("Role"), _("Unit"), _("Employment"), _("Entry"), _("Exit"), _("Equal pay from"), _("Limit of temporary work"),
        _("Booked after it (h)"),
    ]  # fmt: skip
    rows = []
    for one in leavings(plan, user):
        person = one.person
        days = [
            Cell(value=day) if day else Cell(value="") for day in (person.entry_date, one.day, one.equal_pay, one.limit)
        ]
        rows.append(
            [
                text(person), text(role_text(person.role)), text(person.unit.name), text(person.get_employment_type_display()), *days,
                hours(one.booked_after),
            ]
        )  # fmt: skip
    book.sheet(_("Exits and limits"), header, rows)
