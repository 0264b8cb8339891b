"""Words that no term covers: what is compared, what never is, what both sides read of it, and skills that are kept as own words."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
from django.urls import reverse

from stellwerk.core.errors import Invalid
from stellwerk.staffing.compute_matching import frozen, weights_of
from stellwerk.staffing.models import EscoSkill, Profile, ProfileTerm, ScoreLog, Term, Vacancy, VacancyTerm, WeightSet
from stellwerk.staffing.own_words import Rarity, uncovered, wording, words_of
from stellwerk.staffing.selectors.matching import people_for, positions_of, with_needs
from stellwerk.staffing.selectors.profiles import profile_words, with_parts
from stellwerk.staffing.selectors.rarity import pool_rarity
from stellwerk.staffing.selectors.words import nearest
from stellwerk.staffing.services import erasing, matching, readings
from stellwerk.staffing.services.terms import forget_own_words, own_term
from stellwerk.staffing.tests.company import Staffing
from stellwerk.staffing.words_matching import Words

TODAY = dt.date(2026, 12, 1)


# ── what is compared ─────────────────────────────────────────────────────────────────────────────


def test_forms_and_parts_of_compounds_are_one_word() -> None:
    one, other = (
        words_of("Sperrpausenmanagement für Weichenbauer"),
        words_of("Management von Sperrpausen; Weichenbauerin"),
    )
    assert {"sperrpau", "management", "weichenbau"} <= {*one} & {*other}
    assert one["sperrpau"] == "Sperrpausen"  # shown as it stands in the text


@pytest.mark.parametrize(
    "text",
    [
        "jung, junge Frau, 35 Jahre, geboren 1985", "verheiratet, zwei Kinder, Elternzeit", "gesund und nicht schwerbehindert",
        "evangelisch, Staatsangehörigkeit, Muttersprachler", "young married mother, healthy, native, male", "Herr, Dame, divers",
    ],
)  # fmt: skip
def test_words_of_protected_traits_are_never_compared(text: str) -> None:
    assert {*words_of(text)} <= {"zwei", "two"}


def test_a_word_has_no_sex_and_words_of_the_trade_stay() -> None:
    assert {*words_of("Kauffrau Planerin")} == {*words_of("Kaufmann Planer")}
    assert "krankenhau" in words_of("Krankenhaus") and "schul" in words_of("Kinderschule Schulung")


def test_what_terms_and_languages_cover_is_left_out() -> None:
    found = uncovered("Projektcontrolling und Ölpapier, verhandlungssicheres Englisch", ["controlling"])
    assert {*found} == {"oelpapi"}
    assert "projektcontroll" in uncovered("Projektcontrolling", ["evm"])


def test_rarity_is_a_point_for_each_halving() -> None:
    """Of seven profiles: one of eight 3, two of eight 2, four of eight 1; all and nobody 0."""
    rarity = Rarity(7, {"one": 1, "two": 2, "four": 4, "all": 7})
    assert [rarity.worth(word) for word in ("one", "two", "four", "all", "nobody")] == [3, 2, 1, 0, 0]


def test_only_words_in_common_leave_a_cv_and_names_never_do() -> None:
    rarity = Rarity(7, dict.fromkeys(words_of("Quasselstrippe Bremen Hobbykeller"), 1))
    said = wording(["Quasselstrippe in Bremen beruhigen"], [], rarity, "Bremen")
    assert said.job == ({"Quasselstrippe": 3},)
    assert said.shared(words_of("Quasselstrippen, Hobbykeller, Bremen")) == ("Quasselstrippe",)


# ── on the pages ─────────────────────────────────────────────────────────────────────────────────

pytestmark = pytest.mark.django_db


def spoken(staffed: Staffing) -> Vacancy:
    """The published vacancy asks for points heating, of which Fabian has written, and for nobody's word."""
    vacancy = Vacancy.objects.get(key="VAC-0001")
    vacancy.tasks = "Weichenheizungen abnehmen\nQuasselstrippen beruhigen"
    vacancy.save()
    ProfileTerm.objects.filter(term__code="controlling").update(level=2)  # the terms leave something open
    Profile.objects.filter(key="PRF-0002").update(summary="Zehn Jahre Weichenheizung, jung geblieben", asks=84_00)
    return with_needs(Vacancy.objects.filter(pk=vacancy.pk)).get()


