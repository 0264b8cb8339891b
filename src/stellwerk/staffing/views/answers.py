"""The public page of an answer link: it shows the question on GET, and only a pressed button answers (mail programs open links)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from stellwerk.core.access import public
from stellwerk.core.errors import Invalid
from stellwerk.staffing.choices import Side
from stellwerk.staffing.forms_matching import AnswerForm
from stellwerk.staffing.mails_matching import client_name, cover_name, recipients
from stellwerk.staffing.selectors.people_page import card_of
from stellwerk.staffing.services.contacting import LinkDead, asked_by, give_answer
from stellwerk.staffing.words_matching import forms as form_names


@never_cache
@public
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Ask, answer, thank; a dead link says why and never whom it was about."""
    try:
        asked = asked_by(token)
    except LinkDead as dead:
        return render(request, "staffing/answer_dead.html", {"dead": dead}, status=410)
    match, side = asked.match, asked.answer.side
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        yes = form.cleaned_data["answer"] == "yes"
        try:
            match = give_answer(
                token=token, yes=yes, reason=form.cleaned_data["reason"], text=form.cleaned_data["text"]
            )
        except LinkDead as dead:
            return render(request, "staffing/answer_dead.html", {"dead": dead}, status=410)
        except Invalid as refusal:
            for name, texts in refusal.errors.items():
                form.add_error(name if name in form.fields else None, [str(text) for text in texts])
        else:
            return render(request, "staffing/answer_done.html", {"yes": yes, "both": match.revealed_at is not None})
    company = side == Side.COMPANY
    who = next(iter(recipients(match, side)), None)
    if who is not None and not request.COOKIES.get("django_language"):
        translation.activate(who.language)
    card = card_of(match, inside=False, company=company)
    context = {
        "match": match, "vacancy": match.vacancy, "company_side": company, "form": form, "who": cover_name(match),
        "client": client_name(match, revealed=False), "lines": card.company_lines if company else card.person_lines,
        "score": card.company if company else card.person, "forms": form_names(match.vacancy.contract_forms),
        "score_title": _("Why this fits"), "expires": asked.answer.expires_at, "profile": match.profile,
    }  # fmt: skip
    return render(request, "staffing/answer.html", context, status=422 if form.is_bound else 200)
