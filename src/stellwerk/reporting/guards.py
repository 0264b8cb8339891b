"""What forbids a step of a report or cycle, and what a step triggers in the same transaction."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import cast

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stellwerk.core import formats
from stellwerk.core.errors import Refused, Text, WrongState
from stellwerk.core.models import AuditEntry, User
from stellwerk.core.notify import notify
from stellwerk.core.registry import effect, guard, url_of
from stellwerk.core.snapshots import freeze
from stellwerk.core.states import advance
from stellwerk.portfolio.models import ProjectStatus
from stellwerk.reporting import freeze as freezing
from stellwerk.reporting import publishing, selectors
from stellwerk.reporting.checks import submission_gaps
from stellwerk.reporting.models import Cycle, StatusReport

REPORT = "reporting.statusreport"
CYCLE = "reporting.cycle"
RETURN_HOURS = 4
_LATE_UNTIL = ("cut_off", "pmo_review", "consolidated", "corrected")


# ── reports: what forbids ────────────────────────────────────────────────────────────────────────


@guard(REPORT, "submit")
@guard(REPORT, "submit_late")
def is_complete(obj: models.Model, by: User | None) -> Iterable[Text]:
    return submission_gaps(cast(StatusReport, obj))


@guard(REPORT, "submit")
def date_is_open(obj: models.Model, by: User | None) -> Iterable[Text]:
    report = cast(StatusReport, obj)
    if report.edition > 1 or report.cycle is None:
        return
    returned = report.return_due is not None and report.cycle.state in {"cut_off", "pmo_review"}
    if report.cycle.closed and not returned:
        yield _("The reporting date %(date)s is closed.") % {"date": formats.day(report.data_date)}


@guard(REPORT, "submit_late")
def cycle_is_not_published(obj: models.Model, by: User | None) -> Iterable[Text]:
    report = cast(StatusReport, obj)
    if report.cycle is not None and report.cycle.state not in _LATE_UNTIL:
        yield _("The cycle of %(date)s is published: report at the next date.") % {
            "date": formats.day(report.data_date)
        }


@guard(REPORT, "accept")
@guard(REPORT, "publish")
def no_override_waits(obj: models.Model, by: User | None) -> Iterable[Text]:
    report = cast(StatusReport, obj)
    waiting = [str(light.get_dimension_display()) for light in report.lights.all() if light.pending]
    if waiting:
        yield _("A better light than computed waits for the PMO's confirmation: %(list)s.") % {
            "list": ", ".join(waiting)
        }


@guard(REPORT, "accept")
@guard(REPORT, "publish")
def author_does_not_approve(obj: models.Model, by: User | None) -> Iterable[Text]:
    report = cast(StatusReport, obj)
    if by is not None and report.author is not None and report.author.user_id == by.pk:
        yield _("Whoever wrote the report may not approve it: another person must do this.")


@guard(REPORT, "publish")
def nothing_newer_is_published(obj: models.Model, by: User | None) -> Iterable[Text]:
    report = cast(StatusReport, obj)
    newer = StatusReport.objects.filter(
        project_id=report.project_id, data_date=report.data_date, edition__gt=report.edition, state="published"
    )
    if newer.exists():
        yield _("A later version of this report is published already.")


@guard(REPORT, "supersede")
def correction_is_published(obj: models.Model, by: User | None) -> Iterable[Text]:
    report = cast(StatusReport, obj)
    newer = StatusReport.objects.filter(
        project_id=report.project_id, data_date=report.data_date, edition__gt=report.edition, state="published"
    )
    if not newer.exists():
        yield _("A published report is replaced by publishing its correction.")


@guard(REPORT, "miss")
def date_has_passed(obj: models.Model, by: User | None) -> Iterable[Text]:
    report = cast(StatusReport, obj)
    if report.edition > 1:
        yield _("A correction cannot be missed.")
    if by is not None and selectors.local_today(report.project.portfolio) <= report.data_date:
        yield _("The report is not overdue yet.")


# ── reports: what follows ────────────────────────────────────────────────────────────────────────


@effect(REPORT, "submit")
@effect(REPORT, "submit_late")
def delivered(obj: models.Model, by: User | None, before: str) -> None:
    """The first delivery starts the collecting; the deadline of a return is met."""
    report = cast(StatusReport, obj)
    StatusReport.objects.filter(pk=report.pk).update(return_due=None, return_note="")
    if report.cycle is not None and report.cycle.state == "open":
        advance(report.cycle, "collect", by=None)


@effect(REPORT, "return")
def tell_the_author(obj: models.Model, by: User | None, before: str) -> None:
    report = cast(StatusReport, obj)
    entry = AuditEntry.objects.filter(entity_type=REPORT, entity_id=report.pk, verb="return").order_by("-pk").first()
    reason = entry.reason if entry else ""
    zone = selectors.clock_of(report.cycle).zone if report.cycle else timezone.get_default_timezone()
    calendar = selectors.calendar_of(report.project.portfolio)
    report.return_note = reason
    report.return_due = calendar.add_hours(timezone.now().astimezone(zone), RETURN_HOURS).astimezone(dt.UTC)
    StatusReport.objects.filter(pk=report.pk).update(return_note=reason, return_due=report.return_due)
    author = report.author.user if report.author else None
    if author is not None:
        notify(
            [author],
            kind="report_returned",
            title=gettext_lazy("Status report %(project)s returned") % {"project": report.project.key},
            text=reason,
            obj=report,
        )


@effect(REPORT, "publish")
def publish_once(obj: models.Model, by: User | None, before: str) -> None:
    """Freeze the payload, write the dated status and the figures, replace the version before. Exactly once."""
    report = selectors.reports().get(pk=obj.pk)
    if report.snapshot_id is not None:
        raise WrongState(_("This report is published already."), code="published")
    replaced = (
        selectors.reports()
        .filter(project_id=report.project_id, data_date=report.data_date, edition__lt=report.edition, state="published")
        .first()
    )
    payload = freezing.status_payload(report)
    snapshot = freeze(
        report,
        kind=selectors.STATUS_KIND,
        data_date=report.data_date,
        payload=json.loads(payload.to_json()),
        by=by,
        supersedes=replaced.snapshot if replaced else None,
        names=freezing.names_in(payload),
    )
    StatusReport.objects.filter(pk=report.pk).update(snapshot=snapshot)
    cast(StatusReport, obj).snapshot = snapshot
    publishing.write_status(report, by=by)
    if replaced is not None:
        advance(replaced, "supersede", by=by)


@effect(REPORT, "miss")
def show_grey(obj: models.Model, by: User | None, before: str) -> None:
    """A missed report shows grey: never carry an old colour forward."""
    publishing.write_grey([cast(StatusReport, obj)], by=None)


# ── cycles ───────────────────────────────────────────────────────────────────────────────────────


@guard(CYCLE, "consolidate")
def everything_is_reviewed(obj: models.Model, by: User | None) -> Iterable[Text]:
    waiting = StatusReport.objects.filter(cycle=cast(Cycle, obj), state="submitted").count()
    if waiting:
        yield ngettext(
            "%(count)s report still waits for the review.", "%(count)s reports still wait for the review.", waiting
        ) % {"count": waiting}


@guard(CYCLE, "publish")
@guard(CYCLE, "republish")
def something_to_publish(obj: models.Model, by: User | None) -> Iterable[Text]:
    if not StatusReport.objects.filter(cycle=cast(Cycle, obj), state__in=("accepted", "published")).exists():
        yield _("No report of this cycle has been accepted yet.")


@effect(CYCLE, "open")
def begin_reports(obj: models.Model, by: User | None, before: str) -> None:
    """A prefilled draft for each project that must report."""
    from stellwerk.reporting.services.cycles import open_reports

    open_reports(selectors.cycles().get(pk=obj.pk))


@effect(CYCLE, "cut_off")
def mark_missing(obj: models.Model, by: User | None, before: str) -> None:
    from stellwerk.reporting.services.cycles import mark_missed

    mark_missed(selectors.cycles().get(pk=obj.pk))


@effect(CYCLE, "consolidate")
def close_returned(obj: models.Model, by: User | None, before: str) -> None:
    """Reports that were returned and never came back count as missed."""
    rows = selectors.reports().filter(cycle=cast(Cycle, obj), state__in=("draft", "returned"), edition=1)
    for report in rows:
        advance(report, "miss", by=None)


@effect(CYCLE, "publish")
@effect(CYCLE, "republish")
def publish_all(obj: models.Model, by: User | None, before: str) -> None:
    """Publish every accepted report, freeze the pack, tell the stakeholders: one transaction."""
    from stellwerk.reporting.pack import publish_pack
    from stellwerk.reporting.services.cycles import stakeholders

    cycle = selectors.cycles().get(pk=obj.pk)
    for report in selectors.reports().filter(cycle=cycle, state="accepted"):
        try:
            advance(report, "publish", by=by)
        except Refused as refusal:
            raise type(refusal)(f"{report.project.key}: {refusal.message}", refusal.what_to_do) from refusal
    old = cycle.snapshot if before == "corrected" else None
    snapshot = publish_pack(cycle.portfolio, cycle.data_date, by, supersedes=old, cycle=cycle)
    Cycle.objects.filter(pk=cycle.pk).update(snapshot=snapshot)
    cast(Cycle, obj).snapshot = snapshot
    notify(
        stakeholders(cycle),
        kind="cycle_published",
        title=gettext_lazy("Status reports of %(portfolio)s published") % {"portfolio": cycle.portfolio.name},
        text=lambda: _("Data date %(date)s.") % {"date": formats.day(cycle.data_date)},
        obj=cycle,
        url=url_of(cycle),
    )


# ── imports ──────────────────────────────────────────────────────────────────────────────────────


@guard("portfolio.projectstatus", "import")
def imported_date_is_open(obj: models.Model, by: User | None) -> Iterable[Text]:
    """What is published stands: no list may bring other statuses for that date."""
    status = cast(ProjectStatus, obj)
    cycles = Cycle.objects.filter(portfolio=status.project.portfolio, data_date=status.date)
    if any(cycle.closed for cycle in cycles):
        yield _("The reporting date %(date)s is closed.") % {"date": formats.day(status.date)}
