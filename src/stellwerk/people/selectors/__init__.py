"""Reads of the people room."""

from stellwerk.people.selectors.assignments import (
    SCOPE_LABELS,
    GrantRow,
    current_roles,
    deputies_of_user,
    grant_rows,
    grants_of_user,
    role_label,
    scope_choices,
    scope_name,
    scope_names,
    scope_object,
)
from stellwerk.people.selectors.persons import employed, person_facts, person_name, role_name
from stellwerk.people.selectors.structure import TreeRow, locations_of, people_of_unit, unit_tree, units_of

__all__ = [
    "SCOPE_LABELS",
    "GrantRow",
    "TreeRow",
    "current_roles",
    "deputies_of_user",
    "employed",
    "grant_rows",
    "grants_of_user",
    "locations_of",
    "people_of_unit",
    "person_facts",
    "person_name",
    "role_label",
    "role_name",
    "scope_choices",
    "scope_name",
    "scope_names",
    "scope_object",
    "unit_tree",
    "units_of",
]
