"""Reasons and conflicts of levelling as sentences. What the reader may not see stays nameless."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.core.permissions import visible
from stellwerk.people.models import Person, Role, Skill
from stellwerk.planning.models import Activity, Link, Plan
from stellwerk.planning.selectors.words import LINKS
from stellwerk.resources.levelling.results import parts_of


@dataclass(frozen=True)
class Names:
    """What reasons name, read at once; only what the reader may see."""

    activities: Mapping[int, Activity]
    people: Mapping[int, Person]
    links: Mapping[int, Link]
    roles: Mapping[int, Role]
    skills: Mapping[int, Skill]

    def activity(self, number: int | None, home: int | None = None) -> str:
        """With the key of its project where that is another one than ``home``."""
        found = self.activities.get(number or 0)
        if found is None:
            return _("an activity of another project")
        return str(found) if found.plan_id == home else f"{found.plan.key}: {found}"

    def person(self, number: int | None) -> str:
        found = self.people.get(number or 0)
        return str(found) if found is not None else _("somebody")

    def profile(self, parts: Iterable[tuple[str, int, int]]) -> str:
        told = []
        for kind, number, level in parts:
            one = (self.roles if kind == "role" else self.skills).get(number)
            told.append(str(one) if kind == "role" else f"{one} ≥ {level}")
        return ", ".join(told)


def read_names(activities: Iterable[int], people: Iterable[int], rows: Iterable[Mapping[str, Any]], by: User | None) -> Names:  # fmt: skip
    """Six queries at most."""
    rows = [part for row in rows for part in parts_of(row)]
    parts = [part for row in rows for part in row.get("profile", ())]
    seen = Plan.objects.filter(visible(by, Plan))
    return Names(
        {one.pk: one for one in Activity.objects.filter(pk__in=set(activities), plan__in=seen).select_related("plan__project")},
        Person.objects.in_bulk(set(people)),
        Link.objects.in_bulk({row["link"] for row in rows if row.get("link")}),
        Role.objects.in_bulk({number for kind, number, _level in parts if kind == "role"}),
        Skill.objects.in_bulk({number for kind, number, _level in parts if kind == "skill"}),
    )  # fmt: skip


def reason_text(reason: Mapping[str, Any], names: Names, home: int | None) -> str:
    """``wartet auf Anna, bis 14.05.2027 gebucht für PRJ-0017: Abnahme``, with what holds it besides; empty where the engine gave none."""
    texts = [_one(part, names, home) for part in parts_of(reason)]
    others = [names.activity(number, home) for number in reason.get("blockers", ())]
    if others:
        texts.append(_("waits for %(names)s too") % {"names": ", ".join(dict.fromkeys(others))})
    told = list(dict.fromkeys(text for text in texts if text))
    if len(told) < 2:
        return "".join(told)
    return _("%(reason)s; besides: %(more)s") % {"reason": told[0], "more": "; ".join(told[1:])}


def _one(reason: Mapping[str, Any], names: Names, home: int | None) -> str:
    kind = reason.get("kind")
    until = formats.day(dt.date.fromisoformat(reason["until"])) if reason.get("until") else ""
    words = {
        "activity": names.activity(reason.get("activity"), home), "person": names.person(reason.get("person")), "until": until,
        "profile": names.profile(reason.get("profile", ())),
    }  # fmt: skip
    if kind == "link":
        link = names.links.get(reason.get("link", 0))
        return str(LINKS[link.type if link else "FS"]) % {"name": words["activity"]}
    if kind == "person" and not reason.get("activity"):
        return _("waits for %(person)s, booked elsewhere until %(until)s") % words
    if kind == "skill" and words["profile"]:
        return _("waits for %(profile)s: %(person)s is free first, on %(activity)s until %(until)s") % words
    texts = {
        "person": _("waits for %(person)s, booked on %(activity)s until %(until)s"),
        "skill": _("waits for somebody who can do it: %(person)s is free first, on %(activity)s until %(until)s"),
        "absence": _("waits until %(person)s is back on %(until)s"),
        "calendar": _("waits for the next working time, %(until)s"),
        "constraint": _("may not start before %(until)s"),
        "fixed": _("stays where it is"),
        "kept": _("could start earlier, and stays as planned or makes the load even"),
    }
    return texts[kind] % words if kind in texts else ""


class Moved(Protocol):
    """A move of the engine or a stored one."""

    @property
    def start_before(self) -> dt.datetime | None: ...
    @property
    def finish_before(self) -> dt.datetime | None: ...
    @property
    def start(self) -> dt.datetime: ...
    @property
    def finish(self) -> dt.datetime: ...
    @property
    def reason(self) -> Mapping[str, Any]: ...


def move_text(move: Moved, names: Names, home: int | None) -> str:
    """Why it moves. What begins as planned and only ends on another day has no blocker: people have more or less time for it."""
    if (
        move.start_before is not None
        and move.finish_before is not None
        and move.start.date() == move.start_before.date()
    ):
        if move.finish > move.finish_before:
            return _("begins as planned and takes longer: its people have less time than planned")
        return _("begins as planned and takes less time: its people have more time than planned")
    return reason_text(move.reason, names, home)


def conflict_text(one: Mapping[str, Any], names: Names) -> str:
    """What no plan can keep, and what to do about it."""
    hours = formats.number(one.get("minutes", 0) / 60, 0)
    words = {
        "activity": names.activity(one.get("activity")), "person": names.person(one.get("person")), "hours": hours,
        "profile": names.profile(one.get("profile", ())) or _("anybody"), "from": _day(one.get("day")), "to": _day(one.get("last_day")),
    }  # fmt: skip
    person = names.people.get(one.get("person") or 0)
    if one["kind"] == "no_time" and person is not None and person.exit_date is not None:
        return _("%(activity)s: %(person)s leaves on %(day)s and has not enough time before. Give it to somebody else.") % (words | {"day": formats.day(person.exit_date)})  # fmt: skip
    if one["kind"] == "no_time" and one.get("person"):
        return _("%(activity)s: %(person)s has not enough time left. Ask for more people, less effort or a longer share for projects.") % words  # fmt: skip
    if one["kind"] == "overload" and one.get("day") == one.get("last_day"):
        return _("%(person)s: %(hours)s h more than %(from)s gives, by work that stays where it is.") % words
    texts = {
        "nobody": _("%(activity)s: nobody is or can do what is asked (%(profile)s). Raise a vacancy or ask for something else."),
        "no_time": _("%(activity)s: nobody who is or can do what is asked (%(profile)s) has time. Raise a vacancy or ask for less."),
        "too_few": _("%(activity)s: more people are asked for than there are (%(profile)s)."),
        "overload": _("%(person)s: %(hours)s h more than the days give from %(from)s to %(to)s, by work that stays where it is."),
        "link": _("%(activity)s stays where it is and begins before its predecessor allows it."),
        "earliest": _("%(activity)s stays where it is and lies before its earliest start."),
    }  # fmt: skip
    return texts[one["kind"]] % words


def late_text(one: Mapping[str, Any], names: Names) -> str:
    """A missed date, and whether anything could have kept it."""
    days = ngettext("%(count)s working day", "%(count)s working days", one["days"]) % {
        "count": formats.number(one["days"])
    }
    what = names.activity(one["activity"]) if one.get("activity") else one["project"]
    if one["reachable"]:
        return _("%(what)s: %(days)s late.") % {"what": what, "days": days}
    return _("%(what)s: %(days)s late; even with everybody free the date cannot be kept.") % {"what": what, "days": days}  # fmt: skip


def _day(value: str | None) -> str:
    return formats.day(dt.date.fromisoformat(value)) if value else ""
