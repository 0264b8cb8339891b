"""An import on its way through the pages: uploaded, columns chosen, previewed, applied. Kept in a previewed change set."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import changesets, formats
from stellwerk.core.attachments import safe_name
from stellwerk.core.erasure import emptied_folder
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import ChangeSet, User
from stellwerk.core.models.history import ChangeSetState
from stellwerk.core.tabular import UnusableFile
from stellwerk.portfolio.choices import PHASES
from stellwerk.portfolio.importing.changes import Change
from stellwerk.portfolio.importing.fields import BY_CODE
from stellwerk.portfolio.importing.mapping import Mapped, map_columns, stored_wishes
from stellwerk.portfolio.importing.options import Options, Wishes, read_options
from stellwerk.portfolio.importing.plan import Plan, Tell
from stellwerk.portfolio.importing.runs import apply_import, plan_import, portfolio_for, summary
from stellwerk.portfolio.importing.source import Source, open_source
from stellwerk.portfolio.importing.undo import KIND
from stellwerk.portfolio.importing.writing import StalePlan
from stellwerk.portfolio.models import Project

LARGE = 3_000_000
"""Bytes from which reading and writing run in the background."""
SHOWN_NEW = 8
SHOWN_CHANGES = 25
KEPT_DAYS = 14
FOLDER = emptied_folder("imports")


def start_import(*, file: UploadedFile[Any], portfolio_key: str, as_of: dt.date | None, by: User) -> ChangeSet:
    """Keep an uploaded file for the next steps.

    Errors: ``Invalid`` at ``file`` (empty, too large, no table) or ``portfolio``, ``NotAllowed``, ``Refused``.
    """
    portfolio_for(portfolio_key, by)
    limit = settings.UPLOAD_LIMIT_BYTES
    if (file.size or 0) > limit:
        size = formats.number(limit / 1024 / 1024)
        raise Invalid(
            {
                "file": [
                    _(
                        "This file is larger than %(size)s MB. Split it, or use the command “stellwerk import portfolio”."
                    )
                    % {"size": size}
                ]
            }
        )
    name = safe_name(file.name or "")
    source = None
    if (file.size or 0) < LARGE:
        source = _readable(file, name)
    draft = changesets.preview(
        kind=KIND,
        title=_("Import of %(file)s into %(portfolio)s") % {"file": name, "portfolio": portfolio_key},
        plan={},
        by=by,
    )
    file.seek(0)
    stored = default_storage.save(f"{FOLDER}/{draft.uid}{PurePath(name).suffix.lower()[:8]}", file)
    options = Options(as_of=as_of)
    known = source is not None and stored_wishes(source.table) is not None
    draft.plan = {
        "upload": stored, "file": name, "size": file.size or 0, "portfolio": portfolio_key.strip(), "options": options.as_json(),
        "stage": "columns", "familiar": known,
    }  # fmt: skip
    draft.save(update_fields=["plan"])
    return draft


def _readable(file: UploadedFile[Any], name: str) -> Source:
    try:
        file.seek(0)
        return open_source(file, name=name, options=Options())
    except UnusableFile as refusal:
        raise Invalid({"file": [str(refusal)]}) from refusal


def options_of(draft: ChangeSet) -> Options:
    return read_options(draft.plan.get("options", {}))


def wishes_of(draft: ChangeSet) -> Wishes:
    return Wishes(draft.plan.get("columns") or {}, options_of(draft))


def look(draft: ChangeSet) -> tuple[Source, Mapped, Options]:
    """The table of the file and what each column would become. Errors: ``UnusableFile``, ``Refused`` (file gone)."""
    options = options_of(draft)
    with _upload(draft) as stream:
        source = open_source(stream, name=draft.plan["file"], options=options)
    stored = stored_wishes(source.table)
    if stored is not None and "columns" not in draft.plan:
        options = options.over(stored.options)
    mapped = map_columns(
        source.table, wishes=Wishes(draft.plan.get("columns") or {}), stored=stored or source.wishes, options=options,
        told=source.told_unit,
    )  # fmt: skip
    return source, mapped, options


def _upload(draft: ChangeSet) -> Any:
    try:
        return default_storage.open(draft.plan["upload"], "rb")
    except (KeyError, OSError) as error:
        raise Refused(_("The uploaded file is no longer there."), _("Choose it again."), code="upload_gone") from error


def is_large(draft: ChangeSet) -> bool:
    return int(draft.plan.get("size", 0)) >= LARGE


def choose(draft: ChangeSet, *, columns: Mapping[str, str | None] | None, options: Options) -> None:
    """Keep the user's choice; the preview made before no longer counts."""
    _must_be_open(draft)
    draft.plan["options"] = options.as_json()
    if columns is not None:
        draft.plan["columns"] = dict(columns)
    for name in ("preview", "digest", "failure", "job", "stale"):
        draft.plan.pop(name, None)
    draft.save(update_fields=["plan"])


