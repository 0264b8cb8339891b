"""Profiles: list, form, page, CV and its review. The same pages serve recruiters, partners (their own) and candidates (themselves)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.lists.views import list_page
from stellwerk.core.models import User
from stellwerk.core.pages import create_page, edit_page
from stellwerk.core.permissions import can
from stellwerk.core.registry import actions_for, panels_for, url_of
from stellwerk.staffing.advice import completeness
from stellwerk.staffing.choices import ConsentKind, ContractForm
from stellwerk.staffing.forms_profiles import COUNTRIES, LANGUAGES, ROWS, GiveConsentForm, ProfileForm
from stellwerk.staffing.models import Profile, Reading
from stellwerk.staffing.profiles.reading import LARGEST
from stellwerk.staffing.selectors.profile_pages import facts_of, grouped_terms
from stellwerk.staffing.selectors.profiles import LIVE_CONSENTS, same_person, with_parts
from stellwerk.staffing.selectors.readers import is_inside
from stellwerk.staffing.services import consents as consent_writes
from stellwerk.staffing.services import readings
from stellwerk.staffing.services.profiles import create_profile, edit_profile
from stellwerk.staffing.term_input import LISTED, names_of_terms

ACCEPT = ".pdf,.docx,.json,.xml"
RELATED = ("partner", "person", "user", "organisation")


@access("view", "staffing.profile")
def profile_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "staffing.profile")


def _words() -> dict[str, Any]:
    return {
        "words": names_of_terms((*("discipline", "method", "tool", "certificate", "soft"), "industry")),
        "listed": LISTED,
    }


@access("create", "staffing.profile")
def profile_create(request: HttpRequest) -> HttpResponse:
    """By form. A partner's candidate needs the word that they agreed; others stay drafts without it."""
    user = actor(request)
    outside = not is_inside(user)

    def save(values: dict[str, Any]) -> Profile:
        agreed = str(values.pop("agreed", "")).strip()
        profile = create_profile(values=values, by=user)
        if agreed:
            kind = "partner" if profile.partner_id else "process"
            consent_writes.give(profile=profile, kind=kind, by=user, evidence=agreed)
        return profile

    options = {"inside": not outside, "needs_consent": outside}
    return create_page(
        request, ProfileForm, save=save, rows=ROWS, form_options=options, template="staffing/profile_form.html", context=_words()
    )  # fmt: skip


