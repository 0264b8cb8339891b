"""People of a vacancy ranked with reasons, one match, all vacancies together, weights, and the log of scores."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.lists.views import list_page
from stellwerk.core.models import User
from stellwerk.core.permissions import can, visible
from stellwerk.core.registry import actions_for, panels_for, url_of
from stellwerk.portfolio.views.common import version_of
from stellwerk.staffing.forms_matching import AppointmentForm, EndForm, NoteForm, SwitchForm, WeightsForm
from stellwerk.staffing.mails_matching import client_name, cover_name
from stellwerk.staffing.models import Appointment, Match, Profile, ScoreLog, Vacancy, WeightSet
from stellwerk.staffing.reasons_matching import reason_words
from stellwerk.staffing.selectors.interview import guide
from stellwerk.staffing.selectors.matching import active_weights, matches_of, revealed_to, switched_on
from stellwerk.staffing.selectors.people_page import card_of, people_page
from stellwerk.staffing.selectors.pool import pool
from stellwerk.staffing.selectors.readers import is_client, is_inside, is_partner
from stellwerk.staffing.selectors.reviews import declined_by_reason
from stellwerk.staffing.selectors.weight_preview import preview, vacancies_for
from stellwerk.staffing.services import appointments, contacting, matching

MATCH = "staffing.match"


def titles() -> dict[str, str]:
    """Headings of the two tables of contributions."""
    return {
        "company_title": _("Company → person: what the job looks for"),
        "person_title": _("Person → job: what the person wishes"),
    }


@access("view", MATCH)
def match_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, MATCH)


# ── people of a vacancy ──────────────────────────────────────────────────────────────────────────


@access("create", MATCH)
def vacancy_people(request: HttpRequest, key: str) -> HttpResponse:
    """Ranked people with their reasons; partners and clients do not come here: they see what concerns them in the match."""
    user = actor(request)
    vacancy = fetch(user, Vacancy.objects.select_related("client", "demand__project"), key=key)
    if not can(user, "confirm", MATCH):
        raise Http404(_("This page does not exist, or you may not see it."))
    context: dict[str, Any] = {
        "object": vacancy,
        "vacancy": vacancy,
        "on": switched_on(),
        "weights": active_weights(),
    } | titles()
    if context["on"]:
        found = matching.compare_people(vacancy=vacancy, by=user)
        context |= people_page(found, matches_of(vacancy))
    else:
        rows = Profile.objects.filter(visible(user, Profile), state="active").order_by("last_name", "pk")[:200]
        context |= {"plain": list(rows), "matched": matches_of(vacancy)}
    return render(request, "staffing/people.html", context)


@require_POST
@access("create", MATCH)
def match_propose(request: HttpRequest, key: str) -> HttpResponse:
    """Propose a person for this vacancy, and ask both sides at once where the button says so."""
    user = actor(request)
    vacancy = fetch(user, Vacancy, key=key)
    profile = fetch(user, Profile, key=request.POST.get("profile", ""))
    try:
        match = matching.propose(vacancy=vacancy, profile=profile, by=user, override=request.POST.get("override", ""))
        if request.POST.get("ask") and can(user, "confirm", match):
            match = contacting.ask_both(match=match, by=user)
            messages.success(request, _("Both sides have been asked by mail."))
        else:
            messages.success(request, _("The person has been proposed for this vacancy."))
    except Refused as refusal:
        texts = [str(text) for rows in refusal.errors.values() for text in rows] if isinstance(refusal, Invalid) else []
        messages.error(request, " ".join([str(refusal.message), *texts, str(refusal.what_to_do or "")]).strip())
        page = (
            reverse("staffing:vacancy-people", args=[vacancy.key]) if can(user, "confirm", MATCH) else url_of(vacancy)
        )
        return HttpResponseRedirect(page)
    return HttpResponseRedirect(url_of(match))


# ── one match ────────────────────────────────────────────────────────────────────────────────────

RELATED = ("vacancy__client__industry", "vacancy__demand__project", "profile__partner", "profile__person", "weights")


@access("view", MATCH)
def match_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    match = fetch(user, Match.objects.select_related(*RELATED).prefetch_related("answers", "appointments"), key=key)
    return _detail(request, user, match)


def _detail(
    request: HttpRequest, user: User, match: Match, problem: Refused | None = None, forms: dict[str, Any] | None = None
) -> HttpResponse:
    inside = can(user, "confirm", match)
    known = revealed_to(user, match)
    shown = known or match.profile.user_id == user.pk or is_partner(user, match)
    mine = next((one for one in match.answers.all() if not one.answer and contacting.may_answer(user, one)), None)
    running = match.state in {"both_yes", "conversation"}
    moving = _moving(request, match) if inside and running else None
    context: dict[str, Any] = {
        "object": match, "match": match, "vacancy": match.vacancy, "inside": inside, "known": known, "problem": problem,
        "who": match.profile.full_name if shown else cover_name(match),
        "company": client_name(match, revealed=known or is_client(user, match)),
        "card": card_of(match, inside=is_inside(user), company=is_client(user, match), facts=inside), "mine": mine, "reasons": reason_words(),
        "answers": [{"row": one, "side": one.get_side_display()} for one in match.answers.all()] if inside else [],
        "appointments": list(match.appointments.all()), "notes": list(match.notes.select_related("author")) if inside else [],
        "guide": guide(match.vacancy) if inside and running else [], "running": running,
        "vacancy_url": url_of(match.vacancy) if can(user, "view", match.vacancy) else "",
        "profile_url": url_of(match.profile) if can(user, "view", match.profile) else "",
        "moving": moving, "appointment_form": AppointmentForm(initial=_as_it_is(moving)), "note_form": NoteForm(), "end_form": EndForm(),
        "actions": actions_for(request, match), "panels": panels_for(request, match) if inside else [],
    }  # fmt: skip
    context |= titles() | (forms or {})
    return render(request, "staffing/match_detail.html", context, status=problem.status if problem else 200)


def _moving(request: HttpRequest, match: Match) -> Appointment | None:
    """The appointment that is being moved: the address or the form says which."""
    wanted = request.POST.get("uid") or request.GET.get("move") or ""
    return next((one for one in match.appointments.all() if str(one.uid) == wanted and one.cancelled_at is None), None)


def _as_it_is(row: Appointment | None) -> dict[str, Any]:
    if row is None:
        return {}
    return {"starts": timezone.localtime(row.starts), "minutes": row.minutes, "place": row.place, "text": row.text}


@require_POST
@access("view", MATCH)
def match_act(request: HttpRequest, key: str) -> HttpResponse:
    """The button says which step; each service asks the permission table itself."""
    user = actor(request)
    match = fetch(user, Match.objects.select_related(*RELATED).prefetch_related("answers", "appointments"), key=key)
    forms: dict[str, Any] = {}
    try:
        text = _act(request, user, match, forms)
    except Refused as refusal:
        for form in forms.values():
            for name, texts in refusal.errors.items() if isinstance(refusal, Invalid) else ():
                form.add_error(name if name in form.fields else None, [str(text) for text in texts])
        match = fetch(user, Match.objects.select_related(*RELATED).prefetch_related("answers", "appointments"), key=key)
        return _detail(request, user, match, refusal, forms)
    messages.success(request, text)
    return HttpResponseRedirect(url_of(match))


def _act(request: HttpRequest, user: User, match: Match, forms: dict[str, Any]) -> str:
    step, post = request.POST.get("step", ""), request.POST
    if step == "ask":
        contacting.ask_both(match=match, by=user, version=version_of(request))
        return _("Both sides have been asked by mail.")
    if step in {"yes", "no"}:
        mine = next((one for one in match.answers.all() if not one.answer and contacting.may_answer(user, one)), None)
        if mine is None:
            raise contacting.LinkDead(_("This question is settled: no answer is needed any more."))
        contacting.give_answer(answer=mine, yes=step == "yes", reason=post.get("reason", ""), text=post.get("text", ""), by=user)  # fmt: skip
        return _("Thank you, your answer has been kept.")
    if step == "appointment":
        form = _valid(AppointmentForm(post), "appointment_form", forms)
        appointments.invite(match=match, by=user, **form.cleaned_data)
        return _("The invitation is on its way to both sides.")
    if step == "move":
        form = _valid(AppointmentForm(post), "appointment_form", forms)
        appointments.move(match=match, uid=post.get("uid", ""), by=user, **form.cleaned_data)
        return _("The appointment has been moved; both sides get the new time.")
    if step == "cancel":
        appointments.cancel(match=match, uid=post.get("uid", ""), by=user)
        return _("The appointment has been cancelled; both sides are told.")
    if step == "note":
        form = _valid(NoteForm(post), "note_form", forms)
        appointments.add_note(match=match, by=user, **form.cleaned_data)
        return _("The note has been kept.")
    if step == "end":
        form = _valid(EndForm(post), "end_form", forms)
        service = matching.decline if match.state in {"proposed", "confirmed"} else contacting.end_talks
        service(match=match, by=user, code=form.cleaned_data["code"], reason=form.cleaned_data["reason"])
        return _("The match has ended; the reason is kept for the review of the weights.")
    raise Refused(_("There is no step “%(step)s” here.") % {"step": step[:40]})


def _valid(form: Any, name: str, forms: dict[str, Any]) -> Any:
    forms[name] = form
    if not form.is_valid():
        raise Invalid({})
    return form


# ── all vacancies together ───────────────────────────────────────────────────────────────────────


@access("confirm", MATCH)
def pool_page(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    if not switched_on():
        return render(request, "staffing/pool.html", {"on": False})
    return render(request, "staffing/pool.html", {"on": True, "pool": pool(user, timezone.localdate())})


# ── weights, off switch, log ─────────────────────────────────────────────────────────────────────


@access("view", "staffing.weightset")
def weights_page(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The active version (or an older one), its history, why people said no, and the off switch."""
    user = actor(request)
    shown = fetch(user, WeightSet, pk=pk) if pk is not None else active_weights()
    return _weights(request, user, shown)


