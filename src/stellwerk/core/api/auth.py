"""API authentication: a token with scopes, or the signed-in browser session (with CSRF token)."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from ninja.security import HttpBearer, SessionAuth

from stellwerk.core.errors import NotAllowed
from stellwerk.core.models import ApiToken, User
from stellwerk.core.services import record

SCOPES = ("read", "write")


class TokenAuth(HttpBearer):
    """``Authorization: Bearer sw_…``; the token acts as its user, never beyond its own scopes."""

    openapi_description = "A token from your profile page; its scopes narrow what you may do."

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        if not token.startswith(ApiToken.PREFIX):
            return None
        found = ApiToken.objects.select_related("user").filter(digest=ApiToken.digest_of(token)).first()
        if found is None or not found.usable or not found.user.is_active:
            return None
        now = timezone.now()
        if found.last_used_at is None or now - found.last_used_at > timedelta(minutes=1):
            ApiToken.objects.filter(pk=found.pk).update(last_used_at=now)
        request.user = found.user
        translation.activate(found.user.language)
        request.api_scopes = frozenset(found.scopes)  # type: ignore[attr-defined]
        return found.user


class BrowserAuth(SessionAuth):
    """The session cookie of the browser; writing needs the CSRF token as everywhere."""


def check_scope(request: HttpRequest, scope: str, label: str) -> None:
    """Refuse what the token's scopes do not cover: ``read``, ``write``, or ``read:portfolio.project``."""
    scopes: frozenset[str] | None = getattr(request, "api_scopes", None)
    if scopes is None:
        return
    if scope == "read" and ({"write", f"write:{label}"} & scopes):
        return
    if not ({scope, f"{scope}:{label}"} & scopes):
        raise NotAllowed(
            _("The token lacks the scope “%(scope)s”.") % {"scope": f"{scope}:{label}"},
            _("Create a token with this scope on your profile page."),
            code="scope_missing",
        )


def create_token(*, user: User, by: User, name: str, scopes: list[str], days: int | None = 365) -> tuple[ApiToken, str]:
    """A new token and its secret, which is shown once and kept only as a hash. Only for oneself."""
    if user.pk != by.pk:
        raise NotAllowed(_("You can create tokens only for yourself."))
    unknown = [scope for scope in scopes if scope.split(":")[0] not in SCOPES]
    if unknown or not scopes:
        from stellwerk.core.errors import Invalid

        raise Invalid({"scopes": [_("Choose at least one of the offered scopes.")]})
    secret = ApiToken.new_secret()
    token = ApiToken.objects.create(
        user=user,
        name=name.strip() or _("API token"),
        digest=ApiToken.digest_of(secret),
        hint=secret[-4:],
        scopes=sorted(set(scopes)),
        expires_at=timezone.now() + timedelta(days=days) if days else None,
    )
    record(user, by=by, verb="token_create", changes={"token": [None, token.name]})
    return token, secret


def revoke_token(token: ApiToken, *, by: User) -> None:
    if token.user_id != by.pk:
        raise NotAllowed(_("You can revoke only your own tokens."))
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
    record(token.user, by=by, verb="token_revoke", changes={"token": [token.name, None]})
