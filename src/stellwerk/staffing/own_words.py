"""Words of a text as matching compares them where no term of the vocabulary covers them: folded, without endings, compounds also in their parts.

What has nothing to do with the work is left out before anything is compared: words of protected traits (AGG § 1), names, towns, languages
(their levels are compared as facts), years and small numbers.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from stellwerk.staffing.law.fairness import LOADED
from stellwerk.staffing.recognise import fold, recogniser, stem
from stellwerk.staffing.vocabulary import vocabulary

Bag = Mapping[str, str]
"""By compared form the word as it stands in the text."""
LEAST_PART, LEAST_HEAD = 4, 5
"""Letters of the parts into which a compound is cut: ``Mängelmanagement`` is also ``Mängel`` and ``Management``."""
_WORD: Final = re.compile(r"[^\W_]+(?:[+#]+)?")
_SEX: Final = re.compile(r"(?<=[a-z]{4})(?:maenner|mann|frauen|frau|leute)$")
_NUMBER: Final = re.compile(r"\d{1,3}|(?:19|20)\d\d")
_STOP: Final = """
aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bereits bin bis bist bzw da dabei dadurch dafür dann das dass dein
deine dem den denn der des dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines er es etc etwa etwas euch
eure für gegen gern gerne ggf haben hast hat hier ich ihm ihn ihr ihre ihrem ihren ihrer im in ins ist je jede jedem jeden jeder jedes kann kannst können
können konnte machen man mehr mein meine mich mir mit muss musst nach neben nicht noch nur ob oder ohne sehr sein seine seit selbst sich sie sind so soll
sollen sollte sollten sowie sowohl über um und uns unser unsere unserem unseren unserer unter usw vom von vor war was wenn wer werden wie wir wird wo wurde
wurden zu zum zur zwischen bis bisher pro per ab z b d h m w x
a about all also an and any are as at be been being both but by can could do does each etc for from had has have he her his how i if in into is it its may
more most must my no not of on or other our out over own she should so some such than that the their them then there these they this those through to up us
was we were what when where which while who will with within would you your yours
muss wünschenswert idealerweise vorteil erfahrung erfahrungen erfahren kenntnisse kenntnis gute guter guten sehr fundierte mehrjährige sichere sicherer
aufgaben profil anforderungen bereich umfeld mindestens jahr jahre jahren monat monate erste ersten kleine große neue neuen arbeit arbeiten person personen
nice must experience experienced knowledge skills skill good strong very solid several years year month months tasks profile requirements least first small
large new work working person people junior senior
"""
PROTECTED: Final = """
alter altersgrenze lebensalter lebensjahr geburtsdatum geburtsjahr geboren geburtsort jahrgang jung jugend rentner ruhestand
geschlecht männlich weiblich divers mann männer frau frauen herr dame damen herren transgender schwanger schwangerschaft
mutter vater mütter väter eltern elternzeit mutterschutz kind kinder kinderlos sohn tochter familie familienstand verheiratet ledig geschieden verwitwet
alleinerziehend ehe ehefrau ehemann partnerschaft
religion religiös konfession christ christlich evangelisch katholisch muslim muslimisch jude jüdisch kirche glaube weltanschauung
herkunft nationalität staatsangehörigkeit staatsbürgerschaft abstammung rasse ethnie ethnisch hautfarbe migrationshintergrund ausländer muttersprache
behinderung behindert schwerbehindert schwerbehinderung krank krankheit erkrankung gesund gesundheitszustand attest reha
homosexuell heterosexuell lesbisch schwul sexuell orientierung
age aged born birth birthday birthdate young old elderly retired retirement sex gender male female man men woman women mr mrs ms lady gentleman pregnant
pregnancy mother father parent parents parental maternity paternity child children childless son daughter family marital married single divorced widowed spouse
religion religious christian catholic protestant muslim jewish church faith nationality citizenship origin ethnic ethnicity race racial immigrant native
disability disabled handicapped handicap sick sickness ill illness healthy disease gay lesbian homosexual heterosexual sexual
"""
"""Words of the traits of § 1 AGG, of family and health, in both languages; compounds of the trade (Krankenhaus, Gesundheitswesen) are none."""


def _stems(words: Iterable[str]) -> frozenset[str]:
    return frozenset(stem(fold(word)) for word in words)


STOP: Final = _stems(_STOP.split())
LEFT_OUT: Final = STOP | _stems(PROTECTED.split()) | _stems(
    word for rows in LOADED.values() for label in rows if " " not in label for word in [label]
)  # fmt: skip


@lru_cache(maxsize=1)
def _heads() -> frozenset[str]:
    """Words of our own labels that end compounds: ``management``, ``planung``, ``leitung``."""
    words = (fold(word) for term in vocabulary().values() for label in term.labels() for word in label.split())
    return frozenset(word for word in words if len(word) >= LEAST_HEAD and word.isalpha())


@lru_cache(maxsize=65536)
def _parts(word: str) -> tuple[str, ...]:
    """A compound's front and head (folded) where the head is a word of the trade, longest head first; else nothing."""
    # A word of the trade is a compound only of words of the trade: "controlling" is no "rolling".
    known = word in _heads()
    for at in range(LEAST_PART, len(word) - LEAST_HEAD + 1):
        if word[at:] in _heads() and (not known or word[:at] in _heads()):
            front = word[:at]
            if front.endswith("s") and len(front) > LEAST_PART:
                front = front[:-1]
            return front, word[at:]
    return ()


