"""Organisations, units, locations, roles and persons; their skills, working time and rates."""

from stellwerk.people.models.persons import EmploymentType, Person
from stellwerk.people.models.rates import PersonRate, RateKind, RoleRate
from stellwerk.people.models.skills import PersonSkill, Skill, SkillLevel
from stellwerk.people.models.structure import Location, Organisation, Role, Unit
from stellwerk.people.models.working_time import WEEKDAYS, Absence, AbsenceKind, WorkingPattern

__all__ = [
    "WEEKDAYS",
    "Absence",
    "AbsenceKind",
    "EmploymentType",
    "Location",
    "Organisation",
    "Person",
    "PersonRate",
    "PersonSkill",
    "RateKind",
    "Role",
    "RoleRate",
    "Skill",
    "SkillLevel",
    "Unit",
    "WorkingPattern",
]
