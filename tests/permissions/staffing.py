"""Samples of the staffing room for the permission table: one function per subject."""

from __future__ import annotations

import datetime as dt

from stellwerk.staffing.models import PayBand, WeightSet
from stellwerk.staffing.tests.company import Staffing, build_staffing, contract_of, match_of
from stellwerk.testing import Cast
from tests.targets import Sample


def staffing_samples(cast: Cast) -> tuple[Staffing, dict[str, list[Sample]]]:
    """By kind, as ``tests.targets`` names them."""
    made = build_staffing(cast)
    return made, {
        **_clients(made),
        **_vacancies(made),
        **_ads(made),
        **_profiles(made),
        **_matches(made),
        **_contracts(made),
        **_bands(made),
    }


def _clients(made: Staffing) -> dict[str, list[Sample]]:
    return {
        "client": [Sample("Klaus's", made.client), Sample("other", made.other_client)],
        "partner": [Sample("Pia's", made.partner), Sample("other", made.other_partner)],
    }


def _vacancies(made: Staffing) -> dict[str, list[Sample]]:
    return {
        "vacancy": [
            Sample("Klaus's", made.vacancies["online"]),
            Sample("other client's", made.vacancies["hidden"]),
            Sample("of Paul's demand", made.vacancies["raised"]),
        ]
    }


def _ads(made: Staffing) -> dict[str, list[Sample]]:
    return {
        "ad": [
            Sample("Klaus's", made.vacancies["online"]),
            Sample("of Paul's demand, a draft", made.vacancies["raised"]),
        ]
    }


def _profiles(made: Staffing) -> dict[str, list[Sample]]:
    return {
        "profile": [
            Sample("Frida's", made.profiles["frida"]),
            Sample("Pia's candidate", made.profiles["pias"]),
            Sample("Pavel's candidate", made.profiles["pavels"]),
        ]
    }


def _matches(made: Staffing) -> dict[str, list[Sample]]:
    return {
        "match": [
            Sample("Frida's, contacted", match_of(made, "frida", key="MAT-0001", state="contacted")),
            Sample("Pia's candidate, proposed", match_of(made, "pias", key="MAT-0002")),
        ],
        "weights": [Sample("active", WeightSet.objects.get(active=True))],
    }


def _contracts(made: Staffing) -> dict[str, list[Sample]]:
    return {
        "contract": [
            Sample("Fabian's draft", contract_of(made, "fabian", key="CON-0001")),
            Sample("Pia's candidate, sent", contract_of(made, "pias", key="CON-0002", state="sent")),
        ]
    }


def _bands(made: Staffing) -> dict[str, list[Sample]]:
    band = PayBand.objects.create(
        organisation=made.cast.organisation, role=made.cast.role, least=60_000_00, most=80_000_00, source="House tariff",
        day=dt.date(2026, 1, 1),
    )  # fmt: skip
    return {"pay band": [Sample("own", band)]}
