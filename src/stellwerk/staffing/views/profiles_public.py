"""Public pages: the entrances, advice, consent links, legal notice and privacy notice. They work without scripts."""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from stellwerk.core.access import access, actor, public
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import Setting
from stellwerk.portfolio.views.common import refused, version_of
from stellwerk.staffing.advice import DONTS, DOS, QUESTIONS, check_text, fitting
from stellwerk.staffing.forms_profiles import ConfirmForm, JoinForm, PublicTextsForm, TextForm
from stellwerk.staffing.selectors.profile_pages import TEXTS, public_text, public_texts
from stellwerk.staffing.selectors.profiles import LIVE_CONSENTS
from stellwerk.staffing.services import consents, registrations
from stellwerk.staffing.services.public_texts import save_texts
from stellwerk.staffing.term_input import language
from stellwerk.staffing.vocabulary import vocabulary

BACKEND = "django.contrib.auth.backends.ModelBackend"


def _slow() -> Refused:
    refusal = Refused(_("Too many attempts"), _("Wait a minute, then try again."), code="slow")
    refusal.status = 429
    return refusal


def address_or(name: str, otherwise: str = "") -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return otherwise


@require_safe
@public
def join(request: HttpRequest) -> HttpResponse:
    """Three entrances on one page."""
    company = address_or("staffing:company-join")
    return render(
        request,
        "staffing/join.html",
        {"company": company, "board": address_or("board:list") or address_or("board:index")},
    )


@require_http_methods(["GET", "POST"])
@public
def join_applicant(request: HttpRequest) -> HttpResponse:
    return _join(request, "applicant")


@require_http_methods(["GET", "POST"])
@public
def join_freelancer(request: HttpRequest) -> HttpResponse:
    return _join(request, "freelancer")


def _join(request: HttpRequest, entrance: str) -> HttpResponse:
    form = JoinForm(request.POST or None, initial={"reference": request.GET.get("reference", "")[:20]})
    problem: Refused | None = None
    if request.method == "POST":
        if not ratelimit.consume(request, action="stellwerk_join"):
            problem = _slow()
        elif form.data.get(
            "website"
        ):  # a program filled what people do not see: it is told the same, and nothing happens
            return HttpResponseRedirect(reverse("staffing:join-sent"))
        elif form.is_valid():
            data = {
                name: value for name, value in form.cleaned_data.items() if name not in {"email", "website", "process"}
            }
            try:
                registrations.register(
                    entrance=entrance, email=form.cleaned_data["email"], data=data, language=get_language() or "de"
                )
            except Invalid as error:
                refused(form, Invalid({"email": [text for texts in error.errors.values() for text in texts]}))
            except Refused as refusal:
                problem = refusal
            else:
                return HttpResponseRedirect(reverse("staffing:join-sent"))
    status = problem.status if problem else 422 if form.is_bound and form.errors else 200
    context = {"form": form, "entrance": entrance, "problem": problem}
    return render(request, "staffing/join_form.html", context, status=status)


@require_safe
@public
def join_sent(request: HttpRequest) -> HttpResponse:
    text = _(
        "We have sent you a mail with a link. It works for 48 hours. Nothing arrived? Look into the folder for unwanted mail."
    )
    return _message(request, _("Please look into your inbox"), text)


