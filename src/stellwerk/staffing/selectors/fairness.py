"""What real decisions say: how scores and decisions agree, and whether groups are treated alike (four-fifths rule).

Groups come from voluntary self-disclosure alone and are counted in people; a group of fewer than five is never shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import pgettext_lazy

from stellwerk.core.errors import Text
from stellwerk.staffing.choices import Answered, Side
from stellwerk.staffing.law.fairness import Group, four_fifths
from stellwerk.staffing.models import Answer, Contract, Disclosure, Match

TRAITS: Final[Mapping[str, Mapping[str, Text]]] = {
    "sex": {
        "woman": pgettext_lazy("disclosure", "woman"),
        "man": pgettext_lazy("disclosure", "man"),
        "diverse": pgettext_lazy("disclosure", "diverse"),
    },
    "age": {
        "under30": pgettext_lazy("disclosure", "younger than 30"),
        "30to49": pgettext_lazy("disclosure", "30 to 49"),
        "from50": pgettext_lazy("disclosure", "50 or older"),
    },
    "origin": {
        "abroad": pgettext_lazy("disclosure", "I or one of my parents was born abroad"),
        "here": pgettext_lazy("disclosure", "I and my parents were born in this country"),
    },
    "disability": {
        "yes": pgettext_lazy("disclosure", "with a disability"),
        "no": pgettext_lazy("disclosure", "without a disability"),
    },
}
TRAIT_NAMES: Final[Mapping[str, Text]] = {
    "sex": pgettext_lazy("disclosure", "Sex"),
    "age": pgettext_lazy("disclosure", "Age"),
    "origin": pgettext_lazy("disclosure", "Origin"),
    "disability": pgettext_lazy("disclosure", "Disability"),
}
STAGES: Final[Mapping[str, Text]] = {
    "asked": pgettext_lazy("fairness", "We asked both sides"),
    "company": pgettext_lazy("fairness", "The company said yes"),
    "contract": pgettext_lazy("fairness", "A contract was made"),
}
BANDS: Final = ((800, 1001), (700, 800), (600, 700), (0, 600))
"""Scores in thousandths, from and below."""


def token_of(profile: int, trait: str) -> str:
    """Nobody gets from the table of disclosures to a person without the secret key; each trait has a token of its own."""
    return salted_hmac("stellwerk.staffing.disclosure", f"{profile}|{trait}", algorithm="sha256").hexdigest()


def told_by(profile: int) -> dict[str, str]:
    """What somebody has told of themself: for that person alone."""
    traits = {token_of(profile, trait): trait for trait in TRAITS}
    rows = Disclosure.objects.filter(token__in=traits).values_list("token", "value")
    return {traits[token]: value for token, value in rows}


@dataclass(frozen=True)
class Shown:
    """A group that is large enough; ``ratio``: its share by the highest one, None where nobody was chosen."""

    code: str
    name: Text
    people: int
    chosen: int
    ratio: float | None
    below: bool


@dataclass(frozen=True)
class Stage:
    """One decision for one trait, by group; ``hidden``: groups that took part and are too small to be shown."""

    trait: str
    code: str
    groups: tuple[Shown, ...]
    hidden: int

    @property
    def name(self) -> Text:
        return STAGES[self.code]

    @property
    def trait_name(self) -> Text:
        return TRAIT_NAMES[self.trait]

    @property
    def below(self) -> bool:
        return any(group.below for group in self.groups)


@dataclass(frozen=True)
class Band:
    """Matches of a range of scores: how many were asked, and how often each side said yes and a contract came of it."""

    low: int
    high: int
    asked: int
    company: int | None
    person: int | None
    contract: int | None


@dataclass(frozen=True)
class Sheet:
    stages: list[Stage]
    bands: list[Band]
    decided: int
    told: bool

    @property
    def below(self) -> list[Stage]:
        return [stage for stage in self.stages if stage.below]


def sheet() -> Sheet:
    """Over all decisions of this organisation, in a fixed number of queries."""
    found = (
        Match.objects.annotate(
            company_yes=Exists(_answers(Side.COMPANY).filter(answer=Answered.YES)),
            company_told=Exists(_answers(Side.COMPANY).exclude(answer="")),
            person_yes=Exists(_answers(Side.PERSON).filter(answer=Answered.YES)),
            person_told=Exists(_answers(Side.PERSON).exclude(answer="")),
            hired=Exists(Contract.objects.filter(match=OuterRef("pk"), state__in=HIRED)),
        ).values("profile_id", "state", "score", "contacted_at", "company_yes", "company_told", "person_yes", "person_told", "hired")
    )  # fmt: skip
    rows: list[dict[str, Any]] = [{**row} for row in found]
    for row in rows:
        row["asked"] = row["contacted_at"] is not None
        row["over"] = row["state"] in {"contract", "ended", "declined", "expired"} or row["hired"]
    decided = [row for row in rows if row["asked"] or row["state"] == "declined"]
    values = dict(Disclosure.objects.values_list("token", "value"))
    people: dict[str, list[tuple[int, bool]]] = {
        "asked": [(row["profile_id"], row["asked"]) for row in decided],
        "company": [(row["profile_id"], row["company_yes"]) for row in rows if row["company_told"]],
        "contract": [(row["profile_id"], row["hired"]) for row in rows if row["asked"] and row["over"]],
    }
    stages = [_stage(trait, code, people[code], values) for trait in TRAITS for code in STAGES] if values else []
    return Sheet(stages, [_band(rows, *band) for band in BANDS], len(decided), bool(values))


HIRED: Final = ("signed", "active", "extended", "ended", "terminated")


def _answers(side: str) -> QuerySet[Answer]:
    return Answer.objects.filter(match=OuterRef("pk"), side=side)


def _stage(trait: str, code: str, decisions: Iterable[tuple[int, bool]], values: Mapping[str, str]) -> Stage:
    """By people, not by decisions: who was asked about three vacancies is still one person."""
    chosen: dict[int, bool] = {}
    for profile, good in decisions:
        chosen[profile] = chosen.get(profile, False) or good
    counts: dict[str, tuple[int, int]] = {}
    for profile, good in chosen.items():
        value = values.get(token_of(profile, trait))
        if value is not None:
            asked, taken = counts.get(value, (0, 0))
            counts[value] = (asked + 1, taken + good)
    names = TRAITS[trait]
    groups = four_fifths({value: counts[value] for value in names if value in counts})
    shown = tuple(_shown(group, names[group.name]) for group in groups if group.share is not None)
    return Stage(trait, code, shown, len(groups) - len(shown))


def _shown(group: Group, name: Text) -> Shown:
    ratio = None if group.ratio is None else float(group.ratio)
    return Shown(group.name, name, group.asked, group.chosen, ratio, group.below)


def _band(rows: list[dict[str, Any]], low: int, high: int) -> Band:
    found = [row for row in rows if row["asked"] and isinstance(row["score"], int) and low <= row["score"] < high]

    def share(good: str, told: str) -> int | None:
        judged = [row for row in found if row[told]]
        return round(100 * sum(bool(row[good]) for row in judged) / len(judged)) if judged else None

    return Band(
        low // 10, min(100, high // 10), len(found), share("company_yes", "company_told"), share("person_yes", "person_told"),
        share("hired", "over"),
    )  # fmt: skip
