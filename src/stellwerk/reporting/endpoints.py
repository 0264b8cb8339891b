"""Cycles, status reports, decks and deck templates in the API."""

# No ``from __future__ import annotations`` here: ninja reads the annotations.

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from stellwerk.core.access import actor, fetch
from stellwerk.core.api.auth import check_scope
from stellwerk.core.api.jobs import JobOut, job_shown
from stellwerk.core.api.once import once
from stellwerk.core.api.resources import Action, Child, Resource, add_resource
from stellwerk.core.api.schemas import PROBLEMS, VERSION, Day, ReasonIn, Strict
from stellwerk.core.errors import Invalid
from stellwerk.core.models import User
from stellwerk.core.pages.rows import Rows
from stellwerk.core.permissions import require
from stellwerk.core.registry import FIGURES
from stellwerk.core.snapshots import contents, intact
from stellwerk.people.models import Organisation
from stellwerk.portfolio.choices import DIMENSIONS
from stellwerk.portfolio.models import Portfolio
from stellwerk.reporting import selectors, services
from stellwerk.reporting.live import TYPED_CODES
from stellwerk.reporting.models import LIST_LENGTH, Cycle, CycleStep, DeckTemplate, ReportedLight, StatusReport
from stellwerk.reporting.services import decks

router = Router()
BASE = ("key", "version", "confidentiality", "owner", "archived_at", "created_at", "updated_at")
COMMON = ("key", "confidentiality", "owner")
LINE = 300
Dimension = Literal["overall", "schedule", "cost", "scope", "quality", "resources", "risk"]
assert set(DIMENSIONS) < set(Dimension.__args__)  # type: ignore[attr-defined]


# ── status reports ───────────────────────────────────────────────────────────────────────────────


class LightIn(Strict):
    value: Literal["red", "amber", "green", "grey", ""]
    reason: str = Field("", max_length=5000, description="Needed where it differs from the computed light.")


class DecisionIn(Strict):
    question: str = Field(..., min_length=1, max_length=LINE)
    decided_by: str = Field("", max_length=LINE)
    due: Day | None = None
    impact: str = Field("", max_length=LINE)
    recommendation: str = Field("", max_length=LINE)


class PathIn(Strict):
    cause: str = Field("", max_length=LINE)
    measure: str = Field("", max_length=LINE)
    owner: str = Field("", max_length=LINE)
    due: Day | None = None
    help_needed: str = Field("", max_length=LINE)


class ReportGateIn(Strict):
    code: str = Field(..., min_length=1, max_length=12)
    forecast: Day | None = None
    actual: Day | None = None


class ReportChange(Strict):
    """What the report's form takes; only what is sent changes."""

    version: int | None = VERSION
    reason: str = Field("", max_length=5000)
    summary: str = Field("", max_length=600)
    achieved: list[str] = Field([], max_length=LIST_LENGTH)
    next_steps: list[str] = Field([], max_length=LIST_LENGTH)
    decisions: list[DecisionIn] = Field([], max_length=5)
    path_to_green: dict[Dimension, PathIn] = Field({})
    lights: dict[Dimension, LightIn] = Field({})
    figures: dict[Literal["bac", "ac", "commitment", "eac", "progress", "finish.forecast"], str | None] = Field(
        {}, description="Money in minor units, progress from 0 to 1, dates as ISO; null takes a correction away."
    )
    gates: list[ReportGateIn] = Field([], max_length=100)


class ReportStart(Strict):
    project: str = Field(..., min_length=1, max_length=40)
    data_date: Day | None = Field(None, description="Without: the open cycle's, else today.")


class ConfirmIn(Strict):
    dimension: Dimension
    reason: str = Field("", max_length=5000)


def _start(values: dict[str, Any], *, by: User) -> StatusReport:
    return services.start_report(project=values["project"], data_date=values.get("data_date"), by=by)


def _save(obj: Any, values: dict[str, Any], *, by: User, version: int | None, reason: str) -> StatusReport:
    lights = values.pop("lights", None)
    if "figures" in values:
        values["figures"] = _figures(obj, values["figures"] or {})
    if "gates" in values:
        values["gates"] = _gates(obj, values["gates"] or [])
    for name in ("decisions", "path_to_green"):
        if name in values:
            values[name] = _days_as_text(values[name])
    for name in ("achieved", "next_steps"):
        if name in values:
            values[name] = _points(name, values[name] or [])
    report = services.save_report(report=obj, values=values, lights=lights, by=by, version=version)
    return selectors.reports().get(pk=report.pk)


