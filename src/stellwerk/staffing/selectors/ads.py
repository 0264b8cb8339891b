"""An ad as it is read: in one language, with nothing that stays inside (client's name where covered, rate cap, project)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.staffing.ad_checks import Ad as CheckedAd
from stellwerk.staffing.ad_checks import Remark, check_ad
from stellwerk.staffing.choices import ContractForm, LanguageLevel, NeedKind
from stellwerk.staffing.further_places import parts_of
from stellwerk.staffing.models import Vacancy
from stellwerk.staffing.words_matching import language as language_name
from stellwerk.staffing.words_matching import pay_text


@dataclass(frozen=True)
class AdView:
    """What ``staffing/_ad.html`` shows. Lists are bullets; ``facts`` are (label, text) in reading order.

    ``language``: of headings and facts; ``written_in``: of the texts, which may be there in the other language only.
    """

    language: str
    written_in: str
    reference: str
    number: int
    title: str
    contract: str
    company: str
    covered: bool
    intro: str
    about: str
    tasks: list[str]
    wanted: list[str]
    needs: list[tuple[str, str]]
    offer: list[str]
    facts: list[tuple[str, str]]
    pay: str
    place: str
    online_since: dt.datetime | None
    state: str

    @property
    def open(self) -> bool:
        return self.state == "published"


def ad_of(vacancy: Vacancy, language: str) -> AdView:
    """In ``language`` (de, en); a text that is there in the other language only is shown in that one."""
    with translation.override(language):
        return _ad(vacancy, language)


def _ad(vacancy: Vacancy, language: str) -> AdView:
    client = vacancy.client

    def text(name: str) -> str:
        return _either(vacancy, name, language)

    about = (client.about_en or client.about) if language == "en" else (client.about or client.about_en)
    return AdView(
        language=language, written_in=written_in(vacancy, language), reference=vacancy.reference, number=vacancy.number, title=text("title"), contract=contract_told(vacancy),
        company=company_told(vacancy), covered=client.covered, intro=text("intro"), about=about if not client.covered else "",
        tasks=bullets(text("tasks")), wanted=bullets(text("wanted")), needs=needs_of(vacancy), offer=bullets(text("offer")),
        facts=facts_of(vacancy), pay=pay_told(vacancy), place=place_told(vacancy), online_since=vacancy.published_at,
        state=vacancy.state,
    )  # fmt: skip


def written_in(vacancy: Vacancy, language: str) -> str:
    """The language in which a reader of ``language`` gets the texts of the ad."""
    here, there = ("_en", "") if language == "en" else ("", "_en")
    names = ("intro", "tasks", "wanted", "offer")
    if any(getattr(vacancy, name + here) for name in names) or not any(
        getattr(vacancy, name + there) for name in names
    ):
        return language
    return "de" if language == "en" else "en"


def _either(vacancy: Vacancy, name: str, language: str) -> str:
    german, english = getattr(vacancy, name), getattr(vacancy, f"{name}_en")
    return str((english or german) if language == "en" else (german or english))


def bullets(text: str) -> list[str]:
    """One bullet a line; signs at the beginning of a line are taken off."""
    return [
        line.strip().lstrip("•·–-*▪◦ ").strip() for line in text.splitlines() if line.strip().lstrip("•·–-*▪◦ ").strip()
    ]


def company_told(vacancy: Vacancy) -> str:
    client = vacancy.client
    if not client.covered:
        return client.name
    return str(client.industry) if client.industry is not None else ""


def contract_told(vacancy: Vacancy) -> str:
    known = dict(ContractForm.choices)
    return ", ".join(str(known[code]) for code in vacancy.contract_forms if code in known)


def offered_by(vacancy: Vacancy) -> str:
    """Who stands behind an ad whose client is covered: somebody has to."""
    return vacancy.organisation.name if vacancy.client.covered else ""


def pay_told(vacancy: Vacancy) -> str:
    least, most, unit = vacancy.pay_least, vacancy.pay_most, vacancy.pay_unit
    if least is not None and most is not None and least != most:
        return f"{formats.money(least, vacancy.currency)} – {pay_text(most, vacancy.currency, unit)}"
    amount = most if most is not None else least
    return "" if amount is None else pay_text(amount, vacancy.currency, unit)


def place_told(vacancy: Vacancy) -> str:
    """Town, further places and remote share in words."""
    town = " ".join(part for part in (vacancy.postcode, vacancy.city) if part)
    place = ", ".join(part for part in (town, *parts_of(vacancy.places)) if part)
    if vacancy.remote >= 100 and vacancy.places:
        return _("remote or %(place)s") % {"place": place}
    if vacancy.remote >= 100:
        return _("remote") if not place else _("remote, now and then %(place)s") % {"place": place}
    if vacancy.remote:
        return _("%(place)s, up to %(share)s %% remote") % {"place": place or "–", "share": vacancy.remote}
    return place


def workload_told(vacancy: Vacancy) -> str:
    if vacancy.workload_least == vacancy.workload_most:
        return f"{vacancy.workload_most} %"
    return f"{vacancy.workload_least}–{vacancy.workload_most} %"


def facts_of(vacancy: Vacancy) -> list[tuple[str, str]]:
    start = formats.day(vacancy.start) if vacancy.start else ""
    if vacancy.latest_start and vacancy.latest_start != vacancy.start:
        latest = _("by %(day)s at the latest") % {"day": formats.day(vacancy.latest_start)}
        start = f"{start}, {latest}" if start else latest
    until = _("until %(day)s") % {"day": formats.day(vacancy.last_day)} if vacancy.last_day else _("unlimited")
    if vacancy.last_day is None and vacancy.contract_forms == [ContractForm.FREELANCE]:
        until = ""  # a project without a last day is not one for ever
    rows = (
        (_("Contract"), contract_told(vacancy)),
        (_("Place"), place_told(vacancy)),
        (_("Start"), start),
        (_("Duration"), until),
        (_("Workload"), workload_told(vacancy)),
        (_("Pay"), pay_told(vacancy) or (_("is told before the interview") if vacancy.pay_reason else "")),
        (_("Positions"), str(vacancy.positions) if vacancy.positions > 1 else ""),
        (_("Industry"), str(vacancy.industry) if vacancy.industry is not None else ""),
        (_("Offered by"), offered_by(vacancy)),
        (_("Online since"), formats.day(vacancy.published_at) if vacancy.published_at else ""),
    )
    return [(label, text) for label, text in rows if text]


def needs_of(vacancy: Vacancy) -> list[tuple[str, str]]:
    """Requirements in words: (must or not, what and how well)."""
    kinds = dict(NeedKind.choices)
    order = {"must": 0, "should": 1, "nice": 2}
    rows = [
        (str(kinds[row.kind]), f"{row.term} ({row.get_level_display()})", order[row.kind], -row.weight)
        for row in vacancy.terms.all()
    ]
    found = [(kind, text) for kind, text, _order, _weight in sorted(rows, key=lambda row: row[2:])]
    found += [
        (str(kinds["must"]), f"{language_name(row.code)} ({LanguageLevel(row.level).label})")
        for row in vacancy.languages.all()
    ]
    return found


def remarks_of(vacancy: Vacancy, language: str) -> list[Remark]:
    """The checks of the ad in one language, said in the reader's."""
    checked = CheckedAd(
        language=language, title=_either(vacancy, "title", language), tasks=_either(vacancy, "tasks", language),
        wanted=_either(vacancy, "wanted", language), intro=_either(vacancy, "intro", language), offer=_either(vacancy, "offer", language),
        pay_told=vacancy.pay_least is not None or vacancy.pay_most is not None, pay_reason=vacancy.pay_reason,
        start=bool(vacancy.start or vacancy.latest_start), place=bool(vacancy.city or vacancy.places or vacancy.remote),
        contracts=bool(vacancy.contract_forms), musts=sum(row.kind == "must" for row in vacancy.terms.all()),
    )  # fmt: skip
    return check_ad(checked)