@lru_cache(maxsize=65536)
def _forms(word: str) -> tuple[tuple[str, str], ...]:
    """What a word counts as and how that is shown: its stem and those of its parts, without what is left out."""
    folded = fold(word)
    if len(folded) < 2 or _NUMBER.fullmatch(folded):
        return ()
    found = {_stem(folded): word}
    parts = _parts(folded)
    if parts:
        at = next((n for n in range(len(word)) if len(fold(word[:n])) >= len(parts[0])), len(word))
        found.setdefault(_stem(parts[0]), word[:at])
        found.setdefault(_stem(parts[1]), word[-len(parts[1]) :].capitalize())
    return tuple((form, shown) for form, shown in found.items() if form not in LEFT_OUT and len(form) >= 2)


def _stem(word: str) -> str:
    """Without endings and without a sex: ``Kauffrau`` and ``Kaufmann`` are one word, as ``Planerin`` and ``Planer`` are."""
    return stem(_SEX.sub("", word))


def words_of(text: str) -> Bag:
    """All words of a text."""
    return MappingProxyType(_words_of(text))


@lru_cache(maxsize=4096)
def _words_of(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in _WORD.finditer(text):
        for form, shown in _forms(one.group()):
            found.setdefault(form, shown)
    return found


def uncovered(text: str, codes: Iterable[str]) -> Bag:
    """The words of a text that no term with these codes and no language covers."""
    covered, at, rest = {*codes}, 0, []
    for one in recogniser().find(text):
        if one.code in covered or vocabulary()[one.code].kind == "language":
            rest.append(text[at : one.start])
            at = one.end
    rest.append(text[at:])
    return words_of(" ".join(rest))


@dataclass(frozen=True)
class Rarity:
    """In how many of ``count`` profiles each word stands. A word is worth a point for each halving of those who use it."""

    count: int
    holders: Mapping[str, int]

    @classmethod
    def of(cls, profiles: Iterable[Iterable[str]]) -> Rarity:
        count, holders = 0, Counter[str]()
        for words in profiles:
            count += 1
            holders.update(words)
        return cls(count, holders)

    def worth(self, word: str) -> int:
        """0 for a word that (nearly) everybody uses, and for one that nobody does: neither tells people apart."""
        holders = self.holders.get(word, 0)
        return round(math.log2((self.count + 1) / holders)) if holders else 0


@dataclass(frozen=True)
class Wording:
    """What a vacancy says beyond its terms, by language: the compared form of each word, how it is shown and what it is worth."""

    texts: tuple[Mapping[str, tuple[str, int]], ...] = ()

    @property
    def job(self) -> tuple[dict[str, int], ...]:
        """As ``engine.matching.Job.words``."""
        return tuple(dict(text.values()) for text in self.texts)

    @property
    def job_forms(self) -> tuple[dict[str, int], ...]:
        """The same by compared form, for people whose words are not written as in the vacancy (:meth:`shared`)."""
        return tuple({form: worth for form, (_shown, worth) in text.items()} for text in self.texts)

    def shared(self, words: Iterable[str]) -> tuple[str, ...]:
        """Those of a person's words that the vacancy uses too, written as there: nothing else of a CV is ever shown or logged."""
        known = {*words}
        return tuple(
            dict.fromkeys(shown for text in self.texts for form, (shown, _worth) in text.items() if form in known)
        )


def wording(texts: Iterable[str], codes: Iterable[str], rarity: Rarity, names: str = "") -> Wording:
    """The texts of a vacancy, one for each language, without what its terms (``codes``) cover and without ``names`` (town, company)."""
    known, left_out = [*codes], words_of(names)
    found: list[Mapping[str, tuple[str, int]]] = []
    for text in texts:
        rows: dict[str, tuple[str, int]] = {}
        shown: set[str] = set()
        for form, word in uncovered(text, known).items():
            worth = rarity.worth(form)
            if worth and form not in left_out:
                rows[form] = (form if word in shown else word, worth)
                shown.add(rows[form][0])
        if rows:
            found.append(rows)
    return Wording(tuple(found))
