"""The API: ``/api/v1/`` with its OpenAPI 3.1 document at ``/api/v1/openapi.json``."""

from django.http import HttpRequest
from django.urls import path
from ninja import NinjaAPI, Schema

from stellwerk.core.access import actor
from stellwerk.core.api.auth import BrowserAuth, TokenAuth
from stellwerk.core.api.problems import install
from stellwerk.core.permissions import grants_of
from stellwerk.people.endpoints import router as people
from stellwerk.portfolio.endpoints import router as portfolio
from stellwerk.reporting.endpoints import router as reporting

api = NinjaAPI(
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


class GrantOut(Schema):
    role: str
    scope: str
    scope_id: int | None


class MeOut(Schema):
    name: str
    email: str
    language: str
    grants: list[GrantOut]


@api.get("/me", response=MeOut, tags=["Account"])
def me(request: HttpRequest) -> dict[str, object]:
    """Who the token or session belongs to, and its role assignments."""
    user = actor(request)
    return {
        "name": user.name,
        "email": user.email,
        "language": user.language,
        "grants": [{"role": g.role, "scope": g.scope, "scope_id": g.scope_id} for g in grants_of(user)],
    }


api.add_router("", people)
api.add_router("", portfolio)
api.add_router("", reporting)

urlpatterns = [path("v1/", api.urls)]
