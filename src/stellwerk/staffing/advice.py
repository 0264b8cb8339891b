"""Advice for people who look for work: completeness with tips, a check of any profile text, which contract fits, what a skill would open.

Pure: it gets what is known and says what follows. Texts in the reader's language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core.errors import Text
from stellwerk.engine.matching import Change
from stellwerk.staffing.choices import ContractForm
from stellwerk.staffing.profiles.words import languages_in, period_of
from stellwerk.staffing.recognise import terms_in
from stellwerk.staffing.vocabulary import vocabulary

# ── completeness ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Facts:
    """What a profile says, as numbers and truths; nothing that must not be weighed."""

    headline: bool = False
    summary: int = 0  # characters
    skills: int = 0
    levels: int = 0  # skills with a level
    evidence: int = 0  # skills with evidence
    used: int = 0  # skills that say when they were last used
    soft: int = 0
    stations: int = 0
    languages: int = 0
    certificates: int = 0
    available: bool = False
    workload: bool = False
    place: bool = False
    remote: bool = False
    pay: bool = False
    forms: bool = False
    permits: bool = False
    wishes: int = 0


@dataclass(frozen=True)
class Point:
    """One thing that makes a profile complete; ``tip``: what to do, empty when it is done."""

    code: str
    weight: int
    done: bool
    tip: str = ""


@dataclass(frozen=True)
class Completeness:
    points: tuple[Point, ...]

    @property
    def per_cent(self) -> int:
        total = sum(point.weight for point in self.points)
        return 100 * sum(point.weight for point in self.points if point.done) // total

    @property
    def tips(self) -> tuple[str, ...]:
        """What helps most first."""
        return tuple(point.tip for point in sorted(self.points, key=lambda one: -one.weight) if not point.done)


LEAST_SKILLS: Final = 6
LEAST_SUMMARY: Final = 200


def completeness(facts: Facts) -> Completeness:
    """Matching compares what is told: each open point is something on which nobody can find you."""
    with_level = facts.skills > 0 and facts.levels * 10 >= facts.skills * 8
    rows: tuple[tuple[str, int, bool, Callable[[], str]], ...] = (
        ("skills", 4, facts.skills >= LEAST_SKILLS, lambda: _("Name at least %(least)s skills; %(now)s are there now.") % {"least": LEAST_SKILLS, "now": facts.skills}),
        ("levels", 3, with_level, lambda: _("Give your skills a level: without one they count as “works with guidance”.")),
        ("evidence", 2, facts.evidence >= 3, lambda: _("Say for three skills where you used them: project, size, your part.")),
        ("used", 1, facts.used >= 3, lambda: _("Say when you last used your main skills: recent ones count more.")),
        ("stations", 3, facts.stations >= 2, lambda: _("Add your last two stations with period and tasks.")),
        ("available", 2, facts.available, lambda: _("Say from when you are available: vacancies have a start.")),
        ("place", 2, facts.place, lambda: _("Give your town and a radius, or wish to work remotely.")),
        ("pay", 2, facts.pay, lambda: _("Give the least that you work for: below it nobody asks you.")),
        ("forms", 2, facts.forms, lambda: _("Choose which contract types you would sign.")),
        ("languages", 2, facts.languages > 0, lambda: _("Give your languages with a level (A1 to C2).")),
        ("summary", 2, facts.summary >= LEAST_SUMMARY, lambda: _("Write three sentences in your own words: what you do best, for whom, with which result.")),
        ("headline", 1, facts.headline, lambda: _("Write a headline: your role in four or five words.")),
        ("soft", 1, facts.soft > 0, lambda: _("Name two soft skills and what shows them.")),
        ("certificates", 1, facts.certificates > 0, lambda: _("Add certificates such as IPMA, PRINCE2 or PMP, if you hold one.")),
        ("workload", 1, facts.workload, lambda: _("Say how much you want to work, in per cent of full time.")),
        ("permits", 1, facts.permits, lambda: _("Say in which countries you may work.")),
        ("wishes", 1, facts.wishes > 0, lambda: _("Say which content and industries you want, and which not.")),
    )  # fmt: skip
    return Completeness(tuple(Point(code, weight, done, "" if done else tip()) for code, weight, done, tip in rows))


# ── a pasted text ────────────────────────────────────────────────────────────────────────────────

LONGEST_TEXT: Final = 20_000
_FIGURE: Final = re.compile(r"\d[\d.,]*\s*(?:€|EUR|Mio|Mrd|million|%|Prozent|per cent|percent|Projekte|projects|Mitarbeit|people|Personen|h\b|FTE)", re.IGNORECASE)  # fmt: skip
_EMPTY_WORDS: Final = re.compile(
    r"\b(?:teamfähig|belastbar|dynamisch|hochmotiviert|motiviert|flexibel|zuverlässig|leidenschaftlich|hands-on-mentalität|"
    r"team player|hard-?working|dynamic|passionate|results-driven|self-starter|highly motivated|detail-oriented|go-getter)\b",
    re.IGNORECASE,
)
_DUTY: Final = re.compile(
    r"\b(?:verantwortlich für|zuständig für|tätig als|responsible for|in charge of|duties included)\b", re.IGNORECASE
)
_PRIVATE: Final = re.compile(
    r"\b(?:geburtsdatum|geboren am|geburtsort|familienstand|verheiratet|ledig|konfession|staatsangehörigkeit|"
    r"date of birth|born on|marital status|nationality|religion)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class TextCheck:
    """``good``: what the text does already; ``tips``: what to change; ``skills``: the terms that were understood (codes)."""

    skills: tuple[str, ...]
    good: tuple[str, ...]
    tips: tuple[str, ...]


def check_text(text: str) -> TextCheck:
    """A public profile as somebody pasted it. Nothing of it is kept, and no address in it is opened."""
    text = text[:LONGEST_TEXT]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    skills = tuple(code for code in terms_in(text) if vocabulary()[code].kind not in {"language", "industry", "soft"})
    good: list[str] = []
    tips: list[str] = []

    def judge(fine: bool, praise: str, tip: str) -> None:
        (good if fine else tips).append(praise if fine else tip)

    head = lines[0] if lines else ""
    top = [code for code in terms_in(" ".join(lines[:2])) if vocabulary()[code].kind == "discipline"]
    judge(bool(top) and len(head) <= 120, _("The first line says what you do."), _("Begin with your role and your field in one line (“Project controller, plant construction”): it is what searches show."))  # fmt: skip
    judge(len(skills) >= LEAST_SKILLS, _("%(count)s skills are recognised.") % {"count": len(skills)}, _("Only %(count)s skills are recognised. Name methods and tools by their usual names (“earned value”, “MS Project”), not in general words.") % {"count": len(skills)})  # fmt: skip
    figures = len(_FIGURE.findall(text))
    judge(figures >= 2, _("Figures show the size of what you did."), _("Add figures: budget, team, number of projects, days or euros saved."))  # fmt: skip
    judge(any(period_of(line)[0] for line in lines), _("Stations have periods."), _("Give each station a period (“03/2021 – today”)."))  # fmt: skip
    judge(any(True for line in lines for _found in languages_in(line)), _("Languages are named."), _("Name your languages with a level: many vacancies ask for one."))  # fmt: skip
    if not 400 <= len(text) <= 6000:
        tips.append(_("The text is short: three sentences and your last stations make it findable.") if len(text) < 400 else _("The text is long: readers look at the first third. Put the newest first and shorten what is older than ten years."))  # fmt: skip
    if empty := sorted({word.lower() for word in _EMPTY_WORDS.findall(text)}):
        tips.append(_("Everybody writes these words, and they show nothing: %(words)s. Tell a situation instead.") % {"words": ", ".join(empty[:6])})  # fmt: skip
    if len(_DUTY.findall(text)) >= 2:
        tips.append(_("Tell results rather than duties: not “responsible for reports”, but “reports for 12 projects, ready three days earlier”."))  # fmt: skip
    if _PRIVATE.search(text):
        tips.append(_("Leave out age, origin, marital status and religion: they must not count, and we do not read them."))  # fmt: skip
    return TextCheck(skills, tuple(good), tuple(tips))


# ── which contract fits ──────────────────────────────────────────────────────────────────────────


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    OPEN = "open"


QUESTIONS: Final[Mapping[str, Text]] = {
    "income": gettext_lazy("I need the same income every month."),
    "clients": gettext_lazy("I have, or look for, several clients at the same time."),
    "directed": gettext_lazy("The client would tell me when, where and how I work, as part of its team."),
    "variety": gettext_lazy("I like to change company and task every one or two years."),
    "stay": gettext_lazy("I want to stay in one company and grow there."),
    "market": gettext_lazy("I look after offers, invoices, taxes and insurance myself."),
    "gap": gettext_lazy("I can live for three months without an assignment."),
}
_FOR: Final[Mapping[str, Mapping[str, tuple[ContractForm, ...]]]] = {
    "income": {"yes": (ContractForm.PERMANENT, ContractForm.LENDING), "no": (ContractForm.FREELANCE,)},
    "clients": {"yes": (ContractForm.FREELANCE,), "no": (ContractForm.PERMANENT, ContractForm.LENDING)},
    "directed": {"yes": (ContractForm.PERMANENT, ContractForm.LENDING), "no": (ContractForm.FREELANCE,)},
    "variety": {"yes": (ContractForm.LENDING, ContractForm.FREELANCE), "no": (ContractForm.PERMANENT,)},
    "stay": {"yes": (ContractForm.PERMANENT,), "no": (ContractForm.LENDING, ContractForm.FREELANCE)},
    "market": {"yes": (ContractForm.FREELANCE,), "no": (ContractForm.PERMANENT, ContractForm.LENDING)},
    "gap": {"yes": (ContractForm.FREELANCE,), "no": (ContractForm.PERMANENT, ContractForm.LENDING)},
}


@dataclass(frozen=True)
class Fit:
    """``speaks``: questions whose answer speaks for the form; ``against``: those whose answer speaks against it; ``warning``: the law's word."""

    form: ContractForm
    speaks: tuple[str, ...]
    against: tuple[str, ...]
    warning: str = ""

    @property
    def points(self) -> int:
        return len(self.speaks) - len(self.against)


