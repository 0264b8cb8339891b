"""Beginning a plan, and its calendars."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core.errors import Refused
from stellwerk.core.models import User
from stellwerk.core.permissions import require
from stellwerk.core.services import record
from stellwerk.planning.models import Plan, WorkingCalendar
from stellwerk.portfolio.models import Project

MORNING = dt.time(8)


def create_plan(*, project: Project, by: User | None, start: dt.date | None = None) -> Plan:
    """An empty plan that starts with the project, in its organisation's calendar.

    Errors: ``NotAllowed``, ``Refused`` (there is one already, or the project is archived).
    """
    require(by, "edit", project)
    if project.archived:
        raise Refused(_("This project is archived."), _("Restore it first."), code="archived")
    day = start or project.start or timezone.localdate()
    plan = Plan(project=project, calendar=default_calendar(project), start=dt.datetime.combine(day, MORNING))
    try:
        with transaction.atomic():
            plan.save(force_insert=True)
            record(plan, by=by, verb="create", changes={"start": [None, plan.start.isoformat()]})
    except IntegrityError as error:
        raise Refused(_("This project has a plan already."), code="exists") from error
    return plan


def default_calendar(project: Project) -> WorkingCalendar | None:
    """The first base calendar of the project's organisation, if there is one."""
    unit = project.unit or project.portfolio.unit
    if unit is None:
        return None
    rows = WorkingCalendar.objects.filter(plan=None, organisation=unit.organisation_id, archived_at=None, kind="base")
    return rows.order_by("pk").first()
