"""Equal treatment, data protection, explainable decisions, pay transparency: what can be said in rules. Not legal advice."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from stellwerk.resources.agency_clock import last_day
from stellwerk.resources.selectors.months import add_months
from stellwerk.staffing.law.limits import LAW, Finding, Limits, Weight

AGG, GDPR, AI_ACT, PAY = (
    "AGG §§ 1, 7, 11",
    "GDPR Art. 6, 17, 22",
    "EU AI Act, Annex III 4(a)",
    "Directive (EU) 2023/970 Art. 5",
)

# ── equal treatment ──────────────────────────────────────────────────────────────────────────────

NEUTRAL: Final = re.compile(
    r"\(\s*(?:m\s*[/|]\s*w|w\s*[/|]\s*m|m\s*[/|]\s*f|f\s*[/|]\s*m)\s*[/|]\s*(?:d|x|i)\s*\)", re.IGNORECASE
)

LOADED: Final[Mapping[str, tuple[str, ...]]] = {
    "age": (
        "jung", "junge", "junges", "junger", "jungen", "jugendlich", "jugendliche", "digital native", "digital natives",
        "berufsanfänger", "nicht älter als", "höchstalter", "young", "youthful", "recent graduate", "under 35", "mature",
    ),
    "origin": ("muttersprachler", "muttersprachlerin", "muttersprache deutsch", "native speaker", "deutschstämmig", "akzentfrei"),
    "sex": ("der ideale mann", "sekretärin gesucht", "kaufmann gesucht", "powerfrau", "salesman", "chairman", "manpower woman"),
    "body": ("körperlich voll belastbar", "uneingeschränkt gesund", "able-bodied", "keine behinderung"),
    "faith": ("christlich", "konfessionell gebunden", "church member"),
    "family": ("ungebunden", "ohne familiäre verpflichtungen", "no family commitments"),
}  # fmt: skip
"""Words that may hint at a protected trait (§ 1 AGG), whole words, in German and English; whoever writes the ad looks at them."""

REASONS: Final = (
    "skills", "experience", "language", "pay", "start", "workload", "place", "contract", "content", "industry", "team", "filled", "other",
)  # fmt: skip
"""Job-related reasons of a rejection; none of them is a protected trait."""


def ad_findings(title: str, text: str) -> list[Finding]:
    """§ 11: the title is neutral, no loaded words; each word is told with its trait."""
    found: list[Finding] = []
    if not NEUTRAL.search(title):
        found.append(Finding("title_not_neutral", Weight.WARN, AGG))
    whole = f"{title}\n{text}".casefold()
    for trait, words in LOADED.items():
        for word in words:
            if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", whole):
                found.append(Finding("loaded_word", Weight.WARN, AGG, {"word": word, "trait": trait}))
    return found


def rejection_findings(reason: str) -> list[Finding]:
    """§§ 7, 22: each rejection carries one job-related reason."""
    if reason in REASONS:
        return []
    return [Finding("reason_missing" if not reason.strip() else "reason_not_of_the_job", Weight.BLOCK, AGG)]


def claims_until(told: dt.date, limits: Limits = LAW) -> dt.date:
    """§ 15(4): claims within two months of the day on which the rejection was received (§§ 187(1), 188(2) BGB)."""
    return add_months(told, limits.claim_months)


@dataclass(frozen=True)
class Group:
    """Of a voluntary self-disclosure: how many took part, how many were chosen. ``share`` None: too few to be shown."""

    name: str
    asked: int
    chosen: int
    share: Fraction | None
    ratio: Fraction | None
    below: bool


def four_fifths(counts: Mapping[str, tuple[int, int]], limits: Limits = LAW) -> list[Group]:
    """Share of the chosen by group against the highest share; groups under the least size are named without figures.

    48 of 80 and 12 of 40: 0.6 and 0.3, ratio 0.5, below four fifths.
    """
    shares = {n: Fraction(chosen, asked) for n, (asked, chosen) in counts.items() if asked >= limits.least_group}
    top = max(shares.values(), default=Fraction(0))
    groups: list[Group] = []
    for name, (asked, chosen) in counts.items():
        share = shares.get(name)
        ratio = share / top if share is not None and top else None
        below = ratio is not None and ratio < limits.fair_share
        shown = share is not None
        groups.append(Group(name, asked if shown else 0, chosen if shown else 0, share, ratio, below))
    return groups


# ── data protection ──────────────────────────────────────────────────────────────────────────────


def erase_on(rejected: dt.date, limits: Limits = LAW) -> dt.date:
    """Locked on the day of the rejection, deleted when six months are over: the day after their last one."""
    return add_months(rejected, limits.retention_months) + dt.timedelta(days=1)


def consent_until(given: dt.date, limits: Limits = LAW) -> dt.date:
    """A consent to be kept in the pool ends by itself unless it is renewed."""
    return last_day(given, limits.pool_months)


def consent_state(expires: dt.date | None, today: dt.date, limits: Limits = LAW) -> str:
    """``valid``, ``renew`` (it ends soon: ask), ``over``."""
    if expires is None:
        return "valid"
    if today > expires:
        return "over"
    return "renew" if (expires - today).days <= limits.renew_days else "valid"


def contact_findings(*, consent: bool, confirmed_by: Any, switched_off_on_record: bool) -> list[Finding]:
    """Art. 6 and 22: nobody is contacted without a basis, nor without a human decision unless that was switched off on record."""
    found = [] if consent else [Finding("no_consent", Weight.BLOCK, GDPR)]
    if confirmed_by is None and not switched_off_on_record:
        found.append(Finding("nobody_decided", Weight.BLOCK, GDPR))
    return found


# ── explainable decisions ────────────────────────────────────────────────────────────────────────

LOGGED: Final = ("input", "weights", "engine_version", "result", "by", "at")


def ai_act_applies(day: dt.date, limits: Limits = LAW) -> bool:
    """The duties of a high-risk system apply from 2 December 2027; the program behaves like it before."""
    return day >= limits.ai_act_from


def log_findings(entry: Mapping[str, Any]) -> list[Finding]:
    """A logged score names its input, weights, engine, result, who asked and when."""
    missing = [name for name in LOGGED if entry.get(name) in (None, "", {})]
    return [Finding("log_incomplete", Weight.BLOCK, AI_ACT, {"fields": tuple(missing)})] if missing else []


def override_findings(*, gated: bool, reason: str) -> list[Finding]:
    """Somebody whom a gate excludes may be proposed all the same, with a reason."""
    return [Finding("override_unexplained", Weight.BLOCK, AI_ACT)] if gated and not reason.strip() else []


# ── pay transparency ─────────────────────────────────────────────────────────────────────────────

HISTORY: Final = re.compile(
    r"pay_?history|salary_?history|last_?(?:pay|salary)|previous_?(?:pay|salary)|current_?(?:pay|salary)|gehaltshistorie|letztes gehalt",
    re.IGNORECASE,
)


def pay_findings(
    *, least: int | None, most: int | None, told_at: dt.datetime | None, interview: dt.datetime | None
) -> list[Finding]:
    """Art. 5: the range stands in the ad, or is told before the interview, on record."""
    if least is not None or most is not None:
        return []
    if told_at is not None and (interview is None or told_at < interview):
        return []
    return [Finding("pay_untold", Weight.BLOCK if interview is not None else Weight.WARN, PAY)]


def asks_for_history(name: str) -> bool:
    """Does a field (or a question) ask what somebody earned before? None may."""
    return HISTORY.search(name) is not None