def fitting(answers: Mapping[str, str]) -> tuple[Fit, ...]:
    """All three forms, the best first; empty when nothing was answered. A freelancer who is directed would be an employee."""
    told = {code: answer for code, answer in answers.items() if code in QUESTIONS and answer in {"yes", "no"}}
    if not told:
        return ()
    found = []
    for form in ContractForm:
        speaks = tuple(code for code, answer in told.items() if form in _FOR[code][answer])
        against = tuple(code for code in told if code not in speaks)
        warning = ""
        if form is ContractForm.FREELANCE and told.get("directed") == "yes":
            warning = _("Who is told when, where and how to work is an employee by law (SGB IV § 7), whatever the contract says. Being employed by us and assigned to the client is the way for that.")  # fmt: skip
        elif form is ContractForm.LENDING and told.get("stay") == "yes":
            warning = _("An assignment to the same client ends after 18 months at the latest (AÜG § 1); many clients then take people over.")  # fmt: skip
        found.append(Fit(form, speaks, against, warning))
    warned = {ContractForm.FREELANCE} if told.get("directed") == "yes" else set()
    order = list(ContractForm)
    return tuple(sorted(found, key=lambda fit: (fit.form in warned, -fit.points, order.index(fit.form))))


# ── dos and don'ts for freelancers ───────────────────────────────────────────────────────────────