def _points(name: str, lines: list[str]) -> list[str]:
    if any(len(text) > LINE for text in lines):
        raise Invalid({name: [_("At most %(most)s characters a line.") % {"most": LINE}]})
    return [text.strip() for text in lines if text.strip()]


def _days_as_text(value: Any) -> Any:
    """Days are kept as ISO text, a missing one as an empty text."""
    if isinstance(value, list):
        return [_days_as_text(row) for row in value]
    if isinstance(value, dict):
        return {key: "" if part is None else _days_as_text(part) for key, part in value.items()}
    return value.isoformat() if isinstance(value, dt.date) else value


def _figures(report: StatusReport, given: dict[str, str | None]) -> dict[str, Any]:
    entries = {code: dict(entry) for code, entry in (report.figures or {}).items()}
    for code, text in given.items():
        entry = entries.get(code, {})
        if code not in TYPED_CODES or (entry.get("source") == "computed" and not entry.get("typed")):
            raise Invalid({"figures": [_("“%(code)s” is computed and cannot be typed.") % {"code": code}]})
        if text is None or text == "":
            entries.pop(code, None)
            continue
        value = _canonical(code, text)
        if value == entry.get("value"):
            continue
        unit = (entry.get("unit") or report.project.currency or "EUR") if FIGURES[code].kind == "money" else ""
        entries[code] = {
            "value": value, "unit": unit, "source": "reported", "label": report.key, "url": "",
            "on": report.data_date.isoformat(), "typed": True,
        }  # fmt: skip
    return entries


def _canonical(code: str, text: str) -> str:
    wrong = Invalid({"figures": [_("“%(text)s” cannot be read for “%(code)s”.") % {"text": text[:40], "code": code}]})
    try:
        if FIGURES[code].kind == "date":
            return dt.date.fromisoformat(text).isoformat()
        number = Decimal(text)
    except (ValueError, InvalidOperation) as error:
        raise wrong from error
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15 or number.as_tuple().exponent < -12:  # type: ignore[operator]
        raise wrong
    if FIGURES[code].kind == "money":
        if number != number.to_integral_value():
            raise wrong
        return str(int(number))
    return format(number.normalize(), "f")


