"""Comparisons are logged, people decide: proposing, confirming, declining; weights in versions, and the off switch."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import services
from stellwerk.core.errors import Invalid, Refused, WrongState
from stellwerk.core.models import AuditEntry, Setting, User
from stellwerk.core.permissions import require
from stellwerk.core.services import write
from stellwerk.core.states import advance
from stellwerk.staffing.choices import Answered
from stellwerk.staffing.compute_matching import (
    COUNTS,
    ENGINE,
    SHARES,
    Compared,
    Comparison,
    compare_one,
    frozen,
    input_of,
    values_of,
    weights_of,
    wording_of,
)
from stellwerk.staffing.law import blocked, rejection_findings
from stellwerk.staffing.models import Answer, Match, Profile, ScoreLog, Vacancy, WeightSet
from stellwerk.staffing.selectors.matching import (
    LIVE,
    OPEN,
    SWITCH,
    active_weights,
    clocks_of,
    people_for,
    switched_on,
    with_needs,
)
from stellwerk.staffing.selectors.profiles import for_matching, with_parts
from stellwerk.staffing.selectors.rarity import pool_rarity
from stellwerk.staffing.services.locking import lock_match, lock_person

LEAST_REASON = 20
"""Letters of a reason that says something."""
SHARE_BOUNDS = (0, 100)
COUNT_BOUNDS = (0, 20)


class SwitchedOff(Refused):
    code = "matching_off"

    def __init__(self) -> None:
        super().__init__(
            _("Matching is switched off in this organisation: no scores are computed."),
            _("Choose people by the list of profiles; the PMO lead can switch it on again."),
        )


def compare_people(*, vacancy: Vacancy, by: User | None, today: dt.date | None = None) -> Comparison:
    """Everybody compared with one vacancy; each score is logged once as long as nothing that it rests on changes.

    Errors: ``NotAllowed``, ``SwitchedOff``.
    """
    require(by, "view", vacancy)
    if not switched_on():
        raise SwitchedOff()
    found = people_for(with_needs(Vacancy.objects.filter(pk=vacancy.pk)).get(), today or timezone.localdate())
    log_scores(found.vacancy, [*found.ranked, *found.shut], found.weights, by=by)
    return found


def log_scores(
    vacancy: Vacancy,
    compared: Iterable[Compared],
    weights: WeightSet | None,
    *,
    by: User | None,
    purpose: str = "vacancy",
) -> int:
    """Append what was computed: input, weights, result, who asked; how many rows were new."""
    rows = [_entry(vacancy, one, weights, by, purpose) for one in compared]
    known = set(
        ScoreLog.objects.filter(vacancy=vacancy, digest__in=[row.digest for row in rows]).values_list(
            "digest", flat=True
        )
    )
    fresh = [row for row in rows if row.digest not in known]
    ScoreLog.objects.bulk_create(fresh, batch_size=500)
    return len(fresh)


def _entry(vacancy: Vacancy, one: Compared, weights: WeightSet | None, by: User | None, purpose: str) -> ScoreLog:
    company, person, both = one.permille
    result = {"company": company, "person": person, "score": both, "proposed": one.proposed} | frozen(one)
    given = input_of(one)
    whole = json.dumps([one.profile.pk, weights.pk if weights else None, ENGINE, given, result], sort_keys=True)
    return ScoreLog(
        vacancy=vacancy, profile=one.profile, weights=weights, engine_version=ENGINE, by=by, purpose=purpose, input=given,
        result=result, digest=hashlib.sha256(whole.encode()).hexdigest(),
    )  # fmt: skip


# ── proposing and deciding ───────────────────────────────────────────────────────────────────────


@transaction.atomic
def propose(*, vacancy: Vacancy, profile: Profile, by: User | None, override: str = "") -> Match:
    """A match with its frozen explanation. Who fails a hard condition is proposed only with a reason, which stays visible.

    Errors: ``Invalid`` (a reason is missing), ``NotAllowed``, ``Refused`` (closed vacancy, profile not to be matched, matched already).
    """
    lock_person(profile.pk)
    vacancy = with_needs(Vacancy.objects.select_for_update(of=("self",)).filter(pk=vacancy.pk)).get()
    if vacancy.state not in OPEN:
        raise Refused(_("People are proposed for approved and published vacancies only."), code="vacancy_closed")
    today = timezone.localdate()
    found = with_parts(for_matching(today).filter(pk=profile.pk)).first()
    if found is None:
        raise Refused(
            _("This profile may not be matched: it is not active, or no consent is alive."),
            _("Ask the person for their consent first."), code="no_consent",
        )  # fmt: skip
    if Match.objects.filter(vacancy=vacancy, profile=profile, state__in=LIVE).exists():
        raise Refused(_("This person is matched with this vacancy already."), code="matched")
    if Answer.objects.filter(match__vacancy=vacancy, match__profile=profile, answer=Answered.NO).exists():
        raise Refused(
            _("One side has said no to this vacancy and this person: nobody is asked about it again."), code="said_no"
        )
    values: dict[str, Any] = {"vacancy": vacancy, "profile": found, "override": override.strip()}
    if switched_on():
        values |= _scored(vacancy, found, today, by)
        gated = bool(values["reasons"]["gates"])
        if gated and len(override.strip()) < LEAST_REASON:
            raise Invalid({"override": [_("Say in at least 20 letters why this person is proposed all the same.")]})
    return services.create(Match, values, by=by)


def _scored(vacancy: Vacancy, profile: Profile, today: dt.date, by: User | None) -> dict[str, Any]:
    row = active_weights()
    clocks = clocks_of([profile], vacancy).get(profile.pk)
    words = wording_of(vacancy, pool_rarity(today))
    one = compare_one(vacancy, profile, weights_of(row), today, clocks=clocks, words=words)
    log_scores(vacancy, [one], row, by=by, purpose="proposal")
    company, person, both = one.permille
    return {"weights": row, "company_score": company, "person_score": person, "score": both, "reasons": frozen(one)}


@transaction.atomic
def decline(*, match: Match, by: User | None, code: str, reason: str = "", version: int | None = None) -> Match:
    """Our own no, before anybody is asked, for a job-related reason (``law.rejection_findings``). Errors: ``Invalid``, ``NotAllowed``, ``WrongState``."""
    job_related("code", code)
    lock_match(match.pk)
    Match.objects.filter(pk=match.pk).update(ended_reason=code)  # the guard of the step asks for it
    return advance(match, "decline", by=by, version=version, reason=reason or code)


def job_related(field: str, code: str) -> None:
    """AGG §§ 7, 22: each no carries one reason of the work. Errors: ``Invalid`` at the field."""
    if blocked(rejection_findings(code)):
        raise Invalid({field: [_("Choose a reason that has to do with the work.")]})


# ── weights ──────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def save_weights(*, values: Mapping[str, int], reason: str, by: User | None) -> WeightSet:
    """A new version of the weights, active from now on; older ones stay as they are. Errors: ``Invalid``, ``NotAllowed``."""
    require(by, "edit", WeightSet)
    clean = _clean(values)
    if len(reason.strip()) < 5:
        raise Invalid({"reason": [_("Please say why the weights change.")]})
    current = WeightSet.objects.select_for_update().filter(active=True).first()
    if current is not None and current.values == clean:
        raise Invalid({"__all__": [_("Nothing has changed.")]})
    number = (WeightSet.objects.aggregate(most=Max("number"))["most"] or 0) + 1
    if current is not None:
        write(current, {"active": False}, by=by, verb="retire")
    return services.create(
        WeightSet, {"number": number, "values": clean, "reason": reason.strip(), "by": by, "active": True}, by=by
    )


def _clean(values: Mapping[str, int]) -> dict[str, int]:
    errors: dict[str, list[str]] = {}
    clean: dict[str, int] = {}
    for names, (low, high) in ((SHARES, SHARE_BOUNDS), (COUNTS, COUNT_BOUNDS)):
        for name in names:
            value = values.get(name)
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                errors[name] = [_("A whole number from %(low)s to %(high)s, please.") % {"low": low, "high": high}]
            else:
                clean[name] = value
    if not errors and clean["stale"] <= clean["fresh"]:
        errors["stale"] = [_("Later than the years in which a skill counts in full, please.")]
    if errors:
        raise Invalid(errors)
    return clean


@transaction.atomic
def switch_matching(*, off: bool, reason: str, by: User | None) -> bool:
    """Scores on or off for the whole organisation, on record. Errors: ``Invalid``, ``NotAllowed``, ``WrongState``."""
    require(by, "switch", WeightSet)
    if len(reason.strip()) < LEAST_REASON:
        raise Invalid({"reason": [_("Say in at least 20 letters why.")]})
    if off == (not switched_on()):
        raise WrongState(_("It is so already."))
    row, _made = Setting.objects.select_for_update().get_or_create(name=SWITCH, defaults={"value": {"off": False}})
    row.value = {"off": off}
    row.save(update_fields=["value", "updated_at"])
    AuditEntry.objects.create(  # a setting has a name instead of a number
        entity_type=Setting.entity_label(), entity_id=0, entity_key=SWITCH, actor=by, pseudonym=by.pseudonym if by else None,
        verb="switch", changes={"off": [not off, off]}, reason=reason.strip(),
    )  # fmt: skip
    return not off


def values_of_version(row: WeightSet | None) -> dict[str, int]:
    """The numbers of a version as the form shows them; None: those that Stellwerk comes with."""
    return values_of(weights_of(row))
