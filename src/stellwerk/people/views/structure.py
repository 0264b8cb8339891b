"""Pages of organisations, units, locations and the catalogue of project roles."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.lists.views import list_page
from stellwerk.core.pages.forms import create_page, edit_page
from stellwerk.core.permissions import can
from stellwerk.core.registry import actions_for, panels_for, url_of
from stellwerk.people import services
from stellwerk.people.forms import LocationForm, OrganisationForm, RoleForm, UnitForm
from stellwerk.people.models import Location, Organisation, Role, Unit
from stellwerk.people.selectors import locations_of, people_of_unit, unit_tree, units_of
from stellwerk.people.selectors.profile import role_rates

# ── organisations ────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@access("view", "people.organisation")
def organisation_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "people.organisation")


@require_http_methods(["GET", "HEAD", "POST"])
@access("create", "people.organisation")
def organisation_create(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    return create_page(request, OrganisationForm, save=lambda values: services.create_organisation(values, by=by))


@require_safe
@access("view", "people.organisation")
def organisation_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    organisation = fetch(user, Organisation, key=key)
    context = {
        "object": organisation,
        "organisation": organisation,
        "units": units_of(user, organisation),
        "locations": locations_of(organisation) if can(user, "view", Location) else [],
        "edits_locations": can(user, "create", Location),
        "panels": panels_for(request, organisation),
        "actions": actions_for(request, organisation),
    }
    return render(request, "people/organisation_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access("edit", "people.organisation")
def organisation_edit(request: HttpRequest, key: str) -> HttpResponse:
    by = actor(request)
    organisation = fetch(by, Organisation, "edit", key=key)

    def save(values: dict[str, Any], version: int | None, reason: str) -> Organisation:
        return services.edit_organisation(organisation, values, by=by, version=version, reason=reason)

    return edit_page(request, OrganisationForm, organisation, save=save)


@require_http_methods(["GET", "HEAD", "POST"])
@access("create", "people.location")
def location_create(request: HttpRequest, key: str) -> HttpResponse:
    by = actor(request)
    organisation = fetch(by, Organisation, key=key)
    return create_page(
        request,
        LocationForm,
        save=lambda values: services.create_location(values, by=by),
        title=_("New location"),
        initial={
            "organisation": organisation.pk,
            "country": organisation.country,
            "subdivision": organisation.subdivision,
        },
        cancel=url_of(organisation),
        then=lambda location: url_of(location.organisation),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@access("edit", "people.location")
def location_edit(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor(request)
    location = fetch(by, Location.objects.select_related("organisation"), "edit", pk=pk)

    def save(values: dict[str, Any], version: int | None, reason: str) -> Location:
        return services.edit_location(location, values, by=by, version=version, reason=reason)

    return edit_page(
        request,
        LocationForm,
        location,
        save=save,
        cancel=url_of(location.organisation),
        then=lambda saved: url_of(saved.organisation),
    )


# ── units ────────────────────────────────────────────────────────────────────────────────────────


@require_safe
@access("view", "people.unit")
def unit_tree_page(request: HttpRequest) -> HttpResponse:
    """All units as a tree with heads and managers."""
    user = actor(request)
    archived = request.GET.get("archived") == "all"
    trees = unit_tree(user, archived=archived)
    rows = [row for _organisation, tree in trees for row in tree]
    context = {
        "trees": trees,
        "units": len(rows),
        "people": sum(row.own for row in rows),
        "without_manager": sum(1 for row in rows if row.unit.manager_id is None),
        "archived": archived,
        "may_create": can(user, "create", Unit),
    }
    return render(request, "people/unit_tree.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access("view", "people.unit")
def unit_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "people.unit")


@require_http_methods(["GET", "HEAD", "POST"])
@access("create", "people.unit")
def unit_create(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    return create_page(request, UnitForm, save=lambda values: services.create_unit(values, by=by))


def _unit(request: HttpRequest, key: str, verb: str = "view") -> Unit:
    return fetch(actor(request), Unit.objects.select_related("organisation", "parent", "manager"), verb, key=key)


@require_safe
@access("view", "people.unit")
def unit_detail(request: HttpRequest, key: str) -> HttpResponse:
    unit, user = _unit(request, key), actor(request)
    rows = units_of(user, unit.organisation)
    here = next((row for row in rows if row.unit.pk == unit.pk), None)
    context = {
        "object": unit,
        "unit": unit,
        "row": here,
        "children": sorted(here.children, key=lambda row: row.unit.name) if here else [],
        "people": people_of_unit(user, unit),
        "people_url": f"{reverse('people:person-list')}?unit={unit.key}",
        "panels": panels_for(request, unit),
        "actions": actions_for(request, unit),
    }
    return render(request, "people/unit_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access("edit", "people.unit")
def unit_edit(request: HttpRequest, key: str) -> HttpResponse:
    unit, by = _unit(request, key, "edit"), actor(request)

    def save(values: dict[str, Any], version: int | None, reason: str) -> Unit:
        return services.edit_unit(unit, values, by=by, version=version, reason=reason)

    return edit_page(request, UnitForm, unit, save=save)


# ── project roles ────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@access("view", "people.role")
def role_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "people.role")


@require_http_methods(["GET", "HEAD", "POST"])
@access("create", "people.role")
def role_create(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    return create_page(request, RoleForm, save=lambda values: services.create_role(values, by=by))


@require_safe
@access("view", "people.role")
def role_detail(request: HttpRequest, key: str) -> HttpResponse:
    role = fetch(actor(request), Role, key=key)
    context = {
        "object": role,
        "role": role,
        "people_url": f"{reverse('people:person-list')}?role={role.key}",
        **role_rates(actor(request), role),
        "panels": panels_for(request, role),
        "actions": actions_for(request, role),
    }
    return render(request, "people/role_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access("edit", "people.role")
def role_edit(request: HttpRequest, key: str) -> HttpResponse:
    by = actor(request)
    role = fetch(by, Role, "edit", key=key)

    def save(values: dict[str, Any], version: int | None, reason: str) -> Role:
        return services.edit_role(role, values, by=by, version=version, reason=reason)

    return edit_page(request, RoleForm, role, save=save)