def test_words_in_common_are_a_named_part_that_adds_up(staffed: Staffing) -> None:
    found = people_for(spoken(staffed), TODAY)
    told = {one.profile.key: one for one in (*found.ranked, *found.shut)}
    fabian = told["PRF-0002"]
    (part,) = [part for part in fabian.match.parts if part.topic == "words"]
    assert part.subject == "Weichenheizungen" and part.points > 0
    assert sum(one.points for one in fabian.match.parts if one.side == "company") == fabian.match.company
    assert told["PRF-0003"].match.company < fabian.match.company
    lines = Words(found.vacancy, [frozen(fabian)]).lines(frozen(fabian), "company")
    assert [(line.label, line.text) for line in lines if line.code == "words"] == [
        ("Own words in common", "Weichenheizungen")
    ]


def test_the_page_and_the_log_tell_the_words_in_common_and_no_others(staffed: Staffing) -> None:
    spoken(staffed)
    page = staffed.client_of("rosa").get(reverse("staffing:vacancy-people", args=["VAC-0001"]))
    assert page.status_code == 200 and b"Own words in common" in page.content and b"Weichenheizungen" in page.content
    row = ScoreLog.objects.filter(profile__key="PRF-0002").latest("pk")
    assert row.input["person"]["words"] == ["Weichenheizungen"] and row.engine_version == "5"
    assert "jung" not in json.dumps(row.input)


def test_all_ways_to_a_score_count_the_words_alike(staffed: Staffing) -> None:
    vacancy = spoken(staffed)
    one = next(
        row
        for row in (*people_for(vacancy, TODAY).ranked, *people_for(vacancy, TODAY).shut)
        if row.profile.key == "PRF-0002"
    )
    profile = with_parts(Profile.objects.filter(key="PRF-0002")).get()
    seen = {found.pk: row for found, row in positions_of(profile, TODAY)}
    assert seen[vacancy.pk].match.company == one.match.company
    made = matching.propose(
        vacancy=vacancy, profile=profile, by=staffed.rosa, override="Knows points heating like nobody else"
    )
    assert made.company_score == round(one.match.company * 1000)


def test_the_share_of_words_is_a_weight_and_older_versions_have_none(staffed: Staffing) -> None:
    old = WeightSet(number=1, values={"others": 30})
    assert weights_of(old).words == 0 and weights_of(None).words > 0
    assert "words" in matching.values_of_version(None)


def test_how_rare_words_are_follows_the_profiles(staffed: Staffing) -> None:
    spoken(staffed)
    before = pool_rarity(TODAY)
    assert before.count == 4 and before.holders["weichenheiz"] == 1
    matching_words = profile_words(with_parts(Profile.objects.filter(key="PRF-0001")).get())
    assert "winter" not in matching_words and "brem" not in matching_words  # no name, no town


# ── own words as skills ──────────────────────────────────────────────────────────────────────────


def posted(**more: Any) -> dict[str, Any]:
    rows = {f"{code}-TOTAL": "0" for code in ("skills", "languages", "stations", "wishlist")}
    return rows | {"kind": "freelancer", "first_name": "Nora", "last_name": "Falk", "language": "de", "country": "DE", "pay_unit": "hour"} | more  # fmt: skip


def test_an_unknown_skill_is_offered_near_terms_and_quotation_marks_keep_it(staffed: Staffing) -> None:
    rosa, address = staffed.client_of("rosa"), reverse("staffing:profile-create")
    text = rosa.post(address, posted(**{"skills-TOTAL": "1", "skills-0-term": "Weichenheizung"})).content.decode()
    assert "This word is not in the vocabulary." in text and "put it in quotation marks" in text
    kept = rosa.post(address, posted(**{"skills-TOTAL": "1", "skills-0-term": "„Weichenheizung“"}))
    assert kept.status_code == 302
    row = ProfileTerm.objects.get(profile__last_name="Falk")
    assert (row.term.code, row.term.kind, str(row.term)) == ("own:weichenheizung", "own", "Weichenheizung")
    assert "Weichenheizung" in rosa.get(f"/staffing/profiles/{row.profile.key}").content.decode()


