"""Skills: what people say, what line managers confirm, when it runs out."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from stellwerk.core.errors import Invalid, NotAllowed, StaleEdit
from stellwerk.core.models import AuditEntry, Grant, Scope
from stellwerk.people import services
from stellwerk.people.models import PersonSkill, Skill
from stellwerk.testing import Cast


@pytest.fixture
def welding(cast: Cast) -> Skill:
    return services.create_skill({"name": "Schweißen", "name_en": "Welding", "category": "Fertigung"}, by=cast.petra)


@pytest.fixture
def claim(cast: Cast, welding: Skill) -> PersonSkill:
    return services.claim_skill({"person": cast.people["tom"], "skill": welding, "claimed": 3}, by=cast.tom)


def test_the_line_manager_confirms_with_today_and_an_end(cast: Cast, claim: PersonSkill) -> None:
    today = timezone.localdate()
    end = today + dt.timedelta(days=30)
    saved = services.confirm_skill(claim, level=2, expires=end, by=cast.rita)
    assert (saved.claimed, saved.confirmed, saved.confirmed_by, saved.confirmed_on) == (3, 2, cast.rita, today)
    assert saved.level_on(end) == 2
    assert saved.level_on(end + dt.timedelta(days=1)) is None


def test_nobody_confirms_their_own_skill(cast: Cast, welding: Skill) -> None:
    own = PersonSkill.objects.create(person=cast.people["rita"], skill=welding, claimed=4)
    with pytest.raises(NotAllowed) as refusal:
        services.confirm_skill(own, level=4, expires=None, by=cast.rita)
    assert refusal.value.code == "own_skill"
    own.refresh_from_db()
    assert own.confirmed is None


def test_a_deputy_does_not_confirm_for_whom_they_stand_in(cast: Cast, welding: Skill) -> None:
    own = PersonSkill.objects.create(person=cast.people["rita"], skill=welding, claimed=4)
    Grant.objects.create(
        user=cast.anton, role="resource_manager", scope=Scope.UNIT, scope_id=cast.unit.pk, deputy_for=cast.rita,
        valid_to=timezone.localdate() + dt.timedelta(days=7),
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        services.confirm_skill(own, level=4, expires=None, by=cast.anton)
    toms = PersonSkill.objects.create(person=cast.people["tom"], skill=welding, claimed=2)
    assert services.confirm_skill(toms, level=2, expires=None, by=cast.anton).confirmed == 2


@pytest.mark.parametrize("who", ["tom", "paul", "petra", "conny", "stefan", "uwe"])
def test_others_than_the_line_manager_do_not_confirm(cast: Cast, claim: PersonSkill, who: str) -> None:
    with pytest.raises(NotAllowed):
        services.confirm_skill(claim, level=3, expires=None, by=cast.users[who])


def test_the_confirmed_level_is_not_set_by_the_way(cast: Cast, claim: PersonSkill, welding: Skill) -> None:
    with pytest.raises(Invalid):
        services.edit_claim(claim, {"confirmed": 4}, by=cast.tom)
    with pytest.raises(Invalid):
        services.claim_skill(
            {"person": cast.people["tom"], "skill": welding, "claimed": 1, "confirmed": 4}, by=cast.tom
        )


def test_a_higher_claim_leaves_what_was_confirmed(cast: Cast, claim: PersonSkill) -> None:
    services.confirm_skill(claim, level=3, expires=None, by=cast.rita)
    claim.refresh_from_db()
    saved = services.edit_claim(claim, {"claimed": 4}, by=cast.tom, version=claim.version)
    assert (saved.claimed, saved.confirmed) == (4, 3)
    with pytest.raises(StaleEdit):
        services.edit_claim(claim, {"claimed": 1}, by=cast.tom, version=1)


def test_a_skill_is_named_once_of_a_person_and_once_in_the_catalogue(
    cast: Cast, claim: PersonSkill, welding: Skill
) -> None:
    with pytest.raises(Invalid) as refusal:
        services.claim_skill({"person": cast.people["tom"], "skill": welding, "claimed": 1}, by=cast.tom)
    assert "skill" in refusal.value.errors
    with pytest.raises(Invalid):
        services.create_skill({"name": "  WELDING "}, by=cast.petra)
    with pytest.raises(NotAllowed):
        services.create_skill({"name": "Kochen"}, by=cast.tom)


def test_nobody_claims_for_somebody_of_another_unit(cast: Cast, welding: Skill) -> None:
    values = {"person": cast.people["olga"], "skill": welding, "claimed": 3}
    for who in (cast.tom, cast.rita, cast.paul):
        with pytest.raises(NotAllowed):
            services.claim_skill(values, by=who)
    assert services.claim_skill(values, by=cast.olga).claimed == 3


@pytest.mark.parametrize(("level", "days"), [(5, None), (-1, None), (2, -1)])
def test_a_level_out_of_range_or_an_end_in_the_past_is_refused(
    cast: Cast, claim: PersonSkill, level: int, days: int | None
) -> None:
    end = None if days is None else timezone.localdate() + dt.timedelta(days=days)
    with pytest.raises(Invalid):
        services.confirm_skill(claim, level=level, expires=end, by=cast.rita)


def test_what_is_removed_stays_in_the_history(cast: Cast, claim: PersonSkill) -> None:
    number = claim.pk
    with pytest.raises(NotAllowed):
        services.remove(claim, by=cast.paul)
    services.remove(claim, by=cast.tom)
    assert not PersonSkill.objects.filter(pk=number).exists()
    entry = AuditEntry.objects.get(entity_type="people.personskill", entity_id=number, verb="remove")
    assert entry.changes["claimed"] == [3, None]
