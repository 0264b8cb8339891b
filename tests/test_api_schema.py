"""The API keeps its own promise: schemathesis sends what the OpenAPI document allows, and what it forbids."""

from __future__ import annotations

import pytest
import schemathesis
from django.db import transaction
from hypothesis import HealthCheck, settings

from stellwerk.config.wsgi import application
from stellwerk.core.api.auth import create_token
from stellwerk.core.models import ApiToken, User
from stellwerk.testing import build_cast
from stellwerk.trials import BOUNDARIES

schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)

# The boundary of every parameter of every operation is about seventy requests each: `make thorough` asks for it.
schema.config.phases.coverage.enabled = BOUNDARIES

# A JSON schema cannot say that a portfolio exists or that a finish follows its start: such data is rightly refused.
BEYOND_THE_DOCUMENT = [
    check for check in schemathesis.checks.CHECKS.get_all() if check.__name__ == "positive_data_acceptance"
]


@pytest.fixture(scope="module")
def issued(django_db_setup, django_db_blocker):
    """Petra's token in the cast's company: made once, what an operation writes is undone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        build_cast()
        petra = User.objects.get(email="petra@example.com")
        _, secret = create_token(user=petra, by=petra, name="schema", scopes=["write"])
        yield secret
        transaction.set_rollback(True)


@pytest.fixture
def secret(issued, db):
    assert ApiToken.objects.exists()
    return issued


@schema.parametrize()
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
def test_no_request_breaks_the_promise(case, secret):
    case.call_and_validate(headers={"Authorization": f"Bearer {secret}"}, excluded_checks=BEYOND_THE_DOCUMENT)