def test_a_word_in_quotation_marks_that_the_vocabulary_knows_is_its_term(staffed: Staffing) -> None:
    answer = staffed.client_of("rosa").post(
        reverse("staffing:profile-create"), posted(**{"skills-TOTAL": "1", "skills-0-term": '"Earned Value"'})
    )
    assert answer.status_code == 302 and ProfileTerm.objects.get(profile__last_name="Falk").term.code == "evm"


@pytest.mark.parametrize("word", ["jung", "Mutter", "…", "x" * 90])
def test_a_word_that_says_nothing_of_the_work_is_no_skill(staffed: Staffing, word: str) -> None:
    with pytest.raises(Invalid) as refused:
        own_term(word)
    assert "term" in refused.value.errors and not Term.objects.filter(kind="own").exists()


def test_an_own_word_counts_by_its_words_alone(staffed: Staffing) -> None:
    """As a must it shuts nobody out and stands in no list of skills; who has it has one more word in common."""
    ProfileTerm.objects.filter(term__code="controlling").update(level=2)
    vacancy, term = Vacancy.objects.get(key="VAC-0001"), own_term("Weichenheizung")
    before = {
        one.profile.key: one.match.company
        for one in people_for(with_needs(Vacancy.objects.filter(pk=vacancy.pk)).get(), TODAY).ranked
    }
    VacancyTerm.objects.create(vacancy=vacancy, term=term, kind="must", level=4, minimum=4)
    ProfileTerm.objects.create(profile=Profile.objects.get(key="PRF-0003"), term=term)
    found = people_for(with_needs(Vacancy.objects.filter(pk=vacancy.pk)).get(), TODAY)
    after = {one.profile.key: one.match.company for one in found.ranked}
    assert {*after} == {*before}
    assert all(term.pk not in {need.skill for need in one.job.skills} for one in found.ranked)
    assert after["PRF-0003"] > before["PRF-0003"]


def test_esco_is_offered_and_taken_where_it_is_imported(staffed: Staffing) -> None:
    EscoSkill.objects.create(uri="skill/x", name="Weichen beheizen", name_en="heat points", imported_on=TODAY)
    assert "Weichen beheizen" in nearest("Weichen beheitzen")
    rows = {"skills-TOTAL": "1", "skills-0-term": "Weichen beheizen"}
    assert staffed.client_of("rosa").post(reverse("staffing:profile-create"), posted(**rows)).status_code == 302
    assert ProfileTerm.objects.get(profile__last_name="Falk").term.code == "esco:skill/x"


def test_a_cv_offers_its_unknown_skills_as_own_words_and_what_they_are_near_to(staffed: Staffing) -> None:
    cv = {
        "basics": {"name": "Frida Winter"},
        "skills": [{"name": "Weichenheizung"}, {"name": "Earned Valu"}, {"name": "Jira"}],
    }
    frida = staffed.profiles["frida"]
    reading = readings.read_cv(
        profile=frida, stream=io.BytesIO(json.dumps(cv).encode()), name="cv.json", by=staffed.frida
    )
    items = {one.code: one for one in readings.items_of(reading)["skills"]}
    own = [one for code, one in items.items() if code.startswith("own-") and one.label == "Weichenheizung"]
    assert own and own[0].taken
    assert not any(one.taken for one in items.values() if not one.sure)
    profile = readings.take_over(reading=reading, chosen=[own[0].code], levels={}, texts={}, by=staffed.frida)
    assert profile.terms.filter(term__code="own:weichenheizung").exists()


def test_own_words_go_with_the_last_one_who_uses_them(staffed: Staffing) -> None:
    term = own_term("Weichenheizung")
    ProfileTerm.objects.create(profile=staffed.profiles["frida"], term=term)
    assert forget_own_words() == 0
    erasing.erase_profile(profile=staffed.profiles["frida"], by=staffed.frida)
    assert not Term.objects.filter(kind="own").exists()
