"""Helpers of the shared views."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from stellwerk.core.access import actor, fetch
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.pages.forms import go, safe_url
from stellwerk.core.registry import ENTITIES, url_of


def entity(request: HttpRequest, label: str, pk: int, verb: str = "view") -> models.Model:
    """The entity behind ``<label>/<pk>`` that the user may see (else 404) and ``verb`` (else 403)."""
    kind = ENTITIES.get(label)
    if kind is None:
        raise Http404(_("This page does not exist, or you may not see it."))
    found = fetch(actor(request), kind.model, verb, pk=pk)
    request.nav = kind.url_name.removesuffix("-detail") + "-list"  # type: ignore[attr-defined]  # it belongs to its list
    return found


def page_of(obj: models.Model) -> str:
    """The entity's page, or its history where it has none."""
    return url_of(obj) or reverse("core:history", args=[obj._meta.label_lower, obj.pk])


def back(request: HttpRequest, fallback: str) -> str:
    """Where a shared action returns to: ``next`` from the form, else ``fallback``."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if safe_url(request, wanted) else fallback


def done(request: HttpRequest, text: str, target: str) -> HttpResponse:
    messages.success(request, text)
    return go(request, target)


def said(refusal: Refused) -> str:
    """A refusal in one line; field errors without their field names."""
    if isinstance(refusal, Invalid):
        return " ".join(text for texts in refusal.errors.values() for text in texts) or str(refusal.message)
    return str(refusal)


def number(text: Any) -> int | None:
    plain = str(text or "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 19 else None
