"""What a person does with their own profile: sees it whole, renews and withdraws consents, takes the data along, erases it."""

from __future__ import annotations

import json

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stellwerk.core.access import access, actor, fetch, signed_in
from stellwerk.core.errors import Refused
from stellwerk.core.models import User
from stellwerk.core.registry import url_of
from stellwerk.staffing.models import Consent, Profile
from stellwerk.staffing.selectors.profile_pages import own_profile
from stellwerk.staffing.selectors.profiles import OPEN_MATCHES, RUNNING_CONTRACTS, with_parts
from stellwerk.staffing.selectors.readers import is_inside
from stellwerk.staffing.services import consents as writes
from stellwerk.staffing.services.erasing import erase_profile
from stellwerk.staffing.services.exports import held_about
from stellwerk.staffing.views.profiles import RELATED, detail, give_form


@require_safe
@signed_in
def me(request: HttpRequest) -> HttpResponse:
    user = actor(request)
    profile = own_profile(user)
    if profile is None:
        raise Http404(_("There is no profile for this account."))
    return detail(request, user, with_parts(Profile.objects.select_related(*RELATED)).get(pk=profile.pk))


def _back(user: User, profile: Profile) -> str:
    return reverse("staffing:me") if profile.user_id == user.pk and not is_inside(user) else url_of(profile)


@require_POST
@access("edit", "staffing.profile")
def profile_consents(request: HttpRequest, key: str) -> HttpResponse:
    """Give, renew, withdraw; ``step`` says which."""
    user = actor(request)
    profile = fetch(user, with_parts(Profile.objects.select_related(*RELATED)), "edit", key=key)
    own = profile.user_id == user.pk
    form = None
    try:
        step = request.POST.get("step", "")
        if step == "give":
            form = give_form(profile, request.POST)
            if own:
                form.fields["evidence"].required = False
            if not form.is_valid():
                raise _please()
            data = form.cleaned_data
            writes.give(profile=profile, kind=data["kind"], by=user, evidence=data["evidence"], own=own)
        else:
            _act(request, user, profile, step)
    except Refused as refusal:
        fresh = with_parts(Profile.objects.select_related(*RELATED)).get(pk=profile.pk)
        return detail(request, user, fresh, refusal, form)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(_back(user, profile))


def _please() -> Refused:
    refusal = Refused(_("Please check the marked fields."), code="invalid")
    refusal.status = 422
    return refusal


def _act(request: HttpRequest, user: User, profile: Profile, step: str) -> None:
    number = request.POST.get("consent", "")
    row = Consent.objects.filter(profile=profile, pk=number).first() if number.isascii() and number.isdigit() and len(number) < 15 else None  # fmt: skip
    if row is None:
        raise _please()
    if step == "renew":
        writes.renew(consent=row, by=user)
    elif step == "withdraw":
        writes.withdraw(consent=row, by=user)
    else:
        raise _please()


@require_safe
@access("export", "staffing.profile")
def profile_data(request: HttpRequest, key: str) -> HttpResponse:
    """Everything that is held, scores included (GDPR Art. 15 and 20), as JSON; each such file stands in the history."""
    user = actor(request)
    profile = fetch(user, Profile.objects.select_related(*RELATED), "export", key=key)
    text = json.dumps(held_about(profile=profile, by=user), ensure_ascii=False, indent=1, default=str)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="profile-{profile.pk}.json"'
    return response


@require_http_methods(["GET", "POST"])
@access("erase", "staffing.profile")
def profile_erase(request: HttpRequest, key: str) -> HttpResponse:
    """What is stopped and what stays is told first; done for good afterwards."""
    user = actor(request)
    profile = fetch(user, Profile.objects.select_related(*RELATED), "erase", key=key)
    own = profile.user_id == user.pk
    problem: Refused | None = None
    if request.method == "POST":
        try:
            if request.POST.get("sure") != "yes":
                problem = Refused(_("Please confirm that everything is to be erased."), code="not_sure")
                problem.status = 422
            else:
                erase_profile(profile=profile, by=user, reason=request.POST.get("reason", "")[:500])
        except Refused as refusal:
            problem = refusal
        if problem is None:
            if own:
                logout(request)
                return render(request, "staffing/public_message.html", {"title": _("Your profile has been erased"), "text": _("Nothing of it is kept but figures without a name. Thank you for your trust.")})  # fmt: skip
            messages.success(request, _("The profile has been erased."))
            return HttpResponseRedirect(reverse("staffing:profile-list"))
    matches = profile.matches.filter(state__in=OPEN_MATCHES).count()
    running = profile.contracts.filter(state__in=RUNNING_CONTRACTS, archived_at=None).first()
    context = {"profile": profile, "own": own, "matches": matches, "running": running, "problem": problem, "back": _back(user, profile)}  # fmt: skip
    return render(request, "staffing/profile_erase.html", context, status=problem.status if problem else 200)
