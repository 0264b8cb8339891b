"""Vacancies: from a demand in one click, by form, as a copy; shared with partners; a published ad that changes gets a new edition."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from stellwerk.core import services
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import can, require
from stellwerk.core.services import next_keys, record
from stellwerk.people.models import Organisation
from stellwerk.resources.models import Demand, DemandWeek
from stellwerk.staffing.choices import ContractForm, TermKind
from stellwerk.staffing.models import Client, Partner, Vacancy, VacancyShare, VacancyTerm
from stellwerk.staffing.services.terms import term_of_skill
from stellwerk.staffing.towns import located

FIRST_NUMBER: Final = 820_000
_REFERENCE: Final = re.compile(r"([1-9][0-9]{0,8})(?:/([1-9][0-9]{0,3}))?")
FULL_WEEK: Final = 40 * 60
AD_FIELDS: Final = (
    "title", "title_en", "intro", "intro_en", "tasks", "tasks_en", "wanted", "wanted_en", "offer", "offer_en", "contract_forms", "city",
    "postcode", "country", "places", "remote", "workload_least", "workload_most", "start", "latest_start", "last_day", "pay_unit", "currency",
    "pay_least", "pay_most", "years",
)  # fmt: skip
"""What a reader of the ad sees: a change of it is a new edition."""
COPIED: Final = (
    "organisation", "client", "role", *AD_FIELDS, "positions", "industry", "team", "pay_reason", "wishes", "latitude", "longitude",
)  # fmt: skip


def next_number() -> int:
    """The next reference number of ads; nobody gets the same one twice, nor one that an ad brought along."""
    while True:
        number = FIRST_NUMBER + int(next_keys("AD")[0].split("-")[1])
        if not Vacancy.objects.filter(number=number).exists():
            return number


def _numbered(reference: str) -> dict[str, int]:
    """Number and edition of a reference that an ad has already; empty: the next number. Errors: ``Invalid``."""
    text = reference.replace(" ", "")
    if not text:
        return {"number": next_number()}
    found = _REFERENCE.fullmatch(text)
    if found is None:
        raise Invalid({"reference": [_("A reference is a number, with its edition behind a stroke: 821407/1.")]})
    number, edition = int(found[1]), int(found[2] or 1)
    if Vacancy.objects.filter(number=number).exists():
        raise Invalid({"reference": [_("Another ad has the number %(number)s.") % {"number": number}]})
    return {"number": number, "edition": edition}


@transaction.atomic
def create_vacancy(*, values: Mapping[str, Any], by: User | None) -> Vacancy:
    """A draft; ``reference``: the one that the ad has already. Errors: ``Invalid``, ``NotAllowed``."""
    filled = dict(values)
    reference = str(filled.pop("reference", "") or "")
    client: Client | None = filled.get("client")
    if client is None:
        raise Invalid({"client": [_("Please choose the client.")]})
    filled |= {"organisation": client.organisation, "owner": filled.get("owner") or by}
    _check(None, filled)
    filled |= _numbered(reference)
    return services.create(Vacancy, located(filled), by=by)


@transaction.atomic
def edit_vacancy(
    *, vacancy: Vacancy, values: Mapping[str, Any], by: User | None, version: int | None = None, reason: str = ""
) -> Vacancy:
    """Other content; what is online gets the next edition. Errors: ``Invalid``, ``NotAllowed``, ``StaleEdit``, ``Refused``."""
    require(by, "edit", vacancy)
    current = Vacancy.objects.select_for_update().get(pk=vacancy.pk)
    if current.state in {"filled", "cancelled"}:
        raise Refused(_("The vacancy is filled or cancelled."), _("Copy it, or open it again."), code="vacancy_closed")
    _check(current, values)
    filled = located(values, current)
    changed = [name for name in AD_FIELDS if name in filled and filled[name] != getattr(current, name)]
    if changed and current.state in {"published", "on_hold"}:
        filled["edition"] = current.edition + 1
    return services.edit(current, filled, by=by, version=version, reason=reason)


def _check(vacancy: Vacancy | None, values: Mapping[str, Any]) -> None:
    """What contradicts itself, told at the field."""

    def value(name: str) -> Any:
        return values[name] if name in values else getattr(vacancy, name, None)

    errors: dict[str, list[str]] = {}
    for low, high, text in (
        ("pay_least", "pay_most", _("The pay range ends below where it begins.")),
        ("workload_least", "workload_most", _("The most workload lies below the least.")),
        ("start", "latest_start", _("The latest start lies before the start.")),
        ("start", "last_day", _("The last day lies before the start.")),
    ):
        one, other = value(low), value(high)
        if one is not None and other is not None and other < one:
            errors[high] = [text]
    unknown = [code for code in value("contract_forms") or [] if code not in ContractForm.values]
    if unknown:
        errors["contract_forms"] = [_("There is no contract type “%(code)s”.") % {"code": unknown[0]}]
    client = value("client")
    if client is not None and client.construction and ContractForm.LENDING in (value("contract_forms") or []):
        errors["contract_forms"] = [
            _("Nobody may be lent into the construction trade (§ 1b AÜG): choose another contract type.")
        ]
    if (value("latitude") is None) != (value("longitude") is None):
        errors["longitude"] = [_("Give both degrees, or none.")]
    if errors:
        raise Invalid(errors)


@transaction.atomic
def copy_vacancy(*, vacancy: Vacancy, by: User | None) -> Vacancy:
    """The same again as a draft with a number of its own, with requirements and languages. Errors: ``NotAllowed``."""
    require(by, "view", vacancy)
    values = {name: getattr(vacancy, name) for name in COPIED}
    made = create_vacancy(values=values, by=by)
    for rows in (vacancy.terms.all(), vacancy.languages.all()):
        for row in rows:
            row.pk, row.vacancy, row.version = None, made, 1
            row._state.adding = True
            row.save(force_insert=True)
    return made


# ── from a demand ────────────────────────────────────────────────────────────────────────────────


def vacancy_from_demand(*, demand: Demand, by: User | None) -> Vacancy:
    """Title, role, skills with levels, period and workload come from the demand; nothing is typed again, no budget and no project name goes out.

    Called by the effect of "Raise a vacancy" inside its transaction; a demand has one living vacancy.
    """
    living = Vacancy.objects.filter(demand=demand, archived_at=None).exclude(state__in=("cancelled", "filled")).first()
    if living is not None:
        return living
    client = own_client(demand)
    share = workload_of(demand)
    name = demand.role.name if demand.role is not None else demand.title
    english = (demand.role.name_en or name) if demand.role is not None else demand.title
    values = {
        "organisation": client.organisation, "client": client, "demand": demand, "number": next_number(), "role": demand.role,
        "title": f"{name} (m/w/d)"[:160], "title_en": f"{english} (m/f/d)"[:160], "start": demand.first,
        "last_day": demand.last, "workload_least": share, "workload_most": share, "country": client.country, "city": client.city,
        "latitude": client.latitude, "longitude": client.longitude, "confidentiality": demand.project.confidentiality, "owner": by,
        "contract_forms": [ContractForm.FREELANCE, ContractForm.LENDING] if not client.construction else [ContractForm.FREELANCE],
        "pay_unit": "hour",
    }  # fmt: skip
    made = services.create(Vacancy, values, by=None, verb="raise")
    if by is not None:  # whoever raised it asked for it: they do not approve it
        record(made, by=by, verb="raise", changes={"demand": [None, demand.pk]})
    VacancyTerm.objects.bulk_create(
        VacancyTerm(vacancy=made, term=term_of_skill(row.skill), kind="must" if row.must else "should", level=max(1, row.level))
        for row in demand.skills.select_related("skill")
        if term_of_skill(row.skill).kind != TermKind.LANGUAGE
    )  # fmt: skip
    return made


def own_client(demand: Demand) -> Client:
    """Our own company as the client of its projects, made when it is first needed."""
    unit = demand.unit or demand.project.unit or demand.project.portfolio.unit
    organisation = unit.organisation if unit is not None else Organisation.objects.order_by("pk")[:1].get()
    client = Client.objects.filter(organisation=organisation, own=True, archived_at=None).order_by("pk").first()
    if client is None:
        values = {"organisation": organisation, "own": True, "name": organisation.name, "legal_name": organisation.legal_name, "covered": False}  # fmt: skip
        client = services.create(Client, values, by=None)
    return client


def workload_of(demand: Demand) -> int:
    """Mean hours per week of the demand against a full week of 40 hours, in steps of five per cent, 10 to 100."""
    weeks = DemandWeek.objects.filter(demand=demand, minutes__gt=0)
    count = weeks.count()
    total = weeks.aggregate(sum=Sum("minutes"))["sum"] or 0
    if not count:
        return 100
    return min(100, max(10, 5 * round(total / count / FULL_WEEK * 20)))


# ── partners ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def share_vacancy(*, vacancy: Vacancy, partners: Iterable[Partner], by: User | None) -> Vacancy:
    """Which partners may see it and propose candidates: exactly these. Errors: ``NotAllowed``."""
    require(by, "share", vacancy)
    chosen = {partner.pk: partner for partner in partners}
    for partner in chosen.values():
        if not can(by, "view", partner):
            raise Invalid({"partners": [_("There is no such partner.")]})
    before = set(VacancyShare.objects.filter(vacancy=vacancy).values_list("partner_id", flat=True))
    VacancyShare.objects.filter(vacancy=vacancy, partner__in=before - set(chosen)).delete()
    for number in set(chosen) - before:
        VacancyShare.objects.create(vacancy=vacancy, partner=chosen[number], by=by)
    if before != set(chosen):
        record(vacancy, by=by, verb="share", changes={"partners": [sorted(before), sorted(chosen)]})
    return vacancy
