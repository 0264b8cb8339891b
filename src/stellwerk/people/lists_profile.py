"""The lists of skills, absences and rates."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, Subquery, When
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from stellwerk.core.formats import number
from stellwerk.core.lists import Column, ListSpec, register_list
from stellwerk.core.lists.reading import ListResult, Row
from stellwerk.core.lists.spec import BulkAction
from stellwerk.core.models import ChangeSet, User
from stellwerk.core.permissions import grants_of
from stellwerk.people.lists import person_column
from stellwerk.people.models import Absence, PersonRate, PersonSkill, RoleRate, Skill, SkillLevel
from stellwerk.people.selectors import role_name
from stellwerk.people.selectors.profile import STATES, skill_state
from stellwerk.people.services.skills import confirm_skill


def _skill_name(path: str) -> Combinable:
    """The name of a skill in the reader's language, as :class:`Skill` says it."""
    if get_language() != "en":
        return F(f"{path}__name")
    return Case(When(~Q(**{f"{path}__name_en": ""}), then=F(f"{path}__name_en")), default=F(f"{path}__name"))


def _have(q: Q) -> Combinable:
    rows = PersonSkill.objects.filter(q, skill=OuterRef("pk"), person__archived_at=None).order_by().values("skill")
    return Subquery(rows.annotate(n=Count("pk")).values("n")[:1], output_field=IntegerField())


def _levels() -> list[tuple[int, str]]:
    return [(value, f"{value} {label}") for value, label in SkillLevel.choices]


SKILLS = register_list(
    ListSpec(
        "people.skill",
        Skill,
        (
            Column("name", _("Name (German)"), "link"),
            Column("name_en", _("Name (English)"), edit="name_en"),
            Column("category", _("Category"), groupable=True, edit="category"),
            Column("key", _("Key"), default=False),
            Column("people", _("People"), "number", expression=lambda: _have(Q(confirmed__gt=0) | Q(claimed__gt=0)), only=lambda user: _sees(user)),
            Column("description", _("Description"), wide=True, default=False),
        ),
        default_sort=("category", "name"),
        create_url="people:skill-create",
        create_label=_("New skill"),
        icon="award",
        empty_title=_("No skills yet"),
        empty_text=_("Skills are what demands ask for and what line managers confirm. Begin with the ten that are short most often."),
    )
)  # fmt: skip


def _sees(user: User) -> bool:
    """How many have a skill is told to those who see the skills of others."""
    return any(grant.scope != "self" and grant.role in {"pmo_lead", "pmo_analyst", "controller", "recruiter", "resource_manager"} for grant in grants_of(user))  # fmt: skip


def _confirm(row: PersonSkill, by: User, change_set: ChangeSet) -> PersonSkill:
    return confirm_skill(row, level=row.claimed, expires=None, by=by, version=row.version, change_set=change_set)


def _skills_answer(request: HttpRequest, result: ListResult) -> str:
    return ngettext("%(count)s skill of a person", "%(count)s skills of people", result.count) % {
        "count": number(result.count)
    }


def _absences_answer(request: HttpRequest, result: ListResult) -> str:
    return ngettext("%(count)s absence", "%(count)s absences", result.count) % {"count": number(result.count)}


def _person_url(anchor: str) -> Any:
    def url(row: Row) -> str:
        return reverse("people:person-detail", args=[row["person__key"]]) + anchor

    return url


