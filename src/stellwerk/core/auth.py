"""Sign-in: who may open an account, and what the first sign-in through the company's OIDC provider creates."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stellwerk.core.errors import Text
from stellwerk.core.mail import queue_mail
from stellwerk.core.models import User
from stellwerk.core.permissions import roles_of
from stellwerk.core.services import record

log = structlog.get_logger("stellwerk.sign_in")


@dataclass(frozen=True)
class DemoPerson:
    """One of the demo company's cast, offered on the sign-in page in demo mode only."""

    code: str
    name: str
    role: Text
    email: str


DEMO_CAST: list[DemoPerson] = []


def demo_cast() -> list[dict[str, str]]:
    """What the sign-in page offers: nothing outside the demo."""
    if not settings.DEMO:
        return []
    return [
        {"name": person.name, "role": str(person.role), "url": reverse("auth:demo-sign-in", args=[person.code])}
        for person in DEMO_CAST
    ]


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are created by an administrator or by the company's OIDC provider, not by visitors."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if isinstance(request.user, User) and not roles_of(request.user):
            return reverse("auth:no-roles")
        return str(super().get_login_redirect_url(request))

    get_signup_redirect_url = get_login_redirect_url

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The address of the installation, never the host that the request claims to speak to."""
        return settings.BASE_URL + urlsplit(str(super().get_reset_password_from_key_url(key))).path

    def format_email_subject(self, subject: str) -> str:
        return subject  # without the host that the request claims

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Through the queue: a mail server that is down costs nobody a password reset."""
        from allauth.core import context as request_context

        request = request_context.request
        site = SimpleNamespace(name="Stellwerk", domain=settings.BASE_URL)  # what the request claims may be forged
        everything = {"request": request, "email": email, **context, "current_site": site}
        message = self.render_mail(template_prefix, email, everything)
        html = next((str(part[0]) for part in getattr(message, "alternatives", []) if part[1] == "text/html"), "")
        queue_mail(email, subject=message.subject, text=message.body, html=html)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        log.warning("sign-in failed", address=str(credentials.get("email", ""))[:120])


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """The provider decides who somebody is, Stellwerk what they may do: a new account has no role at all."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return True

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> Any:
        user = super().populate_user(request, sociallogin, data)
        user.name = data.get("name") or " ".join(filter(None, (data.get("first_name"), data.get("last_name"))))
        user.name = (user.name or user.email)[:120]
        user.email = user.email.lower()
        language = (get_language() or "")[:2]
        user.language = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Neither a new account nor a link to an existing one without an address that the provider vouches for."""
        if sociallogin.is_existing and not sociallogin._did_authenticate_by_email:
            return
        if any(address.verified for address in sociallogin.email_addresses):
            return
        log.warning("sign-in refused: address not confirmed by the provider")
        raise ImmediateHttpResponse(render(request, "core/auth/unverified.html", status=403))

    def authenticate_by_email(self, sociallogin: Any) -> tuple[Any, str] | None:
        """The account with this address, made by an administrator: linked at its first sign-in through the provider."""
        found: tuple[Any, str] | None = super().authenticate_by_email(sociallogin)
        if found is None:
            return None
        user, email = found
        if not user.is_active or user.erased_at is not None:
            return None
        # Without this row allauth takes the local password for a stranger's and wipes it; only administrators create
        # accounts here, so the password is the owner's.
        EmailAddress.objects.get_or_create(user=user, email=email.lower(), defaults={"verified": True, "primary": True})
        if not sociallogin.account.pk:
            record(user, by=None, verb="link", reason=_("Signed in through the company's provider for the first time"))
        return user, email

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Any:
        user = super().save_user(request, sociallogin, form)
        reason = _("Signed in through the company's provider for the first time")
        record(user, by=None, verb="create", changes={"email": [None, user.email]}, reason=reason)
        return user
