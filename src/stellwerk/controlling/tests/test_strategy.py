"""Strategic objectives: contributions with reasons, points by weight, what other weights would change."""

from __future__ import annotations

from decimal import Decimal

import pytest

from stellwerk.controlling.models import Contribution, StrategicObjective
from stellwerk.controlling.selectors.strategy import alignment, alignments, score_of
from stellwerk.controlling.services.strategy import rate, set_weights
from stellwerk.controlling.tests.proposals import proposal_of
from stellwerk.core.errors import Invalid, NotAllowed


@pytest.fixture
def objectives(cast):
    return [
        StrategicObjective.objects.create(key=f"OBJ-{at}", organisation=cast.organisation, name=name, weight=weight)
        for at, (name, weight) in enumerate((("Climate", 50), ("Growth", 30), ("Service", 20)), start=1)
    ]


def test_points_by_hand():
    weights = {1: Decimal(50), 2: Decimal(30), 3: Decimal(20)}
    # (50·4 + 30·2 + 20·0) / 4 / 100 · 100 = 65
    assert score_of({1: 4, 2: 2}, weights) == 65
    assert score_of({}, weights) == 0
    assert score_of({1: 4}, {1: Decimal(0)}) is None and score_of({1: 4}, {}) is None


def test_other_weights_turn_the_order_round(cast, objectives):
    climate, growth, service = objectives
    rate(subject=cast.project, levels={climate.pk: (4, "CO2"), growth.pk: (0, "")}, by=cast.paul)
    rate(subject=cast.other_project, levels={growth.pk: (4, "Market"), service.pk: (2, "Hotline")}, by=cast.olga)
    both = [cast.project, cast.other_project]
    now = alignment(projects=both, proposals=[], objectives=objectives)
    assert [(row.obj.key, row.score) for row in now.rows] == [(cast.project.key, 50), (cast.other_project.key, 40)]
    tried = alignment(projects=both, proposals=[], objectives=objectives, weights={climate.pk: Decimal(10)})
    first = tried.rows[0]
    assert first.obj == cast.other_project and (first.rank_before, first.rank) == (2, 1)
    assert first.before == 40 and round(first.score, 4) == Decimal("66.6667")
    assert StrategicObjective.objects.get(pk=climate.pk).weight == 50  # only tried out


def test_coverage_and_who_goes_astray(cast, objectives):
    rate(subject=cast.project, levels={objectives[0].pk: (1, "a little")}, by=cast.paul)
    found = alignment(projects=[cast.project, cast.other_project], proposals=[], objectives=objectives)
    assert [row.name for row in found.uncovered] == ["Growth", "Service"]
    assert [row.obj for row in found.astray] == [cast.other_project]
    assert (found.covered[objectives[0].pk], found.decisive[objectives[0].pk]) == (1, 0)


def test_proposals_count_in_the_round_as_soon_as_they_are_rated(cast, objectives):
    proposal, other = proposal_of(cast), proposal_of(cast, "Other")
    rate(subject=proposal, levels={objectives[0].pk: (2, "half")}, by=cast.petra)
    assert alignments(proposals=[proposal.pk, other.pk]) == {proposal.pk: Decimal(25)}


@pytest.mark.parametrize(("level", "reason", "said"), [(5, "x", "0 to 4"), (-1, "x", "0 to 4"), (3, "  ", "reason")])
def test_what_is_wrong_is_said_at_its_objective(cast, objectives, level, reason, said):
    with pytest.raises(Invalid) as invalid:
        rate(subject=cast.project, levels={objectives[0].pk: (level, reason)}, by=cast.paul)
    assert said in invalid.value.errors[f"level-{objectives[0].pk}"][0]
    assert not Contribution.objects.exists()


def test_a_rating_can_be_taken_back(cast, objectives):
    rate(subject=cast.project, levels={objectives[0].pk: (3, "x")}, by=cast.paul)
    rate(subject=cast.project, levels={objectives[0].pk: (None, "")}, by=cast.paul)
    assert not Contribution.objects.exists()


@pytest.mark.parametrize("who", ["olga", "tom", "conny", "elke", "uwe"])
def test_who_does_not_run_the_project_does_not_rate_it(cast, objectives, who):
    with pytest.raises(NotAllowed):
        rate(subject=cast.project, levels={objectives[0].pk: (3, "x")}, by=getattr(cast, who))


def test_weights_are_for_who_keeps_the_objectives(cast, objectives):
    with pytest.raises(NotAllowed):
        set_weights(weights={objectives[0].pk: Decimal(1)}, by=cast.paul)
    with pytest.raises(Invalid):
        set_weights(weights={objectives[0].pk: Decimal(-1)}, by=cast.petra)
    assert len(set_weights(weights={objectives[0].pk: Decimal(1), objectives[1].pk: Decimal(30)}, by=cast.petra)) == 1
