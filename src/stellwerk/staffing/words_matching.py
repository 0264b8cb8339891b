"""The reasons of a comparison in the reader's language: parts, shut gates, what is missing, what would have to change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from stellwerk.core import formats
from stellwerk.core.errors import Text
from stellwerk.staffing.choices import ContractForm, LanguageLevel
from stellwerk.staffing.models import Term, Vacancy

TOPICS: Final[Mapping[str, Text]] = {
    "must": pgettext_lazy("match", "Must-have skills"),
    "should": pgettext_lazy("match", "Should-have skills"),
    "nice": pgettext_lazy("match", "Nice to have"),
    "soft": pgettext_lazy("match", "Soft skills"),
    "years": pgettext_lazy("match", "Experience"),
    "certificate": pgettext_lazy("match", "Certificates"),
    "industry": pgettext_lazy("match", "Industry"),
    "words": pgettext_lazy("match", "Own words in common"),
    "content": pgettext_lazy("match", "Content"),
    "place": pgettext_lazy("match", "Place"),
    "workload": pgettext_lazy("match", "Workload"),
    "pay": pgettext_lazy("match", "Pay"),
    "team": pgettext_lazy("match", "Team"),
}
GATES: Final[Mapping[str, Text]] = {
    "contract": pgettext_lazy("gate", "Contract type"),
    "pay": pgettext_lazy("gate", "Pay"),
    "start": pgettext_lazy("gate", "Start"),
    "workload": pgettext_lazy("gate", "Workload"),
    "place": pgettext_lazy("gate", "Place"),
    "language": pgettext_lazy("gate", "Language"),
    "permit": pgettext_lazy("gate", "Work permit"),
    "clock": pgettext_lazy("gate", "Limit of temporary work"),
    "skill": pgettext_lazy("gate", "Must-have skill"),
}
MISSING: Final[Mapping[str, Text]] = {
    "contract": gettext_lazy("contract type not told"),
    "pay": gettext_lazy("pay not told in this unit"),
    "start": gettext_lazy("start not told"),
    "workload": gettext_lazy("workload not told"),
    "place": gettext_lazy("place or radius not told"),
    "language": gettext_lazy("languages not told"),
    "permit": gettext_lazy("work permit not told"),
    "years": gettext_lazy("years of experience not told"),
    "soft": gettext_lazy("soft skill not told"),
    "skill": gettext_lazy("read from the CV only"),
}
COMPANY_ORDER: Final = ("must", "should", "nice", "soft", "years", "certificate", "industry", "words")
PERSON_ORDER: Final = ("content", "place", "workload", "pay", "industry", "team")


@dataclass(frozen=True)
class Line:
    """One topic of a side: points of at most ``possible``, both of 100; ``step``: which tone its bar has."""

    code: str
    label: str
    points: int
    possible: int
    step: int
    text: str = ""

    @property
    def share(self) -> int:
        return round(100 * self.points / self.possible) if self.possible else 0


@dataclass(frozen=True)
class Told:
    """A gate in words: what it is, why it is shut, and what would open it."""

    code: str
    label: str
    text: str
    change: str = ""


class Words:
    """Says the reasons of comparisons with one vacancy; the names of all terms are read at once."""

    def __init__(self, vacancy: Vacancy, reasons: Iterable[Mapping[str, Any]]) -> None:
        self.vacancy = vacancy
        numbers: set[int] = set()
        for one in reasons:
            rows = [*one.get("parts", ()), *one.get("gates", ()), *(one.get("change") or ())]
            numbers |= {row["subject"] for row in rows if isinstance(row.get("subject"), int)}
            numbers |= {subject for _name, subject in one.get("missing", ()) if isinstance(subject, int)}
        self.terms = Term.objects.in_bulk(numbers)

    # ── parts ────────────────────────────────────────────────────────────────────────────────

    def lines(self, reasons: Mapping[str, Any], side: str) -> list[Line]:
        """The contributions of one side by topic, in a fixed order; their points add up to its score."""
        order = COMPANY_ORDER if side == "company" else PERSON_ORDER
        found: list[Line] = []
        for step, topic in enumerate(order, start=1):
            rows = [row for row in reasons.get("parts", ()) if row["side"] == side and row["topic"] == topic]
            if rows:
                points, possible = (round(sum(row[name] for row in rows) / 10) for name in ("points", "possible"))
                if possible:  # words that fill less than half a point would only make a line of noughts
                    found.append(Line(topic, str(TOPICS[topic]), points, possible, step, self._named(rows)))
        return found

    def _named(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """Which skills are met fully or in part, which words both use, for the table view."""
        if rows[0]["topic"] == "words":
            return str(rows[0]["subject"] or _("none"))
        told = [f"{self.terms[row['subject']]} {formats.number(round(row['met'] * 100))} %" for row in rows if row["subject"] in self.terms]  # fmt: skip
        return ", ".join(told)

    # ── gates, missing facts, changes ────────────────────────────────────────────────────────

    def gates(self, reasons: Mapping[str, Any]) -> list[Told]:
        change = self.change(reasons)
        return [Told(row["code"], str(GATES[row["code"]]), self.gate(row), change) for row in reasons.get("gates", ())]

    def gate(self, row: Mapping[str, Any]) -> str:
        code, needed, found = row["code"], row["needed"], row["found"]
        if code == "pay":
            return _("asks %(found)s, at most %(needed)s") % {"found": self.pay(found), "needed": self.pay(needed)}
        if code == "start":
            return _("available from %(found)s, needed by %(needed)s") % {"found": _day(found), "needed": _day(needed)}
        if code == "workload":
            return _("%(found)s %% offered, %(needed)s %% asked for") % {"found": found, "needed": needed}
        if code == "place":
            return _("needs a radius of %(needed)s km, travels at most %(found)s km") % {
                "needed": needed,
                "found": found,
            }
        if code == "language":
            names = {"language": language(str(row["subject"])), "needed": level(needed), "found": level(found)}
            return _("%(language)s %(found)s, needed %(needed)s") % names
        if code == "permit":
            return _("no work permit told for %(needed)s") % {"needed": needed}
        if code == "clock":
            return _("lending is lawful until %(found)s only, needed until %(needed)s") % {"found": _day(found), "needed": _day(needed)}  # fmt: skip
        if code == "contract":
            return _("wants %(found)s, offered is %(needed)s") % {"found": forms(str(found).split(", ")), "needed": forms(self.vacancy.contract_forms or [str(needed)])}  # fmt: skip
        names = {"skill": str(self.terms.get(row["subject"], "–")), "needed": needed, "found": found}
        return _("%(skill)s level %(found)s, at least %(needed)s") % names

    def missing(self, reasons: Mapping[str, Any]) -> list[str]:
        found = []
        for name, subject in reasons.get("missing", ()):
            text = str(MISSING[name])
            found.append(f"{text}: {self.terms[subject]}" if subject in self.terms else text)
        return found

    def change(self, reasons: Mapping[str, Any]) -> str:
        """“With IPMA level B, or from 95 € down, would be proposed”; empty where it is proposed or nothing helps."""
        rows = reasons.get("change")
        if rows is None:
            return _("No change of up to three things would be enough.")
        if not rows:
            return ""
        return _("Would be proposed %(changes)s.") % {"changes": _(" and ").join(self._changed(row) for row in rows)}

    def _changed(self, row: Mapping[str, Any]) -> str:
        topic, to = row["topic"], row["to"]
        term = (
            str(self.terms.get(row["subject"], "–")) if isinstance(row["subject"], int) else str(row["subject"] or "")
        )
        if topic == "pay":
            return _("from %(pay)s down") % {"pay": self.pay(to)}
        if topic == "start":
            return _("with a start by %(day)s") % {"day": _day(to)}
        if topic == "workload":
            return _("with a workload of %(share)s %%") % {"share": to}
        if topic == "place":
            return _("with a radius of %(far)s km") % {"far": to}
        if topic == "language":
            return _("with %(language)s %(level)s") % {"language": language(term), "level": level(to)}
        if topic == "contract":
            return _("as %(form)s") % {"form": forms([str(to)])}
        if topic == "permit":
            return _("with a work permit for %(region)s") % {"region": term}
        if topic == "certificate":
            return _("with %(certificate)s") % {"certificate": term}
        return _("with %(skill)s at level %(level)s") % {"skill": term, "level": to}

    def pay(self, amount: int) -> str:
        return pay_text(amount, self.vacancy.currency, self.vacancy.pay_unit)


def pay_text(amount: int, currency: str, unit: str) -> str:
    told = formats.money(amount, currency)
    return _("%(pay)s an hour") % {"pay": told} if unit == "hour" else _("%(pay)s a year") % {"pay": told}


def forms(codes: Iterable[str]) -> str:
    known = dict(ContractForm.choices)
    return ", ".join(str(known.get(code, code)) for code in codes if code) or "–"


def level(number: Any) -> str:
    try:
        return str(LanguageLevel(int(number)).label)
    except ValueError:
        return _("none")


def language(code: str) -> str:
    from babel import Locale
    from django.utils.translation import get_language

    name = Locale.parse((get_language() or "en").split("-")[0]).languages.get(code)
    return str(name or code)


def years(count: int) -> str:
    return ngettext("%(count)s year", "%(count)s years", count) % {"count": count}


def _day(text: Any) -> str:
    return formats.day(dt.date.fromisoformat(text)) if isinstance(text, str) else formats.day(text)
