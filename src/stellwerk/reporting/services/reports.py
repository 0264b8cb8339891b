"""Status reports: begin, save, submit, review, publish, correct. Steps run what ``guards.py`` registers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from stellwerk.core.errors import FieldConflict, Invalid, NotAllowed, Refused, StaleEdit, WrongState
from stellwerk.core.models import AuditEntry, User, jsonable
from stellwerk.core.permissions import can, require
from stellwerk.core.services import changed_fields, next_keys, record, stale, validate
from stellwerk.core.states import advance
from stellwerk.portfolio.choices import DIMENSION_LABELS, DIMENSIONS, Light
from stellwerk.portfolio.models import Project
from stellwerk.reporting import compute, prefill, selectors
from stellwerk.reporting.live import Live, live_of, numbers_from
from stellwerk.reporting.models import Cycle, ReportedLight, StatusReport
from stellwerk.reporting.permissions import EDITABLE

FIELDS = ("summary", "achieved", "next_steps", "decisions", "path_to_green", "figures", "gates")
LIGHT_FIELDS = ("value", "computed", "previous", "arrow", "note", "scale_value", "half_step")


def closed_date(day: str) -> Refused:
    return Refused(
        _("The reporting date %(date)s is closed.") % {"date": day},
        _(
            "A report that was missed can still be submitted late until the cycle is published; else report at the next date."
        ),
        code="date_closed",
    )


# ── beginning ────────────────────────────────────────────────────────────────────────────────────


def start_report(*, project: Project, by: User | None, data_date: dt.date | None = None) -> StatusReport:
    """The project's unfinished report, or a new one prefilled from live data.

    Without a date: the open cycle's, else today's. Errors: ``NotAllowed``; ``Refused`` (``date_closed``) if the cycle of
    that date is cut off or published, (``exists``) if the date has a finished report.
    """
    project = selectors_project(project)
    with transaction.atomic():
        working = selectors.working_report(project)
        if working is not None and (data_date is None or data_date == working.data_date):
            if not can(by, "view", working):
                raise NotAllowed
            return working
        cycle = _cycle_for(project, data_date)
        day = data_date or (cycle.data_date if cycle else selectors.local_today(project.portfolio))
        if cycle is not None and cycle.closed:
            from stellwerk.core import formats

            raise closed_date(formats.day(day))
        if StatusReport.objects.filter(project=project, data_date=day).exists():
            raise Refused(
                _("There is a published report for this date already."),
                _("Ask the PMO for a correction, or report at the next date."),
                code="exists",
            )
        _require_create(project, cycle, day, by)
        return create_drafts([project], day, cycle, by=by)[0]


def selectors_project(project: Project) -> Project:
    return Project.objects.select_related(
        "portfolio__unit__organisation", "programme__manager", "manager__user", "sponsor", "unit"
    ).get(pk=project.pk)


def _cycle_for(project: Project, day: dt.date | None) -> Cycle | None:
    if day is None:
        return selectors.open_cycle(project.portfolio)
    return selectors.cycles().filter(portfolio=project.portfolio, data_date=day, archived_at=None).first()


def _require_create(project: Project, cycle: Cycle | None, day: dt.date, by: User | None) -> None:
    if project.archived:
        raise Refused(_("This project is archived."), _("Restore it first."), code="archived")
    require(
        by, "create", StatusReport(project=project, cycle=cycle, data_date=day, confidentiality=project.confidentiality)
    )


def create_drafts(
    projects: Sequence[Project], day: dt.date, cycle: Cycle | None, *, by: User | None, state: str = "draft"
) -> list[StatusReport]:
    """Prefilled drafts for some projects of one portfolio, with one audit entry each; inside the caller's transaction."""
    if not projects:
        return []
    lives = live_of(projects, day)
    keys = next_keys(StatusReport.KEY_PREFIX, len(projects))
    made = []
    for project, key in zip(projects, keys, strict=True):
        with translation.override(_language(project, by)):
            draft = prefill.draft_of(lives[project.pk])
        report = StatusReport(
            key=key, project=project, cycle=cycle, data_date=day, author=project.manager, state=state,
            confidentiality=project.confidentiality, owner=project.manager.user if project.manager else None,
            **draft.values,
        )  # fmt: skip
        try:
            with transaction.atomic():
                report.save(force_insert=True)
        except IntegrityError as error:
            raise Refused(
                _("This report has just been started by somebody else."), _("Open it again."), code="exists"
            ) from error
        ReportedLight.objects.bulk_create(
            [ReportedLight(report=report, dimension=name, **row) for name, row in draft.lights.items()]
        )
        record(report, by=by, verb="create", changes={"data_date": [None, day.isoformat()], "state": [None, state]})
        made.append(report)
    return made


