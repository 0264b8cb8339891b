"""Pages of the catalogue of skills, and of what single people can."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.lists.views import list_page
from stellwerk.core.pages.forms import create_page, edit_page
from stellwerk.core.permissions import visible
from stellwerk.core.registry import actions_for, panels_for
from stellwerk.people import services
from stellwerk.people.forms_profile import ClaimForm, ConfirmForm, SkillForm
from stellwerk.people.models import Person, PersonSkill, Skill
from stellwerk.people.selectors.persons import employed
from stellwerk.people.selectors.profile import STATES, with_state
from stellwerk.people.views.common import METHODS, page_of, person_for, removed


@require_http_methods(METHODS)
@access("view", "people.skill")
def skill_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "people.skill")


@require_http_methods(METHODS)
@access("create", "people.skill")
def skill_create(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    return create_page(request, SkillForm, save=lambda values: services.create_skill(values, by=by))


@require_safe
@access("view", "people.skill")
def skill_detail(request: HttpRequest, key: str) -> HttpResponse:
    """A skill, and those of the people with it whose skills the reader may see, best first."""
    user = actor(request)
    skill = fetch(user, Skill, key=key)
    rows = with_state(PersonSkill.objects.filter(visible(user, PersonSkill), skill=skill))
    rows = rows.filter(person__in=Person.objects.filter(employed())).select_related("person__unit", "person__role")
    context = {
        "object": skill,
        "skill": skill,
        "rows": sorted(rows, key=lambda row: (-(row.confirmed or 0), -row.claimed, str(row.person)))[:200],
        "states": dict(STATES),
        "panels": panels_for(request, skill),
        "actions": actions_for(request, skill),
    }
    return render(request, "people/skill_detail.html", context)


@require_http_methods(METHODS)
@access("edit", "people.skill")
def skill_edit(request: HttpRequest, key: str) -> HttpResponse:
    by = actor(request)
    skill = fetch(by, Skill, "edit", key=key)

    def save(values: dict[str, Any], version: int | None, reason: str) -> Skill:
        return services.edit_skill(skill, values, by=by, version=version, reason=reason)

    return edit_page(request, SkillForm, skill, save=save)


# ── of people ────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(METHODS)
@access("view", "people.personskill")
def personskill_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "people.personskill")


@require_http_methods(METHODS)
@access("create", "people.personskill")
def personskill_create(request: HttpRequest, key: str) -> HttpResponse:
    """What somebody says of themselves, or of one of their people."""
    by = actor(request)
    person = person_for(request, key, PersonSkill)
    return create_page(
        request,
        ClaimForm,
        save=lambda values: services.claim_skill({"person": person, **values}, by=by),
        title=_("New skill of %(name)s") % {"name": person},
        cancel=page_of(person, "skills"),
        then=lambda _row: page_of(person, "skills"),
    )


def _row(request: HttpRequest, pk: int, verb: str) -> PersonSkill:
    rows = PersonSkill.objects.select_related("person__unit", "skill", "confirmed_by")
    return fetch(actor(request), rows, verb, pk=pk)


@require_http_methods(METHODS)
@access("edit", "people.personskill")
def personskill_edit(request: HttpRequest, pk: int) -> HttpResponse:
    by, row = actor(request), _row(request, pk, "edit")

    def save(values: dict[str, Any], version: int | None, reason: str) -> PersonSkill:
        return services.edit_claim(row, values, by=by, version=version, reason=reason)

    title = _("%(skill)s of %(name)s") % {"skill": row.skill, "name": row.person}
    back = page_of(row.person, "skills")
    return edit_page(request, ClaimForm, row, save=save, title=title, cancel=back, then=lambda _row: back)


@require_http_methods(METHODS)
@access("confirm", "people.personskill")
def personskill_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The line manager says on which level; their own skills are refused."""
    by, row = actor(request), _row(request, pk, "confirm")
    if row.person.user_id == by.pk:
        services.confirm_skill(row, level=row.claimed, expires=None, by=by)  # refuses, and says why

    def save(values: dict[str, Any], version: int | None, reason: str) -> PersonSkill:
        return services.confirm_skill(
            row, level=values["confirmed"], expires=values["expires"], by=by, version=version, reason=reason
        )

    back = page_of(row.person, "skills")
    return edit_page(
        request,
        ConfirmForm,
        row,
        save=save,
        title=_("Confirm %(skill)s of %(name)s") % {"skill": row.skill, "name": row.person},
        sub=_("Claimed: %(level)s") % {"level": f"{row.claimed} {row.get_claimed_display()}"},
        submit=_("Confirm"),
        cancel=back,
        message=_("“%(name)s” has been confirmed."),
        then=lambda _row: back,
    )


@require_POST
@access("edit", "people.personskill")
def personskill_remove(request: HttpRequest, pk: int) -> HttpResponse:
    row = _row(request, pk, "edit")
    text = _("“%(name)s” has been removed.") % {"name": row.skill}
    return removed(request, row, page_of(row.person, "skills"), text)
