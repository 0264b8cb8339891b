"""The lists of budgets and forecasts, exceptions, benefits, and of what money is counted by."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, Count, IntegerField, OuterRef, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from stellwerk.controlling import lists_actuals, lists_cases, models  # noqa: F401 - they register their lists
from stellwerk.controlling.choices import BENEFIT_STATES, BUDGET_STATES, EXCEPTION_STATES, BudgetKind, Reserve
from stellwerk.core import formats
from stellwerk.core.lists import Column, ListSpec, register_list
from stellwerk.core.lists.reading import ListResult
from stellwerk.core.permissions import ROLES
from stellwerk.people.lists import person_column


def _sum(**where: Any) -> Combinable:
    """Amounts of the lines in the budget's own currency (lines in others are counted on the page of the version)."""
    rows = models.BudgetMonth.objects.filter(
        line__budget=OuterRef("pk"), line__currency=OuterRef("currency"), **{f"line__{k}": v for k, v in where.items()}
    )
    total = rows.order_by().values("line__budget").annotate(t=Sum("amount")).values("t")[:1]
    return Coalesce(Subquery(total, output_field=BigIntegerField()), 0)


def _work() -> Combinable:
    return _sum(reserve=Reserve.NONE)


def _reserves() -> Combinable:
    return _sum(reserve__in=(Reserve.CONTINGENCY, Reserve.MANAGEMENT))


def _value(name: str) -> Combinable:
    rows = models.BenefitValue.objects.filter(benefit=OuterRef("pk"), benefit__cash=True)
    total = rows.order_by().values("benefit").annotate(t=Sum(name)).values("t")[:1]
    return Cast(Subquery(total), BigIntegerField())


def _planned() -> Combinable:
    return _value("planned")


def _measured() -> Combinable:
    return _value("actual")


def _months_measured() -> Combinable:
    rows = models.BenefitValue.objects.filter(benefit=OuterRef("pk"), actual__isnull=False)
    total = rows.order_by().values("benefit").annotate(n=Count("pk")).values("n")[:1]
    return Coalesce(Subquery(total, output_field=IntegerField()), 0)


def _say(text: str, result: ListResult) -> str:
    return text % {"count": formats.number(result.count)}


def _project(**options: Any) -> Column:
    return Column(
        "project", _("Project"), "link", path="project__name", key="project__key", to="portfolio.project", groupable=True,
        **options,
    )  # fmt: skip


def _portfolio() -> Column:
    return Column(
        "portfolio", _("Portfolio"), "link", path="project__portfolio__name", key="project__portfolio__key",
        to="portfolio.portfolio", groupable=True, quick=True,
    )  # fmt: skip


def _roles() -> list[tuple[str, Any]]:
    return [(code, role.label) for code, role in ROLES.items()]


