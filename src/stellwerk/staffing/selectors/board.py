"""The public job board: which ads anybody may read, and those that fit a search.

An ad is public when its vacancy is published, its client accepted and neither archived nor confidential. Distances are
reckoned here: the database leaves out what lies outside a square, the circle is drawn in Python.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import reduce
from operator import or_
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import numpy as np
from django.core.cache import cache
from django.core.paginator import Paginator
from django.db.models import Avg, Exists, F, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from stellwerk.core import formats
from stellwerk.core.db import Fold, fold
from stellwerk.core.models import Confidentiality
from stellwerk.core.search import tokens_of, variants
from stellwerk.staffing.further_places import spots_of
from stellwerk.staffing.models import Client, Vacancy, VacancyTerm
from stellwerk.staffing.recognise import terms_in
from stellwerk.staffing.towns import Several, town_called

PER_PAGE: Final = 20
RADII: Final = (10, 25, 50, 100, 200)
EARTH_KM: Final = 6371.0088
DEGREE_KM: Final = 111.1
MOST_NUMBERS: Final = 5000
"""In one condition; beyond it all are read."""
CLOSED: Final = ("on_hold", "filled", "cancelled")
HIDDEN: Final = (Confidentiality.CONFIDENTIAL, Confidentiality.STRICT)
SHOWN: Final = (
    "number", "edition", "title", "title_en", "pay_least", "pay_most", "pay_unit", "currency", "postcode", "city", "places", "remote", "contract_forms", "start",
    "published_at", "updated_at", "client__name", "client__covered", "client__industry__name", "client__industry__name_en",
)  # fmt: skip
"""What a line of the list tells: the texts of an ad are read where the ad is."""
TOWNS_KEPT: Final = 60
"""Seconds for which it is remembered where a town lies; a town that is not remembered is looked for each time."""
SEARCHED: Final = ("title", "title_en", "tasks", "tasks_en", "wanted", "wanted_en")


@dataclass(frozen=True)
class Search:
    """What is looked for; ``pay`` in whole units of the currency per ``unit``, ``radius`` in km, ``since`` in days."""

    q: str = ""
    place: str = ""
    radius: int = 0
    remote: int = 0
    contract: str = ""
    skill: str = ""
    pay: int = 0
    unit: str = "year"
    since: int = 0
    sort: str = "new"

    def query(self) -> str:
        """The part of an address after the question mark: what differs from the search for everything, in fixed order."""
        pairs = [(one.name, getattr(self, one.name)) for one in fields(self)]
        plain = Search()
        return urlencode([(name, value) for name, value in pairs if value != getattr(plain, name)])

    @classmethod
    def parse(cls, query: str) -> Search:
        """What :meth:`query` wrote; anything else in it is left out."""
        values: dict[str, Any] = {}
        known: Mapping[str, Any] = {one.name: one.default for one in fields(cls)}
        for name, text in parse_qsl(query):
            if isinstance(known.get(name), str):
                values[name] = text
            elif name in known and text.isdecimal() and len(text) < 10:
                values[name] = int(text)
        return cls(**values)


Town = tuple[str, str, float, float]
"""Folded name, postcode, degrees north and east."""
TOWNS: Final = "staffing.board.towns"
ELSEWHERE: Final = "staffing.board.elsewhere"


@dataclass(frozen=True)
class Spot:
    """A place of the map with its name as it was typed."""

    name: str
    latitude: float
    longitude: float


def served() -> Q:
    """The condition on client and confidentiality, whatever the state of the vacancy."""
    clients = Client.objects.filter(archived_at=None, accepted_at__isnull=False).exclude(confidentiality__in=HIDDEN)
    # Asked for beside, not joined: so the index delivers the newest ads without sorting all of them.
    return Q(archived_at=None, client__in=clients.order_by().values("pk")) & ~Q(confidentiality__in=HIDDEN)


def public_ads() -> QuerySet[Vacancy]:
    """Published vacancies that anybody may read."""
    return Vacancy.objects.filter(served(), state="published", published_at__isnull=False)


def ad_by_number(number: int) -> Vacancy | None:
    """An ad that is or was public; ``state`` tells which."""
    rows = Vacancy.objects.filter(served(), published_at__isnull=False, state__in=("published", *CLOSED))
    return (
        rows.select_related("client__industry", "industry", "organisation")
        .prefetch_related("terms__term", "languages")
        .filter(number=number)
        .first()
    )


def spot_of(place: str) -> Spot | None:
    """Where a town or postcode lies: by the public ads that name it, else a town by the map."""
    wanted = fold(place.strip()) or ""
    if not wanted:
        return None
    kept: list[Town] | None = cache.get(TOWNS)
    spot = _spot(place, wanted, kept) if kept is not None else None
    if spot is None:
        kept = _towns()
        cache.set(TOWNS, kept, TOWNS_KEPT)
        spot = _spot(place, wanted, kept)
    return spot if spot is not None else _on_the_map(place)


def _on_the_map(place: str) -> Spot | None:
    """A town that no ad names; None also where several are called so (``places_meant``), and where ads name it without degrees: by its name."""
    if public_ads().filter(city__iexact=place.strip(), latitude=None).exists():
        return None
    try:
        town = town_called(place)
    except Several:
        return None
    return Spot(place.strip(), town.latitude, town.longitude) if town is not None else None


def places_meant(place: str) -> list[str]:
    """The towns that a name may mean, where it is not clear which."""
    try:
        town_called(place)
    except Several as several:
        return several.labels
    return []


def _towns() -> list[Town]:
    rows = public_ads().filter(latitude__isnull=False, longitude__isnull=False)
    towns = rows.order_by().values_list("city", "postcode").annotate(Avg("latitude"), Avg("longitude"))
    return [(fold(town) or "", post, north, east) for town, post, north, east in towns]


def _spot(place: str, wanted: str, towns: list[Town]) -> Spot | None:
    names, code = set(variants(wanted)), place.strip()
    found = [(north, east) for town, post, north, east in towns if town in names or (post and post == code)]
    if not found:
        return None
    north, east = (sum(part) / len(found) for part in zip(*found, strict=True))
    return Spot(code, north, east)


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Along the surface (haversine)."""
    return float(distances_km(a, [b])[0])


