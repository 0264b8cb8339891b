"""The law table of staffing row by row, against dates and figures counted by hand (``docs/algorithms/law.md``)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction as F

import pytest

from stellwerk.staffing.law import LAW, Finding, Limits, Weight, blocked, fairness, form, freelance, lending, price
from stellwerk.staffing.law.freelance import Light
from stellwerk.staffing.models import Profile, ProfileWish, Station, Vacancy

D = dt.date
UTC = dt.UTC


def codes(findings: list[Finding]) -> list[str]:
    return [one.code for one in findings]


def case(**values: object) -> lending.Lending:
    """All right from the first day: 1 January to 31 December 2026, equal pay given."""
    before = dt.datetime(2025, 12, 15, 9, tzinfo=UTC)
    right = lending.Lending(
        first=D(2026, 1, 1), last=D(2026, 12, 31), earlier=(), licence="LIC-1", agreement="GVP/DGB", pay=4_000, comparable=4_000,
        works_council=True, council_at=before, labelled_at=before, named_at=before, told_at=before,
    )  # fmt: skip
    return replace(right, **values)  # type: ignore[arg-type]


TODAY = D(2025, 12, 20)


# ── one test for each row of the table ───────────────────────────────────────────────────────────


def test_aueg_1_1b_at_most_18_months_at_the_same_client_through_any_agency() -> None:
    """Eight months through another agency, away for exactly three: ten are left, until 30 September 2026."""
    earlier = ((D(2025, 1, 1), D(2025, 8, 31)),)
    now = case(first=D(2025, 12, 1), last=D(2026, 9, 30), earlier=earlier)
    assert lending.time_limit(now, TODAY) == []
    beyond = lending.time_limit(replace(now, last=D(2026, 10, 1)), TODAY)
    assert (codes(beyond), beyond[0].values["day"], blocked(beyond)) == (["too_long"], D(2026, 9, 30), True)
    anew = case(first=D(2025, 12, 2), last=D(2027, 6, 1), earlier=earlier)
    assert lending.time_limit(anew, TODAY) == []  # three months and a day: counting has begun anew
    assert codes(lending.time_limit(replace(anew, last=D(2027, 6, 2)), TODAY)) == ["too_long"]
    assert codes(lending.time_limit(replace(now, earlier=None), TODAY)) == ["earlier_unknown"]
    assert codes(lending.time_limit(replace(now, last=None), TODAY)) == ["no_end"]
    agreed = replace(now, last=D(2027, 3, 31), client_months=24)
    assert (
        lending.time_limit(agreed, TODAY) == []
    )  # a client's collective agreement may differ: sixteen months are left
    warned = case(first=D(2026, 1, 1), last=D(2027, 6, 30))
    days = [D(2026, 12, 31), D(2027, 1, 1), D(2027, 3, 31), D(2027, 4, 1), D(2027, 5, 31), D(2027, 6, 1), D(2027, 7, 1)]
    assert [lending.warning(warned, day) for day in days] == [0, 12, 12, 15, 15, 17, 0]


def test_aueg_8_4_equal_pay_after_nine_months() -> None:
    """3 April 2017 and nine months: the deviation ends on 2 January 2018 (§§ 187(2), 188(2) BGB)."""
    lent = case(first=D(2017, 4, 3), last=D(2018, 6, 30), pay=3_000, comparable=4_000)
    assert lending.deviation_ends(lent) == D(2018, 1, 2)
    assert lending.equal_pay_day(lent) == D(2018, 1, 3)
    rows = {day: lending.equal_pay(lent, day)[0] for day in (D(2017, 11, 21), D(2017, 11, 22), D(2018, 1, 3))}
    assert [one.weight for one in rows.values()] == [Weight.NOTE, Weight.WARN, Weight.BLOCK]  # 42 days before: a task
    assert rows[D(2018, 1, 3)].values["pay"] == 4_000
    assert lending.deviation_ends(replace(lent, supplement=True)) is None  # fifteen months would end on 2 July 2018
    assert lending.deviation_ends(replace(lent, supplement=True, last=D(2018, 7, 31))) == D(2018, 7, 2)
    assert lending.equal_pay(replace(lent, last=D(2018, 1, 2)), D(2018, 1, 2)) == []  # ends with the nine months
    assert codes(lending.equal_pay(replace(lent, last=D(2018, 1, 3)), D(2018, 1, 2))) == ["pay_below"]
    before, after = price.margin("lending", 6_000, 3_000), price.margin("lending", 6_000, 4_000)
    assert (before.cost, before.amount, before.share) == (3_630, 2_370, F(79, 200))
    assert (after.cost, after.amount, after.share) == (4_840, 1_160, F(29, 150))
    assert price.rate_that_keeps("lending", F(79, 200), 4_000) == 8_000


def test_aueg_1_1_and_11_2_label_name_and_notice_before_the_start() -> None:
    assert lending.before_start(case()) == []
    nothing = case(labelled_at=None, named_at=None, told_at=None)
    assert codes(lending.before_start(nothing)) == ["label_missing", "name_missing", "told_missing"]
    late = dt.datetime(2026, 1, 1, 7, tzinfo=UTC)
    assert codes(lending.before_start(case(told_at=late))) == ["told_late"]  # on the first day is not before
    assert blocked(lending.to_begin(nothing, TODAY))


def test_aueg_1_1b_8_14_licence_trades_equal_pay_from_day_one_former_employee_works_council() -> None:
    assert codes(lending.licence(case(licence=" "))) == ["licence_missing"]
    assert codes(lending.licence(case(licence_expires=D(2025, 12, 31)))) == ["licence_over"]
    assert codes(lending.licence(case(licence_expires=D(2026, 11, 30)))) == ["licence_ends"]
    assert lending.licence(case(licence_expires=D(2026, 12, 31))) == []
    assert codes(lending.construction(case(construction=True))) == ["construction"]
    without = case(agreement="", pay=3_999)
    assert lending.equal_pay_day(without) == D(2026, 1, 1)
    assert blocked(lending.equal_pay(without, TODAY))
    assert lending.equal_pay(case(agreement="", pay=4_000), TODAY) == []
    assert codes(lending.equal_pay(case(agreement="", comparable=None), TODAY)) == ["comparable_unknown"]
    # Left the client on 30 June 2025: until 31 December nobody undercuts; on 1 January 2026 an agreement may be applied again.
    former = case(first=D(2025, 12, 31), left_client=D(2025, 6, 30), pay=3_000)
    assert lending.former_employee(former)
    assert (lending.equal_pay_day(former), lending.equal_pay(former, TODAY)[0].basis) == (D(2025, 12, 31), "AÜG § 8(3)")
    assert not lending.former_employee(replace(former, first=D(2026, 1, 1)))
    assert codes(lending.works_council(case(council_at=None))) == ["council_missing"]
    assert lending.works_council(case(works_council=False, council_at=None)) == []
    assert lending.to_begin(case(), TODAY) == []


def test_aueg_12_1_text_form_is_enough_but_a_fixed_term_employment_needs_a_qualified_signature() -> None:
    day = D(2025, 1, 1)
    text = dict.fromkeys(("us", "client", "person"), ("text", day))
    assert form.signatures("lending", text) == []
    old = {side: ("text", D(2024, 12, 31)) for side in ("us", "client", "person")}
    assert codes(form.signatures("lending", old)) == ["form_too_weak", "form_too_weak"]
    weak = form.signatures("lending", text, fixed_term=True)
    assert [(one.values["side"], one.values["least"]) for one in weak] == [("us", "qualified"), ("person", "qualified")]
    strong = text | {"us": ("qualified", day), "person": ("written", day)}
    assert form.signatures("lending", strong, fixed_term=True) == []
    assert codes(form.signatures("permanent", {"client": ("text", day)}, fixed_term=True)) == [
        "form_too_weak",
        "unsigned",
    ]
    assert form.signatures("permanent", {"client": ("text", day), "person": ("text", day)}) == []
    assert form.sides("lending", by_partner=True) == ("partner", "client", "person")
    assert form.sides("freelance", by_partner=True) == ("us", "client", "partner")
    assert form.signatures("freelance", text, fixed_term=True) == []


def test_sgb_iv_7_7a_bogus_self_employment_is_judged_as_a_whole_and_never_safe() -> None:
    free = {one.code: not one.employed for one in freelance.SIGNS}
    bound = {one.code: one.employed for one in freelance.SIGNS}
    assert freelance.picture(free).light is Light.FEW
    assert {light.value for light in Light} == {"few", "some", "strong"}  # no light says safe
    assert (freelance.picture(bound).light, freelance.picture(bound).share) == (Light.STRONG, F(1))
    assert freelance.picture(bound).offer_lending
    # Weights of all signs: 35. Told when and how, in the team (3 + 3 + 3) of 35 are 25.7 %: some, not one sign alone.
    some = free | {"told_when": True, "told_how": True, "in_team": True}
    assert (freelance.picture(some).share, freelance.picture(some).light) == (F(9, 35), Light.SOME)
    assert freelance.picture(free | {"told_when": True}).light is Light.FEW
    assert freelance.picture(free | {"own_staff": None}).light is Light.SOME  # what is unknown is no good sign
    assert freelance.picture({}).light is Light.SOME
    assert codes(freelance.to_begin({}, D(2026, 3, 2), TODAY)) == ["signs_unanswered"]
    assert blocked(freelance.to_begin(bound, D(2026, 3, 2), TODAY))
    assert freelance.status_until(D(2026, 3, 2)) == D(2026, 4, 1)
    asked_for = [
        codes(freelance.to_begin(free, D(2026, 3, 2), day))
        for day in (D(2026, 3, 1), D(2026, 3, 2), D(2026, 4, 1), D(2026, 4, 2))
    ]
    assert asked_for == [["signs_few"], ["signs_few", "status_due"], ["signs_few", "status_due"], ["signs_few"]]
    assert codes(freelance.to_begin(free, D(2026, 3, 2), D(2026, 3, 9), asked=True)) == ["signs_few"]


def test_agg_ad_words_reasons_of_rejection_and_four_fifths() -> None:
    assert fairness.ad_findings("Projektcontroller (m/w/d)", "Sie führen Berichte und moderieren.") == []
    found = fairness.ad_findings("Projektleiter", "Junges Team sucht Muttersprachler, keine Jungfernfahrt.")
    assert codes(found) == ["title_not_neutral", "loaded_word", "loaded_word"]
    assert {one.values.get("trait") for one in found[1:]} == {"age", "origin"}
    assert fairness.ad_findings("PMO lead (f/m/x)", "") == []
    assert fairness.rejection_findings("skills") == []
    assert codes(fairness.rejection_findings("")) == ["reason_missing"]
    assert codes(fairness.rejection_findings("too_old")) == ["reason_not_of_the_job"]
    assert fairness.claims_until(D(2026, 11, 30)) == D(2027, 1, 30)
    assert fairness.claims_until(D(2026, 12, 31)) == D(2027, 2, 28)
    one, other, few = fairness.four_fifths({"a": (80, 48), "b": (40, 12), "c": (4, 0)})
    assert (one.ratio, one.below) == (F(1), False)
    assert (other.share, other.ratio, other.below) == (F(3, 10), F(1, 2), True)
    assert (few.asked, few.chosen, few.share, few.below) == (0, 0, None, False)
    assert not fairness.four_fifths({"a": (10, 5), "b": (10, 4)})[1].below  # exactly four fifths is enough


def test_gdpr_locked_and_erased_after_six_months_consent_and_a_human_decision() -> None:
    assert fairness.erase_on(D(2026, 3, 10)) == D(2026, 9, 11)
    assert fairness.erase_on(D(2026, 8, 31)) == D(2027, 3, 1)
    assert fairness.consent_until(D(2026, 11, 26)) == D(2028, 11, 25)
    until = D(2028, 11, 25)
    states = [fairness.consent_state(until, day) for day in (D(2028, 10, 25), D(2028, 10, 26), until, D(2028, 11, 26))]
    assert states == ["valid", "renew", "renew", "over"]
    assert fairness.contact_findings(consent=True, confirmed_by=1, switched_off_on_record=False) == []
    alone = fairness.contact_findings(consent=False, confirmed_by=None, switched_off_on_record=False)
    assert codes(alone) == ["no_consent", "nobody_decided"]
    assert fairness.contact_findings(consent=True, confirmed_by=None, switched_off_on_record=True) == []


def test_eu_ai_act_every_score_is_logged_and_an_override_explained() -> None:
    assert [fairness.ai_act_applies(day) for day in (D(2027, 12, 1), D(2027, 12, 2))] == [False, True]
    entry = {
        "input": {"a": 1},
        "weights": 3,
        "engine_version": "1",
        "result": {"score": 1},
        "by": 7,
        "at": dt.datetime(2026, 1, 1, tzinfo=UTC),
    }
    assert fairness.log_findings(entry) == []
    assert fairness.log_findings(entry | {"weights": None})[0].values["fields"] == ("weights",)
    assert codes(fairness.override_findings(gated=True, reason=" ")) == ["override_unexplained"]
    assert fairness.override_findings(gated=True, reason="Is learning it now.") == []


def test_directive_2023_970_5_pay_range_before_the_interview_and_no_pay_history() -> None:
    talk = dt.datetime(2026, 5, 4, 10, tzinfo=UTC)
    assert fairness.pay_findings(least=5_500_000, most=None, told_at=None, interview=talk) == []
    assert blocked(fairness.pay_findings(least=None, most=None, told_at=None, interview=talk))
    assert fairness.pay_findings(least=None, most=None, told_at=talk - dt.timedelta(days=1), interview=talk) == []
    assert blocked(fairness.pay_findings(least=None, most=None, told_at=talk, interview=talk))
    assert not blocked(fairness.pay_findings(least=None, most=None, told_at=None, interview=None))
    names = [field.name for model in (Profile, ProfileWish, Station, Vacancy) for field in model._meta.get_fields()]
    assert [name for name in names if fairness.asks_for_history(name)] == []
    assert fairness.asks_for_history("current_salary") and fairness.asks_for_history("Letztes Gehalt")


# ── every limit is data ──────────────────────────────────────────────────────────────────────────


def test_other_limits_change_the_answer_without_other_code() -> None:
    strict = Limits(longest_months=9, equal_pay_months=6, amber_from=F(1, 100), retention_months=3)
    assert codes(lending.time_limit(case(), TODAY, strict)) == ["too_long"]
    assert lending.deviation_ends(case(pay=1), strict) == D(2026, 6, 30)
    free = {one.code: not one.employed for one in freelance.SIGNS} | {"own_staff": False}
    assert (freelance.picture(free).light, freelance.picture(free, strict).light) == (Light.FEW, Light.SOME)
    assert fairness.erase_on(D(2026, 3, 10), strict) == D(2026, 6, 11)
    assert LAW.longest_months == 18 and LAW.equal_pay_months == 9


@pytest.mark.parametrize(
    ("kind", "partner", "cost"), [("lending", False, 7_260), ("lending", True, 6_000), ("freelance", False, 6_000)]
)
def test_the_margin_of_each_form(kind: str, partner: bool, cost: int) -> None:
    assert price.margin(kind, 9_500, 6_000, by_partner=partner).cost == cost
    assert price.margin(kind, 0, 6_000, by_partner=partner).share is None


def test_half_units_are_rounded_up() -> None:
    assert [price.round_half_up(F(n, 2)) for n in (1, 2, 3)] == [1, 1, 2]