def _language(project: Project, by: User | None) -> str | None:
    """The texts are prefilled in the language of whoever will write the report."""
    author = project.manager.user if project.manager else None
    user = author or by
    return user.language if user else translation.get_language()


# ── writing ──────────────────────────────────────────────────────────────────────────────────────


def save_report(
    *,
    report: StatusReport,
    values: Mapping[str, Any],
    lights: Mapping[str, Mapping[str, str]] | None = None,
    by: User | None,
    version: int | None = None,
) -> StatusReport:
    """Change texts, figures, gates and lights of a draft in one transaction with one audit entry.

    ``lights``: ``{dimension: {"value": …, "reason": …}}``; only what is given changes. The computed lights follow the
    figures that are saved. Errors: ``NotAllowed``, ``WrongState`` (submitted or published), ``Invalid`` (an override
    without its reason …), ``StaleEdit`` with both values.
    """
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise Invalid(
            {"__all__": [_("These fields cannot be changed: %(names)s.") % {"names": ", ".join(sorted(unknown))}]}
        )
    with transaction.atomic():
        current = selectors.reports().select_for_update(of=("self",)).get(pk=report.pk)
        _require_edit(current, by)
        rows = {light.dimension: light for light in current.lights.all()}
        before = {name: _light_state(row) for name, row in rows.items()}
        diff = changed_fields(current, values)
        changes: dict[str, Any] = dict(diff)
        for name, value in values.items():
            setattr(current, name, value)
        validate(current, fields=values)
        if {"figures", "gates"} & set(diff):
            recompute_lights(current, rows)
        _apply_lights(rows, _decided(lights or {}, before, rows))
        moved = {
            name: [before[name], _light_state(row)] for name, row in rows.items() if before[name] != _light_state(row)
        }
        asked = {name for name in moved if name in (lights or {})}
        if version is not None and version != current.version and (diff or asked):
            raise _stale(current, values, moved, asked)
        if not diff and not moved:
            return current
        changes |= {f"light.{name}": [old[0], new[0]] for name, (old, new) in moved.items()}
        _store(current, rows, moved, values, by, changes)
    return current


def _require_edit(report: StatusReport, by: User | None) -> None:
    if report.state not in EDITABLE:
        if not can(by, "view", report):
            raise NotAllowed
        if report.state in {"published", "superseded"}:
            raise WrongState(
                _("A published report never changes."), _("The PMO can start a correction."), code="immutable"
            )
        raise WrongState(
            _("This report has been submitted."), _("The PMO can return it to you for changes."), code="submitted"
        )
    require(by, "edit", report)


def _light_state(row: ReportedLight) -> tuple[str, str, str]:
    return (row.value, row.computed, row.reason)


def recompute_lights(report: StatusReport, rows: dict[str, ReportedLight]) -> None:
    """The rules' colours from the figures as they are in the report now; a light that followed them still does."""
    calendar = selectors.calendar_of(report.project.portfolio)
    numbers = numbers_from(report.figures or {}, report.gates or [], calendar)
    found = compute.verdicts(numbers, compute.rules_of(report.project.portfolio))
    for name, verdict in found.items():
        row = rows[name]
        followed = row.value == row.computed
        row.computed, row.note = verdict.light or "", verdict.note[:300]
        if followed:
            row.value = row.computed


def _decided(
    wanted: Mapping[str, Mapping[str, str]],
    before: Mapping[str, tuple[str, str, str]],
    rows: Mapping[str, ReportedLight],
) -> dict[str, Mapping[str, str]]:
    """What somebody chose: a form also sends the lights that nobody touched, and those follow what is computed now."""
    chosen: dict[str, Mapping[str, str]] = {}
    for name, light in wanted.items():
        value, computed, reason = before.get(name, ("", "", ""))
        untouched = (
            value == computed != ""
            and light.get("value", value) == value
            and str(light.get("reason", reason)).strip() == reason
        )
        if not untouched or name not in rows:
            chosen[name] = light
    return chosen


def _apply_lights(rows: dict[str, ReportedLight], wanted: Mapping[str, Mapping[str, str]]) -> None:
    errors: dict[str, list[Any]] = {}
    followed = rows["overall"].value == rows["overall"].computed
    for name in (*DIMENSIONS, "overall"):
        row = rows[name]
        if name == "overall":
            _overall(rows, followed and (name not in wanted or wanted[name].get("value") == row.value))
        if name not in wanted:
            continue
        value = wanted[name].get("value", row.value)
        reason = str(wanted[name].get("reason", row.reason)).strip()
        if value and value not in Light.values:
            errors[f"light_{name}"] = [_("“%(value)s” is not a traffic light.") % {"value": value}]
            continue
        if value != row.value or reason != row.reason:
            row.confirmed_by = row.confirmed_at = None
        if value != row.value:
            row.half_step = row.scale_value = ""
        row.value, row.reason = value, reason if value != row.computed else ""
        gap = _gap_text(row)
        if gap:
            errors[f"light_{name}"] = [gap]
    if errors:
        raise Invalid(errors)


