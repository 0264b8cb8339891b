"""The working calendars of the company: one for each federal state with a site, Korea, and people who work part-time."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

from stellwerk.core.models import KeySequence
from stellwerk.people.models import Organisation
from stellwerk.planning.choices import CalendarKind
from stellwerk.planning.exchange.calendars import STANDARD_WEEK
from stellwerk.planning.models import CalendarException, WorkingCalendar
from stellwerk.planning.selectors.calendars import Clock, as_exchange

if TYPE_CHECKING:
    from stellwerk.demo.company import Company

BASES: Final = (
    ("HH", "Nordlicht Hamburg", "DE", "HH"),
    ("NI", "Nordlicht Niedersachsen", "DE", "NI"),
    ("MV", "Nordlicht Mecklenburg-Vorpommern", "DE", "MV"),
    ("KR", "Nordlicht Korea, Ulsan", "KR", ""),
)
PLACES: Final = (
    ("MV", r"Lubmin|Anklam|Rostock|Wismar|Schwerin|Stralsund|Greifswald"),
    ("NI", r"Stade|Werk|Halle|Husum|Salzgitter|Celle|Uelzen|Lüneburg|Emden|Papenburg|Cuxhaven|Stackfertigung"),
)
PART_TIME: Final = "part"
SHUTDOWN: Final = "Betriebsruhe"
OFFICE: Final = [[part.start, part.finish] for part in STANDARD_WEEK[0] or ()]
YEARS_BEFORE, YEARS_AFTER = 5, 8


def add_calendars(company: Company) -> None:
    """Write the calendars; ``company.calendars`` finds them by state, or ``part`` for the one of a person."""
    korea = Organisation.objects.get(key="NORDLICHT-KR")
    for number, (code, name, country, state) in enumerate(BASES, start=1):
        company.calendars[code] = WorkingCalendar.objects.create(
            key=f"CAL-{number:04d}", name=name, kind=CalendarKind.BASE, country=country, subdivision=state, week=[OFFICE] * 5 + [[], []],
            organisation=korea if country == "KR" else company.organisation, minutes_per_day=480,
        )  # fmt: skip
    tom = company.cast["tom"]
    company.calendars[PART_TIME] = WorkingCalendar.objects.create(
        key=f"CAL-{len(BASES) + 1:04d}", name=f"Teilzeit {tom.full_name} (Mo–Do)", kind=CalendarKind.RESOURCE, person=tom,
        organisation=company.organisation, base=company.calendars["HH"], week=[None, None, None, None, [], None, None], minutes_per_day=480,
    )  # fmt: skip
    year = company.today.year
    CalendarException.objects.bulk_create(
        CalendarException(
            calendar=company.calendars[code], start=dt.date(one, 12, 24), finish=dt.date(one + 1, 1, 3), name=SHUTDOWN
        )
        for code, _name, country, _state in BASES
        if country == "DE"
        for one in range(year - YEARS_BEFORE, year + YEARS_AFTER)
    )
    KeySequence.objects.update_or_create(prefix="CAL", defaults={"next_number": len(BASES) + 2})


def calendar_of(company: Company, name: str) -> WorkingCalendar:
    """The calendar of a project by the place in its name; Hamburg where no site is named."""
    code = next((code for code, pattern in PLACES if re.search(pattern, name)), "HH")
    return company.calendars[code]


def clock(company: Company) -> Clock:
    """All calendars of the company; the default is that of Hamburg. Built once: that takes longer than computing a plan."""
    if company.clock is None:
        rows = company.calendars
        company.clock = Clock(as_exchange(rows.values()), rows["HH"].pk)
    return company.clock
