"""What an ad is checked for before it goes out: equal treatment, pay transparency, missing facts, readability.

Readability is Flesch's reading ease: English 206.835 − 1.015·w − 84.6·s (Flesch 1948), German 180 − w − 58.5·s (Amstad 1978), with w words
per sentence and s syllables per word. Bullets count as sentences.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core.errors import Text
from stellwerk.staffing.law.fairness import ad_findings

ERROR, WARNING, NOTE = "error", "warning", "note"
MOST_MUSTS: Final = 8
"""More musts than this keep good people from applying (practice default)."""
LONG_SENTENCE: Final = 25
HARD: Final = 20
"""Below this reading ease a text is for academics."""
TRAITS: Mapping[str, Text] = {
    "age": gettext_lazy("age"), "origin": gettext_lazy("origin"), "sex": gettext_lazy("sex"), "body": gettext_lazy("disability or health"),
    "faith": gettext_lazy("religion"), "family": gettext_lazy("family"),
}  # fmt: skip
_HISTORY = re.compile(
    r"(bisherig|letzt|aktuell)\w*\s+(gehalt|verdienst)|(current|previous|last)\s+(salary|pay)", re.IGNORECASE
)
_PHOTO = re.compile(r"\b(bewerbungsfoto|lichtbild|passfoto|foto|photo|photograph)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Ad:
    """An ad in one language, as it is checked. Pay in minor units."""

    language: str
    title: str
    tasks: str = ""
    wanted: str = ""
    intro: str = ""
    offer: str = ""
    pay_told: bool = False
    pay_reason: str = ""
    start: bool = False
    place: bool = False
    workload: bool = True
    contracts: bool = False
    musts: int = 0

    @property
    def text(self) -> str:
        return "\n".join(part for part in (self.intro, self.tasks, self.wanted, self.offer) if part)


@dataclass(frozen=True)
class Remark:
    """One remark: errors keep an ad from going out; ``source`` is the rule behind it."""

    code: str
    severity: str
    text: str
    todo: str
    source: str = ""


def check_ad(ad: Ad) -> list[Remark]:
    """Everything that is to be said about an ad, errors first."""
    found = [*_fair(ad), *_pay(ad), *_missing(ad), *_readable(ad)]
    order = {ERROR: 0, WARNING: 1, NOTE: 2}
    return sorted(found, key=lambda one: order[one.severity])


def _fair(ad: Ad) -> list[Remark]:
    found: list[Remark] = []
    for one in ad_findings(ad.title, ad.text):
        if one.code == "title_not_neutral":
            found.append(Remark("AD001", ERROR, _("The title does not say that all sexes are meant."), _("Add “(m/w/d)”, in English “(m/f/d)”."), "AGG § 11"))  # fmt: skip
        else:
            word, trait = str(one.values["word"]), str(TRAITS[str(one.values["trait"])])
            text = _("“%(word)s” may speak of %(trait)s.") % {"word": word, "trait": trait}
            found.append(Remark("AD002", WARNING, text, _("Say what the work needs instead."), "AGG §§ 1, 11"))
    if _PHOTO.search(ad.text):
        found.append(Remark("AD003", WARNING, _("A photo is asked for."), _("Leave it out: nothing of the work needs it."), "AGG § 11"))  # fmt: skip
    return found


def _pay(ad: Ad) -> list[Remark]:
    found: list[Remark] = []
    if not ad.pay_told and not ad.pay_reason.strip():
        found.append(Remark("AD010", ERROR, _("There is no pay range."), _("Give one, or say on record why it is told before the interview."), "Directive (EU) 2023/970 Art. 5"))  # fmt: skip
    elif not ad.pay_told:
        found.append(Remark("AD011", NOTE, _("The pay range is told before the interview, on record."), _("An ad with a range gets more answers."), "Directive (EU) 2023/970 Art. 5"))  # fmt: skip
    if _HISTORY.search(ad.text):
        found.append(Remark("AD012", ERROR, _("The ad asks what somebody earned before."), _("Ask for the wish instead."), "Directive (EU) 2023/970 Art. 5(2)"))  # fmt: skip
    return found


def _missing(ad: Ad) -> list[Remark]:
    rows = (
        (ad.tasks.strip(), "AD020", ERROR, _("There are no tasks."), _("Name what is to be done, one task a line.")),
        (ad.wanted.strip() or ad.musts, "AD021", WARNING, _("It does not say whom you look for."), _("Name what is needed, one point a line.")),
        (ad.start, "AD022", WARNING, _("The start is missing."), _("Give a date, or the latest one.")),
        (ad.place, "AD023", WARNING, _("Neither a place nor a remote share is given."), _("Name the town, or say that it can be done remotely.")),
        (ad.contracts, "AD024", ERROR, _("The contract type is missing."), _("Choose at least one.")),
    )  # fmt: skip
    return [Remark(code, severity, text, todo) for there, code, severity, text, todo in rows if not there]


def _readable(ad: Ad) -> list[Remark]:
    found: list[Remark] = []
    if ad.musts > MOST_MUSTS:
        text = _("%(count)s musts: few people have all of them.") % {"count": ad.musts}
        found.append(
            Remark("AD030", WARNING, text, _("Make musts of what nobody can do without, and shoulds of the rest."))
        )
    sentences = sentences_of(ad.text)
    long = [one for one in sentences if len(words_of(one)) > LONG_SENTENCE]
    if long:
        text = _("%(count)s sentences have more than %(most)s words.") % {"count": len(long), "most": LONG_SENTENCE}
        found.append(Remark("AD031", NOTE, text, _("Make two of each.")))
    ease = reading_ease(ad.text, ad.language)
    if ease is not None and ease < HARD:
        text = _("Hard to read: reading ease %(ease)s of 100.") % {"ease": round(ease)}
        found.append(Remark("AD032", NOTE, text, _("Shorter words and sentences help."), "Flesch 1948, Amstad 1978"))
    return found


def sentences_of(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[.!?:;]+\s|\n+", text + "\n") if part.strip()]


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text)


def syllables(word: str) -> int:
    """Groups of vowels; a final e is silent in English words of more than one group (caller decides by language)."""
    return max(1, len(re.findall(r"[aeiouyäöü]+", word.lower())))


def reading_ease(text: str, language: str) -> float | None:
    """0 (hard) to 100 (easy) and beyond; None where there are fewer than 20 words."""
    words = words_of(text)
    if len(words) < 20:
        return None
    per_sentence = len(words) / max(1, len(sentences_of(text)))
    count = sum(syllables(word) - (1 if language == "en" and word.lower().endswith("e") and syllables(word) > 1 else 0) for word in words)  # fmt: skip
    per_word = count / len(words)
    return (
        180 - per_sentence - 58.5 * per_word if language == "de" else 206.835 - 1.015 * per_sentence - 84.6 * per_word
    )