def _overall(rows: dict[str, ReportedLight], follows: bool) -> None:
    """The overall light follows the six as they count now, wherever a rule computed one of them."""
    if not any(rows[name].computed for name in DIMENSIONS):
        return
    light = compute.overall_light({name: rows[name].effective or None for name in DIMENSIONS}) or ""
    row = rows["overall"]
    row.computed = light
    if follows or not row.value:
        row.value = light


def _gap_text(row: ReportedLight) -> str:
    """Why this light is refused, in the reader's words; empty: allowed (or waiting for the PMO only)."""
    if row.computed and not row.value:
        return _("The rules compute %(light)s: a light cannot be left out.") % {"light": Light(row.computed).label}
    gap = compute.override_gap(row.computed, row.value, row.reason, row.confirmed_by_id is not None)
    words = {
        "computed": Light(row.computed).label if row.computed else "",
        "dimension": DIMENSION_LABELS[row.dimension],
    }
    if gap == "reason":
        return _("%(dimension)s is computed as %(computed)s: please say why it is worse.") % words
    if gap == "long_reason":
        return (
            _(
                "%(dimension)s is computed as %(computed)s: a better light needs a reason of at least 20 characters and the PMO's confirmation."
            )
            % words
        )
    return ""


def _store(
    report: StatusReport,
    rows: dict[str, ReportedLight],
    moved: Iterable[str],
    values: Mapping[str, Any],
    by: User | None,
    changes: dict[str, Any],
) -> None:
    seen = report.version
    stored = {name: getattr(report, name) for name in values}
    hit = StatusReport.objects.filter(pk=report.pk, version=seen).update(
        **stored, version=seen + 1, updated_at=timezone.now()
    )
    if not hit:
        raise stale(StatusReport.objects.get(pk=report.pk), stored)
    report.version = seen + 1
    lives = live_of([report.project], report.data_date)[report.project_id]
    numbers = numbers_from(report.figures or {}, report.gates or [], lives.calendar)
    for row in rows.values():
        set_arrow(row, lives, numbers)
        row.version += 1
        row.save()
    record(
        report,
        by=by,
        verb="edit",
        changes={name: [_brief(name, old), _brief(name, new)] for name, (old, new) in changes.items()},
    )


def _brief(name: str, value: Any) -> Any:
    """A value as the history shows it: structured fields as text."""
    if name == "path_to_green":
        return "; ".join(f"{DIMENSION_LABELS.get(key, key)}: {_words(row)}" for key, row in (value or {}).items())
    if name == "decisions":
        return "; ".join(_words(row) for row in value or [])
    if name == "figures":
        return "; ".join(
            f"{code} {entry.get('value', '')}" for code, entry in (value or {}).items() if entry.get("typed")
        )
    if name == "gates":
        return "; ".join(f"{row.get('code', '')} {row.get('actual') or row.get('forecast', '')}" for row in value or [])
    return jsonable(value)


def _words(row: Mapping[str, Any]) -> str:
    return ", ".join(str(item) for item in row.values() if item)


def set_arrow(row: ReportedLight, live: Live, numbers: compute.Numbers) -> None:
    """The arrow of the light that counts now."""
    shown = {"value": row.effective, "half_step": row.half_step, "scale_value": row.scale_value}
    row.arrow = prefill.arrow_of(row.dimension, prefill.standing_before(live, row.dimension), shown, numbers)


def _stale(report: StatusReport, values: Mapping[str, Any], moved: Mapping[str, Any], asked: set[str]) -> StaleEdit:
    fresh = StatusReport.objects.get(pk=report.pk)
    error = stale(fresh, values)
    for name in sorted(asked):
        old, new = moved[name]
        error.conflicts.append(FieldConflict(f"light_{name}", str(DIMENSION_LABELS[name]), yours=new[0], theirs=old[0]))
    last = AuditEntry.objects.filter(entity_type="reporting.statusreport", entity_id=report.pk).first()
    return StaleEdit(error.conflicts, fresh.version, str(last.actor) if last and last.actor else "")


# ── overrides ────────────────────────────────────────────────────────────────────────────────────


def confirm_override(*, report: StatusReport, dimension: str, by: User) -> ReportedLight:
    """The PMO confirms a light that is better than computed. Errors: ``NotAllowed`` (also for one's own), ``WrongState``."""
    return _decide(report, dimension, by, confirmed=True)


def reject_override(*, report: StatusReport, dimension: str, by: User, reason: str = "") -> ReportedLight:
    """The PMO refuses: the computed light counts again."""
    return _decide(report, dimension, by, confirmed=False, reason=reason)