DOS: Final[tuple[Text, ...]] = (
    gettext_lazy("Agree on a result or a clearly described service, in writing, before you begin."),
    gettext_lazy("Decide yourself when and where you work; tell the client your dates as offers."),
    gettext_lazy("Work with your own equipment and your own mail address wherever security allows it."),
    gettext_lazy("Keep several clients, or look for the next one while a project runs."),
    gettext_lazy("Put money aside for taxes, old age, illness and three months without an assignment."),
    gettext_lazy("Insure yourself against claims for damages: professional liability."),
    gettext_lazy("Have your status clarified by the pension insurance (SGB IV § 7a) when the picture is not clear, within a month of the start."),
    gettext_lazy("Write invoices on time, with a number, the service period and VAT; remind after 30 days."),
    gettext_lazy("Keep the names of your clients confidential in your profile: industry and size say enough."),
)  # fmt: skip
DONTS: Final[tuple[Text, ...]] = (
    gettext_lazy("Do not take orders on working hours, and do not ask for leave: you are nobody's employee."),
    gettext_lazy("Do not appear in the client's organisation chart, phone list or on-call plan."),
    gettext_lazy("Do not use the client's business cards or a mail address without “external”."),
    gettext_lazy("Do not do for years the same work as employed colleagues beside you."),
    gettext_lazy("Do not live from one client alone: if five sixths of your income come from one, pension contributions may be due (SGB VI § 2)."),
    gettext_lazy("Do not start without a signed contract, not even for a friend."),
    gettext_lazy("Do not agree to an hourly rate that leaves nothing for illness, holidays and empty weeks."),
    gettext_lazy("Do not accept a ban on working for competitors without compensation."),
)  # fmt: skip


# ── what a missing skill would open ──────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Opening:
    """``opens``: vacancies (keys) for which this one step would be enough; ``helps``: those for which it is a part of what is missing."""

    topic: str
    term: int
    to: int | None
    opens: tuple[str, ...]
    helps: tuple[str, ...]


def openings(changes: Iterable[tuple[str, tuple[Change, ...] | None]]) -> tuple[Opening, ...]:
    """From the counterfactual of each vacancy (``engine.matching.counterfactual``) to what is worth learning, the most useful first."""
    found: dict[tuple[str, int], tuple[int | None, list[str], list[str]]] = {}
    for vacancy, steps in changes:
        for step in steps or ():
            if step.topic not in {"skill", "level", "certificate"} or not isinstance(step.subject, int):
                continue
            topic = "certificate" if step.topic == "certificate" else "skill"
            level = int(step.to) if topic == "skill" else None
            before, opens, helps = found.get((topic, step.subject), (None, [], []))
            found[(topic, step.subject)] = (max(level or 0, before or 0) or None, opens, helps)
            (opens if len(steps or ()) == 1 else helps).append(vacancy)
    rows = [Opening(topic, term, to, tuple(opens), tuple(helps)) for (topic, term), (to, opens, helps) in found.items()]
    return tuple(sorted(rows, key=lambda one: (-len(one.opens), -len(one.helps), one.term)))
