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

__all__ = [
    "change_grant",
    "close_account",
    "create_account",
    "create_location",
    "create_organisation",
    "create_person",
    "create_role",
    "create_unit",
    "edit_account",
    "edit_location",
    "edit_organisation",
    "edit_person",
    "edit_profile",
    "edit_role",
    "edit_unit",
    "end_grant",
    "erase_person",
    "erase_user",
    "grant_role",
    "personal_data",
    "persons_from_users",
    "reapply_erasures",
    "reopen_account",
    "send_invitation",
]