def _gates(report: StatusReport, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    wanted = {row["code"]: row for row in given}
    unknown = set(wanted) - {gate["code"] for gate in report.gates or []}
    if unknown:
        raise Invalid({"gates": [_("The report has no gate “%(code)s”.") % {"code": ", ".join(sorted(unknown))}]})
    rows = []
    for gate in report.gates or []:
        row = dict(gate)
        for name in ("forecast", "actual"):
            new = wanted.get(gate["code"], {}).get(name)
            if new is not None and new.isoformat() != gate.get(name):
                if gate.get("plan"):
                    raise Invalid(
                        {"gates": [_("“%(name)s” comes from the plan: change it there.") % {"name": gate["name"]}]}
                    )
                row |= {name: new.isoformat(), "typed": True}
        if row.get("actual") and row["actual"] > report.data_date.isoformat():
            raise Invalid({"gates": [_("This day lies after the data date: enter it as forecast.")]})
        rows.append(row)
    return rows


def _confirm(obj: Any, data: Any, user: User) -> StatusReport:
    services.confirm_override(report=obj, dimension=data.dimension, by=user)
    return obj  # type: ignore[no-any-return]


def _reject(obj: Any, data: Any, user: User) -> StatusReport:
    services.reject_override(report=obj, dimension=data.dimension, by=user, reason=data.reason)
    return obj  # type: ignore[no-any-return]


def _correct(obj: Any, data: Any, user: User) -> StatusReport:
    return services.correct_report(report=obj, by=user, reason=data.reason)


def _published(report: StatusReport) -> dict[str, Any] | None:
    """The frozen payload as it was published, with its seal."""
    snapshot = report.snapshot
    if snapshot is None:
        return None
    return {
        "uid": str(snapshot.uid),
        "published_at": snapshot.published_at.isoformat(),
        "sha256": snapshot.digest,
        "intact": intact(snapshot),
        "payload": contents(snapshot)["data"],
    }


_TEXTS = ("summary", "achieved", "next_steps", "decisions", "path_to_green", "figures", "gates")
LIGHT_ROWS = Rows("lights", "", ReportedLight, (), "report")
_LIGHT = ("dimension", "value", "computed", "previous", "arrow", "note", "reason", "confirmed_by", "confirmed_at")
add_resource(
    router,
    Resource(
        StatusReport,
        "status-reports",
        read=(*BASE, "state", "late", "edition", "project", "cycle", "data_date", "author", *_TEXTS, "return_note"),
        computed={"published": (dict[str, Any] | None, _published)},
        start=ReportStart,
        change=ReportChange,
        create=_start,
        edit=_save,
        queryset=selectors.reports,
        children=(Child(LIGHT_ROWS, read=("id", *_LIGHT), write=False),),
        actions=(
            Action(
                "confirm-light", _confirm, ConfirmIn, verb="confirm", summary="Confirm a light better than computed"
            ),
            Action("reject-light", _reject, ConfirmIn, verb="confirm", summary="Refuse it: the computed light counts"),
            Action(
                "correct", _correct, ReasonIn, verb="publish", status=201, summary="Begin a correction: a new draft"
            ),
        ),
    ),
)


# ── cycles ───────────────────────────────────────────────────────────────────────────────────────


def _remind(obj: Any, data: Any, user: User) -> Cycle:
    services.remind_missing(cycle=obj, by=user)
    return obj  # type: ignore[no-any-return]


STEP_ROWS = Rows("steps", "", CycleStep, (), "cycle")
_CYCLE = ("portfolio", "number", "data_date", "meeting_date", "meeting_name")
add_resource(
    router,
    Resource(
        Cycle,
        "cycles",
        read=(*BASE, "state", *_CYCLE),
        write=(*COMMON, *_CYCLE),
        fixed=("key", "portfolio", "number", "data_date"),
        children=(Child(STEP_ROWS, read=("id", "code", "due_at", "done_at", "skipped"), write=False),),
        actions=(Action("remind", _remind, summary="Remind the managers whose reports are missing"),),
    ),
)


# ── decks ────────────────────────────────────────────────────────────────────────────────────────


class DeckIn(Strict):
    data_date: Day | None = Field(None, description="Without: the newest date with data.")
    lang: Literal["de", "en"] = "de"
    format: Literal["pptx", "pdf", "xlsx"] = "pptx"


@router.post(
    "/portfolios/{key}/decks", response={202: JobOut, **PROBLEMS}, tags=["Decks"], operation_id="render_deck",
    summary="Render the steering committee deck in the background",
    description="Poll `/jobs/{uid}`; when it is done, `/jobs/{uid}/content` is the file.",
)  # fmt: skip
@once
def render_deck(request: HttpRequest, key: str, data: DeckIn) -> Any:
    check_scope(request, "write", "portfolio.portfolio")
    user = actor(request)
    portfolio = fetch(user, Portfolio.objects.select_related("unit__organisation"), "export", key=_plain(key))
    job = decks.request_deck(portfolio=portfolio, data_date=data.data_date, lang=data.lang, fmt=data.format, by=user)
    return Status(202, job_shown(job))


def _plain(key: str) -> str:
    from stellwerk.core.api.values import refuse_unstorable

    refuse_unstorable("key", key)
    return key


def _use(obj: Any, data: Any, user: User) -> DeckTemplate:
    return decks.use_template(template=obj, active=True, by=user)


def _lay_aside(obj: Any, data: Any, user: User) -> DeckTemplate:
    return decks.use_template(template=obj, active=False, by=user)


TEMPLATES = Resource(
    DeckTemplate,
    "deck-templates",
    read=("id", "version", "organisation", "name", "active"),
    creatable=False,
    tag="Decks",
    actions=(
        Action("use", _use, summary="Use this template from now on"),
        Action("lay-aside", _lay_aside, summary="Use it no longer"),
    ),
)
FILE = File(..., description="A PowerPoint template (.pptx, .potx).")  # type: ignore[type-arg]


@router.post(
    "/deck-templates", response={201: dict[str, Any], **PROBLEMS}, tags=["Decks"], operation_id="create_deck_templates",
    summary="Upload a PowerPoint template (multipart/form-data)",
)  # fmt: skip
@once
def upload(
    request: HttpRequest,
    organisation: str = Form(..., min_length=1, max_length=40),  # type: ignore[type-arg]
    name: str = Form("", max_length=120),  # type: ignore[type-arg]
    file: UploadedFile = FILE,
) -> Any:
    check_scope(request, "write", "reporting.decktemplate")
    user = actor(request)
    require(user, "create", DeckTemplate)
    found = fetch(user, Organisation, key=_plain(organisation))
    made = decks.upload_template(organisation=found, name=_plain(name), file=file, by=user)
    return Status(201, TEMPLATES.shown(made, request))


add_resource(router, TEMPLATES)
