"""Clients: entered by recruiters, or registered by themselves at the public entrance and accepted by a recruiter."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from stellwerk.core import services
from stellwerk.core.errors import Invalid, Refused, WrongState
from stellwerk.core.mail import queue_mail
from stellwerk.core.models import Grant, Scope, User
from stellwerk.core.notify import absolute, notify
from stellwerk.core.permissions import require, users_who_can
from stellwerk.core.services import record, write
from stellwerk.people.models import Organisation
from stellwerk.staffing.choices import Entrance
from stellwerk.staffing.models import Client, ClientContact, Registration
from stellwerk.staffing.services.consents import text_version
from stellwerk.staffing.services.registrations import MOST_PER_HOUR, VALID_HOURS, digest_of
from stellwerk.staffing.services.vacancies import create_vacancy


@transaction.atomic
def create_client(*, values: Mapping[str, Any], by: User | None) -> Client:
    """Entered by a recruiter: accepted at once. Errors: ``Invalid``, ``NotAllowed``."""
    return services.create(Client, dict(values) | {"accepted_at": timezone.now()}, by=by)


@transaction.atomic
def accept_client(*, client: Client, by: User | None) -> Client:
    """A recruiter has looked at who registered. Errors: ``NotAllowed``, ``WrongState``."""
    require(by, "create", client)
    current = Client.objects.select_for_update().get(pk=client.pk)
    if current.accepted_at is not None:
        raise WrongState(_("The client has been accepted already."))
    return write(current, {"accepted_at": timezone.now()}, by=by, verb="accept")


@transaction.atomic
def register(*, email: str, data: Mapping[str, Any], language: str) -> None:
    """Keep what was said until the address is confirmed. The page says the same whether it is known or not. Errors: ``Refused``."""
    address, now = email.strip().lower(), timezone.now()
    lately = Registration.objects.filter(email__iexact=address, created_at__gt=now - dt.timedelta(hours=1)).count()
    if lately >= MOST_PER_HOUR:
        raise Refused(
            _("Several mails are on their way to this address already."), _("Look into your inbox, or try again in an hour."),
            code="too_often",
        )  # fmt: skip
    token = secrets.token_urlsafe(32)
    Registration.objects.create(
        entrance=Entrance.COMPANY, email=address, digest=digest_of(token), language=language,
        expires_at=now + dt.timedelta(hours=VALID_HOURS), data=dict(data) | {"text_version": text_version(), "agreed_at": now.isoformat()},
    )  # fmt: skip
    with translation.override(language):
        if User.objects.filter(email__iexact=address).exists():
            subject, text, url = _("You have an account already"), _("There is an account for this address: please sign in."), reverse("account_login")  # fmt: skip
        else:
            subject, url = _("Please confirm your e-mail address"), reverse("staffing:company-confirm", args=[token])
            text = _("with this link you confirm your address and choose a password. It works for %(hours)s hours:") % {"hours": VALID_HOURS}  # fmt: skip
        not_you = _("It was not you? Then do nothing: what was entered is erased.")
        queue_mail(address, subject=subject, text="\n\n".join([_("Hello,"), text, absolute(url), not_you]))


def registration_of(token: str) -> Registration:
    """The registration behind a link. Errors: ``Refused``: unknown, used, or too old."""
    row = Registration.objects.filter(digest=digest_of(token), entrance=Entrance.COMPANY).first()
    again = _("Register once more: it takes three minutes.")
    if row is None:
        raise Refused(_("This link does not work."), again, code="link_unknown")
    if row.confirmed_at is not None:
        raise Refused(_("This link has been used."), _("Sign in with your address and password."), code="link_used")
    if row.expires_at < timezone.now():
        raise Refused(_("This link is too old."), again, code="link_expired")
    return row


@transaction.atomic
def confirm(*, token: str, password: str) -> tuple[Client, User]:
    """Account (client contact, its own company only), client (not accepted yet), and the need as a draft vacancy. Errors: ``Invalid``, ``Refused``."""
    row = Registration.objects.select_for_update().get(pk=registration_of(token).pk)
    registration_of(token)  # again under the lock: of two clicks at once the second is refused
    data = row.data
    user = User(email=row.email, name=str(data.get("name", ""))[:120], language=row.language)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid({"password": list(error.messages)}) from error
    if User.objects.filter(email__iexact=row.email).exists():
        raise Refused(_("There is an account with this address already."), _("Sign in with your address and password."), code="known")  # fmt: skip
    organisation = Organisation.objects.filter(archived_at=None).order_by("pk").first()
    if organisation is None:
        raise Refused(_("Nobody can register here yet."), code="no_organisation")
    user.set_password(password)
    user.save(force_insert=True)
    Grant.objects.create(user=user, role="client_contact", scope=Scope.SELF)
    record(user, by=user, verb="create", changes={"email": [None, row.email]})
    values = {
        "organisation": organisation,
        "name": str(data.get("company", ""))[:160],
        "city": str(data.get("city", ""))[:120],
    }
    client = services.create(Client, values, by=None)
    ClientContact.objects.create(
        client=client,
        name=user.name,
        email=user.email,
        phone=str(data.get("phone", ""))[:40],
        language=row.language,
        user=user,
    )
    if need := str(data.get("need", "")).strip():
        title = str(data.get("title", "")).strip()[:150] or need.splitlines()[0][:150]
        create_vacancy(values={"client": client, "title": title, "tasks": need[:6000], "owner": user}, by=None)
    Registration.objects.filter(pk=row.pk).update(confirmed_at=timezone.now(), data={"agreed_at": data.get("agreed_at"), "text_version": data.get("text_version")})  # fmt: skip
    notify(
        users_who_can("create", client), kind="company_registered", obj=client,
        title=lambda: _("%(name)s has registered as a client") % {"name": client.name}, dedupe=f"company-{client.pk}",
    )  # fmt: skip
    return client, user
