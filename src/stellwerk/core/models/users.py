"""Who signs in, and what each may do where."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stellwerk.core.kept import KeptQuery
from stellwerk.core.models.base import Versioned


class UserManager(BaseUserManager["User"]):
    """Users are known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        if not email:
            raise ValueError("a user needs an e-mail address")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get(self, *args: Any, **named: Any) -> User:
        """As any manager's; the sign-in library asks so for the user of each request."""
        if not args and named.keys() == {"pk"} and type(named["pk"]) is int:
            found = _USERS.first(models.Q(pk=named["pk"]))
            if found is not None:
                return found
        return super().get(*args, **named)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


_USERS: KeptQuery[User] = KeptQuery(lambda which: models.QuerySet(User).filter(which))


class Theme(models.TextChoices):
    SYSTEM = "system", _("As the device")
    LIGHT = "light", pgettext_lazy("appearance", "Light")
    DARK = "dark", _("Dark")


class Digest(models.TextChoices):
    AT_ONCE = "at_once", _("At once")
    DAILY = "daily", _("Daily digest")
    NONE = "none", _("No mail")


class User(AbstractBaseUser, Versioned):
    """An account. What it may do is written in :class:`Grant`, never in flags on the account."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    pseudonym = models.UUIDField(
        default=uuid.uuid4, unique=True, editable=False, help_text=_("Names the person in history and snapshots.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="de")
    theme = models.CharField(_("appearance"), max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    digest = models.CharField(_("notifications by mail"), max_length=8, choices=Digest.choices, default=Digest.AT_ONCE)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        parts = [part for part in self.name.replace("Dr. ", "").split() if part]
        return "".join(part[0] for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts)).upper() or "?"

    @classmethod
    def entity_label(cls) -> str:
        return "core.user"


class Scope(models.TextChoices):
    """How far a grant reaches (domain.md section 1)."""

    ORGANISATION = "organisation", _("Organisation")
    PORTFOLIO = "portfolio", _("Portfolio")
    PROGRAMME = "programme", _("Programme")
    PROJECT = "project", _("Project")
    UNIT = "unit", _("Unit")
    SELF = "self", _("Self")


class Grant(Versioned):
    """One user has one role in one scope for a time; a deputy's grant names whom it stands in for."""

    user = models.ForeignKey(User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(_("role"), max_length=40)
    scope = models.CharField(_("scope"), max_length=12, choices=Scope.choices)
    scope_id = models.BigIntegerField(_("scope object"), null=True, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    deputy_for = models.ForeignKey(
        User, verbose_name=_("deputy for"), on_delete=models.CASCADE, null=True, blank=True, related_name="deputies"
    )

    class Meta:
        verbose_name = _("role assignment")
        verbose_name_plural = _("role assignments")
        ordering = ["user", "role", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_from__isnull=True)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="grant_period_in_order",
            ),
            models.UniqueConstraint(
                "user",
                "role",
                "scope",
                Coalesce("scope_id", 0),
                Coalesce("deputy_for", 0),
                name="grant_once",
                violation_error_message=_("This role assignment exists already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.role} · {self.scope}"

    def active_on(self, day: dt.date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    @classmethod
    def entity_label(cls) -> str:
        return "core.grant"


class ApiToken(models.Model):
    """A token for the API; only its hash is kept, its scopes narrow what its user may do."""

    PREFIX = "sw_"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=8, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("valid until"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def new_secret(cls) -> str:
        return cls.PREFIX + secrets.token_urlsafe(32)

    @staticmethod
    def digest_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()

    @property
    def usable(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())


class ApiReply(models.Model):
    """What a request with an idempotency key was answered, for a day (:mod:`stellwerk.core.api.once`)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, help_text="SHA-256 of what was asked")
    status = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("API answer")
        verbose_name_plural = _("API answers")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="api_reply_once")]

    def __str__(self) -> str:
        return self.key
