"""One order of locks, so that nobody waits crosswise: contracts, then their person, then matches, then what hangs on them.

A step of a contract locks the contract and may write the profile; an answer may end a match and so lock the profile away.
"""

from __future__ import annotations

from stellwerk.staffing.models import Contract, Match, Profile


def lock_contracts(number: int) -> None:
    """All contracts of a profile, before the profile itself; until the transaction ends."""
    list(Contract.objects.select_for_update(of=("self",)).filter(profile_id=number).order_by("pk").values_list("pk"))


def lock_person(number: int | None) -> Profile | None:
    """The row of a profile: whoever erases it waits, or is waited for."""
    return Profile.objects.select_for_update(of=("self",)).filter(pk=number).first() if number is not None else None


def lock_match(number: int) -> Match:
    """A match with what mails and steps read of it; its person is locked before it."""
    lock_person(Match.objects.filter(pk=number).values_list("profile_id", flat=True).first())
    rows = Match.objects.select_for_update(of=("self",)).select_related("vacancy__client", "profile__partner")
    return rows.get(pk=number)
