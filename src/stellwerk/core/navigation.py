"""What the shell shows of each room: navigation, create menu and facts. Apps register in their ``navigation.py``.

An entry is shown only when its address exists and the user may see it. Nothing here touches the database before a
page asks for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.translation import gettext_lazy as _

from stellwerk.core.errors import Text

if TYPE_CHECKING:
    from stellwerk.core.models import User

May = Callable[["User"], bool]
Count = Callable[["User"], int | None]
Fact = Callable[["User"], Any]


@dataclass(frozen=True)
class Section:
    """One line of the side bar; ``tail`` lines stand below the rule."""

    code: str
    label: Text
    icon: str
    tail: bool = False


SECTIONS: tuple[Section, ...] = (
    Section("my_day", _("My day"), "home"),
    Section("portfolio", _("Portfolio"), "dashboard"),
    Section("projects", _("Projects"), "folders"),
    Section("plan", _("Plan"), "plan"),
    Section("people", _("People & capacity"), "users"),
    Section("money", _("Money"), "euro"),
    Section("governance", _("Governance"), "gavel"),
    Section("quality", _("Quality"), "quality"),
    Section("reports", _("Reports"), "report"),
    Section("staffing", _("Staffing"), "user-search"),
    Section("knowledge", _("Knowledge"), "book"),
    Section("administration", _("Administration"), "settings", tail=True),
)
_CODES = {section.code for section in SECTIONS}
EVERYBODY = {"my_day", "staffing", "knowledge"}
"""Sections for those from outside too (candidates, partners, clients); the others would only be empty for them."""


@dataclass(frozen=True)
class NavEntry:
    """A page in a section. The first visible entry (by ``order``) is the section's own link."""

    section: str
    label: Text
    icon: str
    url_name: str
    order: int = 100
    permission: May | None = None
    badge: Count | None = None

    def url(self) -> str:
        """The address, or an empty text where the page does not exist."""
        return address(self.url_name)

    def visible_to(self, user: User, *, inside: bool | None = None) -> bool:
        """``inside``: what :func:`_inside` says of the user, where it is known."""
        if self.section not in EVERYBODY and not (_inside(user) if inside is None else inside):
            return False
        return self.permission is None or self.permission(user)


def _inside(user: User) -> bool:
    """Of the house, or nobody yet: not of those from outside."""
    from stellwerk.core.permissions import of_the_house, roles_of  # models are not loaded when entries are registered

    return of_the_house(user) or not roles_of(user)


@dataclass(frozen=True)
class CreateEntry:
    """A line of the create menu in the top bar."""

    label: Text
    icon: str
    url_name: str
    order: int = 100
    permission: May | None = None

    def url(self) -> str:
        return address(self.url_name)

    def visible_to(self, user: User) -> bool:
        return self.permission is None or self.permission(user)


NAV: dict[tuple[str, str], NavEntry] = {}
CREATE: dict[str, CreateEntry] = {}
FACTS: dict[str, Fact] = {}


def register_nav(
    section: str,
    label: Text,
    icon: str,
    url_name: str,
    order: int = 100,
    permission: May | None = None,
    badge: Count | None = None,
) -> NavEntry:
    """Add a page to the navigation; registering the same page in the same section again replaces it."""
    if section not in _CODES:
        raise ValueError(f"unknown section {section!r}: use one of {', '.join(sorted(_CODES))}")
    entry = NavEntry(section, label, icon, url_name, order, permission, badge)
    NAV[section, url_name] = entry
    return entry


def register_create(
    label: Text, icon: str, url_name: str, order: int = 100, permission: May | None = None
) -> CreateEntry:
    """Add a line to the create menu."""
    entry = CreateEntry(label, icon, url_name, order, permission)
    CREATE[url_name] = entry
    return entry


def register_fact(name: str, function: Fact) -> Fact:
    """Tell the shell a fact: ``organisation`` (text), ``data_date`` (date), ``cycle`` (text)."""
    FACTS[name] = function
    return function


def fact(name: str, user: User) -> Any:
    """The registered fact for this user, or None."""
    function = FACTS.get(name)
    return function(user) if function else None


def entries_for(user: User) -> dict[str, list[NavEntry]]:
    """Visible entries by section, in order, only those whose page exists."""
    found: dict[str, list[NavEntry]] = {}
    inside, known = _inside(user), addresses()  # asked once for some fifty entries
    for entry in sorted(NAV.values(), key=lambda row: (row.order, row.url_name)):
        if entry.visible_to(user, inside=inside) and known(entry.url_name):
            found.setdefault(entry.section, []).append(entry)
    return found


def create_entries_for(user: User) -> list[CreateEntry]:
    rows = sorted(CREATE.values(), key=lambda row: (row.order, row.url_name))
    known = addresses()
    return [entry for entry in rows if known(entry.url_name) and entry.visible_to(user)]


def address(url_name: str) -> str:
    """The address of a page, or an empty text where it does not exist."""
    return _address(url_name, get_script_prefix(), get_urlconf())


def addresses() -> Callable[[str], str]:
    """:func:`address` for many names: where Stellwerk is mounted is asked once."""
    prefix, urlconf = get_script_prefix(), get_urlconf()
    return lambda url_name: _address(url_name, prefix, urlconf)


@lru_cache(maxsize=512)
def _address(url_name: str, _prefix: str, urlconf: str | None) -> str:
    """The shell asks for some forty addresses on each page; they stay the same while the process lives."""
    try:
        return reverse(url_name, urlconf)
    except NoReverseMatch:
        return ""
