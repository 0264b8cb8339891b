"""The house's own pay bands: list, new, change, end."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Refused
from stellwerk.core.lists.views import list_page
from stellwerk.core.pages import create_page, edit_page
from stellwerk.core.permissions import visible
from stellwerk.people.models import Organisation
from stellwerk.portfolio.views.common import version_of
from stellwerk.staffing.forms_pay import PayBandForm
from stellwerk.staffing.models import PayBand
from stellwerk.staffing.services import pay_bands

BAND = "staffing.payband"
RELATED = ("role", "organisation")


def _list(_band: Any) -> str:
    return reverse("staffing:band-list")


@access("view", BAND)
def band_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, BAND)


@access("create", BAND)
def band_create(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    here = Organisation.objects.filter(visible(user, Organisation), archived_at=None).order_by("pk").first()

    def save(values: dict[str, Any]) -> PayBand:
        return pay_bands.create_band(values=values, by=user)

    return create_page(request, PayBandForm, save=save, initial={"organisation": here.pk if here else None}, then=_list)


@access("edit", BAND)
def band_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of one band, and the button that ends it."""
    user = actor(request)
    band = fetch(user, PayBand.objects.select_related(*RELATED), "edit", pk=pk)

    def save(values: dict[str, Any], version: int | None, reason: str) -> PayBand:
        return pay_bands.edit_band(band=band, values=values, by=user, version=version, reason=reason)

    return edit_page(
        request, PayBandForm, band, save=save, ask_reason=True, template="staffing/band_form.html", cancel=_list(band),
        then=_list,
    )  # fmt: skip


@require_POST
@access("edit", BAND)
def band_end(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor(request)
    band = fetch(user, PayBand.objects.select_related(*RELATED), "edit", pk=pk)
    try:
        pay_bands.end_band(band=band, by=user, version=version_of(request))
    except Refused as refusal:
        messages.error(request, " ".join(str(text) for text in (refusal.message, refusal.what_to_do or "")).strip())
    else:
        messages.success(request, _("The pay band has ended: vacancies show the general guidance again."))
    return HttpResponseRedirect(_list(band))
