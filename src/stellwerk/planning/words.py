"""Problems of schedule files in the reader's language."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core.errors import Text
from stellwerk.planning.exchange import Problem

LOSSES: Final[dict[str, Text]] = {
    "activity codes": gettext_lazy("activity codes"),
    "assignments in detail": gettext_lazy("effort of single assignments"),
    "baselines": gettext_lazy("baselines"),
    "blank rows": gettext_lazy("blank rows"),
    "calendars": gettext_lazy("calendars"),
    "costs below those of the people": gettext_lazy("costs of activities that are below those of the people on them"),
    "costs of summary rows": gettext_lazy("costs of their own on summary rows"),
    "costs that you may not see": gettext_lazy("costs and rates (you may not see them)"),
    "custom fields": gettext_lazy("custom fields"),
    "custom fields above thirty of a kind": gettext_lazy("custom fields above thirty of a kind"),
    "deadlines": gettext_lazy("deadlines"),
    "elapsed durations": gettext_lazy("durations in elapsed time (they become working time)"),
    "elapsed lags": gettext_lazy("lags in elapsed time (they become working time)"),
    "kinds of activities": gettext_lazy("levels of effort and WBS summaries (they become activities)"),
    "lags in per cent": gettext_lazy("lags in per cent (they become working time)"),
    "links of summary rows": gettext_lazy("links of summary rows"),
    "planned dates": gettext_lazy("planned dates beside the current ones"),
    "roles": gettext_lazy("roles"),
    "second constraints": gettext_lazy("second constraints"),
    "time-phased data": gettext_lazy("time-phased data"),
    "work on summary rows": gettext_lazy("effort on summary rows"),
    "work weeks of calendars": gettext_lazy("work weeks of calendars"),
    "work without a resource": gettext_lazy("effort without a resource"),
}
"""What ``lost_in`` names → what people read."""


def message(problem: Problem) -> str:
    """What was found, with the line of the file."""
    text = _(problem.template) % dict(problem.params)
    return _("Line %(line)s: %(text)s") % {"line": problem.line, "text": text} if problem.line else text


def advice(problem: Problem) -> str:
    """What to do about it."""
    return _(problem.advice_template) % dict(problem.params)


def lost(name: str) -> str:
    """What a format cannot hold, as ``lost_in`` calls it."""
    return str(LOSSES.get(name, name))
