"""Where the people room stands in the navigation and in the create menu."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stellwerk.core.kept import KeptQuery
from stellwerk.core.models import Grant, User
from stellwerk.core.navigation import register_create, register_fact, register_nav
from stellwerk.core.permissions import can, visible
from stellwerk.people import lists_profile  # noqa: F401 - registers its lists
from stellwerk.people.models import Absence, Organisation, Person, PersonRate, PersonSkill, Role, RoleRate, Skill, Unit


def _sees(model: type[models.Model]) -> Callable[[User], bool]:
    return lambda user: can(user, "view", model)


for _place, _label, _icon, _route, _order, _model in (
    ("people", _("People"), "users", "person-list", 10, Person), ("people", _("Units"), "tree", "unit-tree", 20, Unit),
    ("people", _("Organisations"), "building", "organisation-list", 30, Organisation),
    ("people", _("Project roles"), "award", "role-list", 40, Role), ("people", _("Skills"), "award", "skill-list", 50, Skill),
    ("people", _("Skills of people"), "user-check", "personskill-list", 55, PersonSkill),
    ("people", _("Absences"), "calendar", "absence-list", 60, Absence),
    ("people", _("Rates of persons"), "currency-euro", "personrate-list", 70, PersonRate),
    ("people", _("Rates of project roles"), "currency-euro", "rolerate-list", 75, RoleRate),
    ("administration", _("Accounts"), "user", "user-list", 10, User), ("administration", _("Role assignments"), "key", "grant-list", 20, Grant),
):  # fmt: skip
    register_nav(_place, _label, _icon, f"people:{_route}", order=_order, permission=_sees(_model))
register_create(
    _("Person"), "user-plus", "people:person-create", order=60, permission=lambda user: can(user, "create", Person)
)


_NAMES: KeptQuery[Any] = KeptQuery(lambda which: Organisation.objects.filter(which).values_list("name", flat=True)[:2])


def _organisation(user: User) -> str:
    """The house's name, where there is one organisation or one the reader belongs to."""
    own = _NAMES.first(Q(units__people__user=user.pk))
    if own:
        return str(own)
    names = _NAMES.rows(visible(user, Organisation))
    return str(names[0]) if len(names) == 1 else ""


register_fact("organisation", _organisation)
