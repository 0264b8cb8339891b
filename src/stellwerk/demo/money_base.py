"""What the demo company counts its money by: cost types, cost centres, exchange rates by day, rules and limits of authority."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from stellwerk.controlling.choices import EacVariant, LabourSource, Spending
from stellwerk.controlling.models import AuthorityLimit, CostCentre, CostType, ExchangeRate, MoneyRules
from stellwerk.demo.company import add_sequences

if TYPE_CHECKING:
    from stellwerk.demo.company import Company
    from stellwerk.demo.story import Course

LABOUR, SERVICES, MATERIAL, LICENCES, OPINIONS, TRAVEL = range(6)
COST_TYPES: Final = (
    ("Eigenleistung", "Own labour", Spending.OPEX, "620000-629999", True),
    ("Fremdleistungen", "External services", Spending.OPEX, "417000-419999", False),
    ("Material und Anlagenteile", "Material and equipment", Spending.CAPEX, "400000-409999", False),
    ("Software und Lizenzen", "Software and licences", Spending.CAPEX, "411000-412999", False),
    ("Gutachten und Genehmigungen", "Expert opinions and permits", Spending.OPEX, "431000-432999", False),
    ("Reisekosten", "Travel", Spending.OPEX, "466000-466999", False),
)
RATES: Final = {"USD": 0.915, "CHF": 1.042, "GBP": 1.163, "PLN": 0.2325, "DKK": 0.1340, "KRW": 0.000675}
"""Euros for one unit when the table begins; invented, as everything here."""
YEARS_BACK: Final = 4
YOUNG: Final = 0.2
"""Share of the work from which on the forecast follows the index of cost."""
SPONSOR_LIMIT: Final = 2_500_000_00
SPONSOR_LIMIT_KOREA: Final = 500_000_000


def add_catalogues(company: Company) -> tuple[list[CostType], dict[int, CostCentre]]:
    """Cost types in the order of ``COST_TYPES``, and the cost centre of each unit (by the number of the unit)."""
    types = CostType.objects.bulk_create(
        [
            CostType(
                key=f"CTY-{n:04d}", name=german, name_en=english, spending=spending, accounts=accounts, labour=labour,
                labour_source=LabourSource.HOURS, order=n * 10,
            )
            for n, (german, english, spending, accounts, labour) in enumerate(COST_TYPES, start=1)
        ]
    )  # fmt: skip
    centres = CostCentre.objects.bulk_create(
        [
            CostCentre(
                key=f"CCT-{n:04d}",
                organisation_id=unit.organisation_id,
                number=unit.cost_centre,
                name=unit.name,
                unit=unit,
            )
            for n, unit in enumerate(company.units.values(), start=1)
        ]
    )
    add_sequences({"CTY": len(types), "CCT": len(centres)})
    _rates(company)
    _limits(company)
    return types, {centre.unit_id: centre for centre in centres if centre.unit_id is not None}


def _rates(company: Company) -> None:
    """A rate on the first of each month; a slow random walk."""
    rng = random.Random(company.size.seed * 41 + 11)
    rows = []
    first = dt.date(company.today.year - YEARS_BACK, 1, 1)
    count = (company.today.year - first.year) * 12 + company.today.month
    for currency, rate in RATES.items():
        for month in range(count):
            rate *= 1 + rng.gauss(0, 0.009)
            day = dt.date(first.year + month // 12, month % 12 + 1, 1)
            rows.append(
                ExchangeRate(currency=currency, into="EUR", valid_from=day, rate=Decimal(f"{rate:.8f}"), source="Treasury, Monatskurs")
            )  # fmt: skip
    ExchangeRate.objects.bulk_create(rows)


def _limits(company: Company) -> None:
    korea = company.units["Entwicklungszentrum Ulsan"].organisation_id
    AuthorityLimit.objects.bulk_create(
        [
            AuthorityLimit(organisation=company.organisation, role="sponsor", amount=SPONSOR_LIMIT),
            AuthorityLimit(organisation=company.organisation, role="executive", amount=None),
            AuthorityLimit(organisation_id=korea, role="sponsor", amount=SPONSOR_LIMIT_KOREA, currency="KRW"),
            AuthorityLimit(organisation_id=korea, role="executive", amount=None, currency="KRW"),
        ]
    )


def _variant(number: int, course: Course) -> EacVariant:
    """Nobody carries the index of the first weeks forward to the end of a project."""
    if course.moments[-1].earned < YOUNG:
        return EacVariant.ONE_OFF
    return EacVariant.BOTTOM_UP if number % 9 == 5 else EacVariant.TREND


def add_rules(company: Company) -> dict[int, Decimal]:
    """The money rules of every project; big ones have less room. Gives the tolerance of cost in per cent by project."""
    tolerance = {"S": Decimal(15), "M": Decimal(10), "L": Decimal("7.5")}
    rows = [
        MoneyRules(
            project=project, cost_tolerance=tolerance[course.size],
            eac_variant=_variant(number, course),
        )
        for number, (project, course) in enumerate(zip(company.projects, company.courses, strict=True))
    ]  # fmt: skip
    MoneyRules.objects.bulk_create(rows, batch_size=1000)
    return {row.project_id: row.cost_tolerance for row in rows}
