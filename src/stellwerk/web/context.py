"""The shell's context: one lazy object, so that fragments and JSON answers pay nothing for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _

from stellwerk.core import first_start, navigation, notify
from stellwerk.core.models import User

DENSITIES = ("compact", "normal", "touch")
THEMES = ("system", "light", "dark")
PHONE_BAR = ("my_day", "portfolio", "projects", "reports", "people")


@dataclass(frozen=True)
class Link:
    """A line of the navigation as the template needs it."""

    code: str
    label: str
    icon: str
    url: str
    current: bool
    badge: int | None = None
    children: tuple[Link, ...] = ()


class Who(NamedTuple):
    """The reader, as the top bar names them."""

    name: str
    initials: str
    email: str


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``shell`` with navigation, facts, preferences and texts for the scripts."""
    return {"shell": Shell(request)}


class Shell:
    """What ``base.html`` reads; every property is computed when it is first used."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def user(self) -> User | None:
        user = getattr(self._request, "user", None)
        return user if isinstance(user, User) and user.is_authenticated else None

    @cached_property
    def who(self) -> Who | None:
        """What the frame shows of the user."""
        user = self.user
        return Who(user.name, user.initials, user.email) if user is not None else None

    # ── preferences ──────────────────────────────────────────────────────────────────────────────

    @cached_property
    def theme(self) -> str:
        """``system``, ``light`` or ``dark``: of the account, else of this browser."""
        chosen = self.user.theme if self.user else self._request.COOKIES.get("stellwerk_theme", "")
        return chosen if chosen in THEMES else "system"

    @cached_property
    def density(self) -> str:
        chosen = self._request.COOKIES.get("stellwerk_density", "")
        return chosen if chosen in DENSITIES else "compact"

    @cached_property
    def side(self) -> str:
        return "closed" if self._request.COOKIES.get("stellwerk_side") == "closed" else "open"

    @cached_property
    def language(self) -> str:
        return (get_language() or settings.LANGUAGE_CODE)[:2]

    @cached_property
    def languages(self) -> list[dict[str, str]]:
        return [
            {"code": code, "name": str(get_language_info(code)["name_local"])} for code, _name in settings.LANGUAGES
        ]

    @cached_property
    def here(self) -> str:
        """The present address, for forms that come back to it."""
        return self._request.get_full_path()

    # ── facts ────────────────────────────────────────────────────────────────────────────────────

    def _fact(self, name: str) -> Any:
        return navigation.fact(name, self.user) if self.user else None

    @cached_property
    def organisation(self) -> str:
        return str(self._fact("organisation") or "")

    @cached_property
    def data_date(self) -> dt.date | None:
        found = self._fact("data_date")
        return found if isinstance(found, dt.date) else None

    @cached_property
    def cycle(self) -> str:
        return str(self._fact("cycle") or "")

    @cached_property
    def unread(self) -> int:
        return notify.unread_count(self.user) if self.user is not None else 0

    @cached_property
    def demo(self) -> bool:
        return bool(getattr(settings, "DEMO", False))

    @cached_property
    def demo_cast(self) -> list[dict[str, str]]:
        """Who may be signed in by one click on the sign-in page; empty outside the demo."""
        from stellwerk.core.auth import demo_cast

        return demo_cast()

    @cached_property
    def nobody_yet(self) -> bool:
        """True while no account exists: the sign-in page says how the first one is created."""
        return first_start.nobody_yet()

    @cached_property
    def debug(self) -> bool:
        return bool(settings.DEBUG)

    # ── navigation ───────────────────────────────────────────────────────────────────────────────

    @cached_property
    def _address(self) -> Callable[[str], str]:
        return navigation.addresses()

    @cached_property
    def nav(self) -> list[Link]:
        """The sections that this user has pages in."""
        user = self.user
        if user is None:
            return []
        entries = navigation.entries_for(user)
        here = self._current(entries)
        links = []
        for section in navigation.SECTIONS:
            rows = entries.get(section.code)
            if not rows:
                continue
            current = here is not None and here.section == section.code
            children = self._children(rows, here) if current and len(rows) > 1 else ()
            badges = [count for row in rows if row.badge and (count := row.badge(user))]
            links.append(
                Link(
                    section.code,
                    str(section.label),
                    section.icon,
                    self._address(rows[0].url_name),
                    current,
                    sum(badges) if badges else None,
                    children,
                )
            )
        return links

    def _children(self, rows: list[navigation.NavEntry], here: navigation.NavEntry | None) -> tuple[Link, ...]:
        return tuple(
            Link(row.url_name, str(row.label), row.icon, self._address(row.url_name), row is here) for row in rows
        )

    def _current(self, entries: dict[str, list[navigation.NavEntry]]) -> navigation.NavEntry | None:
        """The entry of this page: named by the view (``request.nav``), else the longest address that leads here."""
        rows = [row for section in entries.values() for row in section]
        named = getattr(self._request, "nav", None)
        path = self._request.path
        if named:
            return next((row for row in rows if named in (row.url_name, row.section)), None)
        match = getattr(self._request, "resolver_match", None)
        exact = [row for row in rows if match is not None and row.url_name == match.view_name]
        if exact:
            return exact[0]
        urls = [(self._address(row.url_name), row) for row in rows]
        leading = [(url, row) for url, row in urls if url != "/" and path.startswith(url)]
        return max(leading, key=lambda pair: len(pair[0]), default=("", None))[1]

    @cached_property
    def main_nav(self) -> list[Link]:
        tail = {section.code for section in navigation.SECTIONS if section.tail}
        return [link for link in self.nav if link.code not in tail]

    @cached_property
    def tail_nav(self) -> list[Link]:
        tail = {section.code for section in navigation.SECTIONS if section.tail}
        return [link for link in self.nav if link.code in tail]

    @cached_property
    def phone_nav(self) -> list[Link]:
        """At most four sections for the bottom bar; the rest stands under "More"."""
        first = [link for link in self.nav if link.code in PHONE_BAR]
        return sorted(first, key=lambda link: PHONE_BAR.index(link.code))[:4]

    @cached_property
    def phone_more(self) -> list[Link]:
        return [link for link in self.nav if link not in self.phone_nav]

    @cached_property
    def create(self) -> list[dict[str, str]]:
        if self.user is None:
            return []
        rows = navigation.create_entries_for(self.user)
        return [{"label": str(row.label), "icon": row.icon, "url": self._address(row.url_name)} for row in rows]

    @cached_property
    def urls(self) -> dict[str, str]:
        """Addresses of pages that other rooms own; an empty text hides the control."""
        return {
            "palette": self._first("search:palette", "core:palette", "core:search-palette"),
            "search": self._first("search:results", "core:search"),
            "notifications": self._address("notifications:list"),
            "bell": self._address("notifications:dropdown"),
            "profile": self._first("people:profile", "core:profile", "core:preferences"),
            "password": self._address("account_change_password"),
            "mfa": self._address("mfa_index"),
            "logout": self._address("account_logout"),
            "home": self._address("core:home"),
            "preferences": self._address("web:preferences"),
            "components": self._address("web:components") if self.debug or self.demo else "",
        }

    def _first(self, *names: str) -> str:
        """The address of the first of these pages that exists."""
        return next(filter(None, map(self._address, names)), "")

    @cached_property
    def texts(self) -> SafeString:
        """Texts and addresses for the scripts, printed as JSON into the page."""
        return _texts(self.language, self.urls["palette"], self.urls["preferences"], self.urls["search"])


@lru_cache(maxsize=64)
def _texts(language: str, palette: str, preferences: str, search: str) -> SafeString:
    texts = {
        "language": language,
        "urls": {
            "palette": palette,
            "preferences": preferences,
            "search": search,
        },
        "close": _("Close"),
        "undo": _("Undo"),
        "cancel": _("Cancel"),
        "loading": _("Loading …"),
        "none_found": _("Nothing found"),
        "type_more": _("Type to search"),
        "palette_hint": _("Search or command …"),
        "palette_actions": _("Actions"),
        "palette_pages": _("Pages"),
        "failed": _("That did not work: the server did not answer as expected. Your input is still here; try again."),
        "offline": _("The server cannot be reached. Check the connection and try again; your input is still here."),
        "signed_out": _("You have been signed out. Sign in again in another tab, then repeat this step."),
        "not_allowed": _("You may not do this. Ask the PMO if you need it."),
        "dirty": _("This page has changes that are not saved. Leave anyway?"),
        "chars_left": _("%(count)s characters left"),
        "selected": _("%(count)s selected"),
        "columns": _("Columns"),
        "sort_hint": _("Drag to reorder"),
        "show_table": _("Show as table"),
        "show_chart": _("Show as chart"),
        "remove": _("Remove"),
        "uploading": _("Uploading …"),
        "uploaded": _("Uploaded"),
        "too_big": _("The file is larger than %(size)s. Make it smaller or split it."),
        "wrong_type": _("This kind of file is not accepted here."),
        "job_done": _("Done"),
        "job_failed": _("Failed"),
        "job_running": _("Running …"),
        "job_waiting": _("Waiting for a free worker"),
        "data_date": _("Data date"),
        "today": _("today"),
        "chart_of": _("Chart: %(title)s. The figures stand in the table."),
    }
    return json_script(texts, "i18n")
