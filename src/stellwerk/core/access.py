"""Every view says who may call it; a test walks all routes and fails for one that says nothing.

Type level here (may this user do this to anything of that kind?), object level by :func:`fetch`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.db import models
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from stellwerk.core.errors import NotAllowed
from stellwerk.core.models import User
from stellwerk.core.permissions import can, require, visible

P = ParamSpec("P")
M = TypeVar("M", bound=models.Model)
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
# Django always hands over the request by position; the name stays free for the view.


@dataclass(frozen=True)
class Access:
    """What a route asks: ``public``, ``signed_in``, or a verb on an entity type."""

    kind: str
    verb: str = ""
    entity: str = ""


def _mark(view: Callable[..., Any], needed: Access) -> None:
    view.access = needed  # type: ignore[attr-defined]


def public(view: View[P]) -> View[P]:
    """Anybody, signed in or not."""
    _mark(view, Access("public"))
    return view


def signed_in(view: View[P]) -> View[P]:
    """Any signed-in user; the view itself shows only what the user may see."""

    @wraps(view)
    def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    _mark(inner, Access("signed_in"))
    return inner  # type: ignore[return-value]


def access(verb: str, entity: str) -> Callable[[View[P]], View[P]]:
    """A signed-in user who may ``verb`` at least one kind of ``entity``."""

    def wrap(view: View[P]) -> View[P]:
        @wraps(view)
        def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not can(request.user, verb, entity):
                raise NotAllowed()
            return view(request, *args, **kwargs)

        _mark(inner, Access("table", verb, entity))
        return inner  # type: ignore[return-value]

    return wrap


def actor(request: HttpRequest) -> User:
    """The signed-in user; views behind ``access`` or ``signed_in`` always have one."""
    if isinstance(request.user, User):
        return request.user
    raise NotAllowed()


def fetch(user: User | AnonymousUser, queryset: type[M] | models.QuerySet[M], verb: str = "view", **lookup: Any) -> M:
    """One object that the user may see (else 404) and ``verb`` (else 403)."""
    rows = queryset if isinstance(queryset, models.QuerySet) else queryset._default_manager.all()
    # What names one object needs no order: to write it, Django looks at every column of the row.
    obj = next(iter(rows.filter(**lookup).filter(visible(user, rows.model)).order_by()[:1]), None)
    if obj is None:
        raise Http404(_("This page does not exist, or you may not see it."))
    if verb != "view":
        require(user, verb, obj)
    return obj
