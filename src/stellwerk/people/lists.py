"""The lists of the people room, and the column that other rooms use for a person."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stellwerk.core.errors import Text
from stellwerk.core.lists import Column, ListSpec, register_list
from stellwerk.people.models import Person
from stellwerk.people.selectors import person_name


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
                path="role__name",
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
            Column("entry_date", _("Entry"), "date", default=False, edit="entry_date"),
            Column("exit_date", _("Exit"), "date", edit="exit_date"),
            Column("email", _("E-mail"), default=False, edit="email"),
            Column("phone", _("Phone"), default=False, edit="phone"),
        ),
        default_sort=("name",),
        create_url="people:person-create",
        create_label=_("New person"),
        icon="users",
        empty_title=_("No people yet"),
        empty_text=_(
            "People are who plans, reports and staffing speak of. Create the first one or load the demo company."
        ),
    )
)

__all__ = ["PEOPLE", "Q", "person_column"]
