"""The work list: what objects, accounts and cost centres of the ERP mean is said once, kept as a rule, and applied to the lines that wait.

Lines of closed months stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from stellwerk.controlling.choices import LabourSource, LeftOut
from stellwerk.controlling.ledger import Resolver
from stellwerk.controlling.ledger.meaning import Place, plain
from stellwerk.controlling.models import ActualsImport, Booking, CostType, MappingRule
from stellwerk.controlling.services.bookings import in_project_currency
from stellwerk.controlling.services.figures import write_cost_figures
from stellwerk.controlling.services.periods import closed_months, lock_books
from stellwerk.controlling.services.rates import Rates
from stellwerk.core.errors import Invalid
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record
from stellwerk.people.models import Organisation
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Project

T = TypeVar("T")
PLACED = ("project", "activity", "left_out", "project_amount", "project_currency", "rate")


@transaction.atomic
def assign_object(
    *, organisation: Organisation, erp_object: str, project: Project | None, by: User | None, activity: Activity | None = None,
    ignore: bool = False,
) -> int:  # fmt: skip
    """Say where an object of the ERP belongs (a WBS element, an order; a cost centre for lines without one; ``XY*``: all that begin so).

    Kept as a rule for coming files; its waiting lines in open months follow. Returns how many. Errors: ``Invalid`` (neither project nor
    “not a project”, foreign work package, a rate is missing), ``NotAllowed``.
    """
    require(by, "import", ActualsImport(organisation=organisation))
    lock_books(organisation)
    name = erp_object.strip()
    if not plain(name.rstrip("*")):
        raise Invalid({"object": [_("Which object of the ERP?")]})
    if (project is None) == (not ignore):
        raise Invalid({"project": [_("Choose a project, or say that this is not a project.")]})
    if activity is not None and (project is None or activity.plan.project_id != project.pk):
        raise Invalid({"activity": [_("This work package belongs to another project.")]})
    target = {"project": project, "activity": activity, "ignore": ignore}
    rule, _made = MappingRule.objects.update_or_create(organisation=organisation, object=name[:80], defaults=target)
    count = place_waiting(organisation, only=rule.object)
    about = project if project is not None else organisation
    record(about, verb="map_bookings", by=by, reason=f"{name}: {count}", changes={"rule": [None, rule.object]})
    return count


@transaction.atomic
def remove_rule(*, rule: MappingRule, by: User | None) -> None:
    """Coming files no longer follow it; lines that are assigned stay. Error: ``NotAllowed``."""
    require(by, "import", ActualsImport(organisation=rule.organisation))
    record(rule.project or rule.organisation, verb="map_bookings", by=by, changes={"rule": [rule.object, None]})
    rule.delete()


@transaction.atomic
def assign_account(*, organisation: Organisation, account: str, cost_type: CostType, by: User | None) -> int:
    """An account of the ERP belongs to a cost type, from now on; the lines that wait for one follow. Returns how many.

    Errors: ``Invalid`` (no account, or the cost type has no room for more), ``NotAllowed``.
    """
    require(by, "import", ActualsImport(organisation=organisation))
    require(by, "edit", cost_type)
    lock_books(organisation)
    name = account.strip()
    held = CostType.objects.select_for_update().get(pk=cost_type.pk)
    known = [part.strip() for part in held.accounts.split(",") if part.strip()]
    if not name or "," in name:
        raise Invalid({"account": [_("Which account?")]})
    if name not in known:
        accounts = ", ".join([*known, name])
        if len(accounts) > 400:
            raise Invalid({"account": [_("This cost type names too many accounts: write them as a range.")]})
        CostType.objects.filter(pk=held.pk).update(accounts=accounts, version=held.version + 1)
        record(held, verb="edit", by=by, changes={"accounts": [held.accounts, accounts]})
    return type_waiting(organisation)


@transaction.atomic
def look_again(*, organisation: Organisation, by: User | None) -> int:
    """All waiting lines of open months by the rules, projects, cost types and cost centres of today. Returns how many changed."""
    require(by, "import", ActualsImport(organisation=organisation))
    lock_books(organisation)
    count = place_waiting(organisation) + type_waiting(organisation) + centre_waiting(organisation)
    if count:
        record(organisation, verb="map_bookings", by=by, reason=str(count))
    return count


# ── waiting lines ────────────────────────────────────────────────────────────────────────────────


def place_waiting(organisation: Organisation, only: str = "") -> int:
    """Give waiting lines their project. ``only``: those that the rule with this object means. Raises ``MissingRate``."""
    waiting = _open(organisation).filter(project=None, left_out=LeftOut.NO, obsolete=False)
    resolver = Resolver(organisation)
    found: dict[tuple[str, str], Place] = {}
    for erp_object, centre in waiting.order_by().values_list("erp_object", "erp_cost_centre").distinct():
        name = erp_object or centre
        if name and (not only or means(only, name)):
            place = resolver.place(name)
            if place.known:
                found[erp_object, centre] = place
    count = 0
    for chunk in _chunks(found.items()):
        count += _place(waiting, dict(chunk), resolver.currencies)
    return count


def means(rule: str, name: str) -> bool:
    """Does a rule mean this object?"""
    low = plain(name)
    return low.startswith(plain(rule[:-1])) if rule.endswith("*") else low == plain(rule)


def _place(waiting: QuerySet[Booking], places: dict[tuple[str, str], Place], currencies: dict[int, str]) -> int:
    wanted = Q()
    for erp_object, centre in places:
        wanted |= Q(erp_object=erp_object, erp_cost_centre=centre)
    rows = list(waiting.filter(wanted).select_for_update())
    rates = Rates()
    for row in rows:
        place = places[row.erp_object, row.erp_cost_centre]
        if place.project is None:
            row.left_out = LeftOut.NO_PROJECT
            continue
        row.project_id, row.activity_id = place.project, place.activity
        told = in_project_currency(rates, currencies, place.project, row.amount, row.currency, row.posted)
        row.project_amount, row.project_currency = told[0], told[1]
        row.rate = Decimal(told[2]) if told[2] else None
    Booking.objects.bulk_update(rows, PLACED, batch_size=500)
    write_cost_figures({row.project_id for row in rows if row.project_id is not None})
    return len(rows)


def type_waiting(organisation: Organisation) -> int:
    """Give lines without a cost type theirs, by their account; labour that comes from hours does not count then."""
    waiting = _open(organisation).filter(cost_type=None, source="erp").exclude(erp_account="")
    resolver = Resolver(organisation)
    projects: set[int] = set()
    count = 0
    for account in list(waiting.order_by().values_list("erp_account", flat=True).distinct()):
        kind = resolver.cost_type(account)
        if kind is None:
            continue
        rows = waiting.filter(erp_account=account)
        projects |= {number for number in rows.order_by().values_list("project_id", flat=True).distinct() if number}
        if kind.labour and kind.labour_source == LabourSource.HOURS:
            rows.filter(left_out=LeftOut.NO).update(left_out=LeftOut.LABOUR)
        count += waiting.filter(erp_account=account).update(cost_type=kind, spending=kind.spending)
    write_cost_figures(projects)
    return count


def centre_waiting(organisation: Organisation) -> int:
    """Give lines whose cost centre nobody knew theirs."""
    waiting = _open(organisation).filter(cost_centre=None).exclude(erp_cost_centre="")
    resolver = Resolver(organisation)
    count = 0
    for number in list(waiting.order_by().values_list("erp_cost_centre", flat=True).distinct()):
        centre = resolver.cost_centre(number)
        if centre is not None:
            count += waiting.filter(erp_cost_centre=number).update(cost_centre=centre)
    return count


def _open(organisation: Organisation) -> QuerySet[Booking]:
    return Booking.objects.filter(organisation=organisation).exclude(month__in=closed_months(organisation))


def _chunks(items: Collection[T], size: int = 100) -> Iterable[list[T]]:
    rows = list(items)
    for at in range(0, len(rows), size):
        yield rows[at : at + size]
