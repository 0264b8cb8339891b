"""The points of the strategy pages are followed to contributions and weights, and added up again; also with weights that are only tried out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stellwerk.controlling.models import Contribution, StrategicObjective
from stellwerk.controlling.services.strategy import rate
from stellwerk.controlling.tests.pages import Page, cells_of, text_of
from stellwerk.controlling.tests.proposals import proposal_of
from stellwerk.core.states import advance
from stellwerk.portfolio.models import ProposalYear

WHY = "How the points come about"
TRIED = {"Climate": Decimal("7.5"), "Growth": Decimal(61), "Service": Decimal("0")}


@pytest.fixture
def rated(cast: Any) -> Any:
    """Three objectives with odd weights; two projects and a proposal, one of them against a part of them only."""
    objectives = [
        StrategicObjective.objects.create(key=f"OBJ-{at}", organisation=cast.organisation, name=name, weight=weight)
        for at, (name, weight) in enumerate((("Climate", Decimal("33.3")), ("Growth", Decimal(45)), ("Service", Decimal("12.25"))), start=1)
    ]  # fmt: skip
    climate, growth, service = (one.pk for one in objectives)
    proposal = proposal_of(cast)
    ProposalYear.objects.create(option=proposal.options.get(do_nothing=False), year=2027, cost=500_00, benefit=700_00)
    proposal = advance(proposal, "submit", by=cast.tom)
    rate(subject=cast.project, levels={climate: (3, "CO2"), growth: (1, "Korea"), service: (0, "")}, by=cast.paul)
    rate(subject=cast.other_project, levels={growth: (4, "Market")}, by=cast.olga)
    rate(subject=proposal, levels={climate: (4, "Heat"), service: (3, "Hotline")}, by=cast.petra)
    return cast


def weights() -> dict[str, Decimal]:
    return dict(StrategicObjective.objects.values_list("name", "weight"))


def points(text: str) -> Decimal:
    return Decimal(text.replace("−", "-"))


def by_hand(key: str, weight: dict[str, Decimal]) -> Decimal:
    """Σ weight × level ÷ 4 ÷ Σ weight × 100, from the stored contributions."""
    rows = [
        (one.objective.name, one.level)
        for one in Contribution.objects.select_related("objective", "project", "proposal")
        if (one.project or one.proposal).key == key
    ]
    return sum((weight[name] * level for name, level in rows), Decimal(0)) / 4 / sum(weight.values()) * 100


def matrix(page: Page) -> dict[str, Any]:
    """The rows by the key of the project or proposal, in their order."""
    (region,) = page.tree.xpath("//*[@aria-label='Who contributes to what']")
    return {text_of(row.xpath("./th/span")[0]).split(" ")[0]: row for row in region.xpath(".//tbody/tr")}


def tried_out(client: Client) -> Page:
    numbers = {one.name: one.pk for one in StrategicObjective.objects.all()}
    asked = "&".join(f"w-{numbers[name]}={weight}" for name, weight in TRIED.items())
    return Page(client, f"{reverse('controlling:strategy')}?{asked}")


@pytest.mark.parametrize("tried", [False, True])
def test_the_points_open_to_contribution_and_weight_and_add_up(rated, tried):
    client = rated.client("petra")
    start = tried_out(client) if tried else Page(client, reverse("controlling:strategy"))
    weight = TRIED if tried else weights()
    rows = matrix(start)
    assert len(rows) >= 3
    opened = 0
    for key, row in rows.items():
        (link,) = row.xpath(".//a[contains(@href, 'why=')]")
        shown = points(text_of(link))
        page = Page(client, reverse("controlling:strategy") + link.get("href").partition("#")[0])
        *parts, total = page.table(WHY)
        assert abs(points(total[4]) - shown) <= Decimal("0.05")
        assert abs(points(total[4]) - by_hand(key, weight)) <= Decimal("0.005")
        assert abs(sum(points(part[4]) for part in parts) - points(total[4])) <= Decimal("0.015")
        levels = [text_of(cell) for cell in cells_of(row)[-len(parts) :]]
        for part, level in zip(parts, levels, strict=True):
            name, told, own, most, got, _reason = part
            assert told.replace("–", "·") == level, (key, name)
            assert points(own) == weight[name]
            assert abs(points(most) - weight[name] / sum(weight.values()) * 100) <= Decimal("0.005")
            assert abs(points(got) - points(most) * (int(told) if told != "–" else 0) / 4) <= Decimal("0.01")
        opened += 1
        again = matrix(page)  # the page that opens them says the same
        assert text_of(again[key].xpath(".//a[contains(@href, 'why=')]")[0]) == text_of(link)
    assert opened == len(rows)


def test_tried_weights_show_the_points_and_places_of_before(rated):
    client = rated.client("petra")
    before, after = matrix(Page(client, reverse("controlling:strategy"))), matrix(tried_out(client))
    order = sorted(after, key=lambda key: -by_hand(key, TRIED))
    assert [by_hand(key, TRIED) for key in after] == [by_hand(key, TRIED) for key in order]
    places = {key: at for at, key in enumerate(before, start=1)}
    assert list(before) != list(after)
    for at, (key, row) in enumerate(after.items(), start=1):
        cells = [text_of(cell) for cell in cells_of(row)]
        assert abs(points(cells[3]) - by_hand(key, weights())) <= Decimal("0.05")
        assert cells[4] == f"{places[key]} → {at}"


def test_coverage_and_shares_are_counted_from_the_contributions_that_open(rated):
    client = rated.client("petra")
    page = Page(client, reverse("controlling:strategy"))
    heads = page.rows("much or decisively")
    told = {text_of(cells_of(row)[0].xpath("./a")[0]): row for row in heads}
    for name, row in told.items():
        cells = [text_of(cell) for cell in cells_of(row)]
        stored = Contribution.objects.filter(objective__name=name, level__gt=0)
        assert (int(cells[5]), int(cells[6])) == (stored.count(), stored.filter(level__gte=3).count()), name
        assert abs(
            points(cells[4].replace("%", "").strip()) - weights()[name] / sum(weights().values()) * 100
        ) <= Decimal("0.5")
        objective = Page(client, cells_of(row)[0].xpath("./a/@href")[0])
        (table,) = objective.tree.xpath("//table[thead/tr/th[normalize-space()='Contribution']]")
        assert sorted(int(text_of(cells_of(one)[1])) for one in table.xpath("./tbody/tr")) == sorted(
            stored.values_list("level", flat=True)
        )