def answer(
    draft: ChangeSet, *, answers: Mapping[str, str], phases: Mapping[str, str], lights: Mapping[str, str]
) -> None:
    """Keep answers to unsure matches and to unknown words for phases and lights."""
    options = options_of(draft)
    known = {
        **options.as_json(),
        "answers": {**options.answers, **answers},
        "phases": {**options.phases, **phases},
        "light_numbers": {**options.light_numbers, **lights},
    }
    choose(draft, columns=None, options=read_options(known))


def _must_be_open(draft: ChangeSet) -> None:
    if draft.state != ChangeSetState.PREVIEWED:
        raise Refused(_("This import has been applied or discarded already."), code="wrong_state")


def run_preview(draft: ChangeSet, *, by: User, tell: Tell | None = None) -> Plan | None:
    """Work out what the import would do and keep it for the page; a file that cannot be used is kept as failure."""
    _must_be_open(draft)
    try:
        with _upload(draft) as stream:
            plan = plan_import(
                file=stream, name=draft.plan["file"], portfolio_key=draft.plan["portfolio"], by=by, wishes=wishes_of(draft),
                options=options_of(draft), tell=tell,
            )  # fmt: skip
    except (UnusableFile, Invalid) as refusal:
        draft.plan |= {"stage": "failed", "failure": str(refusal)}
        draft.save(update_fields=["plan"])
        return None
    draft.plan |= {"stage": "preview", "preview": preview_of(plan), "digest": plan.digest, "failure": ""}
    draft.save(update_fields=["plan"])
    return plan


def run_apply(draft: ChangeSet, *, by: User, tell: Tell | None = None) -> ChangeSet:
    """Write what was previewed. If the portfolio changed since, a new preview is kept and ``StalePlan`` raised."""
    _must_be_open(draft)
    with _upload(draft) as stream:
        plan = plan_import(
            file=stream, name=draft.plan["file"], portfolio_key=draft.plan["portfolio"], by=by, wishes=wishes_of(draft),
            options=options_of(draft), tell=tell,
        )  # fmt: skip
    try:
        if plan.digest != draft.plan.get("digest"):
            raise StalePlan
        applied = apply_import(plan=plan, by=by, change_set=draft, tell=tell)
    except StalePlan:
        run_preview(draft, by=by)
        draft.plan["stale"] = True
        draft.save(update_fields=["plan"])
        raise
    assert applied is not None
    forget_upload(applied)
    return applied


def forget_upload(draft: ChangeSet) -> None:
    """The file has done its service."""
    name = draft.plan.pop("upload", "")
    if name:
        default_storage.delete(name)
        ChangeSet.objects.filter(pk=draft.pk).update(plan=draft.plan)


def tidy(today: dt.datetime | None = None) -> int:
    """Discard previews that nobody applied within two weeks, with their files; returns how many."""
    limit = (today or timezone.now()) - dt.timedelta(days=KEPT_DAYS)
    old = ChangeSet.objects.filter(kind=KIND, state=ChangeSetState.PREVIEWED, created_at__lt=limit)
    for draft in old:
        forget_upload(draft)
        ChangeSet.objects.filter(pk=draft.pk).update(state=ChangeSetState.DISCARDED)
    return len(old)


