"""What the pages about one person share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Refused, Text
from stellwerk.core.models import User, Versioned
from stellwerk.core.pages import EntityForm, create_page, edit_page
from stellwerk.core.permissions import require
from stellwerk.people.models import Person
from stellwerk.people.services.removing import remove

METHODS: Final = ["GET", "HEAD", "POST"]
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


@dataclass(frozen=True)
class Words:
    """Titles name the person as ``%(name)s``."""

    new: Text
    title: Text
    saved: Text
    removed: Text
    entered: Text = ""
    submit: Text = ""
    sub: Text = ""


Enter = Callable[[dict[str, Any], User], Any]
"""Writes a new row from its values, the person among them."""
Change = Callable[[Any, dict[str, Any], User, int | None, str], Any]
"""Writes a row: values, who, version, reason."""
Create = Callable[[HttpRequest, str], HttpResponseBase]
Edit = Callable[[HttpRequest, int], HttpResponseBase]


def person_pages(
    model: type[Versioned],
    form: type[EntityForm],
    anchor: str,
    words: Words,
    *,
    enter: Enter,
    change: Change,
    initial: Callable[[Person], Mapping[str, Any]] | None = None,
    form_options: Callable[[Person], Mapping[str, Any]] | None = None,
) -> tuple[Create, Edit, Edit]:
    """The pages that enter, change and remove one kind of row about a person; afterwards one is back where it stands on the person's page."""
    label = str(model._meta.label_lower)

    def row_of(request: HttpRequest, pk: int) -> Any:
        rows: models.QuerySet[Any] = model._default_manager.all()
        return fetch(actor(request), rows.select_related("person__unit"), "edit", pk=pk)

    @require_http_methods(METHODS)
    @access("create", label)
    def create(request: HttpRequest, key: str) -> HttpResponse:
        by, person = actor(request), person_for(request, key, model)
        back = page_of(person, anchor)
        return create_page(
            request, form, save=lambda values: enter({"person": person, **values}, by), title=str(words.new) % {"name": person}, sub=words.sub,
            initial=initial(person) if initial else None, form_options=form_options(person) if form_options else None, submit=words.submit,
            cancel=back, message=words.entered or words.saved, then=lambda _row: back,
        )  # fmt: skip

    @require_http_methods(METHODS)
    @access("edit", label)
    def edit(request: HttpRequest, pk: int) -> HttpResponse:
        by, row = actor(request), row_of(request, pk)
        back = page_of(row.person, anchor)
        return edit_page(
            request, form, row, save=lambda values, version, reason: change(row, values, by, version, reason),
            title=str(words.title) % {"name": row.person}, cancel=back, message=words.saved, then=lambda _row: back,
        )  # fmt: skip

    @require_POST
    @access("edit", label)
    def remove_(request: HttpRequest, pk: int) -> HttpResponse:
        row = row_of(request, pk)
        return removed(request, row, page_of(row.person, anchor), words.removed)

    return create, edit, remove_
