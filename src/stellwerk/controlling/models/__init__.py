"""Tables of the controlling room."""

from stellwerk.controlling.models.actuals import ActualsImport, Booking, MappingRule, Period
from stellwerk.controlling.models.base import AuthorityLimit, CostCentre, CostType, ExchangeRate, MoneyRules
from stellwerk.controlling.models.benefits import Benefit, BenefitValue
from stellwerk.controlling.models.budgets import Budget, BudgetLine, BudgetMonth, ForecastException
from stellwerk.controlling.models.cases import (
    BusinessCase,
    CaseFlow,
    CaseFlowYear,
    Contribution,
    InvestmentRound,
    RoundItem,
    RoundLimit,
    SelectionRun,
    StrategicObjective,
)
from stellwerk.controlling.models.risks import Estimate, SimulationRun

__all__ = [
    "ActualsImport",
    "AuthorityLimit",
    "Benefit",
    "BenefitValue",
    "Booking",
    "Budget",
    "BudgetLine",
    "BudgetMonth",
    "BusinessCase",
    "CaseFlow",
    "CaseFlowYear",
    "Contribution",
    "CostCentre",
    "CostType",
    "Estimate",
    "ExchangeRate",
    "ForecastException",
    "InvestmentRound",
    "MappingRule",
    "MoneyRules",
    "Period",
    "RoundItem",
    "RoundLimit",
    "SelectionRun",
    "SimulationRun",
    "StrategicObjective",
]
