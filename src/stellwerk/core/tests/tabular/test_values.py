"""Reading single cells: what was formatted in any usual way comes back, and nothing ever raises."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stellwerk.core.tabular.values import (
    ReadingOptions,
    classify,
    column_reader,
    parse_boolean,
    parse_date,
    parse_light,
    parse_money,
    parse_number,
    parse_percent,
    parse_text,
    profile_column,
    profile_table,
)
from stellwerk.core.tabular.values.numbers import unit_in_header
from stellwerk.trials import tries

DAYS = st.dates(dt.date(1970, 1, 1), dt.date(2069, 12, 31))
AMOUNTS = st.decimals(-(10**12), 10**12, places=2, allow_nan=False, allow_infinity=False)
MONTHS_DE = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
]
MONTHS_EN = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def ordinal(day: int) -> str:
    return f"{day}{'th' if 10 <= day % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


DATE_FORMS = {
    "iso": lambda d: d.isoformat(),
    "iso instant": lambda d: f"{d.isoformat()}T00:00:00Z",
    "iso with time": lambda d: f"{d.isoformat()} 17:00:00",
    "german": lambda d: f"{d.day:02}.{d.month:02}.{d.year}",
    "german short": lambda d: f"{d.day}.{d.month}.{d.year % 100:02}",
    "german words": lambda d: f"{d.day}. {MONTHS_DE[d.month - 1]} {d.year}",
    "german abbreviated": lambda d: f"{d.day}. {MONTHS_DE[d.month - 1][:3]}. {d.year}",
    "english words": lambda d: f"{d.day} {MONTHS_EN[d.month - 1]} {d.year}",
    "english ordinal": lambda d: f"{ordinal(d.day)} of {MONTHS_EN[d.month - 1]} {d.year}",
    "american words": lambda d: f"{MONTHS_EN[d.month - 1]} {d.day}, {d.year}",
    "with dashes": lambda d: f"{d.day:02}-{MONTHS_EN[d.month - 1][:3]}-{d.year}",
    "english": lambda d: f"{d.day:02}/{d.month:02}/{d.year}",
    "compact": lambda d: f"{d.year}{d.month:02}{d.day:02}",
    "english with time": lambda d: f"{d.day}/{d.month:02}/{d.year} 5:00:00 PM",
}


def grouped(value: Decimal, group: str, decimal: str) -> str:
    return f"{value:,.2f}".replace(",", "\0").replace(".", decimal).replace("\0", group)


@pytest.mark.parametrize("form", DATE_FORMS)
@given(day=DAYS)
def test_a_formatted_date_comes_back(form: str, day: dt.date) -> None:
    parsed = parse_date(DATE_FORMS[form](day), day_first=True)
    assert (parsed.kind, parsed.value) == ("ok", day)


@given(day=DAYS)
def test_a_month_first_date_comes_back_when_the_column_says_so(day: dt.date) -> None:
    assert parse_date(f"{day.month:02}/{day.day:02}/{day.year}", day_first=False).value == day


@given(day=DAYS)
def test_a_spreadsheet_day_number_comes_back_with_a_remark(day: dt.date) -> None:
    parsed = parse_date((day - dt.date(1899, 12, 30)).days)
    assert parsed.value == day
    assert parsed.remark is not None


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Q3 2026", "2026-07-01", "2026-09-30"),
        ("3. Quartal 2026", "2026-07-01", "2026-09-30"),
        ("2026 Q4", "2026-10-01", "2026-12-31"),
        ("H1 2027", "2027-01-01", "2027-06-30"),
        ("2. Halbjahr 2027", "2027-07-01", "2027-12-31"),
        ("03/2027", "2027-03-01", "2027-03-31"),
        ("2028-02", "2028-02-01", "2028-02-29"),
        ("März 2027", "2027-03-01", "2027-03-31"),
        ("Dec 2026", "2026-12-01", "2026-12-31"),
        ("KW 48/2026", "2026-11-23", "2026-11-29"),
        ("2026-W53", "2026-12-28", "2027-01-03"),
        ("2027", "2027-01-01", "2027-12-31"),
        ("Ende 2026", "2026-12-31", "2026-12-31"),
        ("Mitte März 2027", "2027-03-16", "2027-03-16"),
    ],
)
def test_a_period_becomes_its_first_or_last_day_with_a_remark(text: str, start: str, end: str) -> None:
    first, last = parse_date(text, edge="start"), parse_date(text, edge="end")
    assert (first.value.isoformat(), last.value.isoformat()) == (start, end)
    assert first.remark is not None


@pytest.mark.parametrize(
    "text",
    [
        "Originally 31/03/2020, rebaselined to 31/03/2021",
        "Phase 1 ended on 1 April 2019 and phase 2 goes on",
        "30.02.2026",
        "99.99.2026",
        "1/012/2014",
        "2021/22",
        "bald",
        "#REF!",
        "KW 54/2026",
    ],
)
def test_what_is_no_single_date_is_not_guessed(text: str) -> None:
    parsed = parse_date(text)
    assert (parsed.kind, parsed.value) == ("unreadable", None)
    assert str(parsed.reason)


def test_dates_inside_prose_are_named_in_the_remark() -> None:
    parsed = parse_date("Originally 31/03/2020, rebaselined to 31 March 2021")
    assert "31/03/2020, 31 March 2021" in str(parsed.remark)


def test_a_date_with_a_few_words_is_read_with_a_remark() -> None:
    for text in ("ca. 31.03.2027", "31 March 2027 (tbc)", "vsl. 31.03.2027", "Mi, 31.03.2027"):
        parsed = parse_date(text)
        assert (parsed.value, parsed.remark is not None) == (dt.date(2027, 3, 31), True), text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Exempt under Section 26 of Freedom of Information Act 2000 (Defence)", "exempt"),
        ("Data exempt under Section 43(2) of the Freedom of Information Act", "exempt"),
        ("vertraulich", "exempt"),
        ("Data not provided by department", "not_provided"),
        ("The project is not in a position to provide this information", "not_provided"),
        ("k. A.", "not_provided"),
        ("n/a", "not_applicable"),
        ("entfällt", "not_applicable"),
        ("TBD", "to_be_determined"),
        ("noch offen", "to_be_determined"),
        ("Early planning GMPP project \r\n\r\n(The project has not yet passed SOC)", "too_early"),
        ("31.12.9999", "open_ended"),
        ("No end date", "not_provided"),
        ("-", "not_provided"),
    ],
)
def test_words_for_no_value_are_recognised_with_their_reason(text: str, code: str) -> None:
    parsed = parse_date(text)
    assert parsed.kind == "absent"
    assert parsed.reason is not None
    assert parsed.reason.code == code


NUMBER_FORMS = {
    "german": (".", ",", ","),
    "english": (",", ".", "."),
    "swiss": ("'", ".", "."),
    "swiss typographic": ("’", ".", "."),
    "spaces": (" ", ",", ","),
    "no-break spaces": ("\u00a0", ",", ","),
    "narrow spaces": ("\u202f", ".", "."),
}


@pytest.mark.parametrize("form", NUMBER_FORMS)
@given(value=AMOUNTS)
def test_a_formatted_number_comes_back(form: str, value: Decimal) -> None:
    group, decimal, _sign = NUMBER_FORMS[form]
    assert parse_number(grouped(value, group, decimal)).value == value


@pytest.mark.parametrize("wrap", ["€ {}", "{} €", "{} EUR", "EUR {}", "{}€"])
@given(value=AMOUNTS)
def test_german_money_comes_back_with_its_currency(wrap: str, value: Decimal) -> None:
    money = parse_money(wrap.format(grouped(value, ".", ","))).value
    assert (money.amount, money.currency) == (value, "EUR")


@given(value=AMOUNTS.filter(lambda v: v < 0))
def test_every_way_to_write_a_negative_amount_is_negative(value: Decimal) -> None:
    plain = grouped(-value, ",", ".")
    for text in (f"({plain})", f"{plain}-", f"-{plain}", f"−{plain}", f"-£{plain}", f"£-{plain}", f"(£{plain})"):
        assert parse_money(text).value.amount == value, text


@given(
    value=st.decimals(0, 10**6, places=2),
    unit=st.sampled_from(
        [
            ("k", 3),
            ("T€", 3),
            ("TEUR", 3),
            ("Tsd. €", 3),
            ("k€", 3),
            ("Mio. €", 6),
            ("m", 6),
            ("M€", 6),
            ("million", 6),
            ("bn", 9),
            ("Mrd. EUR", 9),
            ("Milliarden", 9),
        ]
    ),
)
def test_units_multiply(value: Decimal, unit: tuple[str, int]) -> None:
    name, power = unit
    assert parse_money(f"{value} {name}", decimal_sign=".").value.amount == value * 10**power


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("£26.19m", "26190000", "GBP"),
        ("£2,341.70", "2341.70", "GBP"),
        ("-£120.11m", "-120110000", "GBP"),
        ("£(12.5)m", "-12500000", "GBP"),
        ("CHF 1'200.-", "1200", "CHF"),
        ("1.200,-- €", "1200", "EUR"),
        ("$1.2bn", "1200000000", "USD"),
        ("Mio. EUR 3,5", "3500000", "EUR"),
        ("\xa0£9999.99", "9999.99", "GBP"),
        ("1.5E+06", "1500000", None),
    ],
)
def test_money_as_it_was_seen_in_real_files(text: str, amount: str, currency: str | None) -> None:
    money = parse_money(text).value
    assert (money.amount, money.currency) == (Decimal(amount), currency)


@pytest.mark.parametrize("text", ["5 apples", "1,2,3", "12.34.56", "12 34", "--5", "€", "#DIV/0!", "fünf", "45%"])
def test_what_is_no_money_is_unreadable(text: str) -> None:
    assert parse_money(text).kind == "unreadable"


def test_percentages_are_fractions() -> None:
    assert parse_percent("-49.50%").value == Decimal("-0.495")
    assert parse_percent("45").value == Decimal("0.45")
    assert parse_percent(0.45, bare_is_fraction=True).value == Decimal("0.45")


def test_a_number_that_can_be_read_two_ways_is_settled_by_its_column() -> None:
    german = profile_column(["1.500", "2.000,50", "17,5"])
    english = profile_column(["1.500", "2,000.50", "17.5"])
    assert column_reader("number", german)("1.500").value == Decimal(1500)
    assert column_reader("number", english)("1.500").value == Decimal("1.5")
    assert parse_number("1.500").remark is not None


def test_groups_of_three_everywhere_are_thousands() -> None:
    profile = profile_column(["1.500", "12.000", "3.250"])
    assert [column_reader("number", profile)(text).value for text in ("1.500", "12.000")] == [1500, 12000]


def test_a_column_without_evidence_takes_that_of_the_file() -> None:
    profiles = profile_table([("A", ["1,5", "2,75"]), ("B", ["1.500"]), ("C", ["25/12/2026"]), ("D", ["01/02/2026"])])
    assert column_reader("number", profiles[1])("1.500").value == 1500
    assert column_reader("date", profiles[3])("01/02/2026").value == dt.date(2026, 2, 1)


def test_the_order_of_day_and_month_is_decided_over_the_column() -> None:
    american = profile_column(["01/04/2024", "02/25/2024", "12/31/2024"])
    british = profile_column(["01/04/2024", "25/02/2024"])
    assert column_reader("date", american)("01/04/2024").value == dt.date(2024, 1, 4)
    assert column_reader("date", british)("01/04/2024").value == dt.date(2024, 4, 1)


@pytest.mark.parametrize(
    ("header", "factor", "currency"),
    [
        ("2014/2015 Budget (£million)", 10**6, "GBP"),
        ("2016/17 TOTAL Baseline £m\n(including Non-Government costs)", 10**6, "GBP"),
        ("Kosten in T€", 10**3, "EUR"),
        ("Plan [Mio. EUR]", 10**6, "EUR"),
        ("budget_keur", 10**3, "EUR"),
        ("Cost (£'000)", 10**3, "GBP"),
        ("Budget EUR", None, "EUR"),
        ("wlc_baseline_incl_NCG", None, None),
        ("Started in May", None, None),
        ("Datum (TT.MM.JJJJ)", None, None),
    ],
)
def test_units_in_headings(header: str, factor: int | None, currency: str | None) -> None:
    unit = unit_in_header(header)
    assert (unit.factor, unit.currency) == (factor, currency)


def test_a_unit_in_the_cell_wins_over_the_one_in_the_heading_and_the_callers_over_both_for_bare_numbers() -> None:
    profile = profile_column(["£1.90m", "£312.00m"], "Budget (£million)")
    read = column_reader("money", profile)
    assert read("£1.90m").value.amount == Decimal("1900000")
    assert read("2.5").value.amount == Decimal("2500000")
    bare = profile_column(["£2,013.02", "£20,136.95"], "wlc")
    assert column_reader("money", bare, ReadingOptions(factor=10**6))("£2,013.02").value.amount == 2013020000
    assert column_reader("money", bare)("5").value.currency == "GBP"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Amber/red", "amber_red"),
        ("AMBER/GREEN", "amber_green"),
        ("amber-green", "amber_green"),
        ("gelb/rot", "amber_red"),
        ("Grün", "green"),
        ("gruen", "green"),
        ("GELB", "amber"),
        ("yellow", "amber"),
        ("R", "red"),
        ("A/G", "amber_green"),
        ("🔴", "red"),
        ("Amber ", "amber"),
        ("Green (improving)", "green"),
        ("on track", "green"),
    ],
)
def test_lights_in_both_languages_and_both_scales(text: str, code: str) -> None:
    light = parse_light(text).value
    assert light.code == code
    assert light.colour in ("green", "amber", "red")
    assert light.is_half_step == ("_" in code)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Reset", "reset"),
        ("No DCA", "not_assessed"),
        ("grau", "not_assessed"),
        ("Complete", "completed"),
        ("abgeschlossen", "completed"),
        ("blau", "completed"),
        ("Exempt under Section 43 of the Freedom of Information Act 2000 (Commercial Interests)", "exempt"),
    ],
)
def test_no_light_has_a_reason(text: str, reason: str) -> None:
    parsed = parse_light(text)
    assert parsed.kind == "absent"
    assert parsed.reason is not None
    assert parsed.reason.code == reason


def test_numbered_lights_are_read_only_when_asked_for() -> None:
    assert parse_light(2).kind == "unreadable"
    assert parse_light(2, numbers={"1": "green", "2": "amber", "3": "red"}).value.code == "amber"
    assert parse_light("red and green").kind == "unreadable"


def test_letters_are_lights_only_where_the_column_is_one_of_lights() -> None:
    assert profile_column(["R", "A", "G", "G"]).kind == "light"
    assert profile_column(["A", "B", "C", "F", "A", "H"]).kind == "text"
    assert profile_column(["Y", "N", "N", "Y"]).kind == "boolean"


def test_yes_and_no() -> None:
    assert [parse_boolean(text).value for text in ("ja", "Nein", "TRUE", "x", True, 0)] == [
        True,
        False,
        True,
        True,
        True,
        False,
    ]
    assert parse_boolean("vielleicht").kind == "unreadable"


def test_whole_numbers_are_text_without_a_decimal_point() -> None:
    assert parse_text(4711.0).value == "4711"
    assert parse_text(" a\r\nb ").value == "a\nb"


CELLS = st.one_of(
    st.none(), st.text(max_size=80), st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes(),
    st.from_regex(r"[-+(£€$]{0,3}[0-9.,' ]{1,14}[a-zA-Z€%)\-. ]{0,8}", fullmatch=True),
    st.from_regex(r"[QHKW]{0,2} ?[0-9]{1,4}[./ -]{1,2}[0-9]{0,4}[./ -]?[0-9A-Za-z]{0,9}", fullmatch=True),
)  # fmt: skip


@settings(max_examples=tries(400, 150))
@example("¹")
@example("²³")
@given(cell=CELLS)
def test_no_cell_ever_raises_and_every_outcome_is_complete(cell: object) -> None:
    for parse in (parse_date, parse_number, parse_money, parse_percent, parse_light, parse_boolean, parse_text):
        parsed = parse(cell)  # type: ignore[operator]
        assert (parsed.value is not None) == (parsed.kind == "ok")
        assert (parsed.reason is not None) == (parsed.kind in ("absent", "unreadable"))
        assert str(parsed.reason) and str(parsed.remark)
    assert classify(cell)  # type: ignore[arg-type]


@settings(max_examples=tries(100, 50))
@given(cells=st.lists(CELLS, max_size=20), header=st.text(max_size=40))
def test_no_column_ever_raises(cells: list[object], header: str) -> None:
    profile = profile_column(cells, header)  # type: ignore[arg-type]
    for kind in ("text", "date", "number", "money", "percent", "boolean", "light"):
        read = column_reader(kind, profile)  # type: ignore[arg-type]
        assert [read(cell).kind for cell in cells] == [read(cell).kind for cell in cells]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Frühjahr 2027", dt.date(2027, 3, 1), dt.date(2027, 5, 31)), ("Sommer 2027", dt.date(2027, 6, 1), dt.date(2027, 8, 31)),
        ("autumn 2027", dt.date(2027, 9, 1), dt.date(2027, 11, 30)), ("IV/2027", dt.date(2027, 10, 1), dt.date(2027, 12, 31)),
        ("II. Quartal 2027", dt.date(2027, 4, 1), dt.date(2027, 6, 30)),
    ],
)  # fmt: skip
def test_seasons_and_roman_quarters_are_periods(text: str, first: dt.date, last: dt.date) -> None:
    assert (parse_date(text).value, parse_date(text, edge="end").value) == (first, last)


@pytest.mark.parametrize("text", ["Ende März", "KW 12", "Q3", "Mitte Mai", "IV. Quartal", "Herbst"])
def test_a_date_without_a_year_says_so(text: str) -> None:
    parsed = parse_date(text)
    assert parsed.kind == "unreadable" and parsed.reason is not None and parsed.reason.code == "no_year"
    assert str(parsed.reason) == f"“{text}” names no year"


@pytest.mark.parametrize(
    ("text", "code"), [("1 - grün", "green"), ("3: rot", "red"), ("2) gelb", "amber"), ("2=gelb", "amber")]
)
def test_a_numbered_light_is_the_light_that_it_names(text: str, code: str) -> None:
    assert parse_light(text).value.code == code and profile_column(["1 - grün", "3 - rot", text]).kind == "light"


def test_a_legend_in_the_heading_tells_what_numbers_mean() -> None:
    profile = profile_column([1, 2, 3, 2], "Ampel (1 = grün, 2 = gelb, 3 = rot)")
    reader = column_reader("light", profile)
    assert [reader(number).value.code for number in (1, 2, 3)] == ["green", "amber", "red"]
    assert reader(4).kind == "unreadable"
    chosen = column_reader("light", profile, ReadingOptions(light_numbers={"1": "red"}))
    assert chosen(1).value.code == "red"