# ── what the preview page shows ──────────────────────────────────────────────────────────────────


def preview_of(plan: Plan) -> dict[str, Any]:
    """The plan in words and numbers, small enough to keep."""
    return {
        **summary(plan),
        "new": [_new(entry.newest) for entry in plan.new[:SHOWN_NEW]],
        "changes": [_changed(change) for change in plan.changes if change.master or change.gates][:SHOWN_CHANGES],
        "changes_count": sum(1 for change in plan.changes if change.master or change.gates),
        "only_statuses": sum(1 for change in plan.changes if not change.master and not change.gates),
        "totals": totals(plan),
        "phases": [word for word, _count in plan.records.unknown_phases.most_common(20)],
        "lights": [word for word, _count in plan.records.unknown_lights.most_common(20)],
        "nothing": plan.nothing_to_do, "creates_portfolio": plan.fingerprint == "",
    }  # fmt: skip


def _new(row: Any) -> dict[str, Any]:
    lights = {figure[0]: (figure[1], figure[3]) for figure in row.figures if figure[0] == "light.overall"}
    light, reported = lights.get("light.overall", ("", ""))
    finish = row.master.get("finish_actual") or row.master.get("finish_forecast") or row.master.get("finish_baseline")
    return {
        "row": row.number, "key": row.key, "name": row.name, "light": light, "reported": reported,
        "finish": formats.day(dt.date.fromisoformat(finish)) if finish else "",
        "budget": row.master.get("budget"), "currency": row.currency, "department": row.master.get("department", ""),
        "manager": row.master.get("manager_name", ""),
    }  # fmt: skip


def _changed(change: Change) -> dict[str, Any]:
    diffs = [
        {"label": str(Project._meta.get_field(name).verbose_name), "old": in_words(name, change.before.get(name), change), "new": in_words(name, value, change)}  # type: ignore[union-attr]
        for name, value in sorted(change.master.items(), key=_telling) if name not in ("attributes", "programme")
    ]  # fmt: skip
    diffs += [
        {"label": code, "old": "", "new": formats.day(dt.date.fromisoformat(day))} for code, day in change.gates.items()
    ]
    return {"key": change.key, "name": change.entry.newest.name, "row": change.entry.newest.number, "diffs": diffs}


_TELLING = (
    "name",
    "phase",
    "finish_actual",
    "finish_forecast",
    "finish_baseline",
    "budget",
    "manager_name",
    "sponsor_name",
)


def _telling(item: tuple[str, Any]) -> tuple[int, str]:
    """What decides first, long texts last."""
    name = item[0]
    return (_TELLING.index(name) if name in _TELLING else 99 if name == "description" else 50), name


def in_words(name: str, value: Any, change: Change) -> str:
    """A value of master data as people read it."""
    if value in (None, ""):
        return formats.NO_DATA
    if name == "budget":
        return formats.money(int(value), change.entry.newest.currency or "EUR", unit="auto")
    if name.startswith(("start_", "finish_")):
        return formats.day(dt.date.fromisoformat(value))
    if name == "phase":
        return str(dict(PHASES).get(value, value))
    text = str(value)
    return text if len(text) <= 70 else text[:69] + "…"


def totals(plan: Plan) -> dict[str, Any]:
    """What the file says in all: lights by reported value, sums of money; to be compared with the file at a glance."""
    lights: Counter[tuple[str, str]] = Counter()
    sums: Counter[tuple[str, str]] = Counter()
    for row in plan.records.rows:
        if row.refused is not None:
            continue
        for figure in row.figures:
            if figure[0] == "light.overall":
                lights[figure[1], figure[3]] += 1
            elif figure[4] is not None:
                sums[figure[0], figure[5]] += figure[4]
    names = {field.figure: str(field.label) for field in BY_CODE.values() if field.target == "money"}
    return {
        "lights": [
            {"light": light, "reported": reported, "count": count}
            for (light, reported), count in lights.most_common(12)
        ],
        "sums": [
            {"label": names[code], "currency": currency, "amount": amount} for (code, currency), amount in sums.items()
        ],
    }
