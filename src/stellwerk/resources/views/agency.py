"""Earlier assignments of a temporary worker: entered, changed and removed on the page of the person."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from stellwerk.core import services
from stellwerk.core.access import access, actor, fetch
from stellwerk.core.pages import EntityForm, create_page, edit_page
from stellwerk.people.views.common import page_of, person_for, removed
from stellwerk.resources.models import AgencyAssignment

METHODS = ["GET", "HEAD", "POST"]
ANCHOR = "temporary-work"


class AssignmentForm(EntityForm):
    class Meta:
        model = AgencyAssignment
        fields = ("organisation", "agency", "first", "last")


@require_http_methods(METHODS)
@access("create", "resources.agencyassignment")
def assignment_create(request: HttpRequest, key: str) -> HttpResponse:
    by = actor(request)
    person = person_for(request, key, AgencyAssignment)
    back = page_of(person, ANCHOR)
    return create_page(
        request,
        AssignmentForm,
        save=lambda values: services.create(AgencyAssignment, {"person": person, **values}, by=by),
        title=_("Earlier assignment of %(name)s") % {"name": person},
        initial={"organisation": person.unit.organisation_id},
        submit=_("Enter"),
        cancel=back,
        message=_("The assignment has been entered."),
        then=lambda _row: back,
    )


def _assignment(request: HttpRequest, pk: int) -> AgencyAssignment:
    return fetch(actor(request), AgencyAssignment.objects.select_related("person__unit"), "edit", pk=pk)


@require_http_methods(METHODS)
@access("edit", "resources.agencyassignment")
def assignment_edit(request: HttpRequest, pk: int) -> HttpResponse:
    by, row = actor(request), _assignment(request, pk)
    back = page_of(row.person, ANCHOR)

    def save(values: dict[str, Any], version: int | None, reason: str) -> AgencyAssignment:
        return services.edit(row, values, by=by, version=version, reason=reason)

    title = _("Earlier assignment of %(name)s") % {"name": row.person}
    message = _("The assignment has been saved.")
    return edit_page(
        request, AssignmentForm, row, save=save, title=title, cancel=back, message=message, then=lambda _row: back
    )


@require_POST
@access("edit", "resources.agencyassignment")
def assignment_remove(request: HttpRequest, pk: int) -> HttpResponse:
    row = _assignment(request, pk)
    return removed(request, row, page_of(row.person, ANCHOR), _("The assignment has been removed."))
