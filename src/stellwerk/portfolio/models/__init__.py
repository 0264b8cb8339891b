"""Tables of the portfolio room."""

from stellwerk.portfolio.models.projects import (
    Figure,
    Gate,
    ImportMapping,
    Project,
    ProjectAlias,
    ProjectMember,
    ProjectStatus,
)
from stellwerk.portfolio.models.proposals import (
    Criterion,
    Proposal,
    ProposalCapacity,
    ProposalOption,
    ProposalScore,
    ProposalYear,
    ScoringModel,
)
from stellwerk.portfolio.models.structure import Portfolio, PortfolioBudget, Programme, Tranche

__all__ = [
    "Criterion",
    "Figure",
    "Gate",
    "ImportMapping",
    "Portfolio",
    "PortfolioBudget",
    "Programme",
    "Project",
    "ProjectAlias",
    "ProjectMember",
    "ProjectStatus",
    "Proposal",
    "ProposalCapacity",
    "ProposalOption",
    "ProposalScore",
    "ProposalYear",
    "ScoringModel",
    "Tranche",
]