@access("edit", "staffing.profile")
def profile_edit(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    obj = fetch(user, Profile.objects.select_related(*RELATED), "edit", key=key)

    def save(values: dict[str, Any], version: int | None, reason: str) -> Profile:
        return edit_profile(profile=obj, values=values, by=user, version=version, reason=reason)

    options = {"inside": is_inside(user), "own": obj.user_id == user.pk and not is_inside(user)}
    return edit_page(
        request, ProfileForm, obj, save=save, rows=ROWS, form_options=options, template="staffing/profile_form.html",
        context=_words(), then=(lambda _obj: reverse("staffing:me")) if options["own"] else None,
    )  # fmt: skip


# ── the page ─────────────────────────────────────────────────────────────────────────────────────


@access("view", "staffing.profile")
def profile_detail(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    return detail(request, user, fetch(user, with_parts(Profile.objects.select_related(*RELATED)), key=key))


def detail(
    request: HttpRequest, user: User, profile: Profile, problem: Refused | None = None, form: GiveConsentForm | None = None
) -> HttpResponse:  # fmt: skip
    """The page for a recruiter, a partner or the person; what each may do is asked of the permission table."""
    inside, own = is_inside(user), profile.user_id == user.pk
    edits = can(user, "edit", profile) and not profile.archived and profile.state not in {"locked", "erased"}
    languages = dict(LANGUAGES)
    context = {
        "object": profile, "profile": profile, "inside": inside, "own": own and not inside, "edits": edits,
        "may_erase": can(user, "erase", profile) and profile.state != "erased", "may_export": can(user, "export", profile),
        "complete": completeness(facts_of(profile)), "terms": grouped_terms(profile), "stations": profile.stations.all(),
        "languages": [(languages.get(row.code, row.code), row.get_level_display()) for row in profile.languages.all()],
        "wanted": [row.term for row in profile.term_wishes.all() if row.wanted],
        "unwanted": [row.term for row in profile.term_wishes.all() if not row.wanted],
        "forms_told": [label for code, label in ContractForm.choices if code in profile.contract_forms],
        "permits_told": [label for code, label in COUNTRIES if code in profile.permits],
        "consents": consent_rows(profile), "give_form": form or give_form(profile), "today": timezone.localdate(),
        "same": same_person(profile) if inside and profile.state != "erased" else [],
        "reading": profile.readings.filter(done_at=None).first() if edits else None,
        "panels": panels_for(request, profile), "actions": actions_for(request, profile), "problem": problem,
    }  # fmt: skip
    return render(request, "staffing/profile_detail.html", context, status=problem.status if problem else 200)


def consent_rows(profile: Profile) -> list[dict[str, Any]]:
    rows = profile.consents.order_by("kind", "-given_at")
    return [{"row": row, "alive": row.state in LIVE_CONSENTS} for row in rows]


def give_form(profile: Profile, data: Any = None, own: bool = False) -> GiveConsentForm:
    form = GiveConsentForm(data)
    living = set(profile.consents.filter(state__in=LIVE_CONSENTS).values_list("kind", flat=True))
    kind = form.fields["kind"]
    assert isinstance(kind, forms.ChoiceField)
    offered = [row for row in ConsentKind.choices if row[0] != "partner" or profile.partner_id]
    kind.choices = [row for row in offered if row[0] not in living]
    return form


# ── CV ───────────────────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "POST"])
@access("create", "staffing.profile")
def profile_from_cv(request: HttpRequest) -> HttpResponse:
    """A new profile from a CV: name and address are taken from it, everything else waits for the review."""
    user = actor(request)

    def make(file: Any) -> HttpResponse:
        from stellwerk.staffing.profiles import read_profile

        found = read_profile(file, file.name)
        first, _space, last = found.name.rpartition(" ")
        values = {
            "first_name": (first or _("Name"))[:80],
            "last_name": (last or _("unknown"))[:80],
            "email": found.mail[:254],
        }
        profile = create_profile(values=values, by=user, source=found.format[:20])
        file.seek(0)
        reading = readings.read_cv(profile=profile, stream=file, name=file.name, by=user)
        return HttpResponseRedirect(reverse("staffing:profile-review", args=[profile.key, reading.uid]))

    return _cv_page(request, make, None)


@require_http_methods(["GET", "POST"])
@access("edit", "staffing.profile")
def profile_cv(request: HttpRequest, key: str) -> HttpResponse:
    user = actor(request)
    profile = fetch(user, Profile.objects.select_related(*RELATED), "edit", key=key)

    def take(file: Any) -> HttpResponse:
        reading = readings.read_cv(profile=profile, stream=file, name=file.name, by=user)
        return HttpResponseRedirect(reverse("staffing:profile-review", args=[profile.key, reading.uid]))

    return _cv_page(request, take, profile)


def _cv_page(request: HttpRequest, take: Any, profile: Profile | None) -> HttpResponse:
    problem: Refused | None = None
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None:
            problem = Refused(_("No file was chosen."), _("Choose your CV, and upload it."), code="no_file")
            problem.status = 422
        else:
            try:
                answer: HttpResponse = take(file)
            except Refused as refusal:
                problem = refusal
            else:
                return answer
    context = {"profile": profile, "problem": problem, "accept": ACCEPT, "limit": LARGEST, "cancel": url_of(profile) if profile else reverse("staffing:profile-list")}  # fmt: skip
    return render(request, "staffing/profile_cv.html", context, status=problem.status if problem else 200)


@require_http_methods(["GET", "POST"])
@access("edit", "staffing.profile")
def profile_review(request: HttpRequest, key: str, uid: UUID) -> HttpResponse:
    """What was understood, with the words that show it; only what is ticked becomes part of the profile."""
    user = actor(request)
    profile = fetch(user, Profile.objects.select_related(*RELATED), "edit", key=key)
    reading = Reading.objects.filter(profile=profile, uid=uid).select_related("profile").first()
    if reading is None:
        raise Http404(_("This CV has been gone through already, or was replaced by a newer one."))
    problem: Refused | None = None
    if request.method == "POST":
        try:
            readings.take_over(
                reading=reading,
                chosen=request.POST.getlist("take"),
                levels=_levels(request),
                texts=_texts(request),
                by=user,
            )
        except Refused as refusal:
            problem = refusal
        else:
            messages.success(request, _("The profile has been filled. Please check wishes and levels."))
            return HttpResponseRedirect(reverse("staffing:me") if profile.user_id == user.pk else url_of(profile))
    items = readings.items_of(reading)
    ticked = set(request.POST.getlist("take")) if problem else None
    context = {
        "profile": profile, "reading": reading, "problem": problem, "notes": reading.data.get("notes", []),
        "left_out": len(reading.data.get("left_out", [])), "count": sum(map(len, items.values())), "done": reading.done_at,
        "esco": bool(reading.data.get("esco")),
        "groups": [
            {"title": title, "code": code, "rows": [{"item": one, "ticked": one.taken if ticked is None else one.code in ticked} for one in items[code]]}
            for code, title in (("fields", _("About you")), ("skills", _("Skills and certificates")), ("languages", _("Languages")), ("stations", _("Experience and education")))
            if items[code]
        ],
    }  # fmt: skip
    return render(request, "staffing/profile_review.html", context, status=problem.status if problem else 200)


def _levels(request: HttpRequest) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for name, value in request.POST.items():
        if name.startswith("level-"):
            text = str(value)
            found[name.removeprefix("level-")] = (
                int(text) if text.isascii() and text.isdigit() and len(text) < 3 else None
            )
    return found


def _texts(request: HttpRequest) -> dict[str, str]:
    return {name.removeprefix("text-"): str(value) for name, value in request.POST.items() if name.startswith("text-")}


__all__ = ["Invalid", "detail", "give_form"]
