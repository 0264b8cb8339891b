"""Errors as RFC 9457 problem details: what happened, at which field, and what to do."""

from __future__ import annotations

import json
import uuid
from typing import Any

import structlog
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from stellwerk.core.errors import Invalid, Refused, StaleEdit

log = structlog.get_logger("stellwerk.api")
BASE = "https://stellwerk.invalid/problems/"


def problem(status: int, code: str, title: str, detail: str = "", **extra: Any) -> HttpResponse:
    """One ``application/problem+json`` answer; ``type`` is an identifier, not an address to open."""
    body = {"type": BASE + code, "title": title, "status": status, "code": code}
    if detail:
        body["detail"] = detail
    body.update(extra)
    return HttpResponse(
        json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False),
        status=status,
        content_type="application/problem+json",
    )


def of_refusal(error: Refused) -> HttpResponse:
    extra: dict[str, Any] = {}
    if isinstance(error, Invalid):
        extra["errors"] = [{"field": name, "messages": texts} for name, texts in error.errors.items()]
    if isinstance(error, StaleEdit):
        extra["version"] = error.current_version
        extra["changed_by"] = error.changed_by
        extra["conflicts"] = [
            {"field": c.field, "label": c.label, "yours": c.yours, "theirs": c.theirs} for c in error.conflicts
        ]
    return problem(error.status, error.code, str(error.message), str(error.what_to_do), **extra)


def install(api: NinjaAPI) -> None:
    """Register the handlers on an API."""

    @api.exception_handler(Refused)
    def refused(request: HttpRequest, error: Refused) -> HttpResponse:
        return of_refusal(error)

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(404, "not_found", _("This does not exist, or you may not see it."))

    @api.exception_handler(AuthenticationError)
    def unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        answer = problem(401, "not_signed_in", _("Sign in or send a token."), _("Authorization: Bearer …"))
        answer["WWW-Authenticate"] = "Bearer"
        return answer

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        fields = [
            {
                "field": ".".join(str(part) for part in item["loc"] if part not in {"body", "query", "path", "data"}),
                "messages": [item["msg"]],
            }
            for item in error.errors
        ]
        return problem(422, "invalid", _("Please check the marked fields."), errors=fields)

    @api.exception_handler(HttpError)
    def other(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code, "http_error", str(error))

    @api.exception_handler(Exception)
    def broken(request: HttpRequest, error: Exception) -> HttpResponse:
        reference = uuid.uuid4().hex[:12]
        log.error("unhandled", reference=reference, exc_info=error)
        return problem(
            500, "internal_error", _("Something went wrong on our side."),
            _("Tell your administrator the reference %(reference)s.") % {"reference": reference}, reference=reference,
        )  # fmt: skip
