"""What a line of the ERP means here: project, work package, cost type, cost centre, and what is not known."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from stellwerk.controlling.choices import LabourSource, LeftOut, Spending
from stellwerk.controlling.models import CostCentre, CostType, MappingRule
from stellwerk.people.models import Organisation
from stellwerk.planning.models import Activity
from stellwerk.portfolio.models import Project

_STEP = re.compile(r"[.\-/_ ](?=[^.\-/_ ]*$)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object of the ERP belongs; ``known`` is false as long as nobody has said it."""

    project: int | None = None
    activity: int | None = None
    ignore: bool = False

    @property
    def known(self) -> bool:
        return self.ignore or self.project is not None


@dataclass(frozen=True, slots=True)
class Meaning:
    """The keys that a booking gets; ``problems`` are codes for the work list (``project``, ``cost_centre``, ``cost_type``)."""

    place: Place
    cost_type: int | None
    cost_centre: int | None
    spending: str
    left_out: str
    problems: tuple[str, ...]


UNKNOWN = Place()


class Resolver:
    """Reads rules, keys and accounts of an organisation once, then answers for any number of lines."""

    def __init__(self, organisation: Organisation) -> None:
        rules = MappingRule.objects.filter(organisation=organisation).values_list("object", "project_id", "activity_id", "ignore")  # fmt: skip
        self._exact: dict[str, Place] = {}
        self._starts: list[tuple[str, Place]] = []
        for pattern, project, activity, ignore in rules:
            place = Place(project, activity, ignore)
            if pattern.endswith("*"):
                self._starts.append((plain(pattern[:-1]), place))
            else:
                self._exact[plain(pattern)] = place
        self._starts.sort(key=lambda item: -len(item[0]))
        self._projects: dict[str, int] = {}
        own = Project.objects.filter(portfolio__unit__organisation=organisation)
        self.currencies: dict[int, str] = {}
        for number, key, external, currency in own.values_list("pk", "key", "external_key", "currency"):
            self.currencies[number] = currency
            for name in (external, key):
                if name:
                    self._projects[plain(name)] = number
        self._activities: dict[int, dict[str, int]] | None = None
        self._types = [(kind, _patterns(kind.accounts)) for kind in CostType.objects.filter(archived_at=None)]
        centres = CostCentre.objects.filter(organisation=organisation, archived_at=None)
        self._centres = {plain(number): pk for pk, number in centres.values_list("pk", "number")}
        self._places: dict[str, Place] = {}
        self._kinds: dict[str, CostType | None] = {}

    def meaning(self, erp_object: str, account: str, cost_centre: str) -> Meaning:
        """What a line with these three means."""
        place = self.place(erp_object) if erp_object else self.place(cost_centre)
        kind = self.cost_type(account)
        centre = self.cost_centre(cost_centre)
        problems = []
        if not place.known:
            problems.append("project")
        if cost_centre and centre is None:
            problems.append("cost_centre")
        if account and kind is None:
            problems.append("cost_type")
        left_out = LeftOut.NO_PROJECT if place.ignore else LeftOut.NO
        if kind is not None and kind.labour and kind.labour_source == LabourSource.HOURS:
            left_out = LeftOut.LABOUR
        return Meaning(
            place=place,
            cost_type=kind.pk if kind is not None else None,
            cost_centre=centre,
            spending=kind.spending if kind is not None else Spending.OPEX,
            left_out=left_out,
            problems=tuple(problems),
        )

    def place(self, erp_object: str) -> Place:
        name = plain(erp_object)
        found = self._places.get(name)
        if found is None:
            found = self._places[name] = self._place(name) if name else UNKNOWN
        return found

    def _place(self, name: str) -> Place:
        if name in self._exact:
            return self._exact[name]
        for start, place in self._starts:
            if name.startswith(start):
                return self._with_activity(place, name)
        part = name
        while part:
            number = self._projects.get(part)
            if number is not None:
                return self._with_activity(Place(number), name)
            cut = _STEP.search(part)
            part = part[: cut.start()] if cut else ""
        return UNKNOWN

    def _with_activity(self, place: Place, name: str) -> Place:
        """The work package whose ID or WBS code the object carries, as a whole or behind the project's key."""
        if place.project is None or place.activity is not None:
            return place
        known = self._work_of(place.project)
        part = name
        while part:
            if part in known:
                return Place(place.project, known[part])
            for key, number in self._projects.items():
                if number == place.project and part.startswith(key):
                    rest = plain(part[len(key) :].strip(".-/_ "))
                    if rest in known:
                        return Place(place.project, known[rest])
            cut = _STEP.search(part)
            part = part[: cut.start()] if cut else ""
        return place

    def _work_of(self, project: int) -> dict[str, int]:
        if self._activities is None:
            self._activities = defaultdict(dict)
            rows = Activity.objects.filter(plan__project__in=self.currencies).exclude(wbs="", code="")
            for pk, owner, wbs, code in rows.values_list("pk", "plan__project_id", "wbs", "code"):
                for name in (wbs, code):
                    if name:
                        self._activities[owner][plain(name)] = pk
        return self._activities.get(project, {})

    def cost_centre(self, number: str) -> int | None:
        return self._centres.get(plain(number)) if number else None

    def cost_type(self, account: str) -> CostType | None:
        name = account.strip().lstrip("0") or account.strip()
        if name not in self._kinds:
            hits = [(width, kind) for kind, patterns in self._types for low, high, width in patterns if _covers(name, low, high)]  # fmt: skip
            self._kinds[name] = min(hits, key=lambda item: item[0])[1] if hits and name else None
        return self._kinds[name]


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """Small letters, without the zeros that an ERP pads numbers with."""
    low = text.strip().casefold()
    return low.lstrip("0") or low


def _patterns(accounts: str) -> list[tuple[str, str, int]]:
    """(from, to, how wide) of each part of ``400000-409999, 4711, 65*``; a star is all that begins so."""
    found = []
    for part in (piece.strip().casefold() for piece in accounts.split(",")):
        if not part:
            continue
        if part.endswith("*"):
            found.append((part, "", 10**9 - len(part)))
            continue
        low, _dash, high = part.partition("-")
        low, high = low.strip().lstrip("0"), (high.strip() or low.strip()).lstrip("0")
        wide = int(high) - int(low) if low.isdigit() and high.isdigit() else 0
        found.append((low, high, wide))
    return found


def _covers(account: str, low: str, high: str) -> bool:
    name = account.casefold()
    if low.endswith("*"):
        return name.startswith(low[:-1])
    if name.isdigit() and low.isdigit() and high.isdigit():
        return len(name) == len(low) and int(low) <= int(name) <= int(high)
    return low <= name <= high
