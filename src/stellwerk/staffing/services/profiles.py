"""Profiles: made by form, by a partner or from a registration; changed; locked after a rejection and kept no longer than is allowed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import services
from stellwerk.core.errors import Invalid, WrongState
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record
from stellwerk.core.states import advance
from stellwerk.people.models import Organisation
from stellwerk.staffing.choices import ContractForm, Known, PayUnit, ProfileKind
from stellwerk.staffing.models import Partner, PartnerContact, Profile, ProfileTerm
from stellwerk.staffing.selectors.profiles import has_living_consent, is_running
from stellwerk.staffing.services.terms import terms_for
from stellwerk.staffing.towns import located

KEPT_DAYS: Final = 183
"""Six months after a rejection: claims under AGG § 15(4) and § 61b ArbGG are over by then."""


def partner_of(user: User | None) -> Partner | None:
    """The agency for which this account speaks."""
    if user is None:
        return None
    row = PartnerContact.objects.filter(user=user, partner__archived_at=None).select_related("partner").first()
    return row.partner if row is not None else None


@transaction.atomic
def create_profile(*, values: Mapping[str, Any], by: User | None, source: str = "manual") -> Profile:
    """A draft; whoever speaks for a partner makes candidates of that partner only. Errors: ``Invalid``, ``NotAllowed``."""
    filled = dict(values)
    from stellwerk.core.permissions import roles_of

    if by is not None and roles_of(by) == {"staffing_partner"}:
        filled["partner"] = partner_of(by)
        filled["organisation"] = filled["partner"].organisation if filled["partner"] else None
        if filled.get("kind") == ProfileKind.EMPLOYEE:
            raise Invalid({"kind": [_("A partner proposes applicants and freelancers.")]})
    if filled.get("organisation") is None:
        filled["organisation"] = Organisation.objects.filter(archived_at=None).order_by("pk").first()
    filled["email"] = str(filled.get("email") or "").strip().lower()
    check_wishes(None, filled)
    return services.create(Profile, located(filled) | {"source": source}, by=by)


@transaction.atomic
def edit_profile(
    *, profile: Profile, values: Mapping[str, Any], by: User | None, version: int | None = None, reason: str = ""
) -> Profile:
    """Errors: ``Invalid`` (also contradictory wishes, at the field), ``NotAllowed``, ``StaleEdit``, ``WrongState`` (locked, erased)."""
    require(by, "edit", profile)
    open_for_changes(Profile.objects.select_for_update().get(pk=profile.pk))
    check_wishes(profile, values)
    return services.edit(profile, located(values, profile), by=by, version=version, reason=reason)


def open_for_changes(profile: Profile) -> None:
    if profile.state == "erased":
        raise WrongState(_("The personal data of this profile have been erased."))
    if profile.state == "locked":
        raise WrongState(
            _("The profile is locked: it is kept for a while and not used. Unlock it with a reason first.")
        )


def check_wishes(profile: Profile | None, values: Mapping[str, Any]) -> None:
    """What contradicts itself is told at the field. Errors: ``Invalid``."""

    def value(name: str) -> Any:
        return values[name] if name in values else getattr(profile, name, None)

    errors: dict[str, list[str]] = {}
    least, most, wish = value("workload_least"), value("workload_most"), value("workload_wish")
    if least and most and most < least:
        errors["workload_most"] = [_("The most workload lies below the least (%(least)s %%).") % {"least": least}]
    elif wish and ((least and wish < least) or (most and wish > most)):
        errors["workload_wish"] = [
            _("The wished workload lies outside of what you can do (%(least)s to %(most)s %%).")
            % {"least": least or 1, "most": most or 100}
        ]
    asks, hopes = value("asks"), value("pay_wish")
    if asks is not None and hopes is not None and hopes < asks:
        errors["pay_wish"] = [_("You wish less than you ask at least: one of the two is wrong.")]
    if value("team_least") and value("team_most") and value("team_most") < value("team_least"):
        errors["team_most"] = [_("The largest team is smaller than the smallest.")]
    if value("radius") is not None and not value("city"):
        errors["city"] = [_("A radius needs a town around which it lies.")]
    if list(value("contract_forms") or []) == [ContractForm.FREELANCE] and value("pay_unit") == PayUnit.YEAR:
        errors["pay_unit"] = [_("Freelance projects are paid by the hour; a salary per year belongs to an employment.")]
    if errors:
        raise Invalid(errors)


@transaction.atomic
def add_terms(
    *, profile: Profile, codes: Iterable[str], by: User | None, known: str = Known.TOLD,
    levels: Mapping[str, int | None] | None = None, evidence: Mapping[str, str] | None = None,
) -> int:  # fmt: skip
    """Terms of the vocabulary that the profile does not have yet; returns how many. A level that is there is not overwritten."""
    terms = terms_for(codes)
    have = set(profile.terms.values_list("term_id", flat=True))
    rows = [
        ProfileTerm(
            profile=profile, term=term, level=(levels or {}).get(code), known=known,
            evidence=(evidence or {}).get(code, "")[:500],
        )
        for code, term in terms.items() if term.pk not in have
    ]  # fmt: skip
    ProfileTerm.objects.bulk_create(rows)
    if rows:
        record(profile, by=by, verb="edit", changes={"terms": [None, [str(row.term) for row in rows]]})
    return len(rows)


# ── kept no longer than allowed ──────────────────────────────────────────────────────────────────


@transaction.atomic
def lock_profile(*, profile: Profile, by: User | None, reason: str, days: int = KEPT_DAYS) -> Profile:
    """No longer used, not yet erased: the day of its erasure is set. Errors: ``NotAllowed``, ``WrongState``."""
    today = timezone.localdate()
    return advance(profile, "lock", by=by, reason=reason, locked_at=today, erase_on=today + dt.timedelta(days=days))


def lock_after_rejection(profile: Profile) -> Profile:
    """When the last process of somebody has ended without a consent to be kept: locked, erased after six months."""
    fresh = Profile.objects.get(pk=profile.pk)
    if fresh.state in {"locked", "erased"} or fresh.kind == ProfileKind.EMPLOYEE or is_running(fresh):
        return fresh
    if has_living_consent(fresh, timezone.localdate(), kinds=("pool", "partner")):
        return fresh
    return lock_profile(profile=fresh, by=None, reason=_("The process has ended and there is no consent to be kept."))
