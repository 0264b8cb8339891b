"""Views under a name: filters, sorting, grouping and columns of a list or board, own or shared."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from stellwerk.core.errors import Invalid, NotAllowed
from stellwerk.core.models import SavedView, User
from stellwerk.core.services import record

MAX_QUERY = 4000
_NOT_SAVED = {"page", "view", "export"}


@dataclass(frozen=True)
class ViewLink:
    """A saved view as the menu shows it."""

    view: SavedView
    url: str
    current: bool
    changed: bool
    mine: bool


def saved_query(query_string: str) -> str:
    """The part of an address that a view keeps: without page number, chosen view and empty values."""
    pairs = [(name, text) for name, text in parse_qsl(query_string.lstrip("?")[:MAX_QUERY]) if name not in _NOT_SAVED]
    return urlencode(pairs)


def views_for(user: User, page: str) -> list[SavedView]:
    """Own views first, then those that others share."""
    found = SavedView.objects.filter(Q(user=user) | Q(shared=True), page=page).select_related("user")
    return sorted(found, key=lambda view: (view.user_id != user.pk, view.name.casefold(), view.pk))


def view_links(user: User, page: str, query_string: str, view_id: str = "") -> list[ViewLink]:
    present = saved_query(query_string)
    links = []
    for view in views_for(user, page):
        current = str(view.pk) == view_id
        separator = "&" if view.query else ""
        links.append(
            ViewLink(
                view,
                f"?{view.query}{separator}view={view.pk}",
                current,
                current and view.query != present,
                view.user_id == user.pk,
            )
        )
    return links


def default_address(user: User, page: str) -> str:
    """Where an address without any parameter leads: the reader's default view, or an empty text."""
    view = SavedView.objects.filter(user=user, page=page, is_default=True).first()
    if view is None:
        return ""
    return f"?{view.query}{'&' if view.query else ''}view={view.pk}"


@transaction.atomic
def save_view(
    *, by: User, page: str, name: str, query: str, shared: bool = False, is_default: bool = False
) -> SavedView:
    """Save a view; the same name of the same owner on the same page is replaced.

    Errors: ``Invalid`` (no name, too long).
    """
    name = " ".join(name.split())
    if not name:
        raise Invalid({"name": [_("Please give the view a name.")]})
    if len(name) > 80:
        raise Invalid({"name": [_("At most 80 characters, please.")]})
    if is_default:
        SavedView.objects.filter(user=by, page=page, is_default=True).update(is_default=False)
    before = SavedView.objects.filter(user=by, page=page, name=name).first()
    try:
        with transaction.atomic():
            view, _created = SavedView.objects.update_or_create(
                user=by,
                page=page,
                name=name,
                defaults={"query": saved_query(query), "shared": shared, "is_default": is_default},
            )
    except IntegrityError as error:
        raise Invalid({"name": [_("A view with this name has just been saved. Please try again.")]}) from error
    if shared or (before is not None and before.shared):
        record(
            view,
            by=by,
            verb="share" if shared else "unshare",
            changes={"query": [before.query if before else None, view.query]},
        )
    return view


@transaction.atomic
def set_default_view(view: SavedView | None, *, by: User, page: str) -> None:
    """Open ``page`` with this view from now on; None: with the standard view. Only own views can be a default."""
    if view is not None and (view.user_id != by.pk or view.page != page):
        raise NotAllowed(_("Save the view under your own name first."))
    SavedView.objects.filter(user=by, page=page, is_default=True).update(is_default=False)
    if view is not None:
        SavedView.objects.filter(pk=view.pk).update(is_default=True)


@transaction.atomic
def delete_view(view: SavedView, *, by: User) -> None:
    """Delete one's own view."""
    if view.user_id != by.pk:
        raise NotAllowed(_("This view belongs to somebody else."))
    if view.shared:
        record(view, by=by, verb="delete", changes={"query": [view.query, None]})
    view.delete()
