"""The six mechanisms: writing, permission, states."""

import pytest

from stellwerk.core import services
from stellwerk.core.errors import Invalid, NotAllowed, StaleEdit, WrongState
from stellwerk.core.models import AuditEntry, Grant, Scope
from stellwerk.core.permissions import can, forget_grants, visible_rows
from stellwerk.core.states import advance, offers
from stellwerk.people.models import Unit
from stellwerk.portfolio.models import Project


def test_an_edit_writes_one_audit_entry_with_both_values(cast):
    services.edit(cast.project, {"name": "Lubmin II"}, by=cast.paul, version=1, reason="renamed by the board")
    entry = AuditEntry.objects.get(entity_type="portfolio.project", entity_id=cast.project.pk)
    assert entry.changes == {"name": ["Elektrolyse Lubmin", "Lubmin II"]}
    assert (entry.actor, entry.verb, entry.reason, entry.entity_version) == (
        cast.paul,
        "edit",
        "renamed by the board",
        2,
    )


def test_an_edit_without_a_change_writes_nothing(cast):
    saved = services.edit(cast.project, {"name": cast.project.name}, by=cast.paul, version=1)
    assert saved.version == 1
    assert not AuditEntry.objects.exists()


def test_a_stale_edit_is_refused_with_both_values(cast):
    services.edit(cast.project, {"name": "From Petra"}, by=cast.petra, version=1)
    with pytest.raises(StaleEdit) as caught:
        services.edit(cast.project, {"name": "From Paul", "priority": 3}, by=cast.paul, version=1)
    conflict = {c.field: (c.yours, c.theirs) for c in caught.value.conflicts}
    assert conflict == {"name": ("From Paul", "From Petra"), "priority": (3, None)}
    assert caught.value.changed_by == "Petra Brandt"
    assert Project.objects.get(pk=cast.project.pk).name == "From Petra"


def test_an_outsider_may_not_edit(cast):
    with pytest.raises(NotAllowed):
        services.edit(cast.project, {"name": "Mine"}, by=cast.uwe, version=1)


def test_a_manager_may_not_edit_the_project_of_another(cast):
    with pytest.raises(NotAllowed):
        services.edit(cast.other_project, {"name": "Mine"}, by=cast.paul, version=1)


def test_sponsor_and_manager_must_differ(cast):
    with pytest.raises(Invalid) as caught:
        services.edit(cast.project, {"sponsor": cast.people["paul"]}, by=cast.petra, version=1)
    assert "manager" in caught.value.errors


def test_units_may_not_form_a_cycle(cast):
    with pytest.raises(Invalid):
        services.edit(cast.unit, {"parent": cast.sub_unit}, by=cast.petra, version=1)


def test_the_audit_trail_is_append_only(cast):
    services.edit(cast.project, {"name": "New"}, by=cast.petra)
    entry = AuditEntry.objects.get()
    for attempt in (
        entry.delete,
        entry.save,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(verb="x"),
    ):
        with pytest.raises(TypeError):
            attempt()


def test_keys_are_given_in_order_and_skip_those_typed_by_hand(cast):
    made = [
        services.create(Unit, {"name": f"U{n}", "organisation": cast.organisation}, by=cast.petra) for n in range(3)
    ]
    assert [unit.key for unit in made] == ["UNT-0004", "UNT-0005", "UNT-0006"]  # 1 to 3 were typed by hand


@pytest.mark.parametrize(
    "name",
    ["petra", "anton", "paul", "rita", "conny", "stefan", "elke", "gerda", "tom", "ada", "walter", "uwe", "olga"],
)
@pytest.mark.parametrize("verb", ["view", "edit", "approve", "archive"])
def test_filter_and_predicate_of_the_table_agree(cast, name, verb):
    user = cast.users[name]
    found = set(visible_rows(user, Project.objects.all(), verb).values_list("pk", flat=True))
    assert found == {project.pk for project in Project.objects.all() if can(user, verb, project)}


def test_a_unit_grant_reaches_the_units_below(cast):
    assert can(cast.rita, "view", cast.people["tom"])
    assert not can(cast.rita, "view", cast.people["olga"])


def test_a_deputy_acts_for_a_time(cast):
    Grant.objects.create(user=cast.uwe, role="project_manager", scope=Scope.SELF, deputy_for=cast.paul)
    forget_grants(cast.uwe)
    assert can(cast.uwe, "edit", cast.project)
    assert not can(cast.uwe, "edit", cast.other_project)


def test_strictly_confidential_is_hidden_from_wide_roles_only(cast):
    services.write(cast.project, {"confidentiality": "strict"}, by=None)
    cast.project.refresh_from_db()
    seen = {name for name in cast.users if can(cast.users[name], "view", cast.project)}
    assert seen == {"petra", "paul", "stefan", "gerda", "tom", "elke"}


def test_a_transition_needs_the_right_state_person_and_fields(cast):
    with pytest.raises(WrongState):
        advance(cast.project, "start_planning", by=cast.paul)
    with pytest.raises(NotAllowed):
        advance(cast.other_project, "start_execution", by=cast.olga)
    with pytest.raises(WrongState, match="sponsor"):
        advance(cast.other_project, "start_execution", by=cast.elke)


def test_a_hold_returns_to_its_prior_phase(cast):
    held = advance(cast.project, "hold", by=cast.stefan, reason="waiting for the permit")
    assert (held.phase, held.phase_before_hold) == ("on_hold", "executing")
    possible = [offer.transition.target for offer in offers(held, cast.stefan) if offer.possible]
    assert "executing" in possible
    assert "planning" not in possible


def test_a_transition_that_needs_a_reason_refuses_without(cast):
    with pytest.raises(Invalid):
        advance(cast.project, "hold", by=cast.stefan)


def test_a_missing_variable_in_a_template_is_no_data_and_no_error():
    from django.template import Context, Template

    text = "{{ row.a|num }} {{ row.a|pct }} {{ row.a|money_auto }} {{ row.a|day }} {{ row.a|delta }}"
    assert Template(text).render(Context({"row": {}})) == "– – – – –"
