"""The API: ``/api/v1/`` with its OpenAPI 3.1 document at ``/api/v1/openapi.json``."""

from typing import Any

from django.http import HttpRequest
from django.urls import path
from ninja import NinjaAPI, Schema
from ninja.openapi.schema import OpenAPISchema

from stellwerk.core.access import actor
from stellwerk.core.api.auth import BrowserAuth, TokenAuth
from stellwerk.core.api.problems import install
from stellwerk.core.permissions import grants_of
from stellwerk.people.endpoints import router as people
from stellwerk.portfolio.endpoints import router as portfolio
from stellwerk.reporting.endpoints import router as reporting


class StellwerkAPI(NinjaAPI):
    """Documents every error as ``application/problem+json``, which is what it answers."""

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**kwargs)
        for path_item in document["paths"].values():
            for operation in path_item.values():
                for status, answer in operation["responses"].items():
                    if int(status) >= 400 and "application/json" in answer.get("content", {}):
                        answer["content"] = {"application/problem+json": answer["content"]["application/json"]}
        return document


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
