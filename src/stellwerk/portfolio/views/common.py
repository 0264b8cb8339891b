"""What the pages of the room share."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.errors import Invalid, StaleEdit


def amount(value: int | None, currency: str) -> str:
    return formats.money(value, currency)


def version_of(request: HttpRequest) -> int | None:
    """The version that the form was made from."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def refused(form: Any, error: Invalid | StaleEdit) -> None:
    """Put a service's refusal at its fields; what is no field stands above the form."""
    if isinstance(error, StaleEdit):
        form.add_error(None, str(error))
        return
    for name, texts in error.errors.items():
        for text in texts:
            form.add_error(name if name in form.fields else None, text)


def saved(request: HttpRequest, url: str, text: str = "") -> HttpResponse:
    messages.success(request, text or _("Saved."))
    return HttpResponseRedirect(url)


def page(request: HttpRequest, template: str, context: dict[str, Any], *, invalid: bool = False) -> HttpResponse:
    return render(request, template, context, status=422 if invalid else 200)