def _message(request: HttpRequest, title: str, text: str, status: int = 200, **more: Any) -> HttpResponse:
    return render(request, "staffing/public_message.html", {"title": title, "text": text, **more}, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
@public
def join_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail: opening it changes nothing (mail programs open links too), the password does."""
    try:
        registrations.registration_of(token)
    except Refused as refusal:
        status = 404 if refusal.code == "link_unknown" else 410
        return _message(
            request, str(refusal.message), str(refusal.what_to_do), status, login=refusal.code == "link_used"
        )
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action="stellwerk_join"):
            return _message(request, str(_slow().message), str(_slow().what_to_do), 429)
        try:
            profile = registrations.confirm(token=token, password=form.cleaned_data["password"])
        except Invalid as error:
            refused(form, error)
        except Refused as refusal:
            return _message(request, str(refusal.message), str(refusal.what_to_do), 409, login=True)
        else:
            assert profile.user is not None
            login(request, profile.user, backend=BACKEND)
            return HttpResponseRedirect(reverse("staffing:me"))
    return render(request, "staffing/join_confirm.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
@public
def consent(request: HttpRequest, token: str) -> HttpResponse:
    """From a reminder: renew or withdraw without signing in."""
    row = consents.consent_of(token)
    if row is None:
        return _message(request, _("This link does not work."), _("It is older than 60 days or incomplete. Sign in to see your consents."), 404, login=True)  # fmt: skip
    step = request.POST.get("step", "")
    if request.method == "POST" and step in {"renew", "withdraw"}:
        try:
            if step == "renew":
                consents.renew(consent=row, by=None)
            else:
                consents.withdraw(consent=row, by=None, reason="by the link of the reminder")
        except Refused as refusal:
            return _message(request, str(refusal.message), str(refusal.what_to_do), 409)
        done = (
            _("Your consent has been renewed for a year.") if step == "renew" else _("Your consent has been withdrawn.")
        )
        return _message(request, _("Thank you"), done)
    return render(request, "staffing/consent.html", {"row": row, "alive": row.state in LIVE_CONSENTS})


# ── advice ───────────────────────────────────────────────────────────────────────────────────────


@require_safe
@public
def advice(request: HttpRequest) -> HttpResponse:
    return render(request, "staffing/advice.html", {})


@require_safe
@public
def contract_finder(request: HttpRequest) -> HttpResponse:
    """A few questions; the answers stand in the address and are not kept."""
    answers = {code: request.GET.get(code, "") for code in QUESTIONS}
    questions = [{"code": code, "text": text, "answer": answers[code]} for code, text in QUESTIONS.items()]
    fits = [
        {"fit": fit, "label": fit.form.label, "speaks": [QUESTIONS[code] for code in fit.speaks], "against": [QUESTIONS[code] for code in fit.against]}
        for fit in fitting(answers)
    ]  # fmt: skip
    return render(request, "staffing/contract_finder.html", {"questions": questions, "fits": fits})


@require_safe
@public
def freelancers(request: HttpRequest) -> HttpResponse:
    return render(request, "staffing/freelancers.html", {"dos": DOS, "donts": DONTS})


@require_http_methods(["GET", "POST"])
@public
def profile_check(request: HttpRequest) -> HttpResponse:
    form = TextForm(request.POST or None)
    found, problem = None, None
    if request.method == "POST":
        if not ratelimit.consume(request, action="stellwerk_advice"):
            problem = _slow()
        elif form.is_valid():
            found = check_text(form.cleaned_data["text"])
    here = language()
    names = sorted(vocabulary()[code].names[here] for code in found.skills) if found else []
    status = problem.status if problem else 422 if form.is_bound and form.errors else 200
    return render(
        request,
        "staffing/profile_check.html",
        {"form": form, "found": found, "names": names, "problem": problem},
        status=status,
    )


# ── legal notice and privacy ─────────────────────────────────────────────────────────────────────


@require_safe
@public
def legal(request: HttpRequest) -> HttpResponse:
    return render(request, "staffing/legal.html", {"kind": "legal", "text": public_text("legal")})


@require_safe
@public
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "staffing/legal.html", {"kind": "privacy", "text": public_text("privacy")})


@require_http_methods(["GET", "POST"])
@access("edit", "core.setting")
def texts_edit(request: HttpRequest) -> HttpResponse:
    """What legal notice and privacy notice say; empty: the templates of the product."""
    user = actor(request)
    form = PublicTextsForm(request.POST or None, initial=public_texts())
    problem: Refused | None = None
    if request.method == "POST" and form.is_valid():
        try:
            save_texts(texts=form.cleaned_data, by=user, version=version_of(request))
        except Refused as refusal:
            problem = refusal
        else:
            return HttpResponseRedirect(reverse("staffing:privacy"))
    version = Setting.objects.filter(pk=TEXTS).values_list("version", flat=True).first()
    status = problem.status if problem else 422 if form.errors else 200
    return render(
        request,
        "staffing/public_texts.html",
        {"form": form, "problem": problem, "version": version or ""},
        status=status,
    )
