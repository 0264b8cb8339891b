"""Where the people room stands in the navigation and in the create menu."""

from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import Grant, User
from stellwerk.core.navigation import register_create, register_fact, register_nav
from stellwerk.core.permissions import can, visible
from stellwerk.people import lists_profile  # noqa: F401 - registers its lists
from stellwerk.people.models import Absence, Organisation, Person, PersonRate, PersonSkill, Role, RoleRate, Skill, Unit

register_nav(
    "people", _("People"), "users", "people:person-list", order=10, permission=lambda user: can(user, "view", Person)
)
register_nav(
    "people", _("Units"), "tree", "people:unit-tree", order=20, permission=lambda user: can(user, "view", Unit)
)
register_nav(
    "people",
    _("Organisations"),
    "building",
    "people:organisation-list",
    order=30,
    permission=lambda user: can(user, "view", Organisation),
)
register_nav(
    "people", _("Project roles"), "award", "people:role-list", order=40, permission=lambda user: can(user, "view", Role)
)
register_nav(
    "people", _("Skills"), "award", "people:skill-list", order=50, permission=lambda user: can(user, "view", Skill)
)
register_nav(
    "people",
    _("Skills of people"),
    "user-check",
    "people:personskill-list",
    order=55,
    permission=lambda user: can(user, "view", PersonSkill),
)
register_nav(
    "people",
    _("Absences"),
    "calendar",
    "people:absence-list",
    order=60,
    permission=lambda user: can(user, "view", Absence),
)
register_nav(
    "people",
    _("Rates of persons"),
    "currency-euro",
    "people:personrate-list",
    order=70,
    permission=lambda user: can(user, "view", PersonRate),
)
register_nav(
    "people",
    _("Rates of project roles"),
    "currency-euro",
    "people:rolerate-list",
    order=75,
    permission=lambda user: can(user, "view", RoleRate),
)
register_nav(
    "administration",
    _("Accounts"),
    "user",
    "people:user-list",
    order=10,
    permission=lambda user: can(user, "view", User),
)
register_nav(
    "administration",
    _("Role assignments"),
    "key",
    "people:grant-list",
    order=20,
    permission=lambda user: can(user, "view", Grant),
)
register_create(
    _("Person"), "user-plus", "people:person-create", order=60, permission=lambda user: can(user, "create", Person)
)


def _organisation(user: User) -> str:
    """The house's name, where there is one organisation or one the reader belongs to."""
    own = Organisation.objects.filter(units__people__user=user).values_list("name", flat=True).first()
    if own:
        return str(own)
    names = list(Organisation.objects.filter(visible(user, Organisation)).values_list("name", flat=True)[:2])
    return str(names[0]) if len(names) == 1 else ""


register_fact("organisation", _organisation)
