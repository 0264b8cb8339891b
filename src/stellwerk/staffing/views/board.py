"""The job board: list with search, and one ad. Public, without scripts; everything asked for stands in the address."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from django.views.decorators.http import require_safe

from stellwerk.core import formats
from stellwerk.core.access import public
from stellwerk.core.notify import absolute
from stellwerk.staffing.forms_board import BoardForm, SavedSearchForm
from stellwerk.staffing.further_places import address_of, parts_of
from stellwerk.staffing.models import Vacancy
from stellwerk.staffing.place_input import which
from stellwerk.staffing.selectors import board
from stellwerk.staffing.selectors.ads import AdView, ad_of, company_told, contract_told, pay_told, place_told
from stellwerk.staffing.term_input import language
from stellwerk.staffing.views.conditional import conditional

NUMBERS = 2**31 - 1
"""The greatest number a reference can have in the database."""
EMPLOYMENT = {"permanent": "FULL_TIME", "lending": "TEMPORARY", "freelance": "CONTRACTOR"}
NOT_IN_SCRIPTS = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&\u2028\u2029"}


@require_safe
@public
def ad_list(request: HttpRequest) -> HttpResponse:
    """Six queries at most, whatever is asked for."""
    asked = request.GET.dict()
    search = BoardForm(asked).search()
    form = BoardForm({"unit": search.unit, "sort": search.sort} | asked)  # shown as what holds when nothing is said
    found = board.find(search)
    page, rows = board.page_of(found, request.GET.get("page"))
    unclear = bool(search.place.strip() and search.radius and found.spot is None)
    context = {
        "form": form, "page": page, "search": search, "rows": [_line(row, found.away.get(row.pk)) for row in rows],
        "answer": ngettext("%(count)s vacancy", "%(count)s vacancies", page.paginator.count) % {"count": formats.number(page.paginator.count)},
        "several": which(board.places_meant(search.place)) if unclear else "", "unknown": search.place if unclear else "",
        "more": any(getattr(search, name) for name in ("remote", "contract", "skill", "pay", "since")) or bool(form.errors),
        "save": SavedSearchForm(initial={"query": search.query()}), "query": search.query(),
    }  # fmt: skip
    told = [search, form.errors, found.spot, page.number, context["rows"], context["answer"]]
    return conditional(request, told, lambda: render(request, "staffing/board_list.html", context))


def _line(vacancy: Vacancy, away: float | None) -> dict[str, Any]:
    here = language()
    return {
        "number": vacancy.number, "title": (vacancy.title_en or vacancy.title) if here == "en" else vacancy.title,
        "contract": contract_told(vacancy), "company": company_told(vacancy), "place": place_told(vacancy), "pay": pay_told(vacancy), "reference": vacancy.reference,
        "since": formats.day(vacancy.published_at) if vacancy.published_at else "",
        "away": _("%(km)s km away") % {"km": formats.number(round(away))} if away is not None else "",
        "start": formats.day(vacancy.start) if vacancy.start else "",
    }  # fmt: skip


def _number(number: int) -> Vacancy:
    found = board.ad_by_number(number) if number <= NUMBERS else None
    if found is None:
        raise Http404(_("This page does not exist, or you may not see it."))
    return found


@require_safe
@public
def ad(request: HttpRequest, number: int) -> HttpResponse:
    """One ad; what is no longer open says so and shows nothing of it (410)."""
    vacancy = _number(number)
    if vacancy.state != "published":
        texts = {
            "filled": _("This vacancy has been filled."),
            "on_hold": _("This vacancy is on hold."),
            "cancelled": _("This vacancy is no longer looked for."),
        }
        told = {"title": texts[vacancy.state], "text": _("Other vacancies are on the job board.")}
        return render(request, "staffing/board_message.html", told, status=410)
    shown = ad_of(vacancy, language())
    forms = set(vacancy.contract_forms)
    context: dict[str, Any] = {
        "ad": shown, "posting": script_of(posting(vacancy, shown)),
        "applicant": bool(forms & {"permanent", "lending"}) or not forms, "freelancer": "freelance" in forms,
    }  # fmt: skip
    return conditional(request, [shown, context["posting"]], lambda: render(request, "staffing/board_ad.html", context))


@require_safe
@public
def ad_edition(request: HttpRequest, number: int, edition: int) -> HttpResponse:
    """A printed reference (``821407/1``) leads to the ad as it is now."""
    return HttpResponsePermanentRedirect(reverse("board:ad", args=[_number(number).number]))


# ── for machines ─────────────────────────────────────────────────────────────────────────────────


def posting(vacancy: Vacancy, shown: AdView) -> dict[str, Any]:
    """schema.org JobPosting. A covered client is never named: the organisation that serves it stands there."""
    company = vacancy.client.name if not vacancy.client.covered else vacancy.organisation.name
    assert vacancy.published_at is not None
    found: dict[str, Any] = {
        "@context": "https://schema.org", "@type": "JobPosting", "title": shown.title, "description": str(description(shown)),
        "identifier": {"@type": "PropertyValue", "name": vacancy.organisation.name, "value": shown.reference},
        "datePosted": timezone.localtime(vacancy.published_at).date().isoformat(), "url": absolute(reverse("board:ad", args=[vacancy.number])),
        "hiringOrganization": {"@type": "Organization", "name": company}, "inLanguage": shown.written_in,
        "employmentType": [EMPLOYMENT[code] for code in vacancy.contract_forms if code in EMPLOYMENT], "directApply": True,
        "totalJobOpenings": vacancy.positions,
    }  # fmt: skip
    if places := _places(vacancy):
        found["jobLocation"] = places[0] if len(places) == 1 else places
    if vacancy.remote >= 100:
        found["jobLocationType"] = "TELECOMMUTE"
        found["applicantLocationRequirements"] = {"@type": "Country", "name": vacancy.country}
    if vacancy.start:
        found["jobStartDate"] = vacancy.start.isoformat()
    if (salary := _salary(vacancy)) is not None:
        found["baseSalary"] = salary
    return found


def _places(vacancy: Vacancy) -> list[dict[str, Any]]:
    """Town and further places; without any, but not remote, the country: search engines refuse an ad that lies nowhere."""
    addresses = [address_of(part, vacancy.country) for part in parts_of(vacancy.places)]
    if vacancy.city:
        town = {"@type": "PostalAddress", "addressLocality": vacancy.city, "addressCountry": vacancy.country}
        addresses.insert(0, town | ({"postalCode": vacancy.postcode} if vacancy.postcode else {}))
    if not addresses and vacancy.remote < 100:
        addresses = [{"@type": "PostalAddress", "addressCountry": vacancy.country}]
    return [{"@type": "Place", "address": address} for address in addresses]


def _salary(vacancy: Vacancy) -> dict[str, Any] | None:
    told = {"minValue": vacancy.pay_least, "maxValue": vacancy.pay_most}
    value = {
        name: float(formats.major(amount, vacancy.currency)) for name, amount in told.items() if amount is not None
    }
    if not value:
        return None
    unit = {"@type": "QuantitativeValue", "unitText": "HOUR" if vacancy.pay_unit == "hour" else "YEAR"}
    return {"@type": "MonetaryAmount", "currency": vacancy.currency, "value": unit | value}


def description(shown: AdView) -> SafeString:
    """The ad as HTML without anything but paragraphs and lists."""
    with override(shown.language):
        heads = (
            (_("Tasks"), shown.tasks),
            (_("Profile"), [*shown.wanted, *(f"{k}: {t}" for k, t in shown.needs)]),
            (_("We offer"), shown.offer),
        )
    parts = [format_html("<p>{}</p>", shown.intro)] if shown.intro else []
    for head, lines in heads:
        if lines:
            bullets = format_html_join("", "<li>{}</li>", ((line,) for line in lines))
            parts.append(format_html("<p>{}</p><ul>{}</ul>", head, bullets))
    return format_html_join("", "{}", ((part,) for part in parts or [format_html("<p>{}</p>", shown.title)]))


def script_of(data: dict[str, Any]) -> SafeString:
    """JSON that cannot end the element it stands in (as Django's ``json_script`` writes it)."""
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(NOT_IN_SCRIPTS))  # noqa: S308 - escaped above
