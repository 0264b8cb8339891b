"""Writes of the portfolio room: allowed, refused, invalid, concurrent."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from stellwerk.core import services
from stellwerk.core.errors import Invalid, NotAllowed, StaleEdit, WrongState
from stellwerk.core.models import AuditEntry
from stellwerk.core.states import advance
from stellwerk.engine.scoring import size_of, size_ratings
from stellwerk.portfolio.checks import Facts, findings
from stellwerk.portfolio.models import Figure, Portfolio, Programme, Project, Proposal, ProposalOption, ScoringModel
from stellwerk.portfolio.services.portfolios import edit_portfolio, set_thresholds
from stellwerk.portfolio.services.projects import create_project, edit_project, rate_size, set_aliases
from stellwerk.portfolio.services.proposals import score_proposal
from stellwerk.testing import Cast

TODAY = dt.date(2026, 11, 23)


def scoring_model(cast: Cast, weights: tuple[int, ...] = (60, 40)) -> ScoringModel:
    model = ScoringModel.objects.create(key="SCM-1", name="Wert und Risiko")
    for number, weight in enumerate(weights):
        model.criteria.create(order=number, name=f"K{number}", weight=weight)
    return model


def proposal(cast: Cast, **values: Any) -> Proposal:
    """A complete business case in draft."""
    obj = Proposal.objects.create(
        **{
            "key": "PRP-1", "name": "Großwärmepumpe", "problem": "Kessel am Ende", "portfolio": cast.portfolio, "programme": cast.programme,
            "requester": cast.people["tom"], "sponsor": cast.people["stefan"], "wanted_start": dt.date(2027, 1, 31), "duration_months": 13,
        } | values
    )  # fmt: skip
    obj.options.create(order=1, name="Nichts tun", do_nothing=True)
    option = obj.options.create(order=2, name="Neubau", recommended=True, description="Zwei Aggregate")
    option.years.create(year=2027, cost=100_000_00, benefit=0)
    option.years.create(year=2028, cost=10_000_00, benefit=40_000_00)
    return obj


class TestScoringModel:
    def test_it_is_activated_when_its_weights_sum_to_a_hundred(self, cast: Cast) -> None:
        assert advance(scoring_model(cast), "activate", by=cast.petra).state == "active"

    def test_it_is_refused_with_other_sums(self, cast: Cast) -> None:
        with pytest.raises(WrongState, match="90"):
            advance(scoring_model(cast, (60, 30)), "activate", by=cast.petra)
        with pytest.raises(WrongState):
            advance(ScoringModel.objects.create(key="SCM-2", name="Leer"), "activate", by=cast.petra)

    def test_an_active_model_can_no_longer_be_edited(self, cast: Cast) -> None:
        model = advance(scoring_model(cast), "activate", by=cast.petra)
        with pytest.raises(NotAllowed):
            services.edit(model, {"name": "Anders"}, by=cast.petra)
        assert cast.client("petra").get("/portfolio/scoring-models/SCM-1/edit").status_code == 403


class TestProposal:
    def test_it_goes_from_draft_to_a_project_and_nothing_is_typed_twice(self, cast: Cast) -> None:
        model = advance(scoring_model(cast), "activate", by=cast.petra)
        obj = proposal(cast, scoring_model=model)
        obj = advance(obj, "submit", by=cast.tom)
        obj = advance(obj, "start_assessment", by=cast.anton)
        first, second = model.criteria.all()
        obj = score_proposal(
            proposal=obj, scores={first.pk: (5, "Netz"), second.pk: (3, "")}, by=cast.anton, version=obj.version
        )
        assert obj.score == Decimal("80.00")
        obj = advance(obj, "score", by=cast.anton)
        obj = advance(obj, "approve", by=cast.elke)
        advance(obj, "convert", by=cast.petra)
        project = Project.objects.get(proposal=obj)
        assert (project.name, project.programme, project.sponsor, project.budget) == (
            "Großwärmepumpe",
            cast.programme,
            cast.people["stefan"],
            110_000_00,
        )
        assert (project.start_forecast, project.finish_forecast) == (dt.date(2027, 1, 31), dt.date(2028, 2, 29))
        assert "Kessel am Ende" in project.description
        figures = {f.code: f for f in Figure.objects.filter(project=project)}
        assert figures["value"].value == Decimal("80")
        assert figures["benefit"].amount == 40_000_00

    @pytest.mark.parametrize("break_it", ["do_nothing", "recommended", "years", "only_nothing"])
    def test_an_incomplete_business_case_is_not_submitted(self, cast: Cast, break_it: str) -> None:
        obj = proposal(cast)
        match break_it:
            case "do_nothing":
                ProposalOption.objects.filter(do_nothing=True).delete()
            case "recommended":
                obj.options.update(recommended=False)
                obj.options.create(order=3, name="Miete")
            case "years":
                obj.options.get(recommended=True).years.all().delete()
            case "only_nothing":
                obj.options.filter(do_nothing=False).delete()
        with pytest.raises(WrongState):
            advance(obj, "submit", by=cast.tom)

    def test_without_a_score_on_every_criterion_it_is_not_ranked(self, cast: Cast) -> None:
        model = advance(scoring_model(cast), "activate", by=cast.petra)
        obj = proposal(cast, scoring_model=model, state="assessment")
        first = model.criteria.first()
        assert first is not None
        obj = score_proposal(proposal=obj, scores={first.pk: (5, "")}, by=cast.anton)
        assert obj.score is None
        with pytest.raises(WrongState):
            advance(obj, "score", by=cast.anton)

    def test_scores_outside_the_scale_name_their_criterion(self, cast: Cast) -> None:
        model = advance(scoring_model(cast), "activate", by=cast.petra)
        obj = proposal(cast, scoring_model=model, state="assessment")
        first = model.criteria.first()
        assert first is not None
        with pytest.raises(Invalid) as caught:
            score_proposal(proposal=obj, scores={first.pk: (6, "")}, by=cast.anton)
        assert f"score-{first.pk}" in caught.value.errors

    def test_only_the_pmo_scores_and_only_in_assessment(self, cast: Cast) -> None:
        obj = proposal(cast)
        with pytest.raises(NotAllowed):
            score_proposal(proposal=obj, scores={}, by=cast.tom)
        with pytest.raises(WrongState):
            score_proposal(proposal=obj, scores={}, by=cast.anton)

    def test_what_misses_a_hurdle_is_not_approved_unless_mandatory(self, cast: Cast) -> None:
        model = scoring_model(cast, (100,))
        model.criteria.update(hurdle=3)
        model = advance(model, "activate", by=cast.petra)
        obj = proposal(cast, scoring_model=model, state="assessment")
        criterion = model.criteria.get()
        obj = advance(
            score_proposal(proposal=obj, scores={criterion.pk: (2, "")}, by=cast.anton), "score", by=cast.anton
        )
        with pytest.raises(WrongState, match="K0"):
            advance(obj, "approve", by=cast.elke)
        Proposal.objects.filter(pk=obj.pk).update(mandatory=True, mandatory_reason="BImSchG")
        obj.refresh_from_db()
        assert advance(obj, "approve", by=cast.elke).state == "approved"

    def test_prerequisites_come_first_and_exclusions_are_respected(self, cast: Cast) -> None:
        other = Proposal.objects.create(key="PRP-2", name="Netz", portfolio=cast.portfolio)
        obj = proposal(cast, state="scored")
        obj.prerequisites.add(other)
        with pytest.raises(WrongState, match="PRP-2"):
            advance(obj, "approve", by=cast.elke)
        obj.prerequisites.clear()
        obj.exclusions.add(other)
        Proposal.objects.filter(pk=other.pk).update(state="approved")
        with pytest.raises(WrongState, match="PRP-2"):
            advance(obj, "approve", by=cast.elke)


class TestProgrammeAndPortfolio:
    def test_a_programme_closes_only_after_all_its_projects(self, cast: Cast) -> None:
        Programme.objects.filter(pk=cast.programme.pk).update(state="closing")
        cast.programme.refresh_from_db()
        with pytest.raises(WrongState, match="PRJ-0001"):
            advance(cast.programme, "close", by=cast.stefan)
        Project.objects.filter(programme=cast.programme).update(phase="closed")
        assert advance(cast.programme, "close", by=cast.stefan).state == "closed"

    def test_a_portfolio_closes_only_when_nothing_reports_into_it(self, cast: Cast) -> None:
        with pytest.raises(WrongState, match="PRG-0001"):
            advance(cast.portfolio, "close", by=cast.petra, reason="Neuordnung")

    def test_thresholds_keep_only_what_differs_from_the_method(self, cast: Cast) -> None:
        saved = set_thresholds(
            portfolio=cast.portfolio,
            thresholds={"spi_t": {"green": "0.97"}, "eac_overrun": {"green": "0.05"}},
            by=cast.petra,
            version=None,
            reason="strenger",
        )
        assert saved.thresholds == {"spi_t": {"green": "0.97"}}
        assert AuditEntry.objects.filter(entity_type="portfolio.portfolio", reason="strenger").exists()

    def test_thresholds_that_contradict_themselves_are_refused(self, cast: Cast) -> None:
        with pytest.raises(Invalid, match="spi_t"):
            set_thresholds(
                portfolio=cast.portfolio, thresholds={"spi_t": {"green": "0.5"}}, by=cast.petra, version=None, reason=""
            )
        with pytest.raises(NotAllowed):
            set_thresholds(portfolio=cast.portfolio, thresholds={}, by=cast.paul, version=None, reason="")

    def test_a_longer_cycle_moves_the_day_before_which_lights_are_grey(self, cast: Cast) -> None:
        Portfolio.objects.filter(pk=cast.portfolio.pk).update(data_date=dt.date(2026, 11, 20))
        cast.portfolio.refresh_from_db()
        saved = edit_portfolio(
            portfolio=cast.portfolio, values={"cycle_days": 28}, by=cast.petra, version=cast.portfolio.version
        )
        assert saved.fresh_from == dt.date(2026, 10, 23)


class TestProject:
    def test_execution_needs_sponsor_and_manager_who_are_not_the_same(self, cast: Cast) -> None:
        Project.objects.filter(pk=cast.other_project.pk).update(sponsor=cast.people["olga"])
        cast.other_project.refresh_from_db()
        with pytest.raises(WrongState):
            advance(cast.other_project, "start_execution", by=cast.elke)
        Project.objects.filter(pk=cast.other_project.pk).update(sponsor=cast.people["stefan"])
        cast.other_project.refresh_from_db()
        assert advance(cast.other_project, "start_execution", by=cast.elke).phase == "executing"

    def test_a_hold_returns_to_the_phase_before_it(self, cast: Cast) -> None:
        held = advance(cast.project, "hold", by=cast.elke, reason="Genehmigung fehlt")
        with pytest.raises(WrongState):
            advance(held, "resume_planning", by=cast.elke)
        assert advance(held, "resume_executing", by=cast.elke).phase == "executing"

    def test_two_people_editing_one_field_see_both_values(self, cast: Cast) -> None:
        seen = cast.project.version
        edit_project(project=cast.project, values={"name": "A"}, by=cast.petra, version=seen)
        with pytest.raises(StaleEdit) as caught:
            edit_project(project=cast.project, values={"name": "B"}, by=cast.paul, version=seen)
        assert (caught.value.conflicts[0].yours, caught.value.conflicts[0].theirs) == ("B", "A")

    def test_other_names_are_normalised_and_belong_to_one_project_only(self, cast: Cast) -> None:
        assert set_aliases(project=cast.project, names=["Lubmin 20 MW", "  lubmin 20 mw ", ""], by=cast.petra) == [
            "lubmin 20 mw"
        ]
        with pytest.raises(Invalid, match="Elektrolyse"):
            set_aliases(project=cast.other_project, names=["LUBMIN 20 MW"], by=cast.petra)
        with pytest.raises(NotAllowed):
            set_aliases(project=cast.project, names=[], by=cast.tom)

    def test_a_project_is_created_with_a_key_by_those_who_may(self, cast: Cast) -> None:
        values = {"name": "Neu", "portfolio": cast.portfolio}
        project = create_project(values=values, aliases=["Alt"], by=cast.petra)
        assert project.key.startswith("PRJ-")
        assert project.aliases.count() == 1
        with pytest.raises(NotAllowed):
            create_project(values=values, by=cast.tom)

    def test_the_size_follows_five_ratings(self, cast: Cast) -> None:
        saved = rate_size(
            project=cast.project, budget=99_999_00, months=5, fte=Decimal("4.5"), units=1, criticality=1, by=cast.petra
        )
        assert saved.size == "S"
        assert size_of(size_ratings(budget=100_000, months=6, fte=5, units=2, criticality=2)) == "M"
        assert size_of(size_ratings(budget=1_000_001, months=13, fte=16, units=4, criticality=3)) == "L"
        assert size_of({"a": 1, "b": 1, "c": 1, "d": 2, "e": 2}) == "S"
        assert size_of({"a": 2, "b": 2, "c": 2, "d": 2, "e": 3}) == "M"

    def test_checks_name_what_is_missing_or_impossible(self, cast: Cast) -> None:
        project = Project(
            name="X",
            phase="executing",
            start_baseline=dt.date(2026, 5, 1),
            finish_baseline=dt.date(2026, 4, 1),
            start_actual=dt.date(2027, 1, 1),
        )
        codes = {finding.code for finding in findings(Facts(project, (), TODAY, dt.date(2026, 10, 1), 14))}
        assert codes == {"PRJ001", "PRJ002", "PRJ010", "PRJ011", "PRJ012", "PRJ021", "PRJ030"}

    def test_a_complete_project_has_no_findings(self, cast: Cast) -> None:
        project = cast.project
        project.finish_forecast = dt.date(2027, 6, 1)
        assert findings(Facts(project, (), TODAY, dt.date(2026, 11, 20), 14)) == []