def distances_km(a: tuple[float, float], places: list[tuple[float, float]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """From one place to each of the others."""
    there = np.radians(np.array(places, dtype=np.float64).reshape(-1, 2))
    here = np.radians(np.array(a, dtype=np.float64))
    half = np.sin((there[:, 0] - here[0]) / 2) ** 2
    half += np.cos(here[0]) * np.cos(there[:, 0]) * np.sin((there[:, 1] - here[1]) / 2) ** 2
    return 2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(1.0, half)))  # type: ignore[no-any-return]


_TEXTS: dict[int, tuple[str, str]] = {}
"""Folded texts of ads by their number, each with the moment of its last change: folding is what a search would wait for."""


def _changed() -> Cast:
    """The moment of the last change as text: it is compared, and turning thousands of texts into moments takes longer than the search."""
    return Cast("updated_at", TextField())


def _texts_of(rows: list[tuple[int, str]]) -> None:
    """Read anew what has changed since (one query, none where nothing has)."""
    stale = [pk for pk, changed in rows if (known := _TEXTS.get(pk)) is None or known[0] != changed]
    if not stale:
        return
    if len(_TEXTS) > 2 * len(rows) + 20_000:
        _TEXTS.clear()
        stale = [pk for pk, _changed in rows]
    found = Vacancy.objects.all() if len(stale) > MOST_NUMBERS else Vacancy.objects.filter(pk__in=stale)
    for pk, changed, *texts in found.values_list("pk", _changed(), *SEARCHED).iterator(chunk_size=2000):
        _TEXTS[pk] = (changed, fold("\n".join(texts)) or "")


def with_words(query: str, rows: list[tuple[int, str]]) -> list[int]:
    """Those of the rows in whose texts every word of the query occurs, in the spelling typed or a shorter one."""
    _texts_of(rows)
    found = [(pk, known[1]) for pk, _changed in rows if (known := _TEXTS.get(pk)) is not None]
    for token in tokens_of(query):
        spellings = variants(token)
        found = [row for row in found if spellings[0] in row[1] or any(word in row[1] for word in spellings[1:])]
    return [pk for pk, _text in found]


def _skill(text: str) -> Exists:
    """By any name of the vocabulary in either language; other skills by a part of their name."""
    rows = VacancyTerm.objects.filter(vacancy=OuterRef("pk")).annotate(de=Fold("term__name"), en=Fold("term__name_en"))
    token = fold(text.strip()) or ""
    return Exists(rows.filter(Q(term__code__in=list(terms_in(text))) | Q(de__contains=token) | Q(en__contains=token)))


def _conditions(search: Search, rows: QuerySet[Vacancy]) -> QuerySet[Vacancy]:
    if search.remote:
        rows = rows.filter(remote__gte=search.remote)
    if search.contract:
        rows = rows.annotate(forms=Cast("contract_forms", TextField())).filter(forms__contains=f'"{search.contract}"')
    if search.skill.strip():
        rows = rows.filter(_skill(search.skill))
    if search.pay:
        least = formats.minor(str(search.pay))
        rows = rows.annotate(best=Coalesce("pay_most", "pay_least")).filter(
            pay_unit=search.unit, currency="EUR", best__gte=least
        )
    if search.since:
        rows = rows.filter(published_at__gte=timezone.now() - dt.timedelta(days=search.since))
    return rows


