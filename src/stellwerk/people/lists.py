"""The lists of the people room, and the column that other rooms use for a person."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from stellwerk.core.errors import Text
from stellwerk.core.formats import number
from stellwerk.core.lists import Column, ListSpec, register_list
from stellwerk.core.lists.reading import ListResult, Row
from stellwerk.core.models import Grant, Scope, User
from stellwerk.core.permissions import ROLES
from stellwerk.people.models import Organisation, Person, Role, Unit
from stellwerk.people.selectors import employed, person_name, role_name, scope_name


def person_column(code: str, label: Text, path: str = "", **options: Any) -> Column:
    """A person behind a foreign key: full name, sorted by last name, linked to the person's page."""
    path = path or code
    return Column(
        code,
        label,
        "person",
        expression=lambda: person_name(path),
        key=f"{path}__key",
        to="people.person",
        sort=(f"{path}__last_name", f"{path}__first_name"),
        **options,
    )


def _how_many(model: Any, path: str, where: Q) -> Combinable:
    """How many rows of ``model`` point here by ``path``: a subquery, so that rows are not doubled."""
    found = model.objects.filter(where, **{path: OuterRef("pk")}).order_by().values(path)
    return Subquery(found.annotate(n=Count("pk")).values("n")[:1], output_field=IntegerField())


def _people_answer(request: HttpRequest, result: ListResult) -> SafeString | str:
    return ngettext("%(count)s person", "%(count)s people", result.count) % {"count": number(result.count)}


PEOPLE = register_list(
    ListSpec(
        "people.person",
        Person,
        (
            Column("name", _("Name"), "person", expression=person_name, sort=("last_name", "first_name")),
            Column("key", _("Key"), default=False),
            Column(
                "role",
                _("Project role"),
                "link",
                expression=role_name,
                key="role__key",
                to="people.role",
                groupable=True,
                edit="role",
            ),
            Column(
                "unit",
                _("Unit"),
                "link",
                path="unit__name",
                key="unit__key",
                to="people.unit",
                groupable=True,
                edit="unit",
            ),
            Column(
                "organisation",
                _("Organisation"),
                "link",
                path="unit__organisation__name",
                key="unit__organisation__key",
                to="people.organisation",
                groupable=True,
                default=False,
            ),
            person_column("manager", _("Manager"), groupable=True),
            Column("location", _("Location"), path="location__name", groupable=True, edit="location"),
            Column("employment_type", _("Employment"), "choice", groupable=True, quick=True, edit="employment_type"),
            Column("fte", _("FTE"), "number", decimals=2, total="sum", edit="fte"),
            Column("weekly_hours", _("Weekly hours"), "number", decimals=1, default=False, edit="weekly_hours"),
            Column("entry_date", _("Entry date"), "date", default=False, edit="entry_date"),
            Column("exit_date", _("Exit"), "date", edit="exit_date"),
            Column("email", _("E-mail"), default=False, edit="email"),
            Column("phone", _("Phone"), default=False, edit="phone"),
        ),
        default_sort=("name",),
        answer=_people_answer,
        create_url="people:person-create",
        create_label=_("New person"),
        icon="users",
        first_steps=("demo",),
        empty_title=_("No people yet"),
        empty_text=_(
            "People are who plans, reports and staffing speak of. Create the first one or load the demo company."
        ),
    )
)

UNITS = register_list(
    ListSpec(
        "people.unit",
        Unit,
        (
            Column("name", _("Name"), "link"),
            Column("key", _("Key"), default=False),
            Column(
                "organisation",
                _("Organisation"),
                "link",
                path="organisation__name",
                key="organisation__key",
                to="people.organisation",
                groupable=True,
            ),
            Column(
                "parent", _("Part of"), "link", path="parent__name", key="parent__key", to="people.unit", groupable=True
            ),
            person_column("manager", _("Manager"), edit="manager"),
            Column("cost_centre", _("Cost centre"), edit="cost_centre"),
            Column(
                "people", _("People"), "number", expression=lambda: _how_many(Person, "unit", employed()), total="sum"
            ),
        ),
        default_sort=("name",),
        create_url="people:unit-create",
        create_label=_("New unit"),
        icon="tree",
    )
)

