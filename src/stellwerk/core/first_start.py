"""The first administrator: from the environment, by a link that works once, or by command."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.models import Grant, Scope, Setting, User
from stellwerk.core.services import record

TOKEN = "core.setup_token"  # noqa: S105 - the name of a setting
TOKEN_LIFE = dt.timedelta(days=7)
ROLES = ("administrator", "pmo_lead")


def nobody_yet() -> bool:
    """True while no account exists: only then anybody may become the first administrator."""
    return not User.objects.exists()


def create_administrator(*, email: str, name: str, password: str) -> User:
    """Create an account with the roles administrator and PMO lead for the whole organisation, or give them to one that
    exists (its password stays). Errors: ``Invalid`` (address, weak password).
    """
    address = email.strip().lower()
    existing = User.objects.filter(email__iexact=address).first()
    if existing is None:
        _check(address, name, password)
    with transaction.atomic():
        user = existing or User.objects.create_user(address, password, name=name.strip() or address)
        if existing is None:
            record(user, by=None, verb="create", changes={"email": [None, address]}, reason=_("Set-up"))
        elif not user.is_active:
            raise Refused(_("This account is closed."), _("Open it again first, or use another address."))
        for role in ROLES:
            grant, new = Grant.objects.get_or_create(
                user=user, role=role, scope=Scope.ORGANISATION, scope_id=None, deputy_for=None
            )
            if new:
                record(grant, by=None, verb="create", changes={"role": [None, role]}, reason=_("Set-up"))
    return user


def _check(email: str, name: str, password: str) -> None:
    errors: dict[str, list[str]] = {}
    try:
        validate_email(email)
    except ValidationError as error:
        errors["email"] = list(error.messages)
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        errors["password"] = list(error.messages)
    if errors:
        raise Invalid(errors)


def new_token() -> str:
    """A fresh set-up token; only its digest is kept, an older one stops working. Errors: ``Refused``."""
    if not nobody_yet():
        raise Refused(
            _("Stellwerk is set up already."), _("Use “stellwerk create-admin” to make somebody an administrator.")
        )
    token = secrets.token_urlsafe(24)
    value = {"digest": _digest(token), "created": timezone.now().isoformat()}
    Setting.objects.update_or_create(name=TOKEN, defaults={"value": value})
    return token


def token_counts(token: str) -> bool:
    """Is this the token that was printed last, not older than a week, with nobody set up yet?"""
    row = Setting.objects.filter(name=TOKEN).first()
    if row is None or not token or not nobody_yet():
        return False
    age = timezone.now() - dt.datetime.fromisoformat(row.value["created"])
    return hmac.compare_digest(row.value["digest"], _digest(token)) and age < TOKEN_LIFE


def set_up(*, token: str, email: str, name: str, password: str) -> User:
    """Use the token: it works once, also when two people try at the same time. Errors: ``Refused``, ``Invalid``."""
    with transaction.atomic():
        counts = token_counts(token)
        used = Setting.objects.filter(name=TOKEN).delete()[0] if counts else 0
        if not used:
            raise Refused(
                _("This set-up link does not work any more."), _("Print a new one on the server: stellwerk setup")
            )
        return create_administrator(email=email, name=name, password=password)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
