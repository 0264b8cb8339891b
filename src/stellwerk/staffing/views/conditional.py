"""Conditional answers of the public pages: whoever has the page that would be sent gets 304 instead, and it is not drawn.

The ETag is made of all that is about to be shown, so it is never older than the database. Two parts: the content, and the
visitor's own (the secret of the forms on the page). A program that keeps no cookies is asked for the content alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language

import stellwerk

OURS = ("stellwerk_theme", "stellwerk_density", "stellwerk_side")


def conditional(request: HttpRequest, content: object, draw: Callable[[], HttpResponse]) -> HttpResponse:
    """A page with forms. ``content``: everything that the page tells, as something whose ``repr`` says it all.

    Whoever is signed in, or is about to be told something (a message), gets the page as ever.
    """
    if request.user.is_authenticated or len(get_messages(request)):
        return draw()
    get_token(request)  # sets the cookie of the forms: the page holds it
    looks = [request.COOKIES.get(name, "") for name in OURS]
    told = _digest(_release(), get_language(), request.get_full_path(), looks, content)
    own = _digest(request.META.get("CSRF_COOKIE", ""))
    etag = f'"{told}-{own}"'
    if not request.COOKIES and "Sec-Fetch-Mode" not in request.headers:
        _as_seen(request, told, etag)
    return _answer(request, etag, draw)


def file_of(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A feed or a sitemap: without forms, so its own bytes say whether it has changed."""
    return _answer(request, f'"{_digest(response.content)}"', lambda: response)


@cache
def _release() -> int:
    """Changes with every update of the program: other templates and words make another page of the same content."""
    kinds = {".html", ".py", ".mo", ".json"}
    files = (path for path in Path(stellwerk.__path__[0]).rglob("*") if path.suffix in kinds)
    return max(path.stat().st_mtime_ns for path in files)


def _as_seen(request: HttpRequest, told: str, etag: str) -> None:
    """The program saw the page with a secret that it did not keep: its ETag counts if the content is the same."""
    given = request.META.get("HTTP_IF_NONE_MATCH", "")
    if any(part.strip().removeprefix("W/").startswith(f'"{told}-') for part in given.split(",")):
        request.META["HTTP_IF_NONE_MATCH"] = etag


def _answer(request: HttpRequest, etag: str, draw: Callable[[], HttpResponse]) -> HttpResponse:
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = draw()
    if response.status_code in {200, 304}:
        response["ETag"] = etag
        response["Cache-Control"] = "private, no-cache"  # may be kept, and is asked about each time
    return response


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]