ORGANISATIONS = register_list(
    ListSpec(
        "people.organisation",
        Organisation,
        (
            Column("name", _("Name"), "link"),
            Column("key", _("Key")),
            Column("legal_name", _("Legal name"), default=False),
            Column("country", _("Country"), groupable=True),
            Column("subdivision", _("Federal state")),
            Column("currency", _("Currency")),
            Column("time_zone", _("Time zone"), default=False),
            Column(
                "units",
                _("Units"),
                "number",
                expression=lambda: _how_many(Unit, "organisation", Q(archived_at__isnull=True)),
            ),
            Column(
                "people",
                _("People"),
                "number",
                expression=lambda: _how_many(Person, "unit__organisation", employed()),
                total="sum",
            ),
        ),
        default_sort=("name",),
        create_url="people:organisation-create",
        create_label=_("New organisation"),
        icon="building",
    )
)

PROJECT_ROLES = register_list(
    ListSpec(
        "people.role",
        Role,
        (
            Column("name", _("Name (German)"), "link"),
            Column("name_en", _("Name (English)"), edit="name_en"),
            Column("key", _("Key"), default=False),
            Column(
                "is_key_role",
                _("Key role"),
                "bool",
                quick=True,
                edit="is_key_role",
                help=_("Vacant for more than four weeks turns the resources light red."),
            ),
            Column("description", _("Description"), wide=True, default=False),
            Column("people", _("People"), "number", expression=lambda: _how_many(Person, "role", employed())),
        ),
        default_sort=("name",),
        create_url="people:role-create",
        create_label=_("New project role"),
        icon="award",
    )
)

ACCOUNTS = register_list(
    ListSpec(
        "core.user",
        User,
        (
            Column("name", _("Name"), "link", sort=("name",)),
            Column("email", _("E-mail")),
            Column(
                "person",
                _("Person"),
                "person",
                expression=lambda: person_name("person"),
                key="person__key",
                to="people.person",
            ),
            Column("roles", _("Role assignments"), "number", expression=lambda: _how_many(Grant, "user", Q())),
            Column("language", _("Language"), "choice", default=False, groupable=True),
            Column("is_active", _("Active"), "bool", default=False),
            Column("last_login", _("Last sign-in"), "datetime"),
        ),
        title=_("Accounts"),
        default_sort=("name",),
        archived=lambda: Q(is_active=False),
        create_url="people:user-create",
        create_label=_("New account"),
        icon="user",
    )
)


def _grant_url(row: Row) -> str:
    return reverse("people:user-detail", args=[row["user_id"]])


def _grants_answer(request: HttpRequest, result: ListResult) -> SafeString | str:
    text = ngettext("%(count)s role assignment", "%(count)s role assignments", result.count)
    return format_html("{}", text % {"count": number(result.count)})


GRANTS = register_list(
    ListSpec(
        "core.grant",
        Grant,
        (
            Column("user", _("Account"), "link", path="user__name", groupable=True),
            Column(
                "role",
                _("Role"),
                "choice",
                choices=lambda: [(role.code, role.label) for role in ROLES.values()],
                groupable=True,
                quick=True,
            ),
            Column("scope", _("Reach"), "choice", choices=lambda: list(Scope.choices), groupable=True),
            Column("what", _("For"), expression=lambda: scope_name()),
            Column("valid_from", _("Valid from"), "date"),
            Column("valid_to", _("Valid to"), "date"),
            Column("deputy_for", _("Deputy for"), path="deputy_for__name"),
        ),
        title=_("Role assignments"),
        default_sort=("user", "role"),
        search=("user__name", "user__email"),
        answer=_grants_answer,
        row_url=_grant_url,
        extra=("user_id",),
        icon="key",
    )
)
