"""Writes of the people room, by aggregate."""

from stellwerk.people.services.accounts import (
    change_grant,
    close_account,
    create_account,
    edit_account,
    edit_profile,
    end_grant,
    grant_role,
    reopen_account,
    send_invitation,
)
from stellwerk.people.services.disclosing import personal_data
from stellwerk.people.services.erasing import erase_person, erase_user, reapply_erasures
from stellwerk.people.services.persons import create_person, edit_person, persons_from_users
from stellwerk.people.services.rates import edit_person_rate, edit_role_rate, set_person_rate, set_role_rate
from stellwerk.people.services.removing import remove
from stellwerk.people.services.skills import claim_skill, confirm_skill, create_skill, edit_claim, edit_skill
from stellwerk.people.services.structure import (
    create_location,
    create_organisation,
    create_role,
    create_unit,
    edit_location,
    edit_organisation,
    edit_role,
    edit_unit,
)
from stellwerk.people.services.working_time import edit_absence, edit_pattern, enter_absence, set_pattern

__all__ = [
    "change_grant",
    "claim_skill",
    "close_account",
    "confirm_skill",
    "create_account",
    "create_location",
    "create_organisation",
    "create_person",
    "create_role",
    "create_skill",
    "create_unit",
    "edit_absence",
    "edit_account",
    "edit_claim",
    "edit_location",
    "edit_organisation",
    "edit_pattern",
    "edit_person",
    "edit_person_rate",
    "edit_profile",
    "edit_role",
    "edit_role_rate",
    "edit_skill",
    "edit_unit",
    "end_grant",
    "enter_absence",
    "erase_person",
    "erase_user",
    "grant_role",
    "personal_data",
    "persons_from_users",
    "reapply_erasures",
    "remove",
    "reopen_account",
    "send_invitation",
    "set_pattern",
    "set_person_rate",
    "set_role_rate",
]
