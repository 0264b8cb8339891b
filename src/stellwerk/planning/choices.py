"""Choices of the plan: kinds, links, constraints, methods, states. The codes are those of the exchange."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(models.TextChoices):
    """What a row is; whether it is a summary follows from the outline."""

    TASK = "task", _("Activity")
    MILESTONE = "finish_milestone", _("Milestone")
    START_MILESTONE = "start_milestone", _("Start milestone")
    LEVEL_OF_EFFORT = "level_of_effort", _("Level of effort")
    WBS_SUMMARY = "wbs_summary", _("WBS summary")
    RESOURCE = "resource", _("Resource dependent")
    WBS = "wbs", _("WBS element")


MILESTONES = (Kind.MILESTONE, Kind.START_MILESTONE)


class TaskType(models.TextChoices):
    FIXED_UNITS = "fixed_units", _("Fixed units")
    FIXED_DURATION = "fixed_duration", _("Fixed duration")
    FIXED_WORK = "fixed_work", _("Fixed work")
    FIXED_BOTH = "fixed_duration_and_units", _("Fixed duration and units")


class LinkType(models.TextChoices):
    FS = "FS", _("Finish–start (FS)")
    SS = "SS", _("Start–start (SS)")
    FF = "FF", _("Finish–finish (FF)")
    SF = "SF", _("Start–finish (SF)")


class Constraint(models.TextChoices):
    ASAP = "asap", _("As soon as possible")
    ALAP = "alap", _("As late as possible")
    MUST_START = "must_start_on", _("Must start on")
    MUST_FINISH = "must_finish_on", _("Must finish on")
    START_NO_EARLIER = "start_no_earlier", _("Start no earlier than")
    START_NO_LATER = "start_no_later", _("Start no later than")
    FINISH_NO_EARLIER = "finish_no_earlier", _("Finish no earlier than")
    FINISH_NO_LATER = "finish_no_later", _("Finish no later than")
    START_ON = "start_on", _("Start on")
    FINISH_ON = "finish_on", _("Finish on")


UNDATED = (Constraint.ASAP, Constraint.ALAP)


class EvMethod(models.TextChoices):
    """How progress becomes earned value (domain.md 3.2); fixed per work package at the baseline."""

    PERCENT = "percent", _("% complete")
    ZERO_HUNDRED = "0_100", _("0/100")
    FIFTY_FIFTY = "50_50", _("50/50")
    WEIGHTED = "weighted", _("Weighted milestones")
    LOE = "loe", _("Level of effort (EV = PV)")


class CalendarKind(models.TextChoices):
    BASE = "base", pgettext_lazy("calendar", "Organisation or site")
    PROJECT = "project", _("Project")
    RESOURCE = "resource", pgettext_lazy("calendar", "Person or resource")


class ResourceKind(models.TextChoices):
    WORK = "work", pgettext_lazy("resource", "Work")
    MATERIAL = "material", pgettext_lazy("resource", "Material")
    COST = "cost", pgettext_lazy("resource", "Cost")


class LagCalendar(models.TextChoices):
    """Whose working time the lag of a link counts."""

    SUCCESSOR = "successor", _("Calendar of the successor")
    PREDECESSOR = "predecessor", _("Calendar of the predecessor")
    PROJECT = "project", _("Calendar of the plan")
    ELAPSED = "elapsed", _("Elapsed time")


class ProgressMode(models.TextChoices):
    """What happens to work that began before its predecessor was done."""

    RETAINED = "retained_logic", _("Retained logic")
    OVERRIDE = "progress_override", _("Progress override")


ACTIVITY_STATES = [
    ("not_started", _("not started")),
    ("in_progress", _("in progress")),
    ("suspended", _("suspended")),
    ("completed", _("completed")),
    ("cancelled", _("cancelled")),
]
BASELINE_STATES = [
    ("draft", pgettext_lazy("baseline", "draft")),
    ("proposed", pgettext_lazy("baseline", "proposed")),
    ("approved", pgettext_lazy("baseline", "approved")),
    ("rejected", pgettext_lazy("baseline", "rejected")),
    ("superseded", pgettext_lazy("baseline", "superseded")),
]
