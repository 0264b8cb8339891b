"""The sentence a plan page opens with: what moved against the baseline, and where the critical path runs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core import formats
from stellwerk.engine.calendars import instant
from stellwerk.planning.choices import MILESTONES
from stellwerk.planning.models import Activity, Baseline, BaselineRow, Plan
from stellwerk.planning.selectors.calendars import clock_of
from stellwerk.planning.selectors.milestones import plain
from stellwerk.planning.selectors.standing import OPEN

SHOWN = 8
GO_LIVE = "G3"
"""The gate that a sponsor asks for first: ready for going live."""


@dataclass(frozen=True)
class Answer:
    """``title`` in one sentence, ``path`` the critical activities, ``note`` what else counts."""

    title: str
    path: str


def answer_of(plan: Plan) -> Answer:
    """From the stored dates: no computing while a page is read."""
    return Answer(_title(plan), _path(plan))


def _title(plan: Plan) -> str:
    if plan.finish is None:
        return _("The plan is empty.")
    baseline = Baseline.objects.filter(plan=plan, state="approved").order_by("-number").first()
    finish = formats.day(plan.finish.date())
    if baseline is None:
        late = Activity.objects.filter(plan=plan).exclude(finding="").count()
        title = _("The plan ends on %(date)s; no baseline is approved yet.") % {"date": finish}
        told = ngettext("%(count)s row needs a look.", "%(count)s rows need a look.", late) % {"count": late}
        return f"{title} {told}" if late else title
    frozen, row = _promised(plan, baseline)
    if frozen is None or row is None or row.finish is None:
        ends = BaselineRow.objects.filter(baseline=baseline, finish__isnull=False).order_by("-finish").first()
        planned = ends.finish if ends is not None else None
        return _moved(plan, _("The end of the plan"), planned, plan.finish, baseline)
    return _moved(plan, row.name, frozen.finish, row.finish, baseline)


def _promised(plan: Plan, baseline: Baseline) -> tuple[BaselineRow | None, Activity | None]:
    """What the sentence speaks of, as frozen and as it stands: the go-live while it is ahead, else the last milestone."""
    milestones = BaselineRow.objects.filter(
        baseline=baseline, summary=False, kind__in=MILESTONES, finish__isnull=False
    ).order_by("-finish", "-position")
    gates = Activity.objects.filter(OPEN, plan=plan, kind__in=MILESTONES).exclude(code="")
    ahead = [row.uid for row in gates.only("uid", "code") if plain(row.code) == GO_LIVE]
    frozen = (milestones.filter(uid__in=ahead).first() if ahead else None) or milestones.first()
    # By number, not by key: an activity that was removed and brought back has a new key.
    return frozen, Activity.objects.filter(plan=plan, uid=frozen.uid).first() if frozen is not None else None


def _moved(plan: Plan, name: str, before: dt.datetime | None, after: dt.datetime, baseline: Baseline) -> str:
    date = formats.day(after.date())
    if before is None:
        return _("%(name)s is expected on %(date)s.") % {"name": name, "date": date}
    days = working_days(plan, before, after)
    told = {"name": name, "date": date, "days": formats.number(abs(days)), "baseline": baseline}
    if days > 0:
        return _("%(name)s is %(days)s WD late against %(baseline)s: %(date)s.") % told
    if days < 0:
        return _("%(name)s is %(days)s WD early against %(baseline)s: %(date)s.") % told
    return _("%(name)s is on time: %(date)s, as in %(baseline)s.") % told


def working_days(plan: Plan, before: dt.datetime, after: dt.datetime) -> int:
    """Working days of the plan's calendar from one moment to the other; negative: earlier."""
    clock = clock_of(plan)
    row = np.array([clock.default], np.int64)
    minutes = clock.set.between(row, np.array([instant(before)], np.int64), np.array([instant(after)], np.int64))
    return round(int(minutes[0]) / clock.day(clock.default))


def _path(plan: Plan) -> str:
    rows = Activity.objects.filter(plan=plan, critical=True, summary=False).exclude(kind__in=MILESTONES)
    rows = rows.order_by("start", "position")
    codes = [wbs or code or name for wbs, code, name in rows.values_list("wbs", "code", "name")[: SHOWN + 1]]
    count = rows.count()
    if not count:
        return _("No activity is critical.")
    text = " → ".join(codes[:SHOWN]) + (" …" if count > SHOWN else "")
    told = ngettext("Critical: %(count)s activity", "Critical: %(count)s activities", count) % {
        "count": formats.number(count)
    }
    return f"{told}, {text}"
