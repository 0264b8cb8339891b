"""Staffing cover in the table of figures, and the resources light that follows from it (domain.md section 4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from stellwerk.core import formats
from stellwerk.engine import lights
from stellwerk.planning.services.figures import OVER, rules_of
from stellwerk.portfolio.choices import Source
from stellwerk.portfolio.models import Project
from stellwerk.portfolio.selectors.figures import FigureValue, figures_at
from stellwerk.portfolio.services.figures import FigureRow, write_figures
from stellwerk.resources.selectors.cover import Staffing, staffing_of

LABEL: Final = "STAFFING"
"""Marks a figure as computed here, not by a report."""
LIGHT: Final = "light.resources"
COVER: Final = "staffing.cover"
CHUNK: Final = 200


def write_cover(projects: Iterable[int] | None = None, *, on: dt.date | None = None) -> int:
    """Write cover and light of projects that run; returns how many rows. The same again on the same day writes nothing.

    A project without demands has neither: what was reported by hand stays. So does an override until its cycle is over.
    """
    day = on or timezone.localdate()
    rows = Project.objects.filter(archived_at=None).exclude(phase__in=OVER).select_related("portfolio").order_by("pk")
    if projects is not None:
        rows = rows.filter(pk__in=list(projects))
    running = {project.pk: project for project in rows}
    numbers, written = list(running), 0
    for at in range(0, len(numbers), CHUNK):
        part = numbers[at : at + CHUNK]
        found = staffing_of(part, day)
        now = figures_at(part, (COVER, LIGHT), day)
        wanted = [row for pk, one in found.items() for row in _rows(running[pk], one, now.get(pk, {}), day)]
        if wanted:
            write_figures(rows=wanted, by=None)
        written += len(wanted)
    return written


def _rows(project: Project, one: Staffing, now: dict[str, FigureValue], day: dt.date) -> Iterable[FigureRow]:
    url = reverse("resources:project-demands", args=[project.key])
    stands = now.get(COVER)
    cover = None if one.cover is None else one.cover.quantize(Decimal("0.000001"))
    if (stands is None and cover is not None) or (stands is not None and stands.value != cover):
        yield FigureRow(project.pk, COVER, day, value=cover, source_label=LABEL, source_url=url)
    light = _light(project, one, now.get(LIGHT), day, url)
    if light is not None:
        yield light


def indicators_of(one: Staffing) -> dict[str, lights.Number | None]:
    found: dict[str, lights.Number | None] = {}
    if one.unfilled is not None:
        found["unfilled_need"] = one.unfilled
    if one.vacant_weeks:
        found["key_role_vacant_weeks"] = one.vacant_weeks
    return found


def _light(project: Project, one: Staffing, stands: FigureValue | None, day: dt.date, url: str) -> FigureRow | None:
    """The light to write; None where one stands that this may not, or need not, replace."""
    if project.phase == "on_hold":
        return None
    found = lights.assess("resources", indicators_of(one) or None, rules_of(project.portfolio))
    if found.light is None:
        return None
    text = why(found, one)
    if stands is not None:
        cycle = project.portfolio.cycle_days
        age = (day - stands.date).days
        by_others = stands.source_label != LABEL
        if age <= cycle and by_others and (stands.source == Source.OVERRIDDEN or stands.light == lights.GREY):
            return None
        same = (stands.light, stands.text, stands.source) == (found.light, text, Source.COMPUTED)
        if same and age < max(1, cycle // 2):
            return None
    return FigureRow(
        project.pk, LIGHT, day, light=found.light, text=text, source=Source.COMPUTED, source_label=LABEL, source_url=url
    )


def why(found: lights.Assessment, one: Staffing) -> str:
    """The deciding readings in a few words of the installation's language."""
    parts = []
    with override(settings.LANGUAGE_CODE):
        for reading in found.decisive:
            if reading.rule.code == "unfilled_need":
                parts.append(_("%(share)s unfilled in the next 8 weeks") % {"share": formats.percent(reading.value, 0)})
            elif one.vacant_role is not None:
                words = {"role": str(one.vacant_role), "weeks": formats.number(one.vacant_weeks)}
                parts.append(_("%(role)s vacant for %(weeks)s weeks") % words)
    return " · ".join(parts)[:300]
