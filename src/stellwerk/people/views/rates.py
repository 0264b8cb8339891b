"""Pages of rates: of single persons (controllers alone) and of project roles."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.lists.views import list_page
from stellwerk.core.pages.forms import create_page, edit_page
from stellwerk.core.registry import url_of
from stellwerk.people import services
from stellwerk.people.forms_profile import PersonRateForm, RoleRateForm
from stellwerk.people.models import PersonRate, Role, RoleRate
from stellwerk.people.views.common import METHODS, Words, person_pages, removed


@require_http_methods(METHODS)
@access("view", "people.personrate")
def personrate_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "people.personrate")


personrate_create, personrate_edit, personrate_remove = person_pages(
    PersonRate, PersonRateForm, "rates",
    Words(
        gettext_lazy("New rate of %(name)s"), gettext_lazy("Rate of %(name)s"), gettext_lazy("The rate has been saved."),
        gettext_lazy("The rate has been removed."),
    ),
    enter=lambda values, by: services.set_person_rate(values, by=by),
    change=lambda row, values, by, version, reason: services.edit_person_rate(row, values, by=by, version=version, reason=reason),
    initial=lambda person: {"currency": person.unit.organisation.currency},
)  # fmt: skip


# ── of project roles ─────────────────────────────────────────────────────────────────────────────


@require_http_methods(METHODS)
@access("view", "people.rolerate")
def rolerate_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "people.rolerate")


@require_http_methods(METHODS)
@access("create", "people.rolerate")
def rolerate_create(request: HttpRequest, key: str) -> HttpResponse:
    by = actor(request)
    role = fetch(by, Role, key=key)
    return create_page(
        request,
        RoleRateForm,
        save=lambda values: services.set_role_rate({"role": role, **values}, by=by),
        title=_("New rate of %(name)s") % {"name": role},
        cancel=url_of(role),
        message=_("The rate has been saved."),
        then=lambda _row: url_of(role),
    )


def _role_rate(request: HttpRequest, pk: int) -> RoleRate:
    return fetch(actor(request), RoleRate.objects.select_related("role", "organisation"), "edit", pk=pk)


@require_http_methods(METHODS)
@access("edit", "people.rolerate")
def rolerate_edit(request: HttpRequest, pk: int) -> HttpResponse:
    by, row = actor(request), _role_rate(request, pk)
    back = url_of(row.role)

    def save(values: dict[str, Any], version: int | None, reason: str) -> RoleRate:
        return services.edit_role_rate(row, values, by=by, version=version, reason=reason)

    title = _("Rate of %(name)s") % {"name": row.role}
    message = _("The rate has been saved.")
    return edit_page(
        request, RoleRateForm, row, save=save, title=title, cancel=back, message=message, then=lambda _row: back
    )


@require_POST
@access("edit", "people.rolerate")
def rolerate_remove(request: HttpRequest, pk: int) -> HttpResponse:
    row = _role_rate(request, pk)
    return removed(request, row, url_of(row.role), _("The rate has been removed."))
