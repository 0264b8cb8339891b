"""Worked numbers of docs/algorithms/matching.md, properties of the scores, and the many against the one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction as F
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stellwerk.engine.matching import (
    Code,
    Gate,
    Held,
    Job,
    Kind,
    MatchingError,
    Person,
    Place,
    SkillNeed,
    Table,
    Topic,
    Weights,
    Wishes,
    best,
    counterfactual,
    exposure,
    gates,
    harmonic,
    kilometres,
    match,
    rank,
    scores,
    stable,
)
from stellwerk.engine.matching.pool import NOBODY
from stellwerk.engine.matching.skills import recency

TODAY = dt.date(2026, 11, 26)
CONTROLLING, PRINCE2, JIRA, IPMA_B = 1, 2, 3, 100
HAMBURG, BERLIN = Place(53.5511, 9.9937), Place(52.52, 13.405)
WEIGHTS = Weights()
JOB = Job(
    7,
    (SkillNeed(CONTROLLING, 4, minimum=2), SkillNeed(PRINCE2, 2), SkillNeed(JIRA, 3, Kind.NICE)),
    certificates=frozenset({IPMA_B}),
    pays=9500,
    remote=60,
)
ANNA = Person(
    1, {CONTROLLING: Held(3), PRINCE2: Held(2), JIRA: Held(3)}, asks=9000,
    wishes=Wishes(skills=frozenset({CONTROLLING}), remote=80, pay=10000),
)  # fmt: skip


def test_the_worked_example_to_the_digit() -> None:
    """Musts (3/4 + 1) ÷ 2 = 7/8. Others: Jira 1 of weight 1, IPMA B 0 of weight 3 = 1/4. 7/8 · 0.7 + 7/8 · 0.3 · 1/4 = 0.678125.

    Wishes: content (1 + 2/2) ÷ 3 = 2/3 of weight 3, remote 0.8 of weight 2, pay (95 − 90) ÷ (100 − 90) = 1/2 of weight 3: 5.1 ÷ 8 = 0.6375.
    """
    found = match(JOB, ANNA, WEIGHTS, TODAY)
    assert found.company == F("0.678125")
    assert found.wishes == F("0.6375")
    assert found.score == 2 * F("0.678125") * F("0.6375") / (F("0.678125") + F("0.6375"))
    assert round(float(found.score), 6) == 0.657185
    assert not found.gates and found.proposed(WEIGHTS)
    told = {(part.topic, part.subject): part.points for part in found.parts}
    assert told[Topic.MUST, CONTROLLING] == F("0.7") * F(3, 4) / 2
    assert told[Topic.CERTIFICATE, IPMA_B] == 0
    assert told[Topic.NICE, JIRA] == F(7, 8) * F(3, 10) / 4
    assert told[Topic.PAY, None] == F(3, 16)


def test_points_add_up_and_never_exceed_what_is_possible() -> None:
    found = match(JOB, ANNA, WEIGHTS, TODAY)
    for side, total in (("company", found.company), ("person", found.wishes)):
        parts = [part for part in found.parts if part.side == side]
        assert sum(part.points for part in parts) == total
        assert sum(part.possible for part in parts) == 1
        assert all(0 <= part.points <= part.possible for part in parts)


def test_words_in_common_fill_a_part_of_what_is_missing_to_the_digit() -> None:
    """The worked example leaves 1 − 0.678125 open. “Mängel” of rarity 5 of 3 + 5: 0.3 · 0.321875 · 5/8 = 0.0603515625 more."""
    job = replace(JOB, words=({"Abnahme": 3, "Mängel": 5},))
    found = match(job, replace(ANNA, words=("Mängel", "Ölwechsel")), WEIGHTS, TODAY)
    assert found.company == F("0.678125") + F("0.0603515625") == F("0.7384765625")
    (part,) = [part for part in found.parts if part.topic is Topic.WORDS]
    assert (part.subject, part.met) == ("Mängel", F(5, 8))
    assert (part.points, part.possible) == (F("0.0603515625"), F("0.0965625"))
    assert sum(part.points for part in found.parts if part.side == "company") == found.company


def test_words_lower_nobody_and_switched_off_they_say_nothing() -> None:
    job = replace(JOB, words=({"Abnahme": 3, "Mängel": 5},))
    assert match(job, ANNA, WEIGHTS, TODAY).company == match(JOB, ANNA, WEIGHTS, TODAY).company
    without = match(job, replace(ANNA, words=("Mängel",)), Weights(words=F(0)), TODAY)
    assert without.company == F("0.678125") and not [part for part in without.parts if part.topic is Topic.WORDS]


def test_words_never_fill_more_than_their_share_of_a_must_that_lacks() -> None:
    """Nothing of the musts, every word: 0 + 0.3 · 1 · 1."""
    job = replace(JOB, words=({"Abnahme": 3},))
    assert match(job, Person(9, words=("Abnahme",)), WEIGHTS, TODAY).company == F(3, 10)
    assert match(job, Person(9), WEIGHTS, TODAY).gates[0].code is Code.SKILL  # and no gate opens for words


def test_of_two_languages_the_one_counts_in_which_more_is_common() -> None:
    """German 2 of 8, English 3 of 4: 3/4 counts."""
    job = Job(1, (SkillNeed(1, 4),), words=({"Abnahme": 2, "Mängel": 6}, {"handover": 3, "defects": 1}))
    assert match(job, Person(1, words=("Abnahme", "handover")), WEIGHTS, TODAY).company == F(3, 10) * F(3, 4)


def test_a_job_that_asks_for_nothing_but_in_words_is_compared_by_them() -> None:
    job = Job(1, words=({"Abnahme": 1, "Mängel": 3},))
    assert match(job, Person(1, words=("Mängel",)), WEIGHTS, TODAY).company == F(3, 4)
    assert match(Job(1), Person(1, words=("Mängel",)), WEIGHTS, TODAY).company == 1


def test_a_word_without_a_rarity_is_refused() -> None:
    with pytest.raises(MatchingError, match="words"):
        Job(1, words=({"Abnahme": 0},))


def test_a_counterfactual_reckons_with_the_words() -> None:
    """Level 2 of 4 is 0.5, all words fill 0.3 of the rest: 0.65 is proposed at once; without words it takes the level itself."""
    job = Job(1, (SkillNeed(1, 4),), words=({"Abnahme": 1},))
    law = Weights(threshold=F(7, 10))
    both = Person(1, {1: Held(2)}, words=("Abnahme",))
    assert match(job, both, law, TODAY).company == F("0.65")
    assert counterfactual(job, both, law, TODAY) == ()
    changes = counterfactual(job, replace(both, words=()), law, TODAY)
    assert changes is not None and [(change.topic, change.to) for change in changes] == [("level", 4)]


def test_nice_to_haves_never_buy_back_what_a_must_lacks() -> None:
    full = Person(2, {CONTROLLING: Held(4), PRINCE2: Held(2)})
    lacking = Person(3, {CONTROLLING: Held(2), PRINCE2: Held(0), JIRA: Held(4)}, certificates=frozenset({IPMA_B}))
    assert match(JOB, lacking, WEIGHTS, TODAY).company <= F(1, 4)  # (2/4 + 0) ÷ 2
    assert match(JOB, full, WEIGHTS, TODAY).company == F(7, 10)


def test_what_is_not_known_is_named_and_shuts_no_gate() -> None:
    job = replace(
        JOB,
        languages={"de": 5},
        region="EU",
        start=TODAY,
        years=5,
        contract="freelance",
        workload=(40, 60),
        soft={9: 3},
    )
    found = match(job, Person(4), WEIGHTS, TODAY)
    assert [gate.code for gate in found.gates] == [Code.SKILL]
    assert set(found.missing) == {
        ("contract", None), ("pay", None), ("start", None), ("workload", None), ("language", None), ("permit", None), ("years", None),
        ("soft", 9),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("job", "person", "expected"),
    [
        ({"contract": "permanent"}, {"contracts": frozenset({"freelance"})}, Gate(Code.CONTRACT, None, "permanent", "freelance")),
        ({"pays": 9000}, {"asks": 9001}, Gate(Code.PAY, None, 9000, 9001)),
        ({"start": TODAY}, {"available": dt.date(2027, 1, 1)}, Gate(Code.START, None, TODAY, dt.date(2027, 1, 1))),
        ({"workload": (80, 100)}, {"workload": (20, 50)}, Gate(Code.WORKLOAD, None, 80, 50)),
        ({"workload": (20, 40)}, {"workload": (60, 100)}, Gate(Code.WORKLOAD, None, 40, 60)),
        ({"place": HAMBURG}, {"place": BERLIN, "radius": 100}, Gate(Code.PLACE, None, 256, 100)),
        ({"languages": {"de": 5}}, {"languages": {"en": 6}}, Gate(Code.LANGUAGE, "de", 5, 0)),
        ({"region": "EU"}, {"permits": frozenset({"UK"})}, Gate(Code.PERMIT, "EU", "EU", "UK")),
        (
            {"client": 5, "last_day": dt.date(2028, 1, 31)}, {"lent_until": {5: dt.date(2027, 12, 31)}},
            Gate(Code.CLOCK, 5, dt.date(2028, 1, 31), dt.date(2027, 12, 31)),
        ),
        ({"skills": (SkillNeed(1, 4, minimum=3),)}, {"skills": {1: Held(2)}}, Gate(Code.SKILL, 1, 3, 2)),
    ],
)  # fmt: skip
def test_each_gate_has_its_name_what_is_needed_and_what_was_found(job, person, expected) -> None:  # type: ignore[no-untyped-def]
    assert gates(Job(1, **job), Person(1, **person), WEIGHTS, TODAY) == [expected]


def test_a_skill_that_nobody_has_said_counts_and_shuts_nobody_out() -> None:
    job = Job(1, (SkillNeed(1, 4, minimum=3),))
    read, told = Person(1, {1: Held(2, sure=False)}), Person(1, {1: Held(2)})
    assert gates(job, read, WEIGHTS, TODAY) == [] and match(job, read, WEIGHTS, TODAY).missing == (("skill", 1),)
    assert match(job, read, WEIGHTS, TODAY).company == match(job, told, WEIGHTS, TODAY).company == F(1, 2)
    assert [gate.code for gate in gates(job, told, WEIGHTS, TODAY)] == [Code.SKILL]


def test_who_need_not_come_every_day_may_live_farther() -> None:
    """Hamburg to Berlin is 255.3 km: with 60 % remote a radius of 103 km reaches 257.5 km, one of 102 km 255 km."""
    half = Job(1, place=HAMBURG, remote=60)
    assert gates(half, Person(1, place=BERLIN, radius=103), WEIGHTS, TODAY) == []
    assert gates(half, Person(1, place=BERLIN, radius=102), WEIGHTS, TODAY) == [Gate(Code.PLACE, None, 103, 102)]


def test_each_shut_gate_halves_the_nearness() -> None:
    whole = match(Job(1, pays=50), Person(1, asks=40), WEIGHTS, TODAY)
    shut = match(Job(1, pays=50, workload=(80, 100)), Person(1, asks=60, workload=(0, 50)), WEIGHTS, TODAY)
    assert (whole.score, whole.nearness) == (1, 1)
    assert (shut.score, shut.nearness) == (1, 0.25)


def test_a_place_is_no_matter_where_all_is_remote_and_the_last_day_of_the_clock_counts() -> None:
    far = Person(1, place=BERLIN, radius=10, lent_until={5: dt.date(2027, 12, 31)})
    assert gates(Job(1, place=HAMBURG, remote=100, client=5, last_day=dt.date(2027, 12, 31)), far, WEIGHTS, TODAY) == []
    assert round(kilometres(HAMBURG, BERLIN)) == 255


def test_an_old_skill_fades_and_a_neighbour_counts_a_part() -> None:
    assert recency(None, WEIGHTS, TODAY) == recency(TODAY - dt.timedelta(days=1000), WEIGHTS, TODAY) == 1
    assert recency(TODAY - dt.timedelta(days=4000), WEIGHTS, TODAY) == F(1, 2)
    half = recency(TODAY - dt.timedelta(days=round(6.5 * 365.2425)), WEIGHTS, TODAY)
    assert abs(half - F(3, 4)) < F(1, 1000)
    near = Weights(neighbours={(CONTROLLING, JIRA): F(1, 2)})
    held = match(Job(1, (SkillNeed(CONTROLLING, 4),)), Person(1, {JIRA: Held(4)}), near, TODAY)
    assert held.company == F(1, 2)


def test_the_counterfactual_names_the_least_that_would_have_to_be_different() -> None:
    dear = replace(ANNA, asks=11000, wishes=Wishes(pay=12000))
    changes = counterfactual(JOB, dear, WEIGHTS, TODAY)
    assert changes is not None
    assert [(change.topic, change.to) for change in changes] == [("pay", 9500)]
    strict = Weights(threshold=F(9, 10))
    more = counterfactual(JOB, replace(ANNA, wishes=Wishes()), strict, TODAY)
    assert more is not None
    assert [(change.topic, change.subject) for change in more] == [("certificate", IPMA_B)]
    assert counterfactual(JOB, ANNA, WEIGHTS, TODAY) == ()
    lent = replace(ANNA, lent_until={5: TODAY})
    assert counterfactual(replace(JOB, client=5, last_day=dt.date(2027, 1, 1)), lent, WEIGHTS, TODAY) is None


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: SkillNeed(1, 0),
        lambda: SkillNeed(1, 2, minimum=3),
        lambda: SkillNeed(1, 2, Kind.NICE, minimum=1),
        lambda: Job(1, (SkillNeed(1, 1), SkillNeed(1, 2))),
        lambda: Job(1, workload=(80, 60)),
        lambda: Job(1, start=TODAY, last_day=TODAY - dt.timedelta(1)),
        lambda: Held(5),
        lambda: Place(91, 0),
        lambda: Person(1, soft={1: 9}),
        lambda: Person(1, wishes=Wishes(skills=frozenset({1}), no_skills=frozenset({1}))),
        lambda: Weights(others=F(2)),
        lambda: Weights(neighbours={(1, 2): F(1)}),
    ],
)
def test_what_means_nothing_is_refused(wrong) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(MatchingError):
        wrong()


def test_harmonic_mean_is_high_only_where_both_are() -> None:
    assert harmonic(F(1), F(0)) == 0
    assert harmonic(F(1, 2), F(1, 2)) == F(1, 2)
    assert harmonic(F(9, 10), F(1, 10)) == F(18, 100)


# ── the many against the one ─────────────────────────────────────────────────────────────────────

days = st.none() | st.integers(-4200, 200).map(lambda n: TODAY + dt.timedelta(days=n))
numbers = st.integers(1, 6)
some = st.frozensets(numbers, max_size=3)
share = st.integers(0, 100)
spans = st.tuples(share, share).map(lambda pair: (min(pair), max(pair)))
places = st.none() | st.builds(Place, st.integers(47, 55), st.integers(6, 15))


def people() -> st.SearchStrategy[list[Person]]:
    wishes = st.tuples(some, some, some, some, st.none() | share, st.none() | share, st.none() | st.integers(0, 200), st.none() | st.tuples(st.integers(1, 4), st.integers(4, 9))).map(
        lambda w: Wishes(w[0], w[1] - w[0], w[2], w[3] - w[2], *w[4:])
    )  # fmt: skip
    one = st.builds(
        Person, st.just(0), st.dictionaries(numbers, st.builds(Held, st.integers(0, 4), days, st.booleans()), max_size=4),
        st.dictionaries(numbers, st.integers(0, 4), max_size=2), st.none() | st.dictionaries(st.sampled_from(["de", "en"]), st.integers(0, 7)),
        some, st.none() | st.integers(0, 20), some, st.none() | st.frozensets(st.sampled_from(["a", "b"])), days, st.none() | spans,
        st.none() | st.integers(0, 200), places, st.none() | st.integers(0, 500), st.none() | st.frozensets(st.sampled_from(["EU", "UK"])),
        st.dictionaries(st.just(5), days.filter(bool), max_size=1), wishes,
        st.lists(st.sampled_from("uvwx"), unique=True).map(tuple),
    )  # fmt: skip
    return st.lists(one, min_size=1, max_size=5).map(
        lambda rows: [replace(row, number=n) for n, row in enumerate(rows)]
    )


def jobs() -> st.SearchStrategy[Job]:
    needs = st.lists(st.tuples(numbers, st.integers(1, 4), st.sampled_from(Kind), st.integers(0, 2), st.integers(1, 3)), max_size=4, unique_by=lambda n: n[0]).map(
        lambda rows: tuple(SkillNeed(a, b, c, min(d, b) if c is Kind.MUST else 0, e) for a, b, c, d, e in rows)
    )  # fmt: skip
    one = st.builds(
        Job, st.just(1), needs, st.dictionaries(numbers, st.integers(0, 4), max_size=2), st.dictionaries(st.sampled_from(["de", "en"]), st.integers(0, 7), max_size=1),
        some, st.none() | st.integers(0, 9), st.none() | numbers, st.sampled_from(["", "a"]), st.none() | st.just(TODAY), st.none(), st.none() | st.just(dt.date(2027, 6, 1)),
        spans, st.none() | st.integers(0, 200), places, share, st.sampled_from(["", "EU"]), st.sampled_from([None, 5]), st.none() | st.integers(1, 9),
        st.lists(st.dictionaries(st.sampled_from("uvwxyz"), st.integers(1, 6), max_size=3), max_size=2).map(tuple),
    )  # fmt: skip
    more = st.lists(places.filter(bool), max_size=2).map(tuple)
    return st.tuples(one, more).map(lambda pair: replace(pair[0], further=pair[1] if pair[0].place else ()))


@settings(max_examples=60)
@given(jobs(), people(), st.sampled_from([0, 3]))
def test_very_many_profiles_score_as_one_by_one(job: Job, rows: list[Person], draw: int) -> None:
    weights = Weights(neighbours={(1, 2): F(1, 2), (3, 4): F(1, 4)}, words=F(draw, 10))
    found = scores(job, Table(rows), weights, TODAY)
    for at, person in enumerate(rows):
        one = match(job, person, weights, TODAY)
        assert abs(found.company[at] - float(one.company)) < 1e-9
        assert abs(found.wishes[at] - float(one.wishes)) < 1e-9
        assert abs(found.score[at] - float(one.score)) < 1e-9
        assert {code for code, flags in found.shut.items() if flags[at]} == {gate.code for gate in one.gates}
        assert sum(part.points for part in one.parts if part.side == "company") in (one.company, 0)
    best_first = rank(job, Table(rows), weights, TODAY, most=2)
    exact = sorted((-found.score[at], person.number) for at, person in enumerate(rows) if found.open[at])
    assert best_first == [(number, -score) for score, number in exact[:2]]


# ── pools ────────────────────────────────────────────────────────────────────────────────────────


def grids() -> st.SearchStrategy[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    def made(shape_seed: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        vacancies, persons, seed = shape_seed
        random = np.random.default_rng(seed)
        company, wishes = random.integers(0, 11, (2, vacancies, persons)) / 10
        return company, wishes, random.random((vacancies, persons)) < 0.7

    return st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(0, 10**6)).map(made)


@settings(max_examples=60)
@given(grids())
def test_the_best_assignment_is_that_of_all_and_the_stable_one_has_no_blocking_pair(grid) -> None:  # type: ignore[no-untyped-def]
    company, wishes, open_ = grid
    both = company + wishes
    score = np.divide(2 * company * wishes, both, out=np.zeros_like(both), where=both > 0)
    value = np.where(open_, score, 0)
    vacancies = len(value)
    wide = np.hstack([value, np.zeros((vacancies, vacancies))])
    highest = max(
        sum(wide[v, p] for v, p in enumerate(chosen)) for chosen in permutations(range(wide.shape[1]), vacancies)
    )
    found = best(score, company, wishes, open_)
    assert abs(found.total - highest) < 1e-9
    used = [person for person in found.taken if person != NOBODY]
    assert len(used) == len(set(used)) and all(open_[v, p] for v, p in enumerate(found.taken) if p != NOBODY)
    settled = stable(score, company, wishes, open_)
    assert settled.blocking == 0
    assert settled.total <= found.total + 1e-9


def test_exposure_is_zero_where_all_are_shown_alike_and_high_where_it_is_always_the_same() -> None:
    assert exposure([[1, 2], [3, 4]], [1, 2, 3, 4]) == pytest.approx(0)
    assert exposure([[1], [1], [1]], [1, 2, 3, 4]) == pytest.approx(0.75)
    assert exposure([], [1, 2]) == 0


# ── several places ───────────────────────────────────────────────────────────────────────────────


def test_of_several_places_the_nearest_counts_in_gates_scores_and_the_table() -> None:
    bremen, hamburg, essen = Place(53.08, 8.81), Place(53.55, 10.00), Place(51.46, 7.01)
    person = Person(1, place=essen, radius=50)
    far = Job(1, place=bremen, further=(hamburg,))
    near = Job(1, place=bremen, further=(hamburg, essen))
    assert [gate.code for gate in match(far, person, WEIGHTS, TODAY).gates] == [Code.PLACE]
    found = match(near, person, WEIGHTS, TODAY)
    assert not found.gates
    assert [part.points == part.possible for part in found.parts if part.topic is Topic.PLACE] == [True]
    for job in (far, near):
        one, many = match(job, person, WEIGHTS, TODAY), scores(job, Table([person]), WEIGHTS, TODAY)
        assert bool(many.open[0]) is not bool(one.gates)
        assert float(many.score[0]) == pytest.approx(float(one.score))


def test_further_places_need_a_first_one() -> None:
    with pytest.raises(MatchingError):
        Job(1, further=(Place(53.08, 8.81),))
