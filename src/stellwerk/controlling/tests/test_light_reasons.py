"""“Why is this red?”: the numbers, limits and rules behind a light, in one click from cockpit and board."""

from __future__ import annotations

import pytest
from lxml import html

from stellwerk.controlling.services.evm_figures import write_ev_figures
from stellwerk.controlling.tests.test_earned_value import MAY, alpha  # noqa: F401 - a fixture
from stellwerk.portfolio.services.figures import FigureRow, write_figures

pytestmark = pytest.mark.django_db
COST = "/portfolio/projects/PRJ-0001/figures/light.cost?on=2026-05-31"


def rules(client, path) -> dict[str, list[str]]:
    tree = html.fromstring(client.get(path).content.decode())
    rows = [[" ".join(cell.text_content().split()) for cell in row.xpath("./th|./td")] for row in tree.xpath("//table[@data-why]/tbody/tr")]  # fmt: skip
    return {row[0]: row[1:] for row in rows}


def test_why_cost_is_red_tells_rule_number_and_limits(alpha, client):  # noqa: F811
    write_ev_figures(on=MAY)
    client.force_login(alpha.paul)
    found = rules(client, COST)
    value, light, green, amber, *_rest = found["EAC above BAC"]
    assert (value, light, green, amber) == ("13.0 %", "Red", "≤ 5.0 %", "≤ 10.0 %")
    page = client.get(COST).content.decode()
    assert "/money/earned-value/project-figure/overrun/PRJ-0001?on=2026-05-31" in page


def test_limits_of_the_portfolio_count_and_are_marked(alpha, client):  # noqa: F811
    alpha.portfolio.thresholds = {"eac_overrun": {"green": "0.15", "amber": "0.2"}}
    alpha.portfolio.save()
    write_ev_figures(on=MAY)
    client.force_login(alpha.paul)
    value, light, green, amber, _else, numbers = rules(client, COST)["EAC above BAC"]
    assert (value, light, green, amber) == ("13.0 %", "Green", "≤ 15.0 %", "≤ 20.0 %")
    assert "own limit" in numbers


def test_why_schedule_tells_the_index(alpha, client):  # noqa: F811
    write_ev_figures(on=MAY)
    client.force_login(alpha.paul)
    found = rules(client, "/portfolio/projects/PRJ-0001/figures/light.schedule?on=2026-05-31")
    assert found["Schedule index SPI(t)"][:3] == ["0.86", "Amber", "≥ 0.95"]
    assert found["Delay of a gate or critical milestone (working days)"][0] == "not assessed: no room computes it yet"


def test_the_overall_light_leads_to_its_dimensions(alpha, client):  # noqa: F811
    write_ev_figures(on=MAY)
    client.force_login(alpha.paul)
    found = rules(client, "/portfolio/projects/PRJ-0001/figures/light.overall?on=2026-05-31")
    assert (found["Cost"][0], found["Schedule"][0], found["Risk"]) == ("Red", "Amber", ["–", "not assessed"])


def test_a_light_set_by_hand_says_until_when_it_stands_and_what_was_computed(alpha, client):  # noqa: F811
    write_figures(
        rows=[FigureRow(alpha.project.pk, "light.cost", MAY, light="amber", source="overridden", text="red", source_label="REP-0001")],
        by=None,
    )  # fmt: skip
    client.force_login(alpha.paul)
    page = " ".join(html.fromstring(client.get(COST).content.decode()).text_content().split())
    assert "Set by hand: Amber, calculated Red" in page
    assert "Stands until 14 Jun 2026 at the latest" in page


def test_who_may_see_no_money_gets_no_way_to_it(alpha, client):  # noqa: F811
    write_ev_figures(on=MAY)
    client.force_login(alpha.tom)
    assert "/money/earned-value/project-figure/" not in client.get(COST).content.decode()


def test_a_light_that_is_too_old_is_grey_and_says_so(alpha, client):  # noqa: F811
    write_ev_figures(on=MAY)
    client.force_login(alpha.paul)
    page = client.get("/portfolio/projects/PRJ-0001/figures/light.cost?on=2026-07-31").content.decode()
    assert "older than one cycle, it shows as grey" in page