register_list(
    ListSpec(
        "controlling.budget",
        models.Budget,
        (
            Column("key", _("Key"), "link"),
            _project(),
            _portfolio(),
            Column("kind", _("Type"), "choice", choices=BudgetKind.choices, groupable=True, quick=True),
            Column("number", _("Version"), "number"),
            Column("name", _("Name"), default=False),
            Column("state", _("State"), "choice", choices=BUDGET_STATES, groupable=True, quick=True),
            Column("awaits", _("Waits for"), "choice", choices=_roles, groupable=True, default=False),
            Column("work", pgettext_lazy("budget line", "Work"), "money", expression=_work, total="sum", scale="k"),
            Column("reserves", _("Reserves"), "money", expression=_reserves, total="sum", scale="k"),
            Column("first_open", _("First forecast month"), "date", default=False),
            Column("approved", _("Approved"), "date", path="approved_at__date"),
            Column("updated", _("Changed"), "date", path="updated_at__date", default=False),
        ),
        default_sort=("project", "kind", "-number"),
        currency="currency",
        answer=lambda _request, result: _say(
            ngettext("%(count)s budget or forecast", "%(count)s budgets and forecasts", result.count), result
        ),
        icon="euro",
        empty_title=_("No budgets yet"),
        empty_text=_("A budget is made on the page of its project: from the plan, the proposal or a version before."),
    )
)
register_list(
    ListSpec(
        "controlling.forecastexception",
        models.ForecastException,
        (
            Column("key", _("Key"), "link"),
            _project(),
            _portfolio(),
            Column("state", _("State"), "choice", choices=EXCEPTION_STATES, groupable=True, quick=True),
            Column("opened_on", _("Opened"), "date"),
            Column("due", _("Due"), "date"),
            person_column("manager", _("Project manager"), "project__manager", default=False),
        ),
        default_sort=("-opened_on",),
        answer=lambda _request, result: _say(
            ngettext("%(count)s exception", "%(count)s exceptions", result.count), result
        ),
        icon="alert",
        empty_title=_("No exceptions"),
        empty_text=_("When a forecast leaves the tolerance of its project, an exception report is asked for here."),
    )
)
register_list(
    ListSpec(
        "controlling.benefit",
        models.Benefit,
        (
            Column("name", _("Benefit"), "link"),
            Column("key", _("Key"), default=False),
            _project(),
            _portfolio(),
            person_column("holder", _("Benefit owner"), groupable=True),
            Column("measure", pgettext_lazy("benefit", "Measure")),
            Column("state", _("State"), "choice", choices=BENEFIT_STATES, groupable=True, quick=True),
            Column("cash", _("Money"), "bool", default=False),
            Column("disbenefit", _("Dis-benefit"), "bool", default=False),
            Column("planned", _("Planned"), "money", expression=_planned, total="sum", scale="k"),
            Column("measured", _("Measured"), "money", expression=_measured, total="sum", scale="k"),
            Column("months", _("Months measured"), "number", expression=_months_measured, default=False),
            Column("ends", _("Measured until"), "date"),
        ),
        default_sort=("project", "name"),
        currency="currency",
        answer=lambda _request, result: _say(ngettext("%(count)s benefit", "%(count)s benefits", result.count), result),
        create_url="controlling:benefit-create",
        create_label=_("New benefit"),
        icon="trend-up",
        empty_title=_("No benefits yet"),
        empty_text=_("A benefit says what a project improves, who answers for it, and how it is measured, also afterwards."),
    )
)  # fmt: skip
register_list(
    ListSpec(
        "controlling.costtype",
        models.CostType,
        (
            Column("name", _("Name"), "link"),
            Column("name_en", _("Name (English)"), edit="name_en"),
            Column("key", _("Key"), default=False),
            Column("spending", _("CapEx or OpEx"), "choice", groupable=True, quick=True, edit="spending"),
            Column("accounts", _("ERP accounts"), edit="accounts"),
            Column("labour", _("Labour"), "bool", edit="labour"),
            Column("labour_source", _("Actuals of labour from"), "choice", default=False),
            Column("order", _("Order"), "number", default=False, edit="order"),
        ),
        default_sort=("order", "name"),
        answer=lambda _request, result: _say(
            ngettext("%(count)s cost type", "%(count)s cost types", result.count), result
        ),
        create_url="controlling:cost-type-create",
        create_label=_("New cost type"),
        icon="tag",
        empty_title=_("No cost types yet"),
        empty_text=_("Cost types sort budgets and actuals: licences, consulting, hardware, own people."),
    )
)
register_list(
    ListSpec(
        "controlling.costcentre",
        models.CostCentre,
        (
            Column("number", _("Number"), "link"),
            Column("name", _("Name"), edit="name"),
            Column("key", _("Key"), default=False),
            Column(
                "organisation", _("Organisation"), "link", path="organisation__name", key="organisation__key",
                to="people.organisation", groupable=True,
            ),
            Column("unit", _("Unit"), "link", path="unit__name", key="unit__key", to="people.unit", groupable=True, edit="unit"),
        ),
        default_sort=("number",),
        answer=lambda _request, result: _say(ngettext("%(count)s cost centre", "%(count)s cost centres", result.count), result),
        create_url="controlling:cost-centre-create",
        create_label=_("New cost centre"),
        icon="building",
        empty_title=_("No cost centres yet"),
        empty_text=_("A cost centre has the number by which the ERP knows it."),
    )
)  # fmt: skip
register_list(
    ListSpec(
        "controlling.exchangerate",
        models.ExchangeRate,
        (
            Column("currency", _("Currency"), "link", groupable=True),
            Column("into", _("Into")),
            Column("valid_from", _("Valid from"), "date"),
            Column("rate", pgettext_lazy("exchange", "Rate"), "number", decimals=6),
            Column("source", _("Source")),
        ),
        default_sort=("currency", "into", "-valid_from"),
        answer=lambda _request, result: _say(
            ngettext("%(count)s exchange rate", "%(count)s exchange rates", result.count), result
        ),
        create_url="controlling:rate-create",
        create_label=_("New exchange rate"),
        icon="world",
        archivable=False,
        empty_title=_("No exchange rates yet"),
        empty_text=_("A rate counts from its day until the next one; the other direction is computed."),
    )
)
register_list(
    ListSpec(
        "controlling.authoritylimit",
        models.AuthorityLimit,
        (
            Column("role", _("Role"), "choice", choices=_roles),
            Column(
                "organisation", _("Organisation"), "link", path="organisation__name", key="organisation__key",
                to="people.organisation", groupable=True,
            ),
            Column("amount", _("Approves up to"), "money", help=_("Empty: without a limit.")),
        ),
        default_sort=("organisation", "amount"),
        currency="currency",
        answer=lambda _request, result: _say(ngettext("%(count)s limit of authority", "%(count)s limits of authority", result.count), result),
        create_url="controlling:limit-create",
        create_label=_("New limit of authority"),
        icon="gavel",
        archivable=False,
        empty_title=_("No limits of authority yet"),
        empty_text=_("Without a limit for its role nobody approves a budget: set up to which amount sponsors and executives do."),
    )
)  # fmt: skip