def _decide(report: StatusReport, dimension: str, by: User, *, confirmed: bool, reason: str = "") -> ReportedLight:
    with transaction.atomic():
        current = selectors.reports().select_for_update(of=("self",)).get(pk=report.pk)
        require(by, "confirm", current)
        if current.state in {"published", "superseded"}:
            raise WrongState(_("A published report never changes."), code="immutable")
        if is_author(current, by):
            raise NotAllowed(
                _("Whoever wrote the report may not confirm its lights."), _("Another person of the PMO must do this.")
            )
        rows = {light.dimension: light for light in current.lights.all()}
        row = rows.get(dimension)
        if row is None or not row.pending:
            raise WrongState(_("This light does not wait for a confirmation."), code="not_pending")
        followed = rows["overall"].value == rows["overall"].computed
        old = row.effective
        if confirmed:
            row.confirmed_by, row.confirmed_at = by, timezone.now()
        else:
            row.value = row.computed
        if dimension != "overall":
            _overall(rows, followed)
        live = live_of([current.project], current.data_date)[current.project_id]
        numbers = numbers_from(current.figures or {}, current.gates or [], live.calendar)
        for light in {row, rows["overall"]}:
            set_arrow(light, live, numbers)
            light.save()
        StatusReport.objects.filter(pk=current.pk).update(version=current.version + 1, updated_at=timezone.now())
        verb = "confirm_override" if confirmed else "reject_override"
        record(current, by=by, verb=verb, changes={f"light.{dimension}": [old, row.effective]}, reason=reason)
    return row


def is_author(report: StatusReport, by: User | None) -> bool:
    return by is not None and report.author is not None and report.author.user_id == by.pk


# ── steps ────────────────────────────────────────────────────────────────────────────────────────


def submit_report(*, report: StatusReport, by: User | None, version: int | None = None) -> StatusReport:
    """Draft → submitted (or missed → submitted late). Errors: ``WrongState`` naming everything that is missing."""
    step = "submit_late" if report.state == "missed" else "submit"
    if report.state == "returned":
        report = _step(report, "rework", by, version)
        version = None
    return _step(report, step, by, version)


def accept_report(*, report: StatusReport, by: User | None, version: int | None = None) -> StatusReport:
    """Submitted → accepted, by another person than the author."""
    return _step(report, "accept", by, version)


def return_report(*, report: StatusReport, by: User | None, reason: str, version: int | None = None) -> StatusReport:
    """Submitted → returned with a reason; the author has four working hours."""
    return _step(report, "return", by, version, reason)


def publish_report(*, report: StatusReport, by: User | None, version: int | None = None) -> StatusReport:
    """Accepted → published: frozen snapshot, dated status and figures, all in one transaction; exactly once."""
    return _step(report, "publish", by, version)


def _step(report: StatusReport, step: str, by: User | None, version: int | None, reason: str = "") -> StatusReport:
    with transaction.atomic():
        locked = selectors.reports().select_for_update(of=("self",)).get(pk=report.pk)
        if version is not None and version != locked.version:
            raise StaleEdit([], locked.version, _last_actor(locked))
        return advance(locked, step, by=by, version=locked.version, reason=reason)


def _last_actor(report: StatusReport) -> str:
    last = AuditEntry.objects.filter(entity_type="reporting.statusreport", entity_id=report.pk).first()
    return str(last.actor) if last and last.actor else ""


def correct_report(*, report: StatusReport, by: User, reason: str) -> StatusReport:
    """Start the next edition of a published report: a draft with the same content, which supersedes it when published.

    Errors: ``NotAllowed``, ``WrongState`` (not published, or a correction is under way), ``Invalid`` (no reason).
    """
    with transaction.atomic():
        current = selectors.reports().select_for_update(of=("self",)).get(pk=report.pk)
        require(by, "publish", current)
        if not reason.strip():
            raise Invalid({"reason": [_("Please give a reason.")]})
        if current.state != "published":
            raise WrongState(_("Only a published report can be corrected."))
        if StatusReport.objects.filter(
            project=current.project, data_date=current.data_date, edition__gt=current.edition
        ).exists():
            raise WrongState(_("A correction of this report is under way already."), _("Open it."), code="exists")
        copy = StatusReport(
            key=next_keys(StatusReport.KEY_PREFIX)[0], project=current.project, cycle=current.cycle,
            data_date=current.data_date, author=current.author, owner=current.owner, late=current.late,
            confidentiality=current.confidentiality, edition=current.edition + 1, prefilled=current.prefilled,
            return_note=reason.strip(), **{name: getattr(current, name) for name in FIELDS},
        )  # fmt: skip
        copy.save(force_insert=True)
        for light in current.lights.all():
            light.pk = None
            light.report = copy
            light.save(force_insert=True)
        record(copy, by=by, verb="correct", changes={"edition": [current.edition, copy.edition]}, reason=reason)
    return copy
