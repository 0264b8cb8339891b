"""What keeps a vacancy from being approved or published, and what its steps do to the demand that it came from."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext as _

from stellwerk.core.errors import Text
from stellwerk.core.models import User
from stellwerk.core.registry import archive_guard, effect, guard
from stellwerk.core.states import advance
from stellwerk.resources.models import Demand
from stellwerk.resources.services.demands import settle_vacancy
from stellwerk.staffing.ad_checks import ERROR
from stellwerk.staffing.models import Client, Partner, Vacancy
from stellwerk.staffing.selectors.ads import remarks_of
from stellwerk.staffing.services.vacancies import vacancy_from_demand

VACANCY, DEMAND = "staffing.vacancy", "resources.demand"


@guard(VACANCY, "publish")
@guard(VACANCY, "resume")
def ad_is_in_order(obj: models.Model, by: User | None) -> Iterable[Text]:
    """No error in the German ad, nor in the English one where there is one."""
    assert isinstance(obj, Vacancy)
    found = remarks_of(obj, "de") + (remarks_of(obj, "en") if obj.title_en or obj.tasks_en else [])
    return list(dict.fromkeys(f"{one.text} {one.todo}" for one in found if one.severity == ERROR))


@guard(VACANCY, "approve")
@guard(VACANCY, "publish")
def client_is_accepted(obj: models.Model, by: User | None) -> Iterable[Text]:
    assert isinstance(obj, Vacancy)
    if not obj.client.own and obj.client.accepted_at is None:
        return [_("The client has registered itself and nobody has accepted it yet.")]
    return []


@effect(DEMAND, "raise_vacancy")
def vacancy_is_raised(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, Demand)
    vacancy_from_demand(demand=obj, by=by)


@effect(DEMAND, "cancel")
@effect(DEMAND, "reopen")
def vacancy_ends_with_demand(obj: models.Model, by: User | None, before: str) -> None:
    """A demand that is cancelled, or asks inside again, looks for nobody outside."""
    assert isinstance(obj, Demand)
    if before == "filled":
        return
    for vacancy in Vacancy.objects.filter(demand=obj, state__in=("draft", "approved", "published", "on_hold")):
        advance(vacancy, "cancel", by=None, reason=_("The demand is cancelled or asked for inside again."))


@effect(VACANCY, "cancel")
def demand_is_open_again(obj: models.Model, by: User | None, before: str) -> None:
    """Without a living vacancy the demand is open, so that nobody waits for nothing."""
    assert isinstance(obj, Vacancy)
    demand = obj.demand
    if demand is None:
        return
    demand.refresh_from_db()
    if demand.state == "vacancy_raised" and not _living(obj).exists():
        settle_vacancy(demand)


@effect(VACANCY, "fill")
def rest_is_open_again(obj: models.Model, by: User | None, before: str) -> None:
    """Nobody is looked for outside any more: what is not covered yet is asked for again, so that it waits for nothing."""
    assert isinstance(obj, Vacancy)
    if obj.demand is None or _living(obj).exists():
        return
    settle_vacancy(obj.demand)


@effect(VACANCY, "reopen")
def looked_for_again(obj: models.Model, by: User | None, before: str) -> None:
    assert isinstance(obj, Vacancy)
    demand = obj.demand
    if demand is None:
        return
    demand.refresh_from_db()
    if demand.state in {"open", "partly_filled"}:
        advance(demand, "raise_vacancy", by=None)


def _living(vacancy: Vacancy) -> models.QuerySet[Vacancy]:
    """Other vacancies of the same demand that still look for somebody."""
    rows = Vacancy.objects.filter(demand=vacancy.demand_id, archived_at=None)
    return rows.exclude(state__in=("cancelled", "filled")).exclude(pk=vacancy.pk)


@archive_guard("staffing.client")
def no_living_vacancy(client: Client) -> Iterable[Text]:
    if Vacancy.objects.filter(client=client, archived_at=None).exclude(state__in=("cancelled", "filled")).exists():
        yield _("There are open vacancies of this client.")


@archive_guard("staffing.partner")
def no_living_candidates(partner: Partner) -> Iterable[Text]:
    if partner.profiles.filter(archived_at=None, state__in=("draft", "active", "paused")).exists():
        yield _("There are candidates of this partner.")