PERSON_SKILLS = register_list(
    ListSpec(
        "people.personskill",
        PersonSkill,
        (
            person_column("person", _("Person"), groupable=True),
            Column("skill", _("Skill"), "link", expression=lambda: _skill_name("skill"), key="skill__key", to="people.skill", groupable=True),
            Column("category", _("Category"), path="skill__category", groupable=True, default=False),
            Column("claimed", _("Claimed level"), "choice", choices=_levels, groupable=True),
            Column("confirmed", _("Confirmed level"), "choice", choices=_levels, groupable=True),
            Column("state", _("State"), "choice", expression=skill_state, choices=lambda: list(STATES), quick=True, groupable=True),
            Column("confirmed_by", _("Confirmed by"), path="confirmed_by__name", default=False),
            Column("confirmed_on", _("Confirmed on"), "date"),
            Column("expires", _("Expires"), "date"),
            Column("unit", _("Unit"), "link", path="person__unit__name", key="person__unit__key", to="people.unit", groupable=True),
        ),
        title=_("Skills of people"),
        default_sort=("person", "skill"),
        search=("person__first_name", "person__last_name", "skill__name", "skill__name_en"),
        row_url=_person_url("#skills"),
        extra=("person__key",),
        answer=_skills_answer,
        actions=(
            BulkAction(
                "confirm", _("Confirm as claimed"), "confirm", _confirm,
                confirm=_("The claimed level counts from today, without an end. Your own skills are left out."),
            ),
        ),
        icon="award",
        empty_title=_("No skills yet"),
        empty_text=_("People say on their own page what they can; their line manager confirms it."),
    )
)  # fmt: skip

ABSENCES = register_list(
    ListSpec(
        "people.absence",
        Absence,
        (
            person_column("person", _("Person"), groupable=True),
            Column("first", _("From"), "date"),
            Column("last", _("To"), "date"),
            Column("part", _("Part of the day (%)"), "number"),
            Column("kind", pgettext_lazy("absence", "Reason"), "choice", groupable=True, quick=True),
            Column("note", pgettext_lazy("absence", "Note"), default=False),
            Column("unit", _("Unit"), "link", path="person__unit__name", key="person__unit__key", to="people.unit", groupable=True),
        ),
        default_sort=("-first",),
        search=("person__first_name", "person__last_name"),
        row_url=_person_url("#absences"),
        extra=("person__key",),
        answer=_absences_answer,
        icon="calendar",
        empty_title=_("No absences yet"),
        empty_text=_("Enter them on the page of a person, or import a calendar or a table."),
    )
)  # fmt: skip

_RATE = (
    Column("kind", _("Type"), "choice", groupable=True, quick=True),
    Column("amount", _("Rate per hour"), "money"),
    Column("currency", _("Currency"), groupable=True, default=False),
    Column("valid_from", _("Valid from"), "date"),
    Column("valid_to", _("Valid to"), "date"),
)


def _rates_answer(request: HttpRequest, result: ListResult) -> str:
    return ngettext("%(count)s rate", "%(count)s rates", result.count) % {"count": number(result.count)}


PERSON_RATES = register_list(
    ListSpec(
        "people.personrate",
        PersonRate,
        (person_column("person", _("Person"), groupable=True), *_RATE),
        title=_("Rates of persons"),
        default_sort=("person", "kind", "-valid_from"),
        currency="currency",
        search=("person__first_name", "person__last_name"),
        row_url=_person_url("#rates"),
        extra=("person__key",),
        answer=_rates_answer,
        icon="currency-euro",
        empty_title=_("No rates yet"),
        empty_text=_("Enter them on the page of a person. Without one, the rate of the project role counts."),
    )
)


def _role_url(row: Row) -> str:
    return reverse("people:role-detail", args=[row["role__key"]])


ROLE_RATES = register_list(
    ListSpec(
        "people.rolerate",
        RoleRate,
        (
            Column("role", _("Project role"), "link", expression=role_name, key="role__key", to="people.role", groupable=True),
            Column("organisation", _("Organisation"), path="organisation__name", groupable=True),
            *_RATE,
        ),
        title=_("Rates of project roles"),
        default_sort=("role", "kind", "-valid_from"),
        currency="currency",
        search=("role__name", "role__name_en"),
        row_url=_role_url,
        extra=("role__key",),
        answer=_rates_answer,
        icon="currency-euro",
        empty_title=_("No rates yet"),
        empty_text=_("Enter them on the page of a project role."),
    )
)  # fmt: skip
