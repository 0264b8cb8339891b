"""What the pages about one person share."""

from __future__ import annotations

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from stellwerk.core.access import actor, fetch
from stellwerk.core.errors import Refused, Text
from stellwerk.core.models import Versioned
from stellwerk.core.permissions import require
from stellwerk.people.models import Person
from stellwerk.people.services.removing import remove

PLACE = ("unit__organisation", "location", "role", "manager", "user")


def page_of(person: Person, anchor: str) -> str:
    """The place on the person's page where a thing stands."""
    return reverse("people:person-detail", args=[person.key]) + f"#{anchor}"


def person_for(request: HttpRequest, key: str, sample: type[models.Model]) -> Person:
    """The person for whom the reader may create a ``sample`` (an absence, a rate): 404 unless seen, 403 unless allowed."""
    user = actor(request)
    person = fetch(user, Person.objects.select_related(*PLACE), key=key)
    require(user, "create", sample(person=person))
    if person.archived_at is not None:
        raise Refused(_("This entry is archived."), _("Restore it first."), code="archived")
    return person


def removed(request: HttpRequest, row: Versioned, back: str, message: Text) -> HttpResponse:
    """Remove a row by its version, then back to where it stood; a refusal is told there."""
    text = request.POST.get("version", "")
    version = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
    try:
        remove(row, by=actor(request), version=version)
    except Refused as refusal:
        if refusal.status == 403:
            raise
        messages.error(request, str(refusal))
    else:
        messages.success(request, str(message))
    return HttpResponseRedirect(back)