def _ordered(search: Search, rows: QuerySet[Vacancy]) -> QuerySet[Vacancy]:
    if search.sort == "pay":
        best = Coalesce("pay_most", "pay_least")
        return rows.annotate(most=best).order_by("pay_unit", F("most").desc(nulls_last=True), "-published_at", "-pk")
    if search.sort == "start":
        first = Coalesce("start", "latest_start")
        return rows.annotate(first=first).order_by(F("first").asc(nulls_last=True), "-published_at", "-pk")
    return rows.order_by("-published_at", "-pk")


def _elsewhere(spot: Spot, radius: int) -> dict[int, float]:
    """Ads of which a further town lies inside the circle, with its distance; which ads name any is remembered like the towns."""
    kept: list[tuple[int, list[tuple[float, float]]]] | None = cache.get(ELSEWHERE)
    if kept is None:
        rows = public_ads().order_by().exclude(places="").values_list("pk", "places", "country")
        kept = [(pk, spots) for pk, places, country in rows if (spots := spots_of(places, country))]
        cache.set(ELSEWHERE, kept, TOWNS_KEPT)
    flat = [(pk, one) for pk, spots in kept for one in spots]
    found: dict[int, float] = {}
    for (pk, _one), km in zip(
        flat, distances_km((spot.latitude, spot.longitude), [one for _pk, one in flat]), strict=True
    ):
        if km <= radius:
            found[pk] = min(float(km), found.get(pk, math.inf))
    return found


def _in_box(spot: Spot, radius: int) -> Q:
    """Inside the square around the circle (past ±180° nothing is left out)."""
    high = radius / DEGREE_KM
    box = Q(latitude__range=(spot.latitude - high, spot.latitude + high))
    wide = high / max(math.cos(math.radians(min(89.0, abs(spot.latitude) + high))), 0.01)
    west, east = spot.longitude - wide, spot.longitude + wide
    if west < -180 or east > 180:
        return box
    return box & Q(longitude__range=(west, east))


@dataclass(frozen=True)
class Found:
    """Numbers of the ads (``pks``: a list, or a query still to be cut), how far each lies, and where the place is."""

    pks: Any
    away: Mapping[int, float]
    spot: Spot | None


def find(search: Search, *, newer_than: dt.datetime | None = None) -> Found:
    """The ads that fit, in the order asked for. A place nobody knows is looked for in the names of towns."""
    rows = _ordered(search, _conditions(search, public_ads()))
    if newer_than is not None:
        rows = rows.filter(published_at__gt=newer_than)
    place = search.place.strip()
    spot = spot_of(place) if place else None
    away: dict[int, float] = {}
    if spot is not None and search.radius:
        further = _elsewhere(spot, search.radius)
        inside = _in_box(spot, search.radius)
        told = list(
            rows.filter(inside | Q(pk__in=list(further)) if further else inside).values_list(
                "pk", _changed(), "latitude", "longitude"
            )
        )
        # Only an ad that came by a further town may have no degrees: as far away as can be.
        places = [
            (-spot.latitude, spot.longitude + 180) if north is None else (north, east) for _pk, _at, north, east in told
        ]
        for (pk, _at, _north, _east), km in zip(
            told, distances_km((spot.latitude, spot.longitude), places), strict=True
        ):
            nearest = min(float(km), further.get(pk, math.inf))
            if nearest <= search.radius:
                away[pk] = nearest
        order = sorted(away, key=away.__getitem__) if search.sort == "near" else list(away)
        changed = {pk: at for pk, at, _north, _east in told}
        return Found(_said(search, [(pk, changed[pk]) for pk in order]), away, spot)
    if place:
        wanted = variants(fold(place) or "")
        named = (Q(town__contains=one) | Q(further__contains=one) for one in wanted)
        near = reduce(or_, named) | Q(postcode__startswith=place)
        rows = rows.annotate(town=Fold("city"), further=Fold("places")).filter(near)
    if tokens_of(search.q):
        return Found(_said(search, list(rows.values_list("pk", _changed()))), away, spot)
    return Found(rows.values_list("pk", flat=True), away, spot)


def _said(search: Search, rows: list[tuple[int, str]]) -> list[int]:
    return with_words(search.q, rows) if tokens_of(search.q) else [pk for pk, _changed in rows]


def page_of(found: Found, number: str | int | None, size: int = PER_PAGE) -> tuple[Any, list[Vacancy]]:
    """One page of the numbers with its ads (three queries at most)."""
    page = Paginator(found.pks, size).get_page(number)
    return page, ads_of(list(page.object_list))


def ads_of(pks: list[int]) -> list[Vacancy]:
    """These ads with client and industry, in this order."""
    rows = public_ads().filter(pk__in=pks).select_related("client__industry").only(*SHOWN)
    known = {row.pk: row for row in rows}
    return [known[pk] for pk in pks if pk in known]
