"""Language and log context of each request."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from stellwerk.core.errors import Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import roles_of


class ButtonOnly(Refused):
    """An address that only takes a form, opened by hand (mostly by the way back after a sign-in)."""

    code = "button_only"
    status = 405

    def __init__(self) -> None:
        super().__init__(
            _("Nothing has been done."), _("This address belongs to a button: go back and press it there.")
        )


class ActorMiddleware:
    """Speaks the signed-in user's language and binds the request to the log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=uuid.uuid4().hex[:12], path=request.path)
        # The user itself: a page looks at them some thousand times, and each look at Django's lazy one is a detour.
        user = request.user = get_user(request)
        if isinstance(user, User) and user.language in dict(settings.LANGUAGES):
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise SuspiciousOperation("NUL in the address")  # no text holds it, and PostgreSQL takes none
        if request.path == "/" and isinstance(user, User) and not roles_of(user):
            return redirect("auth:no-roles")
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET" and not request.path.startswith("/api/"):
            return self.process_exception(request, ButtonOnly()) or response
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A refusal that no view caught becomes a clear page (or a message for htmx), never a stack trace."""
        if not isinstance(exception, Refused) or request.path.startswith("/api/"):
            return None
        context = {"refused": exception}
        if getattr(request, "htmx", False):
            return render(request, "core/refused_fragment.html", context, status=exception.status)
        return render(request, "core/refused.html", context, status=exception.status)
