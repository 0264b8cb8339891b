"""Pages of accounts and role assignments, and everybody's own profile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stellwerk.core.access import access, actor, fetch, signed_in
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.lists.views import list_page
from stellwerk.core.models import Grant, User
from stellwerk.core.pages.forms import create_page, edit_page
from stellwerk.core.permissions import can, require
from stellwerk.people import services
from stellwerk.people.forms import AccountForm, GrantForm, PeriodForm, ProfileForm
from stellwerk.people.models import Person
from stellwerk.people.selectors import deputies_of_user, grants_of_user
from stellwerk.people.views import erase_page


@require_http_methods(["GET", "HEAD", "POST"])
@access("view", "core.user")
def user_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "core.user")


@require_http_methods(["GET", "HEAD", "POST"])
@access("view", "core.grant")
def grant_list(request: HttpRequest) -> HttpResponseBase:
    return list_page(request, "core.grant")


@require_http_methods(["GET", "HEAD", "POST"])
@access("create", "core.user")
def user_create(request: HttpRequest) -> HttpResponse:
    by = actor(request)
    form: dict[str, Any] = {"new": True}

    def save(values: dict[str, Any]) -> User:
        number = _number(request, "person")
        person = Person.objects.filter(pk=number, user__isnull=True).first() if number else None
        return services.create_account(by=by, **values, person=person, invite=bool(request.POST.get("invite")))

    told = _("“%(name)s” has been created; the invitation is on its way.") if request.POST.get("invite") else ""
    return create_page(request, AccountForm, save=save, form_options=form, then=_page, message=told)


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def _page(user: User) -> str:
    return reverse("people:user-detail", args=[user.pk])


@require_safe
@access("view", "core.user")
def user_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """An account with its role assignments, deputies and what may be done with it."""
    by = actor(request)
    account = fetch(by, User, pk=pk)
    own = account.pk == by.pk
    context = {
        "object": account,
        "account": account,
        "person": Person.objects.filter(user=account).first(),
        "grants": grants_of_user(account),
        "deputies": deputies_of_user(account),
        "own": own,
        "may_grant": can(by, "create", Grant) and not own and account.is_active,
        "may_end": can(by, "edit", Grant),
        "may_edit": can(by, "edit", account) and account.erased_at is None,
        "may_close": can(by, "archive", account) and not own and account.erased_at is None,
        "may_erase": can(by, "erase", account) and not own and account.erased_at is None,
    }
    return render(request, "people/user_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access("edit", "core.user")
def user_edit(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor(request)
    account = fetch(by, User, "edit", pk=pk)

    def save(values: dict[str, Any], version: int | None, reason: str) -> User:
        return services.edit_account(account, values, by=by, version=version, reason=reason)

    return edit_page(request, AccountForm, account, save=save, cancel=_page(account), then=_page)


def _act(request: HttpRequest, account: User, action: Callable[[], Any], done: str) -> HttpResponse:
    """Run a service on an account and say on its page what came of it."""
    try:
        action()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return HttpResponseRedirect(_page(account))


@require_POST
@access("archive", "core.user")
def user_close(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor(request)
    account = fetch(by, User, "archive", pk=pk)
    reason = request.POST.get("reason", "")
    return _act(
        request,
        account,
        lambda: services.close_account(account, by=by, reason=reason),
        _("The account has been closed."),
    )


@require_POST
@access("archive", "core.user")
def user_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor(request)
    account = fetch(by, User, "archive", pk=pk)
    return _act(request, account, lambda: services.reopen_account(account, by=by), _("The account is open again."))


@require_POST
@access("edit", "core.user")
def user_invite(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor(request)
    account = fetch(by, User, "edit", pk=pk)
    done = _("An invitation to %(address)s is on its way.") % {"address": account.email}
    return _act(request, account, lambda: services.send_invitation(account, by=by), done)


@require_http_methods(["GET", "HEAD", "POST"])
@access("erase", "core.user")
def user_erase(request: HttpRequest, pk: int) -> HttpResponse:
    account = fetch(actor(request), User, pk=pk)
    require(actor(request), "erase", account)
    return erase_page(
        request,
        str(account),
        account.email,
        lambda by, reason: services.erase_user(account, by=by, reason=reason),
        _page(account),
    )


# ── role assignments ─────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@access("create", "core.grant")
def grant_create(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor(request)
    account = fetch(by, User, pk=pk)
    form = GrantForm(request.POST if request.method == "POST" else None, by=by, user=account)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        scope, number = data["where"]

        def write() -> Any:
            return services.grant_role(
                by=by, user=account, role=data["role"], scope=scope, scope_id=number, valid_from=data["valid_from"],
                valid_to=data["valid_to"], deputy_for=data["deputy_for"], reason=data["reason"],
            )  # fmt: skip

        if _try(form, write, {"scope": "where", "scope_id": "where"}):
            messages.success(request, _("The role has been assigned."))
            return HttpResponseRedirect(_page(account))
    context = {"form": form, "account": account, "title": _("Assign a role"), "submit": _("Assign")}
    return render(request, "people/grant_form.html", context, status=422 if form.errors else 200)


def _try(form: Any, write: Callable[[], Any], places: dict[str, str] | None = None) -> bool:
    """Write, or put the refusal at its fields."""
    try:
        write()
    except Invalid as refusal:
        for name, texts in refusal.errors.items():
            place = (places or {}).get(name, name)
            for text in texts:
                form.add_error(place if place in form.fields else None, text)
        return False
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _grant(request: HttpRequest, pk: int) -> Grant:
    return fetch(actor(request), Grant.objects.select_related("user", "deputy_for"), "edit", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@access("edit", "core.grant")
def grant_edit(request: HttpRequest, pk: int) -> HttpResponse:
    grant, by = _grant(request, pk), actor(request)
    form = PeriodForm(request.POST) if request.method == "POST" else PeriodForm.of(grant)
    version = _number(request, "version") or grant.version
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data

        def write() -> Any:
            return services.change_grant(
                grant,
                by=by,
                valid_from=data["valid_from"],
                valid_to=data["valid_to"],
                version=version,
                reason=data["reason"],
            )

        if _try(form, write):
            messages.success(request, _("The period has been changed."))
            return HttpResponseRedirect(_page(grant.user))
    context = {
        "form": form, "account": grant.user, "grant": grant, "version": version, "submit": _("Save"),
        "title": _("Change the period of a role"),
    }  # fmt: skip
    return render(request, "people/grant_form.html", context, status=422 if form.errors else 200)


@require_POST
@access("edit", "core.grant")
def grant_end(request: HttpRequest, pk: int) -> HttpResponse:
    grant, by = _grant(request, pk), actor(request)
    return _act(request, grant.user, lambda: services.end_grant(grant, by=by), _("The role has been ended."))


# ── one's own profile ────────────────────────────────────────────────────────────────────────────


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def profile(request: HttpRequest) -> HttpResponse:
    """Name, language, appearance, notifications; what one's roles are."""
    by = actor(request)
    request.nav = "account"  # type: ignore[attr-defined]  # one's own pages belong to no section
    stored = User.objects.get(pk=by.pk)

    def save(values: dict[str, Any], version: int | None, reason: str) -> User:
        return services.edit_profile(stored, values, by=by, version=version)

    context = {
        "account": stored,
        "person": Person.objects.filter(user=stored).select_related("unit", "role").first(),
        "grants": [row for row in grants_of_user(stored) if row.state != "ended"],
        "deputies": [row for row in deputies_of_user(stored) if row.state != "ended"],
    }
    return edit_page(
        request,
        ProfileForm,
        stored,
        save=save,
        title=_("My settings"),
        template="people/profile.html",
        context=context,
        cancel=reverse("people:profile"),
        then=lambda _user: reverse("people:profile"),
        message=_("Your settings have been saved."),
    )
