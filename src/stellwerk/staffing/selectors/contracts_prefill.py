"""What a contract takes from the vacancy and the profile, so that nothing is typed twice."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from stellwerk.core.models import Setting
from stellwerk.staffing.choices import ContractForm, PayUnit, ProfileKind
from stellwerk.staffing.models import Contract, Profile, Vacancy
from stellwerk.staffing.selectors.contracts import SETTING

FULL_TIME = Decimal(40)


def form_for(vacancy: Vacancy, profile: Profile) -> str:
    """The first form that both name; else what fits the kind of profile."""
    if profile.partner_id is not None:
        usual = ContractForm.LENDING
    elif profile.kind == ProfileKind.FREELANCER:
        usual = ContractForm.FREELANCE
    else:
        usual = ContractForm.LENDING if profile.kind == ProfileKind.EMPLOYEE else ContractForm.PERMANENT
    offered = [code for code in vacancy.contract_forms or [] if code in ContractForm.values]
    wanted = [code for code in offered if code in (profile.contract_forms or ContractForm.values)]
    if usual in wanted:
        return str(usual)
    return str((wanted or offered or [usual])[0])


def prefilled(vacancy: Vacancy, profile: Profile, form: str = "") -> dict[str, Any]:
    """Values of a draft. ``form``: another one than what both sides' wishes suggest."""
    chosen = form if form in ContractForm.values else form_for(vacancy, profile)
    demand = vacancy.demand
    begins = [
        day for day in (vacancy.start or (demand.first if demand else None), profile.available) if day is not None
    ]
    first = max([*begins, timezone.localdate()] if begins else [timezone.localdate()])
    last = vacancy.last_day or (demand.last if demand and chosen != ContractForm.PERMANENT else None)
    unit = None
    if demand is not None:
        unit = demand.unit or demand.project.unit
    partner = profile.partner if chosen != ContractForm.PERMANENT else None
    values: dict[str, Any] = {
        "form": chosen, "vacancy": vacancy, "profile": profile, "partner": partner, "first": first,
        "last": last if last is None or last >= first else None, "weekly_hours": _hours(vacancy, profile), "pay": _pay(vacancy, profile),
        "rate": vacancy.rate_cap, "unit": vacancy.pay_unit, "currency": vacancy.currency,
        "fixed_term": chosen == ContractForm.PERMANENT and last is not None, "unit_of_person": unit,
    }  # fmt: skip
    return values | (_lender(vacancy, partner) if chosen == ContractForm.LENDING else {})


def _hours(vacancy: Vacancy, profile: Profile) -> Decimal:
    most = min(share for share in (vacancy.workload_most, profile.workload_most, 100) if share is not None)
    return (FULL_TIME * most / 100).quantize(Decimal("0.1"))


def _pay(vacancy: Vacancy, profile: Profile) -> int | None:
    """What the person hopes for or asks, inside the range of the vacancy; nothing where units or currencies differ."""
    same = profile.pay_unit == vacancy.pay_unit and profile.currency == vacancy.currency
    wish = (profile.pay_wish or profile.asks) if same else None
    if wish is None:
        return vacancy.pay_least
    low = max(wish, vacancy.pay_least) if vacancy.pay_least is not None else wish
    return min(low, vacancy.pay_most) if vacancy.pay_most is not None else low


def _lender(vacancy: Vacancy, partner: Any) -> dict[str, Any]:
    """Licence and collective agreement of the lending company: the partner's, else what we have set or used last."""
    if partner is not None:
        return {
            "licence": partner.licence_number, "licence_expires": partner.licence_expires, "agreement": partner.agreement,
        }  # fmt: skip
    stored = Setting.objects.filter(pk=SETTING).values_list("value", flat=True).first()
    if isinstance(stored, dict) and isinstance(stored.get("licence"), str):
        expires = stored.get("licence_expires")
        return {
            "licence": stored["licence"][:80], "licence_expires": _day(expires), "agreement": str(stored.get("agreement") or "")[:200],
        }  # fmt: skip
    used = Contract.objects.filter(organisation=vacancy.organisation, form=ContractForm.LENDING, partner=None)
    last = used.exclude(licence="").order_by("-pk").first()
    if last is None:
        return {}
    return {"licence": last.licence, "licence_expires": last.licence_expires, "agreement": last.agreement}


def _day(value: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def annual_hours(weekly: Decimal) -> Decimal:
    """Paid hours of a year, for comparing pay per year with pay per hour."""
    return weekly * 52


def hourly(pay: int, unit: str, weekly: Decimal) -> int | None:
    """Pay per hour in minor units; None where no hours are agreed."""
    if unit == PayUnit.HOUR:
        return pay
    hours = annual_hours(weekly)
    return round(pay / hours) if hours else None
