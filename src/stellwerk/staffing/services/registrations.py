"""The public entrances: said once, confirmed by mail, then an account; for applicants and freelancers with a profile of their own.

Nobody learns from these pages whether an address is known: the answer is the same, only the mail differs.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any, Final

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.mail import queue_mail
from stellwerk.core.models import ApiToken, Grant, Scope, User
from stellwerk.core.notify import absolute, notify
from stellwerk.core.permissions import users_who_can
from stellwerk.core.services import create, record
from stellwerk.people.models import Organisation
from stellwerk.staffing.choices import Entrance
from stellwerk.staffing.models import Consent, Profile, Registration, Vacancy
from stellwerk.staffing.recognise import terms_in
from stellwerk.staffing.services.consents import DAYS, text_version
from stellwerk.staffing.services.profiles import add_terms
from stellwerk.staffing.towns import located
from stellwerk.staffing.vocabulary import vocabulary

VALID_HOURS: Final = 48
MOST_PER_HOUR: Final = 3
"""Mails to one address."""


@transaction.atomic
def register(*, entrance: str, email: str, data: Mapping[str, Any], language: str) -> None:
    """Keep what was said until the address is confirmed, and mail the link. Errors: ``Refused`` (too often)."""
    address = email.strip().lower()
    now = timezone.now()
    lately = Registration.objects.filter(email__iexact=address, created_at__gt=now - dt.timedelta(hours=1))
    if lately.count() >= MOST_PER_HOUR:
        raise Refused(
            _("Several mails are on their way to this address already."), _("Look into your inbox, or try again in an hour."),
            code="too_often",
        )  # fmt: skip
    token = secrets.token_urlsafe(32)
    Registration.objects.create(
        entrance=entrance, email=address, digest=ApiToken.digest_of(token), language=language,
        expires_at=now + dt.timedelta(hours=VALID_HOURS),
        data=dict(data) | {"text_version": text_version(), "agreed_at": now.isoformat()},
    )  # fmt: skip
    known = User.objects.filter(email__iexact=address).exists()
    with translation.override(language):
        if known:
            _mail_known(address)
        else:
            _mail_link(address, token, entrance)


def _mail_link(address: str, token: str, entrance: str) -> None:
    route = "staffing:company-confirm" if entrance == Entrance.COMPANY else "staffing:join-confirm"
    queue_mail(
        address,
        subject=_("Please confirm your e-mail address"),
        text="\n\n".join(
            [
                _("Hello,"),
                _("with this link you confirm your address and choose a password. It works for %(hours)s hours:") % {"hours": VALID_HOURS},
                absolute(reverse(route, args=[token])),
                _("It was not you? Then do nothing: what was entered is erased."),
            ]
        ),
    )  # fmt: skip


def _mail_known(address: str) -> None:
    queue_mail(
        address,
        subject=_("You have an account already"),
        text="\n\n".join(
            [
                _("Hello,"),
                _("somebody has registered with this address. There is an account for it: please sign in, or ask for a new password."),
                absolute(reverse("account_login")),
                _("It was not you? Then do nothing: what was entered is erased."),
            ]
        ),
    )  # fmt: skip


PEOPLE: Final = (Entrance.APPLICANT, Entrance.FREELANCER)


def registration_of(token: str, entrances: tuple[str, ...] = PEOPLE) -> Registration:
    """The registration behind a link of these entrances. Errors: ``Refused``: unknown, used, or too old."""
    row = Registration.objects.filter(digest=ApiToken.digest_of(token), entrance__in=entrances).first()
    again = _("Register once more: it takes three minutes.")
    if row is None:
        raise Refused(_("This link does not work."), again, code="link_unknown")
    if row.confirmed_at is not None:
        raise Refused(_("This link has been used."), _("Sign in with your address and password."), code="link_used")
    if row.expires_at < timezone.now():
        raise Refused(_("This link is too old."), again, code="link_expired")
    return row


def taken(token: str, entrances: tuple[str, ...] = PEOPLE) -> Registration:
    """The registration, locked: of two clicks at once the second is refused. Errors: as :func:`registration_of`."""
    row = Registration.objects.select_for_update().get(pk=registration_of(token, entrances).pk)
    registration_of(token, entrances)  # again under the lock
    return row


def account(*, row: Registration, name: str, password: str, role: str) -> User:
    """The account behind a confirmed address, with one role that reaches itself alone. Errors: ``Invalid``, ``Refused`` (known by now)."""
    user = User(email=row.email, name=name[:120], language=row.language)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid({"password": list(error.messages)}) from error
    if User.objects.filter(email__iexact=row.email).exists():
        raise Refused(_("There is an account with this address already."), _("Sign in with your address and password."), code="known")  # fmt: skip
    user.set_password(password)
    user.save(force_insert=True)
    Grant.objects.create(user=user, role=role, scope=Scope.SELF)
    record(user, by=user, verb="create", changes={"email": [None, row.email]})
    return user


def home() -> Organisation:
    """Who keeps what comes in through the entrances. Errors: ``Refused`` where nobody is there yet."""
    organisation = Organisation.objects.filter(archived_at=None).order_by("pk").first()
    if organisation is None:
        raise Refused(_("Nobody can register here yet."), code="no_organisation")
    return organisation


@transaction.atomic
def confirm(*, token: str, password: str) -> Profile:
    """The account (role candidate, only itself), the profile and the dated consents; recruiters are told. Errors: ``Invalid``, ``Refused``."""
    row = taken(token)
    data = row.data
    name = f"{data.get('first_name', '')} {data.get('last_name', '')}".strip()
    user = account(row=row, name=name, password=password, role="candidate")
    profile = _profile(row, user)
    _tell(profile, str(data.get("reference", "")))
    Registration.objects.filter(pk=row.pk).update(confirmed_at=timezone.now(), data={})
    return profile


def _tell(profile: Profile, reference: str) -> None:
    """Recruiters learn of it under the bell, with the vacancy whose ad led here, if one did."""
    number = reference.split("/")[0]
    vacancy = Vacancy.objects.filter(number=int(number)).first() if number.isdecimal() and len(number) < 10 else None

    def title() -> str:
        if vacancy is None:
            return _("%(name)s has registered") % {"name": profile.full_name}
        return _("%(name)s has registered for “%(title)s”") % {"name": profile.full_name, "title": vacancy}

    notify(
        users_who_can("create", profile), kind="registered", obj=profile, title=title, dedupe=f"registered-{profile.pk}"
    )


def _profile(row: Registration, user: User) -> Profile:
    data = row.data
    values: dict[str, Any] = {
        "organisation": home(), "user": user, "email": row.email, "language": row.language, "source": "entrance",
        "kind": "freelancer" if row.entrance == Entrance.FREELANCER else "applicant", "state": "active",
        "first_name": str(data.get("first_name", ""))[:80], "last_name": str(data.get("last_name", ""))[:80],
        "headline": str(data.get("headline", ""))[:200], "city": str(data.get("city", ""))[:120],
        "pay_unit": "hour" if row.entrance == Entrance.FREELANCER else "year",
        "contract_forms": ["freelance"] if row.entrance == Entrance.FREELANCER else ["permanent", "lending"],
    }  # fmt: skip
    profile = create(Profile, located(values), by=None)
    codes = [
        code
        for code in terms_in(str(data.get("skills", "")))
        if vocabulary()[code].kind not in {"language", "industry"}
    ]
    add_terms(profile=profile, codes=codes, by=user)
    now = timezone.now()
    agreed = dt.datetime.fromisoformat(data["agreed_at"])
    for kind in ("process", "pool", "mail"):
        if kind == "process" or data.get(kind):
            Consent.objects.create(
                profile=profile, kind=kind, text_version=data.get("text_version", text_version()), given_at=agreed,
                expires=timezone.localtime(now).date() + dt.timedelta(days=DAYS[kind]), evidence="entrance, address confirmed by mail",
            )  # fmt: skip
    return profile


def forget_old(now: dt.datetime) -> int:
    """Registrations that were not confirmed are erased a week after their link ended; used ones likewise."""
    return Registration.objects.filter(expires_at__lt=now - dt.timedelta(days=7)).delete()[0]
