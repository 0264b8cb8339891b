"""Accounts, role assignments and one's own profile.

Separation of duties: nobody gives a role to themselves; only administrators make administrators; the last
administrator stays. All of it holds for pages, API and commands alike, because it stands here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from stellwerk.core.errors import Invalid, NotAllowed, Refused
from stellwerk.core.mail import queue_mail
from stellwerk.core.models import Grant, Scope, User
from stellwerk.core.permissions import ROLES, can, forget_grants, require, roles_of
from stellwerk.core.services import edit, record, write
from stellwerk.people.models import Person
from stellwerk.people.selectors import scope_object

PROFILE_FIELDS = ("name", "language", "theme", "digest")


# ── accounts ─────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def create_account(
    *, by: User | None, email: str, name: str, language: str = "", person: Person | None = None, invite: bool = True
) -> User:
    """An account without a password; the invitation leads to a page that sets one.

    Errors: ``Invalid`` (address taken, person has an account), ``NotAllowed``.
    """
    require(by, "create", User)
    address, name = email.strip().lower(), " ".join(name.split())
    errors: dict[str, list[str]] = {}
    if User.objects.filter(email__iexact=address).exists():
        errors["email"] = [_("There is an account with this address already.")]
    if not name:
        errors["name"] = [_("Please enter a name.")]
    if person is not None and person.user_id is not None:
        errors["person"] = [_("This person has an account already.")]
    if errors:
        raise Invalid(errors)
    user = User(email=address, name=name, language=language or settings.LANGUAGE_CODE)
    user.set_unusable_password()
    from stellwerk.core.services import validate

    validate(user, ["email", "name", "language"])
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise Invalid({"email": [_("There is an account with this address already.")]}) from error
    record(user, by=by, verb="create", changes={"email": [None, address], "name": [None, name]})
    if person is not None:
        write(person, {"user": user}, by=by, verb="link_account")
    if invite:
        send_invitation(user, by=by)
    return user


def send_invitation(user: User, *, by: User | None) -> None:
    """Mail a link that sets a password, in the user's language; also for a forgotten password.

    Errors: ``Refused`` (closed account), ``NotAllowed``.
    """
    require(by, "edit", user)
    if not user.is_active:
        raise Refused(_("This account is closed."), _("Open it again first."), code="closed")
    with transaction.atomic(), translation.override(user.language):
        context = {"user": user, "by": by, "url": password_link(user), "base": settings.BASE_URL}
        queue_mail(
            user,
            subject=_("Your access to Stellwerk"),
            text=render_to_string("people/mail/invitation.txt", context),
            html=render_to_string("people/mail/invitation.html", context),
        )
        record(user, by=by, verb="invite")


def password_link(user: User) -> str:
    """The address that sets a new password, once."""
    from allauth.account.forms import default_token_generator
    from allauth.account.utils import user_pk_to_url_str

    key = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    return f"{settings.BASE_URL}{path}"


def edit_account(
    user: User, values: Mapping[str, Any], *, by: User | None, version: int | None = None, reason: str = ""
) -> User:
    """Name, address and language of an account. Errors: ``Invalid``, ``NotAllowed``, ``StaleEdit``."""
    allowed = {name: value for name, value in values.items() if name in {"name", "email", "language"}}
    if "email" in allowed:
        allowed["email"] = str(allowed["email"]).strip().lower()
        if User.objects.filter(email__iexact=allowed["email"]).exclude(pk=user.pk).exists():
            raise Invalid({"email": [_("There is an account with this address already.")]})
    if user.erased_at is not None:
        raise Refused(_("The personal data of this account have been erased."), code="erased")
    return edit(user, allowed, by=by, version=version, reason=reason)


@transaction.atomic
def close_account(user: User, *, by: User | None, reason: str = "") -> User:
    """Nobody can sign in with it any more, its tokens stop working; what it did stays in the history.

    Errors: ``NotAllowed`` (one's own, the last administrator), ``Refused``.
    """
    require(by, "archive", user)
    if by is not None and by.pk == user.pk:
        raise NotAllowed(_("You cannot close your own account."), _("Another administrator can."), code="own_account")
    keep_an_administrator(without_user=user)
    return write(user, {"is_active": False}, by=by, verb="close", reason=reason)


def reopen_account(user: User, *, by: User | None, reason: str = "") -> User:
    require(by, "archive", user)
    if user.erased_at is not None:
        raise Refused(_("The personal data of this account have been erased."), code="erased")
    return write(user, {"is_active": True}, by=by, verb="reopen", reason=reason)


def edit_profile(user: User, values: Mapping[str, Any], *, by: User, version: int | None = None) -> User:
    """What everybody may change about their own account. Errors: ``NotAllowed``, ``Invalid``, ``StaleEdit``."""
    if user.pk != by.pk:
        raise NotAllowed(_("A profile belongs to its user."))
    chosen = {name: value for name, value in values.items() if name in PROFILE_FIELDS}
    if "name" in chosen:
        chosen["name"] = " ".join(str(chosen["name"]).split())
    return write(user, chosen, by=by, version=version, verb="edit_profile")


# ── role assignments ─────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def grant_role(
    *,
    by: User | None,
    user: User,
    role: str,
    scope: str,
    scope_id: int | None = None,
    valid_from: dt.date | None = None,
    valid_to: dt.date | None = None,
    deputy_for: User | None = None,
    reason: str = "",
) -> Grant:
    """Give a user a role in a scope for a time. An ended assignment of the same kind comes to life again.

    Errors: ``NotAllowed`` (to oneself; administrator by others than administrators), ``Invalid``.
    """
    require(by, "create", Grant)
    _refuse_own(by, user)
    _refuse_foreign_administration(by, role)
    if scope in {Scope.ORGANISATION, Scope.SELF} and not scope_id:
        scope_id = None
    errors = _grant_errors(user, role, scope, scope_id, valid_from, valid_to, deputy_for)
    if errors:
        raise Invalid(errors)
    same = Grant.objects.filter(user=user, role=role, scope=scope, scope_id=scope_id, deputy_for=deputy_for).first()
    values = {"valid_from": valid_from, "valid_to": valid_to}
    if same is not None:
        if same.active_on(timezone.localdate()):
            raise Invalid({"__all__": [_("This person has this role there already.")]})
        saved = write(same, values, by=by, verb="grant", reason=reason)
    else:
        saved = Grant(user=user, role=role, scope=scope, scope_id=scope_id, deputy_for=deputy_for, **values)
        try:
            with transaction.atomic():
                saved.save(force_insert=True)
        except IntegrityError as error:
            raise Invalid({"__all__": [_("This person has this role there already.")]}) from error
        record(saved, by=by, verb="grant", reason=reason, changes=_grant_changes(saved))
    record(user, by=by, verb="grant", reason=reason, changes=_grant_changes(saved))
    forget_grants(user)
    return saved


def _grant_changes(grant: Grant) -> dict[str, Any]:
    values = {"role": grant.role, "scope": grant.scope, "scope_id": grant.scope_id, "deputy_for": grant.deputy_for_id}
    days = {"valid_from": grant.valid_from, "valid_to": grant.valid_to}
    values |= {name: day.isoformat() if day else None for name, day in days.items()}
    return {name: [None, value] for name, value in values.items() if value is not None}


def _refuse_own(by: User | None, user: User) -> None:
    if by is not None and by.pk == user.pk:
        raise NotAllowed(
            _("Nobody gives roles to themselves."), _("Another administrator or the PMO lead can."), code="own_role"
        )


def _refuse_foreign_administration(by: User | None, role: str) -> None:
    if role == "administrator" and by is not None and "administrator" not in roles_of(by):
        raise NotAllowed(_("Only an administrator makes somebody an administrator."), code="administrator_only")


def _grant_errors(
    user: User,
    role: str,
    scope: str,
    scope_id: int | None,
    valid_from: dt.date | None,
    valid_to: dt.date | None,
    deputy_for: User | None,
) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    known = ROLES.get(role)
    if not user.is_active:
        errors["user"] = [_("This account is closed.")]
    if known is None:
        errors["role"] = [_("There is no such role.")]
    elif scope not in known.scopes:
        possible = ", ".join(str(Scope(item).label) for item in known.scopes)
        errors["scope"] = [_("This role is given for: %(scopes)s.") % {"scopes": possible}]
    elif scope not in {Scope.ORGANISATION, Scope.SELF} and scope_id is None:
        errors["scope_id"] = [_("Please choose for what.")]
    elif scope == Scope.SELF and scope_id is not None:
        errors["scope_id"] = [_("“Self” reaches a person's own things; there is nothing to choose.")]
    elif scope_id is not None and scope_object(scope, scope_id) is None:
        errors["scope_id"] = [_("This does not exist.")]
    if valid_from and valid_to and valid_to < valid_from:
        errors["valid_to"] = [_("The end lies before the beginning.")]
    if deputy_for is not None:
        errors |= _deputy_errors(user, role, scope, scope_id, valid_to, deputy_for)
    return errors


def _deputy_errors(
    user: User, role: str, scope: str, scope_id: int | None, valid_to: dt.date | None, deputy_for: User
) -> dict[str, list[str]]:
    """A deputy stands in for somebody who has this very role, until a day that is named."""
    if deputy_for.pk == user.pk:
        return {"deputy_for": [_("Nobody is their own deputy.")]}
    today = timezone.localdate()
    held = Grant.objects.filter(user=deputy_for, role=role, scope=scope, scope_id=scope_id, deputy_for__isnull=True)
    if not any(grant.active_on(today) for grant in held):
        return {"deputy_for": [_("“%(name)s” does not have this role there.") % {"name": deputy_for}]}
    if valid_to is None:
        return {"valid_to": [_("Please say until when the deputy stands in.")]}
    return {}


@transaction.atomic
def change_grant(
    grant: Grant,
    *,
    by: User | None,
    valid_from: dt.date | None,
    valid_to: dt.date | None,
    version: int | None = None,
    reason: str = "",
) -> Grant:
    """Another period. Errors: ``NotAllowed`` (own, last administrator), ``Invalid``, ``StaleEdit``."""
    require(by, "edit", grant)
    _refuse_own(by, grant.user)
    _refuse_foreign_administration(by, grant.role)
    if valid_from and valid_to and valid_to < valid_from:
        raise Invalid({"valid_to": [_("The end lies before the beginning.")]})
    if grant.deputy_for_id is not None and valid_to is None:
        raise Invalid({"valid_to": [_("Please say until when the deputy stands in.")]})
    if grant.role == "administrator" and (valid_to is not None or (valid_from and valid_from > timezone.localdate())):
        keep_an_administrator(without_grant=grant)
    saved = write(grant, {"valid_from": valid_from, "valid_to": valid_to}, by=by, version=version, reason=reason)
    forget_grants(grant.user)
    return saved


@transaction.atomic
def end_grant(grant: Grant, *, by: User | None, reason: str = "") -> Grant:
    """End an assignment at once (its last day was yesterday). One may give up a role of one's own.

    Errors: ``NotAllowed`` (last administrator).
    """
    require(by, "edit", grant)
    _refuse_foreign_administration(by, grant.role)
    if grant.role == "administrator":
        keep_an_administrator(without_grant=grant)
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    begin = min(grant.valid_from, yesterday) if grant.valid_from else None
    saved = write(grant, {"valid_from": begin, "valid_to": yesterday}, by=by, verb="end", reason=reason)
    record(grant.user, by=by, verb="end_grant", reason=reason, changes={"role": [grant.role, None]})
    forget_grants(grant.user)
    return saved


def keep_an_administrator(*, without_user: User | None = None, without_grant: Grant | None = None) -> None:
    """Refuse to lose the last account that administers without an end date."""
    today = timezone.localdate()
    everybody = Grant.objects.select_for_update().filter(role="administrator", deputy_for__isnull=True).order_by("pk")
    holders = list(everybody.values_list("pk", "user_id"))
    losing = {
        user
        for pk, user in holders
        if (without_grant and pk == without_grant.pk) or (without_user and user == without_user.pk)
    }
    if not losing:
        return
    rest = Grant.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=today),
        role="administrator",
        deputy_for__isnull=True,
        valid_to__isnull=True,
        user__is_active=True,
    )
    if without_user is not None:
        rest = rest.exclude(user=without_user)
    if without_grant is not None:
        rest = rest.exclude(pk=without_grant.pk)
    if not rest.exists():
        raise NotAllowed(
            _("This is the last administrator."),
            _("Make somebody else an administrator first."),
            code="last_administrator",
        )


def may_manage_accounts(user: User) -> bool:
    return can(user, "view", User)
