"""Pages of the import: drop a file, choose columns, preview, apply, result with undo."""

from __future__ import annotations

import csv
import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stellwerk.core.access import access, actor
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.jobs import enqueue
from stellwerk.core.models import ChangeSet, Job, User
from stellwerk.core.models.history import ChangeSetState
from stellwerk.core.pages.fields import DayField
from stellwerk.core.permissions import can, visible_rows
from stellwerk.core.tabular import UnusableFile
from stellwerk.core.text import quoted
from stellwerk.portfolio.choices import PHASES, Light
from stellwerk.portfolio.importing import drafts
from stellwerk.portfolio.importing.fields import ATTRIBUTE_LABEL, BY_CODE, FIELDS, KEEP
from stellwerk.portfolio.importing.mapping import as_rows
from stellwerk.portfolio.importing.options import FACTORS, Options, read_options
from stellwerk.portfolio.importing.undo import KIND
from stellwerk.portfolio.importing.writing import StalePlan
from stellwerk.portfolio.models import Portfolio

NEW, FIRST = "+", "PORTFOLIO"
SHOWN_ROWS = 6
LIGHTS = [(light.value, light.label) for light in (Light.RED, Light.AMBER, Light.GREEN)]
ACCEPT = ".csv,.tsv,.txt,.xlsx,.xlsm,.xlsb,.xls,.ods,.json"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class StartForm(forms.Form):
    portfolio = forms.ChoiceField(label=gettext_lazy("Portfolio"))
    new_portfolio = forms.CharField(
        label=gettext_lazy("Key of the new portfolio"), max_length=40, required=False,
        help_text=gettext_lazy("Only for a new one, short and without spaces, for example ANLAGEN."),
    )  # fmt: skip
    as_of = DayField(
        label=gettext_lazy("Data date"), required=False,
        help_text=gettext_lazy("Empty: from a date column, else from the name of the file, else today."),
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = visible_rows(user, Portfolio.objects.filter(archived_at__isnull=True), "import").order_by("name")
        choices = [(row.key, f"{row.key} · {row.name}") for row in rows]
        if can(user, "create", "portfolio.portfolio"):
            choices.append((NEW, _("A new portfolio")))
            if len(choices) == 1:  # the very first one: nobody must think of a key before they have seen anything
                self.fields["new_portfolio"].initial = FIRST
        field = self.fields["portfolio"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("portfolio") == NEW and not (data.get("new_portfolio") or "").strip():
            self.add_error("new_portfolio", _("Give the new portfolio a key."))
        return data

    @property
    def key(self) -> str:
        chosen = self.cleaned_data["portfolio"]
        return str(self.cleaned_data["new_portfolio"]).strip() if chosen == NEW else str(chosen)


class OptionsForm(forms.Form):
    as_of = DayField(label=gettext_lazy("Data date"), required=False)
    factor = forms.TypedChoiceField(
        label=gettext_lazy("Amounts without a unit are"), required=False, coerce=int, empty_value=None
    )
    currency = forms.CharField(label=gettext_lazy("Currency of amounts that name none"), required=False, max_length=3)
    decimal_sign = forms.ChoiceField(
        label=gettext_lazy("Decimal sign"), required=False,
        choices=[("", gettext_lazy("as the column shows")), (",", gettext_lazy("comma (1.234,50)")), (".", gettext_lazy("point (1,234.50)"))],
    )  # fmt: skip
    day_first = forms.ChoiceField(
        label=gettext_lazy("Dates such as 04/05/2026"), required=False,
        choices=[("", gettext_lazy("as the column shows")), ("1", gettext_lazy("day first (4 May)")), ("0", gettext_lazy("month first (April 5)"))],
    )  # fmt: skip
    orientation = forms.ChoiceField(
        label=gettext_lazy("One project per"), required=False,
        choices=[("", gettext_lazy("as recognised")), ("rows", gettext_lazy("row")), ("columns", gettext_lazy("column"))],
    )  # fmt: skip
    sheet = forms.ChoiceField(label=gettext_lazy("Sheet"), required=False)
    strict = forms.BooleanField(
        label=gettext_lazy("All or nothing: take no row if anything is rejected"), required=False
    )
    create_programmes = forms.BooleanField(
        label=gettext_lazy("Create programmes that do not exist yet"), required=False
    )

    def __init__(self, *args: Any, sheets: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = {
            1: _("whole units of currency"),
            1_000: _("thousands"),
            1_000_000: _("millions"),
            1_000_000_000: _("billions"),
        }
        factor, sheet = self.fields["factor"], self.fields["sheet"]
        assert isinstance(factor, forms.TypedChoiceField) and isinstance(sheet, forms.ChoiceField)
        factor.choices = [("", _("as headings and cells say")), *((value, names[value]) for value in FACTORS)]
        sheet.choices = [
            ("", _("the one that looks most like a portfolio")),
            *((name, name) for name in sheets if name),
        ]
        if len(sheets) < 2:
            del self.fields["sheet"]

    def options(self, before: Options) -> Options:
        """The chosen options over those that this form does not show. Errors: ``Invalid`` at ``mapping``."""
        data = self.cleaned_data
        values: dict[str, Any] = {
            "as_of": data["as_of"], "factor": data["factor"], "currency": data["currency"], "decimal_sign": data["decimal_sign"] or None,
            "day_first": {"1": True, "0": False}.get(data["day_first"]), "orientation": data["orientation"] or None,
            "sheet": data.get("sheet") or None, "strict": data["strict"], "create_programmes": data["create_programmes"],
        }  # fmt: skip
        kept = {
            "answers": before.answers,
            "phases": before.phases,
            "light_numbers": before.light_numbers,
            "unsure": before.unsure,
        }
        return read_options({**kept, **values})


def _draft(request: HttpRequest, uid: uuid.UUID) -> ChangeSet:
    """One's own import; those of others stand under changes."""
    found = ChangeSet.objects.filter(uid=uid, kind=KIND, created_by=actor(request)).first()
    if found is None:
        raise Http404(_("This page does not exist, or you may not see it."))
    return found


def _to(name: str, draft: ChangeSet) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(f"portfolio:{name}", args=[draft.uid]))


@require_http_methods(["GET", "HEAD", "POST"])
@access("import", "portfolio.portfolio")
def start(request: HttpRequest) -> HttpResponse:
    """Step 1: the file and the portfolio."""
    user = actor(request)
    form = StartForm(request.POST or None, user=user, initial={"portfolio": request.GET.get("portfolio", "")})
    file_error = ""
    if request.method == "POST":
        file = request.FILES.get("file")
        if not isinstance(file, UploadedFile):
            file_error = _("Choose a file first.")
        if form.is_valid() and isinstance(file, UploadedFile):
            try:
                draft = drafts.start_import(
                    file=file, portfolio_key=form.key, as_of=form.cleaned_data["as_of"], by=user
                )
            except Invalid as refusal:
                file_error = " ".join(refusal.errors.pop("file", []))
                for texts in refusal.errors.values():
                    form.add_error(None, " ".join(texts))
            else:
                return _to("import-columns", draft)
    running = ChangeSet.objects.filter(kind=KIND, created_by=user, state=ChangeSetState.PREVIEWED)[:5]
    context = {
        "form": form, "file_error": file_error, "accept": ACCEPT, "drafts": [row for row in running if row.plan.get("upload")],
        "limit": settings.UPLOAD_LIMIT_BYTES, "new": NEW,
    }  # fmt: skip
    return render(request, "portfolio/import_start.html", context, status=422 if file_error or form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@access("import", "portfolio.portfolio")
def columns(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Step 2: what each column is, units, dates, sheet."""
    draft = _draft(request, uid)
    if draft.state != ChangeSetState.PREVIEWED or not draft.plan.get("upload"):
        return _to("import-preview", draft)
    try:
        source, mapped, options = drafts.look(draft)
    except UnusableFile as refusal:
        return render(request, "portfolio/import_columns.html", {"draft": draft, "failure": str(refusal)}, status=422)
    form = OptionsForm(request.POST or None, sheets=source.sheets, initial=_initial(options))
    problem = ""
    if request.method == "POST" and form.is_valid():
        chosen = {column.name: _code(request.POST.get(f"c{column.index}", "")) for column in source.table.columns}
        try:
            new = form.options(options)
        except Invalid as refusal:
            problem = " ".join(text for texts in refusal.errors.values() for text in texts)
        else:
            again = (new.orientation, new.sheet) != (options.orientation, options.sheet)
            problem = "" if again else _problem(chosen)
            if not problem:
                drafts.choose(draft, columns=None if again else chosen, options=new)
                if again:
                    draft.plan.pop("columns", None)
                    draft.save(update_fields=["plan"])
                    return _to("import-columns", draft)
                return _preview(request, draft)
    rows = as_rows(mapped, source.table)
    if request.method == "POST":
        for row in rows:
            row["code"] = request.POST.get(f"c{row['index']}", row["code"])
    context = {
        "draft": draft, "form": form, "rows": rows, "groups": _groups(), "keep": KEEP, "keep_label": ATTRIBUTE_LABEL,
        "table": source.table, "problem": problem, "reused": mapped.reused, "sheets": source.sheets,
        "sideways": source.table.orientation == "columns", "named_day": source.named_day,
        "others": [name for name in source.sheets if name != source.table.sheet][:12], "alike": source.alike[:12],
    }  # fmt: skip
    return render(request, "portfolio/import_columns.html", context, status=422 if problem or form.errors else 200)


def _initial(options: Options) -> dict[str, Any]:
    return {
        "as_of": options.as_of, "factor": options.factor or "", "currency": options.currency or "", "decimal_sign": options.decimal_sign or "",
        "day_first": {True: "1", False: "0"}.get(options.day_first, "") if options.day_first is not None else "",
        "orientation": options.orientation or "", "sheet": options.sheet or "", "strict": options.strict,
        "create_programmes": options.create_programmes,
    }  # fmt: skip


def _code(value: str) -> str | None:
    return value if value in BY_CODE else None


def _problem(chosen: dict[str, str | None]) -> str:
    codes = [code for code in chosen.values() if code]
    twice = sorted({code for code in codes if codes.count(code) > 1 and not BY_CODE[code].many})
    if twice:
        names = quoted(BY_CODE[code].label for code in twice)
        return _("%(names)s: chosen for more than one column. Keep one of them.") % {"names": names}
    if "name" not in codes and "key" not in codes:
        return _("No column holds the names or keys of the projects. Choose one.")
    return ""


def _groups() -> list[dict[str, Any]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for field in FIELDS:
        found.setdefault(str(field.group), []).append((field.code, str(field.label)))
    return [{"label": label, "fields": fields} for label, fields in found.items()]


def _preview(request: HttpRequest, draft: ChangeSet) -> HttpResponse:
    user = actor(request)
    if drafts.is_large(draft):
        job = enqueue(
            "portfolio.import_preview",
            {"change_set": draft.pk},
            user=user,
            unique_key=f"import-{draft.uid}",
            title=draft.title,
        )
        draft.plan |= {"stage": "working", "job": str(job.uid)}
        draft.save(update_fields=["plan"])
    else:
        drafts.run_preview(draft, by=user)
    return _to("import-preview", draft)


@require_http_methods(["GET", "HEAD", "POST"])
@access("import", "portfolio.portfolio")
def preview(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Step 3: what would change, with questions; after applying: what has changed, with undo."""
    draft = _draft(request, uid)
    if request.method == "POST":
        answers = {name[2:]: value for name, value in request.POST.items() if name.startswith("a_") and value}
        drafts.answer(
            draft,
            answers={k: str(v) for k, v in answers.items()},
            phases=_meanings(request, draft, "phases", dict(PHASES)),
            lights=_meanings(request, draft, "lights", dict(LIGHTS)),
        )
        return _preview(request, draft)
    if draft.state == ChangeSetState.PREVIEWED and draft.plan.get("stage") == "columns":
        return _to("import-columns", draft)
    return _show(request, draft)


def _meanings(request: HttpRequest, draft: ChangeSet, name: str, known: Mapping[str, Any]) -> dict[str, str]:
    """What the user says that the words of the file mean, as far as that is one of ``known``."""
    words = draft.plan.get("preview", {}).get(name, [])
    chosen = {word: request.POST.get(f"{name}_{i}", "") for i, word in enumerate(words)}
    return {word: code for word, code in chosen.items() if code in known}


def _show(request: HttpRequest, draft: ChangeSet, refusal: Refused | None = None) -> HttpResponse:
    shown = draft.plan if draft.state != ChangeSetState.PREVIEWED else draft.plan.get("preview", {})
    unsure = shown.get("unsure", [])
    answered = drafts.options_of(draft).answers
    job = Job.objects.filter(uid=draft.plan["job"], user=actor(request)).first() if draft.plan.get("job") else None
    context = {
        "draft": draft, "plan": draft.plan, "shown": shown, "preview": draft.plan.get("preview", {}), "refusal": refusal, "job": job,
        "open": draft.state == ChangeSetState.PREVIEWED, "working": job is not None and not job.finished,
        "job_failed": job is not None and job.state == "failed",
        "unsure": [{**row, "answer": answered.get(str(row["row"]), "")} for row in unsure[:200]],
        "rejected": _gathered(shown.get("rejected", []))[:100], "phases": PHASES, "lights": LIGHTS,
        "days": [dt.date.fromisoformat(day) for day in shown.get("dates", [])],
        "portfolio": Portfolio.objects.filter(key=draft.plan.get("portfolio", "")).first(),
        "result": shown.get("result", {}),
    }  # fmt: skip
    return render(request, "portfolio/import_preview.html", context, status=refusal.status if refusal else 200)


def _gathered(rejected: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was rejected, the same value for the same reason once, with the rows where it stands."""
    found: dict[tuple[str, str, str], list[Any]] = {}
    for one in rejected:
        found.setdefault((str(one["column"]), str(one["value"]), str(one["reason"])), []).append(one["row"])
    return [
        {
            "column": column, "value": value, "reason": reason, "count": len(rows), "more": len(rows) > SHOWN_ROWS,
            "rows": ", ".join(map(str, rows[:SHOWN_ROWS])) + (" …" if len(rows) > SHOWN_ROWS else ""),
        }
        for (column, value, reason), rows in found.items()
    ]  # fmt: skip


@require_POST
@access("import", "portfolio.portfolio")
def apply(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Write what was previewed; large files in the background."""
    draft = _draft(request, uid)
    user = actor(request)
    if drafts.is_large(draft) and draft.state == ChangeSetState.PREVIEWED:
        job = enqueue(
            "portfolio.import_apply",
            {"change_set": draft.pk},
            user=user,
            unique_key=f"import-{draft.uid}",
            title=draft.title,
        )
        draft.plan |= {"job": str(job.uid), "stale": False}
        draft.save(update_fields=["plan"])
        return _to("import-preview", draft)
    try:
        drafts.run_apply(draft, by=user)
    except StalePlan as refusal:
        return _show(request, draft, refusal)
    except (Refused, UnusableFile) as refusal:
        draft.refresh_from_db()
        told = refusal if isinstance(refusal, Refused) else Refused(str(refusal))
        return _show(request, draft, told)
    messages.success(request, _("The import is done."))
    return _to("import-preview", draft)


@require_safe
@access("import", "portfolio.portfolio")
def rejected(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """The rejected values as CSV, safe to open in a spreadsheet program."""
    draft = _draft(request, uid)
    shown = draft.plan if draft.state != ChangeSetState.PREVIEWED else draft.plan.get("preview", {})
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="rejected.csv"'
    writer = csv.writer(response, delimiter=";")
    writer.writerow([_("Row"), _("Column"), _("Value"), _("Reason")])
    for row in shown.get("rejected", []):
        writer.writerow([row["row"], *(_plain(str(row[name])) for name in ("column", "value", "reason"))])
    return response


def _plain(text: str) -> str:
    return "'" + text if text.startswith(_FORMULA) else text
