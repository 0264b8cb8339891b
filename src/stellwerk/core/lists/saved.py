"""Views under a name: filters, sorting, grouping and columns of a list or board, own or shared."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from stellwerk.core.errors import Invalid, NotAllowed, Refused
from stellwerk.core.kept import KeptQuery
from stellwerk.core.models import SavedView, User
from stellwerk.core.services import record

MAX_QUERY = 4000
MAX_NAME = 80
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


_SHOWN = ("user", "name", "query", "shared", "is_default", "version", "user__name")
_VIEWS = KeptQuery(lambda which: SavedView.objects.filter(which).select_related("user").only(*_SHOWN))


def views_for(user: User, page: str) -> list[SavedView]:
    """Own views first, then those that others share."""
    found = _VIEWS.rows(Q(Q(user=user.pk) | Q(shared=True), page=page))
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
    view = _VIEWS.first(Q(user=user.pk, page=page, is_default=True))
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
    name = _checked(name)
    _one_at_a_time(by)
    if is_default:
        SavedView.objects.filter(user=by, page=page, is_default=True).update(is_default=False)
    view = SavedView.objects.filter(user=by, page=page, name=name).first()
    old, was_shared = (view.query, view.shared) if view else (None, False)
    if view is None:
        view = SavedView(user=by, page=page, name=name)
    else:
        view.version += 1
    view.query, view.shared, view.is_default = saved_query(query), shared, is_default
    view.save()
    if shared or was_shared:
        record(view, by=by, verb="share" if shared else "unshare", changes={"query": [old, view.query]})
    return view


@transaction.atomic
def change_view(view: SavedView, *, by: User, name: str, shared: bool, version: int | None = None) -> SavedView:
    """Rename one's own view, share it, or keep it to oneself again; ``version`` is what the form showed.

    Errors: ``NotAllowed`` (somebody else's), ``Invalid`` (no name, too long, an own view of this page has the name),
    ``Refused`` (changed or deleted in the meantime).
    """
    if view.user_id != by.pk:
        raise NotAllowed(_("This view belongs to somebody else."))
    name = _checked(name)
    _one_at_a_time(by)
    current = SavedView.objects.filter(pk=view.pk).first()
    if current is None:
        raise Refused(_("This view has been deleted in the meantime."), _("Save it again under a name."))
    wanted = {"name": name, "shared": shared}
    changes = {field: [getattr(current, field), value] for field, value in wanted.items()}
    changes = {field: pair for field, pair in changes.items() if pair[0] != pair[1]}
    if not changes:
        return current
    if version is not None and version != current.version:
        raise Refused(
            _("This view has been changed in the meantime."), _("Look at it again, then decide."), code="stale_edit"
        )
    if SavedView.objects.filter(user=by, page=current.page, name=name).exclude(pk=current.pk).exists():
        raise Invalid({"name": [_("You already have a view with this name.")]})
    seen_by_others = current.shared or shared
    current.name, current.shared, current.version = name, shared, current.version + 1
    current.save()
    if seen_by_others:
        verb = "edit" if "shared" not in changes else "share" if shared else "unshare"
        record(current, by=by, verb=verb, changes=changes)
    return current


@transaction.atomic
def set_default_view(view: SavedView | None, *, by: User, page: str) -> None:
    """Open ``page`` with this view from now on; None: with the standard view. Only own views can be a default."""
    if view is not None and (view.user_id != by.pk or view.page != page):
        raise NotAllowed(_("Save the view under your own name first."))
    _one_at_a_time(by)
    SavedView.objects.filter(user=by, page=page, is_default=True).update(is_default=False)
    if view is not None:
        SavedView.objects.filter(pk=view.pk).update(is_default=True)


@transaction.atomic
def delete_view(view: SavedView, *, by: User) -> None:
    """Delete one's own view; a view that is gone already is no error."""
    if view.user_id != by.pk:
        raise NotAllowed(_("This view belongs to somebody else."))
    _one_at_a_time(by)
    current = SavedView.objects.filter(pk=view.pk).first()
    if current is None:
        return
    if current.shared:
        record(current, by=by, verb="delete", changes={"query": [current.query, None]})
    current.delete()


def _checked(name: str) -> str:
    """The name in single spaces. Errors: ``Invalid``."""
    name = " ".join(name.split())
    if not name:
        raise Invalid({"name": [_("Please give the view a name.")]})
    if len(name) > MAX_NAME:
        raise Invalid({"name": [_("At most 80 characters, please.")]})
    return name


def _one_at_a_time(user: User) -> None:
    """Two windows of one reader take turns: one name once per page, one default per page."""
    User.objects.select_for_update().only("pk").get(pk=user.pk)