def _weights(request: HttpRequest, user: User, shown: WeightSet | None, **more: Any) -> HttpResponse:
    status = more.pop("status", 200)
    context = {
        "shown": shown, "form": WeightsForm(initial=matching.values_of_version(shown), vacancies=_choices(user)), "switch_form": SwitchForm(),
        "versions": list(WeightSet.objects.select_related("by")[:50]), "on": switched_on(),
        "may_edit": can(user, "edit", WeightSet), "may_switch": can(user, "switch", WeightSet),
        "declined": declined_by_reason(), "may_log": can(user, "view", "staffing.scorelog"),
    } | more  # fmt: skip
    return render(request, "staffing/weights.html", context, status=status)


def _choices(user: User) -> list[tuple[int, str]]:
    """Vacancies for whose people a preview may be asked; only who changes weights is offered them."""
    if not can(user, "edit", WeightSet):
        return []
    return [(one.pk, f"{one.key} · {one.title}") for one in vacancies_for(user)]


@require_POST
@access("edit", "staffing.weightset")
def weights_save(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    looks = bool(request.POST.get("preview"))
    form = WeightsForm(request.POST, vacancies=_choices(user), preview=looks)
    if form.is_valid():
        values = dict(form.cleaned_data)
        reason, vacancy = values.pop("reason"), values.pop("vacancy")
        if looks and switched_on():
            found = preview(user, values, timezone.localdate(), vacancy)
            form.fields["reason"].required = True  # as it is again for saving
            return _weights(request, user, active_weights(), form=form, preview=found, looked=True)
        try:
            row = matching.save_weights(values=values, reason=reason, by=user)
        except Invalid as refusal:
            for name, texts in refusal.errors.items():
                form.add_error(name if name in form.fields else None, [str(text) for text in texts])
        else:
            messages.success(request, _("Version %(number)s counts from now on.") % {"number": row.number})
            return HttpResponseRedirect(reverse("staffing:weights-active"))
    return _weights(request, user, active_weights(), form=form, status=422)


@require_POST
@access("switch", "staffing.weightset")
def matching_switch(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    form = SwitchForm(request.POST)
    if form.is_valid():
        try:
            on = matching.switch_matching(
                off=bool(form.cleaned_data["off"]), reason=form.cleaned_data["reason"], by=user
            )
        except Refused as refusal:
            form.add_error("reason", str(refusal.message))
            for texts in refusal.errors.values() if isinstance(refusal, Invalid) else ():
                form.add_error("reason", [str(text) for text in texts])
        else:
            messages.success(
                request, _("Matching is on.") if on else _("Matching is off: people decide without scores.")
            )
            return HttpResponseRedirect(reverse("staffing:weights-active"))
    return _weights(request, user, active_weights(), switch_form=form, status=422)


@access("view", "staffing.scorelog")
def score_log(request: HttpRequest) -> HttpResponseBase:
    """The last entries, and all of them as CSV or JSON lines."""
    kind = request.GET.get("as", "")
    rows = ScoreLog.objects.select_related("vacancy", "profile", "weights", "by")
    if kind in {"csv", "jsonl"} and can(request.user, "export", "staffing.scorelog"):
        return _export(rows, kind)
    context = {
        "rows": [_shown(row) for row in rows[:100]],
        "count": rows.count(),
        "may_export": can(request.user, "export", "staffing.scorelog"),
    }
    return render(request, "staffing/score_log.html", context)


def _shown(row: ScoreLog) -> dict[str, Any]:
    """A line of the log; scores of 100 as on the other pages, exports keep the thousandths."""
    scores = {
        name: round(row.result.get(code, 0) / 10)
        for name, code in (("company", "company"), ("person", "person"), ("both", "score"))
    }
    return scores | {"at": row.at, "vacancy": row.vacancy, "profile": row.profile, "weights": row.weights, "by": row.by}


HEAD = ("at", "vacancy", "profile", "weights", "engine", "by", "purpose", "company", "person", "score", "proposed", "input", "result")  # fmt: skip


def _cells(row: ScoreLog) -> list[Any]:
    result = row.result
    return [
        row.at.isoformat(), row.vacancy.key, row.profile.key if row.profile is not None else "", row.weights.number if row.weights else 0,
        row.engine_version, row.by.name if row.by else "", row.purpose, result.get("company"), result.get("person"), result.get("score"),
        result.get("proposed"), json.dumps(row.input), json.dumps(result),
    ]  # fmt: skip


class _Echo:
    def write(self, value: str) -> str:
        return value


def _export(rows: Any, kind: str) -> StreamingHttpResponse:
    def lines() -> Iterator[str]:
        writer = csv.writer(_Echo())
        if kind == "csv":
            yield writer.writerow(HEAD)
        for row in rows.order_by("pk").iterator(chunk_size=500):
            cells = _cells(row)
            yield writer.writerow(cells) if kind == "csv" else json.dumps(dict(zip(HEAD, cells, strict=True))) + "\n"

    response = StreamingHttpResponse(
        lines(), content_type="text/csv; charset=utf-8" if kind == "csv" else "application/x-ndjson"
    )
    response["Content-Disposition"] = f'attachment; filename="scores.{kind}"'
    return response
