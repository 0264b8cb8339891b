"""The API: ``/api/v1/`` with its OpenAPI 3.1 document at ``/api/v1/openapi.json``."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path
from django.urls.resolvers import RoutePattern
from ninja import NinjaAPI, Schema

from stellwerk.controlling.endpoints_actuals import router as actuals
from stellwerk.controlling.endpoints_budgets import router as budgets
from stellwerk.controlling.endpoints_cases import router as cases
from stellwerk.controlling.endpoints_evm import router as earned_value
from stellwerk.controlling.endpoints_simulation import router as simulations
from stellwerk.core.access import actor
from stellwerk.core.api.auth import BrowserAuth, TokenAuth
from stellwerk.core.api.document import Document
from stellwerk.core.api.once import PARAMETER
from stellwerk.core.api.problems import install
from stellwerk.core.api.resources import list_parameters
from stellwerk.core.api.schemas import READ_PROBLEMS
from stellwerk.core.endpoints import router as core
from stellwerk.core.permissions import grants_of
from stellwerk.people import endpoints_profile as _profile  # noqa: F401 - adds to the router of people
from stellwerk.people.endpoints import router as people
from stellwerk.planning.endpoints import router as planning
from stellwerk.portfolio.endpoints import router as portfolio
from stellwerk.portfolio.importing.endpoints import router as imports
from stellwerk.reporting.endpoints import router as reporting
from stellwerk.resources.endpoints import router as resources
from stellwerk.resources.endpoints_timesheets import router as time_sheets
from stellwerk.staffing.endpoints_contracts import router as contracts
from stellwerk.staffing.endpoints_matching import router as matches
from stellwerk.staffing.endpoints_profiles import router as profiles
from stellwerk.staffing.endpoints_vacancies import router as vacancies


class StellwerkAPI(NinjaAPI):
    """Completes the document by what the routes share: problems, filters of the lists, idempotency keys."""

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        """By the first part of the address: a request looks at the routes of its entity, not at one after the other of five hundred."""
        found: list[URLResolver | URLPattern] = []
        below: dict[str, list[URLPattern]] = {}
        for route in super()._get_urls():
            first, slash, rest = str(route.pattern).partition("/")
            if not slash or "<" in first or not isinstance(route, URLPattern):
                found.append(route)
                continue
            if first not in below:
                below[first] = []
                found.append(path(f"{first}/", include(below[first])))
            endpoint = RoutePattern(rest, name=route.name, is_endpoint=True)
            below[first].append(URLPattern(endpoint, route.callback, route.default_args, route.name))
        return found

    @cached_property
    def _documents(self) -> dict[str, Document]:
        return {}

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> Document:
        """The same object each time: routes never change while a process lives. To be read, not to be written."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._documents:
            self._documents[prefix] = document = Document(self, prefix)
            for path_item in document["paths"].values():
                for method, operation in path_item.items():
                    _complete(method, operation)
        return self._documents[prefix]


def _complete(method: str, operation: dict[str, Any]) -> None:
    for status, answer in operation["responses"].items():
        if int(status) >= 400 and "application/json" in answer.get("content", {}):
            answer["content"] = {"application/problem+json": answer["content"]["application/json"]}
    parameters = operation.setdefault("parameters", [])
    label = operation.pop("x-list", None)
    if label:
        parameters += list_parameters(label)
    for name in operation.pop("x-filters", ()):
        parameters.append({"name": name, "in": "query", "required": False, "schema": {"type": "string"}})
    if method == "post":
        parameters.append(PARAMETER)


api = StellwerkAPI(
    title="Stellwerk",
    version="1",
    description="Every entity, through the same services and the same permission table as the pages. "
    "Errors are RFC 9457 problem details.",
    auth=[TokenAuth(), BrowserAuth()],
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api",
)
install(api)


class GrantOfMine(Schema):
    role: str
    scope: str
    scope_id: int | None


class MeOut(Schema):
    name: str
    email: str
    language: str
    grants: list[GrantOfMine]


@api.get("/me", response={200: MeOut, **READ_PROBLEMS}, tags=["Account"])
def me(request: HttpRequest) -> dict[str, object]:
    """Who the token or session belongs to, and its role assignments."""
    user = actor(request)
    return {
        "name": user.name,
        "email": user.email,
        "language": user.language,
        "grants": [{"role": g.role, "scope": g.scope, "scope_id": g.scope_id} for g in grants_of(user)],
    }


for router in (
    people,
    portfolio,
    imports,
    planning,
    resources,
    time_sheets,
    budgets,
    cases,
    actuals,
    earned_value,
    simulations,
    vacancies,
    profiles,
    matches,
    contracts,
    reporting,
    core,
):
    api.add_router("", router)

urlpatterns = [path("v1/", api.urls)]
