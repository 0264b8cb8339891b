"""The shell's own pages: preferences, the collection of components and the error pages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_POST, require_safe

from stellwerk.core.access import public
from stellwerk.core.models import User
from stellwerk.web import showcase
from stellwerk.web.forms import PreferencesForm
from stellwerk.web.services import save_preferences

YEAR = 365 * 24 * 3600
PUBLIC = "web/error_public.html"
_COOKIES = {"theme": "stellwerk_theme", "density": "stellwerk_density", "side": "stellwerk_side"}


@require_POST
@public
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep language, appearance, density or side bar; works as a plain form and as a request of the scripts.

    Language and appearance belong to the account, density and side bar to this browser. Guests keep all in cookies.
    """
    form = PreferencesForm(request.POST)
    wants_json = request.headers.get("Accept", "").startswith("application/json")
    if not form.is_valid():
        if wants_json:
            return JsonResponse({"errors": form.errors}, status=422)
        return error_page(request, 400, reason=_("This setting does not exist."))
    data = form.cleaned_data
    if isinstance(request.user, User):
        save_preferences(user=request.user, language=data["language"], theme=data["theme"])
    response: HttpResponse
    response = HttpResponse(status=204) if wants_json else HttpResponseRedirect(_back(request, data["next"]))
    _keep_cookies(response, data)
    return response


def _back(request: HttpRequest, target: str) -> str:
    allowed = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if allowed else "/"


def _keep_cookies(response: HttpResponse, data: dict[str, Any]) -> None:
    for name, cookie in _COOKIES.items():
        if data[name]:
            response.set_cookie(cookie, data[name], max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    if data["language"]:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            data["language"],
            max_age=YEAR,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )


@require_safe
@public
def components(request: HttpRequest) -> HttpResponse:
    """All building blocks with their states; only in development and in the demo."""
    if not (settings.DEBUG or getattr(settings, "DEMO", False)):
        raise Http404
    return render(request, "web/components.html", showcase.context())


# ── error pages: what happened, why, what to do ──────────────────────────────────────────────────


def _texts(status: int) -> tuple[str, str, str]:
    """(what, why, what to do) for a status."""
    texts = {
        400: (
            _("The request could not be read"),
            _("The address or the form contained something that Stellwerk does not understand."),
            _("Go back, check your input and try again."),
        ),
        403: (
            _("You may not open this page"),
            _("Your roles do not include it, or it is confidential."),
            _("Ask the PMO or your administrator for access if you need it for your work."),
        ),
        404: (
            _("This page does not exist"),
            _("The address is wrong, the entry was deleted, or you may not see it."),
            _("Check the address, or search for the entry with Ctrl K."),
        ),
        413: (
            _("That is too much at once"),
            _("The form or its files are larger than Stellwerk takes in one request. Nothing was saved."),
            _("Shorten the text, choose a smaller file, or send it in parts."),
        ),
        500: (
            _("Something went wrong on our side"),
            _(
                "Stellwerk could not finish the request. Nothing was changed half-way: every change is kept whole or not at all."
            ),
            _("Try again. If it happens again, tell your administrator the time and the address; the log knows more."),
        ),
    }
    return texts[status]


def error_page(request: HttpRequest, status: int, *, reason: str = "", remedy: str = "") -> HttpResponse:
    """The page for an error: what, why, what to do. Other rooms may call it with their own reason and remedy."""
    what, why, todo = _texts(status)
    frame = _frame(request)
    if status == 404 and frame == PUBLIC:  # a guest has no search
        todo = _("Check the address, or sign in.")
    context = {"status": status, "what": what, "why": reason or why, "todo": remedy or todo}
    return render(request, frame, context, status=status)


def _frame(request: HttpRequest) -> str:
    """The page with navigation and search, or the plain one for whoever is not signed in."""
    return "web/error.html" if isinstance(getattr(request, "user", None), User) else PUBLIC


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    too_large = isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent))
    return error_page(request, 413 if too_large else 400)


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    reason = getattr(exception, "message", "") or ""
    return error_page(request, 403, reason=str(reason))


@requires_csrf_token
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """No database and no context processor: whatever broke may be one of them."""
    what, why, todo = _texts(500)
    context = {"status": 500, "what": what, "why": why, "todo": todo}
    return render_plain(context, 500)


def render_plain(context: dict[str, Any], status: int) -> HttpResponse:
    from django.template.loader import get_template

    return HttpResponse(get_template("web/error_plain.html").render(context), status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose protection did not match: mostly an old tab, a sign-in in another tab or blocked cookies."""
    context = {
        "status": 403,
        "what": _("This form is no longer valid"),
        "why": _(
            "You signed in or out in another tab, the page was open for very long, or the browser blocks cookies."
        ),
        "todo": _("Go back, reload the page and send the form again. Your browser keeps what you typed."),
    }
    return render(request, _frame(request), context, status=403)
