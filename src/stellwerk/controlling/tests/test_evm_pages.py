"""The pages of earned value: each figure shown is followed to its sources and added up again, to the cent."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from lxml import html

from stellwerk.controlling.models import ExchangeRate, MoneyRules
from stellwerk.controlling.tests.test_earned_value import (
    K,
    alpha,  # noqa: F401 - a fixture
    budget_of,
    line_of,
    spend,
)
from stellwerk.planning.models import Activity, Plan
from stellwerk.portfolio.models import Project

pytestmark = pytest.mark.django_db
ON = "?on=2026-05-31"


class Page:
    """One page as its reader sees it: text of cells, links."""

    def __init__(self, client, path):
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        self.tree = html.fromstring(answer.content.decode())

    def figures(self) -> dict[str, tuple[str, str]]:
        """Text and address of each figure that can be opened."""
        return {a.get("data-figure"): (plain(a), a.get("href")) for a in self.tree.xpath("//a[@data-figure]")}

    def value(self) -> str:
        return plain(self.tree.xpath("//*[@data-value]")[0])

    def short(self) -> str:
        return plain(self.tree.xpath("//title")[0]).partition(":")[0]

    def heads(self, mark: str) -> list[str]:
        return [plain(cell) for cell in self.tree.xpath(f"//table[@{mark}]/thead/tr/th")][1:]

    def rows(self, mark: str) -> Iterator[list[str]]:
        for row in self.tree.xpath(f"//table[@{mark}]/tbody/tr"):
            yield [plain(cell) for cell in row.xpath("./th|./td")]

    def total(self, mark: str) -> list[str]:
        found = self.tree.xpath(f"//table[@{mark}]/tfoot/tr[@class='total']")
        return [plain(cell) for cell in found[0].xpath("./td")] if found else []

    def links(self, mark: str) -> list[str]:
        return [str(href) for href in self.tree.xpath(f"//table[@{mark}]/tbody/tr/th/a/@href")]


def plain(node) -> str:
    return " ".join(node.text_content().split())


def cents(text: str) -> int:
    """“−1,234.50 €” in cents."""
    found = re.search(r"[+−-]?[\d,]+(\.\d+)?", text)
    assert found, text
    return int(Decimal(found[0].replace(",", "").replace("−", "-")) * 100)


def _company(cast) -> None:
    """A second work package, cost that nothing planned, odd cents; a project in dollars; one without a budget."""
    other = Activity.objects.create(
        plan=cast.work.plan, uid=2, position=2, name="Steuerung", wbs="1.2", percent="33.33", state="in_progress"
    )
    line_of(cast.line.budget, other, [10_001, 33_333, 7], text="Schaltschrank")
    line_of(cast.line.budget, None, [9_99, 1], text="Pauschale")
    spend(cast, 12_345_67, dt.date(2026, 5, 20), other, document="5100001", text="Schaltschrank")
    spend(cast, -45_67, dt.date(2026, 5, 21), other, document="5100002", reverses="5100001")
    spend(cast, 77, dt.date(2026, 5, 5))
    unplanned = Activity.objects.create(plan=cast.work.plan, uid=3, position=3, name="Ungeplant")
    spend(cast, 3_33, dt.date(2026, 4, 30), unplanned)
    spend(cast, 4_000_00, dt.date(2026, 5, 30), cast.work, kind="commitment")
    dollars = Project.objects.create(
        key="PRJ-0009", name="Houston", portfolio=cast.portfolio, programme=cast.programme, unit=cast.unit, currency="USD", phase="executing"
    )  # fmt: skip
    ExchangeRate.objects.create(currency="USD", valid_from=dt.date(2025, 1, 1), rate=Decimal("0.9"))
    ExchangeRate.objects.create(currency="USD", valid_from=dt.date(2026, 3, 1), rate=Decimal("0.8"))
    plan = Plan.objects.create(project=dollars, start="2026-01-01T08:00")
    work = Activity.objects.create(plan=plan, uid=1, position=1, name="Work", percent=50, state="in_progress")
    line_of(budget_of(dollars, currency="USD", rate_date=dt.date(2026, 1, 2)), work, [1_000_01] * 6, currency="USD")
    for day in (dt.date(2026, 2, 3), dt.date(2026, 4, 7)):
        row = spend(cast, 1_111_11, day, work)
        row.project, row.project_currency, row.currency = dollars, "USD", "USD"
        row.save()
    line_of(budget_of(cast.other_project), None, [5_000_03] * 4)


@pytest.fixture
def company(alpha):  # noqa: F811
    _company(alpha)
    return alpha


def test_the_page_of_a_project_tells_alpha(alpha, client):  # noqa: F811
    client.force_login(alpha.paul)
    shown = {code: text for code, (text, _url) in Page(client, f"/money/earned-value/project/PRJ-0001{ON}").figures().items()}  # fmt: skip
    expected = {
        "bac": "500,000 €", "pv": "300,000 €", "ev": "230,000 €", "ac": "260,000 €", "cv": "−30,000 €", "sv": "−70,000 €",
        "cpi": "0.88", "spi": "0.77", "eac1": "530,000 €", "eac2": "565,217.39 €", "eac3": "658,109.64 €", "eac4": "570,000 €",
        "eac": "565,217.39 €", "etc": "305,217.39 €", "vac": "−65,217.39 €", "overrun": "+13.0 %", "tcpi_bac": "1.13", "tcpi_eac": "0.88",
    }  # fmt: skip
    assert {code: shown[code] for code in expected} == expected


@pytest.mark.parametrize("path", ["project/PRJ-0001", "programme/PRG-0001", "portfolio/ANLAGEN"])
def test_each_figure_adds_up_to_the_cent_down_to_budget_lines_and_bookings(company, client, path):
    client.force_login(company.conny)
    followed = _follow_level(client, f"/money/earned-value/{path}{ON}", set())
    assert {"bac", "pv", "ev", "ac", "cv", "sv", "cpi", "eac", "etc", "vac"} <= followed


def _follow_level(client, url: str, seen: set[str]) -> set[str]:
    page = Page(client, url)
    figures = page.figures()
    for code, (text, link) in figures.items():
        _follow_figure(client, code, text, link, seen)
    return set(figures)


def _follow_figure(client, code: str, text: str, url: str, seen: set[str]) -> None:
    if url in seen:
        return
    seen.add(url)
    page = Page(client, url)
    shown = page.value()
    assert shown == text or ("€" not in shown and "$" not in shown and "USD" not in shown), (url, shown, text)
    rows, totals = list(page.rows("data-parts")), page.total("data-parts")
    for column, total in enumerate(totals, start=1):
        assert sum(cents(row[column]) for row in rows) == cents(total), (url, column)
    if shown != "–" and rows and page.heads("data-parts") == [page.short()]:
        assert cents(totals[0]) == cents(shown), url
    parts = page.figures()
    if parts:
        _recompute(code, {name: cents(value) for name, (value, _link) in parts.items() if _money(value)}, shown)
        for name, (value, link) in parts.items():
            _follow_figure(client, name, value, link, seen)
    for link in page.links("data-parts"):
        if "/package/" in link:
            _follow_package(client, link, seen)
        else:
            _follow_figure(client, code, Page(client, link).value(), link, seen)
    months = [cents(row[1]) for row in page.rows("data-months")]
    if months:
        assert sum(months) == cents(page.total("data-months")[0]) == cents(shown)


def _money(text: str) -> bool:
    return "€" in text or "USD" in text or "$" in text


def _recompute(code: str, of: dict[str, int], shown: str) -> None:
    """The formula of the page with the numbers that it names."""
    by_formula = {
        "cv": lambda: of["ev"] - of["ac"], "sv": lambda: of["ev"] - of["pv"], "vac": lambda: of["bac"] - of["eac"],
        "etc": lambda: of["eac"] - of["ac"], "eac1": lambda: of["ac"] + of["bac"] - of["ev"], "eac4": lambda: of["ac"] + of["bottom_up_etc"],
    }  # fmt: skip
    ratios = {"cpi": ("ev", "ac"), "spi": ("ev", "pv")}
    if code in by_formula and _money(shown):
        assert by_formula[code]() == cents(shown), code
    elif code in ratios and shown != "–":
        above, below = (of[name] for name in ratios[code])
        assert Decimal(shown) == (Decimal(above) / Decimal(below)).quantize(Decimal("0.0001")), code


def _follow_package(client, url: str, seen: set[str]) -> None:
    if url in seen:
        return
    seen.add(url)
    page = Page(client, url)
    shown = {plain(k.xpath("./*[@class='l']")[0]): cents(plain(k.xpath("./*[@class='v']")[0])) for k in page.tree.xpath("//*[contains(@class,'kpi ') or @class='kpi']")}  # fmt: skip
    lines, bookings = list(page.rows("data-lines")), list(page.rows("data-bookings"))
    assert sum(cents(row[5]) for row in lines) == shown["BAC"], url
    assert sum(cents(row[6]) for row in lines) == shown["PV"], url
    assert sum(cents(row[6]) for row in bookings) == shown["AC"], url
    assert (shown["EV"] - shown["AC"], shown["EV"] - shown["PV"]) == (shown["CV"], shown["SV"])
    if lines:
        assert [cents(one) for one in page.total("data-lines")] == [shown["BAC"], shown["PV"]]
    if bookings:
        assert cents(page.total("data-bookings")[0]) == shown["AC"]


def test_a_programme_sums_and_never_averages(company, client):
    """Dollars at the rate of the approval for plan and earned value, of each posting day for cost."""
    client.force_login(company.conny)
    one = Page(client, f"/money/earned-value/project/PRJ-0001{ON}").figures()
    all_ = Page(client, f"/money/earned-value/programme/PRG-0001{ON}").figures()
    assert cents(all_["bac"][0]) - cents(one["bac"][0]) == round(6 * 1_000_01 * 0.9)  # approved on 2 January
    assert cents(all_["ac"][0]) - cents(one["ac"][0]) == round(1_111_11 * 0.9) + round(1_111_11 * 0.8)
    ev, ac = (Decimal(cents(all_[code][0])) for code in ("ev", "ac"))
    assert all_["cpi"][0] == f"{ev / ac:.2f}"


def test_an_undefined_figure_is_a_dash_with_its_reason_never_0(cast, client):
    line_of(budget_of(cast.project), None, [0, 0, 0, 0, 0, 0, 0, 10 * K])
    client.force_login(cast.paul)
    page = Page(client, f"/money/earned-value/project/PRJ-0001{ON}")
    figures = page.figures()
    assert {code: figures[code][0] for code in ("cpi", "spi", "eac2", "eac3", "tcpi_bac", "tcpi_eac")} == dict.fromkeys(
        ("cpi", "spi", "eac2", "eac3", "tcpi_bac", "tcpi_eac"), "–"
    )
    assert figures["eac"][0] == "10,000 €"
    behind = Page(client, figures["cpi"][1])
    assert behind.value() == "–"
    assert "Nothing was planned, earned or spent yet." in plain(behind.tree)


def test_without_a_budget_the_page_says_what_is_needed(cast, client):
    client.force_login(cast.paul)
    page = Page(client, "/money/earned-value/project/PRJ-0001")
    assert page.figures() == {}
    assert "No budget is approved yet" in plain(page.tree)


def test_the_forecast_that_counts_is_marked(alpha, client):  # noqa: F811
    MoneyRules.objects.create(project=alpha.project, eac_variant=4)
    client.force_login(alpha.paul)
    page = Page(client, f"/money/earned-value/project/PRJ-0001{ON}")
    marked = [row for row in page.tree.xpath("//table[contains(@class,'ev-figures')]//tr") if "counts" in plain(row)]
    assert ["EAC₄" in plain(row) for row in marked] == [True]
    assert page.figures()["eac"][0] == "570,000 €"


@pytest.mark.parametrize("on", ["2099-01-01", "0001-01-01", "gestern", "2026-02-30", "1000000-01-01"])
def test_a_bad_data_date_is_named_and_today_is_shown(alpha, client, on):  # noqa: F811
    client.force_login(alpha.paul)
    answer = client.get("/money/earned-value/project/PRJ-0001", {"on": on})
    assert answer.status_code == 200
    assert "data date" in answer.content.decode().lower()


def test_who_may_not_see_money_sees_no_earned_value(alpha, client):  # noqa: F811
    for who, status in ((alpha.tom, 403), (alpha.rita, 403), (alpha.olga, 404)):
        client.force_login(who)
        assert client.get("/money/earned-value/project/PRJ-0001").status_code == status
    client.force_login(alpha.paul)
    assert client.get(f"/money/earned-value/package/{alpha.work.pk}/PRJ-0002").status_code == 404
    assert client.get("/money/earned-value/package/999999/PRJ-0001").status_code == 404
    assert client.get("/money/earned-value/project-figure/nothing/PRJ-0001").status_code == 404


def test_a_roll_up_counts_what_its_reader_may_not_see(company, client):
    client.force_login(company.gerda)
    page = plain(Page(client, f"/money/earned-value/portfolio/ANLAGEN{ON}").tree)
    assert "1 more that you do not see" in page
    assert "PRJ-0002" not in page


@pytest.mark.parametrize("path", ["project/PRJ-0001", "portfolio/ANLAGEN"])
def test_excel_holds_the_same_figures_as_numbers(company, client, path):
    from io import BytesIO

    from openpyxl import load_workbook

    client.force_login(company.conny)
    url = f"/money/earned-value/{path}{ON}"
    figures = Page(client, url).figures()
    book = load_workbook(BytesIO(client.get(url + "&export=xlsx").content))
    sheet = {row[0].value: row[2].value for row in book.worksheets[0].iter_rows(min_row=2)}
    assert round(sheet["AC"] * 100) == cents(figures["ac"][0])
    assert round(sheet["EAC"] * 100) == cents(figures["eac"][0])
    rows = list(book.worksheets[1].iter_rows(min_row=2, values_only=True))
    assert round(sum(row[6] for row in rows) * 100) == cents(figures["ac"][0])


def _closed(cast):
    from stellwerk.controlling.models import Period
    from stellwerk.controlling.services.close import freeze_month

    period = Period.objects.create(organisation=cast.organisation, month=dt.date(2026, 5, 1), state="closed")
    freeze_month(period, cast.conny)
    return period


def test_a_closed_month_counts_as_it_was_frozen(alpha, client):  # noqa: F811
    """Progress that is reported later moves live figures, not those of the closed month; a reopened month is live again."""
    period = _closed(alpha)
    Activity.objects.filter(pk=alpha.work.pk).update(percent=80)
    client.force_login(alpha.paul)
    url = f"/money/earned-value/project/PRJ-0001{ON}"
    page = Page(client, url)
    assert page.figures()["ev"][0] == "230,000 €"
    assert "frozen with the month close" in plain(page.tree)
    assert Page(client, "/money/earned-value/portfolio/ANLAGEN" + ON).figures()["ev"][0] == "230,000 €"
    assert Page(client, "/money/earned-value/project/PRJ-0001?on=2026-06-30").figures()["ev"][0] == "400,000 €"
    period.state = "open"
    period.save()
    assert Page(client, url).figures()["ev"][0] == "400,000 €"


def test_figures_of_a_closed_month_add_up_too(company, client):
    _closed(company)
    Activity.objects.filter(pk=company.work.pk).update(percent=80)
    client.force_login(company.conny)
    _follow_level(client, f"/money/earned-value/portfolio/ANLAGEN{ON}", set())


@pytest.mark.parametrize(
    ("path", "heads"),
    [
        ("project/PRJ-0001", ["BAC", "PV", "EV", "AC", "CV", "SV", "%", "CPI", "SPI"]),
        ("programme/PRG-0001", ["BAC", "PV", "EV", "AC", "EAC", "VAC", "%", "CPI", "SPI"]),
        ("portfolio/ANLAGEN", ["BAC", "PV", "EV", "AC", "EAC", "VAC", "%", "CPI", "SPI"]),
    ],
)
def test_the_table_of_a_level_adds_up_to_the_cent_and_to_its_figures(company, client, path, heads):
    """Every amount to the cent, the currency in the head: nothing is cut at the width of a notebook."""
    client.force_login(company.conny)
    page = Page(client, f"/money/earned-value/{path}{ON}")
    table = page.tree.xpath("//table[.//tr[@class='total']]")[-1]
    assert [plain(cell) for cell in table.xpath("./thead/tr/th")][1:] == heads
    *rows, total = [[plain(cell) for cell in row.xpath("./th|./td")] for row in table.xpath("./tbody/tr")]
    figures = page.figures()
    for column, head in enumerate(heads[:6], start=1):
        assert not re.search(r"[€$]", total[column]) and re.search(r"\.\d\d$", total[column])
        assert sum(cents(row[column]) for row in rows) == cents(total[column]) == cents(figures[head.lower()][0]), head
