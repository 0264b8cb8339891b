"""Profiles of employees, applicants and freelancers: what they can and wish, with evidence and consents.

No field may hold a protected trait (age, sex, origin, photo, marital status, gaps in a career).
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import Entity, Versioned
from stellwerk.people.models import Organisation, Person
from stellwerk.staffing.choices import (
    CONSENT_STATES,
    PROFILE_STATES,
    ConsentKind,
    Entrance,
    Known,
    LanguageLevel,
    PayUnit,
    ProfileKind,
    SkillLevel,
)
from stellwerk.staffing.models.clients import Partner
from stellwerk.staffing.models.places import Placed
from stellwerk.staffing.models.terms import Term


class Profile(Entity, Placed):
    """What somebody offers and wishes. Pay in minor units of ``currency`` per ``pay_unit``; lists of codes are JSON lists of text.

    ``asks``: the least they work for; ``pay_wish``: what they hope for. ``contract_forms``: codes of ``ContractForm``, empty: not told.
    """

    KEY_PREFIX: ClassVar[str] = "PRF"

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("kept by"), on_delete=models.PROTECT, related_name="profiles"
    )
    kind = models.CharField(_("type"), max_length=12, choices=ProfileKind.choices, default=ProfileKind.APPLICANT)
    person = models.OneToOneField(
        Person, verbose_name=_("person"), on_delete=models.SET_NULL, null=True, blank=True, related_name="profile"
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name=_("account"), on_delete=models.SET_NULL, null=True, blank=True,
        related_name="staffing_profile",
    )  # fmt: skip
    partner = models.ForeignKey(
        Partner, verbose_name=_("proposed by"), on_delete=models.PROTECT, null=True, blank=True, related_name="profiles"
    )
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="de")
    headline = models.CharField(_("headline"), max_length=200, blank=True)
    summary = models.TextField(_("in own words"), max_length=6000, blank=True)
    links = models.JSONField(_("web links"), default=list, blank=True)
    years = models.PositiveSmallIntegerField(
        _("years of experience"), null=True, blank=True, validators=[MaxValueValidator(60)]
    )
    available = models.DateField(_("available from"), null=True, blank=True)
    workload_least = models.PositiveSmallIntegerField(
        _("workload from (%)"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    workload_most = models.PositiveSmallIntegerField(
        _("workload to (%)"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    workload_wish = models.PositiveSmallIntegerField(
        _("wished workload (%)"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    radius = models.PositiveSmallIntegerField(
        _("radius (km)"), null=True, blank=True, validators=[MaxValueValidator(2000)]
    )
    remote_wish = models.PositiveSmallIntegerField(
        _("wished remote share (%)"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    contract_forms = models.JSONField(_("contract types"), default=list, blank=True)
    permits = models.JSONField(_("may work in"), default=list, blank=True)
    pay_unit = models.CharField(_("pay"), max_length=4, choices=PayUnit.choices, default=PayUnit.HOUR)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    asks = models.BigIntegerField(_("at least"), null=True, blank=True, validators=[MinValueValidator(0)])
    pay_wish = models.BigIntegerField(_("wished"), null=True, blank=True, validators=[MinValueValidator(0)])
    team_least = models.PositiveSmallIntegerField(_("team from"), null=True, blank=True)
    team_most = models.PositiveSmallIntegerField(_("team to"), null=True, blank=True)
    wishes = models.TextField(_("individual wishes"), max_length=3000, blank=True)
    industries = models.ManyToManyField(Term, verbose_name=_("industries"), related_name="+", blank=True)
    source = models.CharField(_("source"), max_length=20, default="manual", editable=False)
    state = models.CharField(_("state"), max_length=8, choices=PROFILE_STATES, default="draft", editable=False)
    locked_at = models.DateField(_("locked"), null=True, blank=True, editable=False)
    erase_on = models.DateField(_("is erased on"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
        ordering = ["last_name", "first_name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(workload_least__isnull=True)
                | models.Q(workload_most__isnull=True)
                | models.Q(workload_most__gte=models.F("workload_least")),
                name="profile_workload_in_order",
                violation_error_message=_("The most workload lies below the least."),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "kind"], name="profile_state"),
            models.Index(fields=["email"], name="profile_email"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class ProfileTerm(Versioned):
    """A skill, soft skill or certificate of a profile; ``evidence``: the sentence or paper that shows it; ``used``: when last."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="terms")
    term = models.ForeignKey(Term, verbose_name=_("skill"), on_delete=models.PROTECT, related_name="profiles")
    level = models.PositiveSmallIntegerField(_("level"), choices=SkillLevel.choices, null=True, blank=True)
    known = models.CharField(_("known"), max_length=10, choices=Known.choices, default=Known.TOLD)
    used = models.DateField(_("last used"), null=True, blank=True)
    expires = models.DateField(_("expires"), null=True, blank=True)
    evidence = models.CharField(_("evidence"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("skill of a profile")
        verbose_name_plural = _("skills of a profile")
        ordering = ["profile", "-level", "term__name", "pk"]
        constraints = [models.UniqueConstraint(fields=["profile", "term"], name="profile_term_once")]
        indexes = [models.Index(fields=["term", "level"], name="profile_term_level")]

    def __str__(self) -> str:
        return str(self.term)


class ProfileLanguage(Versioned):
    """``code``: ISO 639-1."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="languages")
    code = models.CharField(_("language"), max_length=3)
    level = models.PositiveSmallIntegerField(_("level"), choices=LanguageLevel.choices)

    class Meta:
        verbose_name = _("language of a profile")
        verbose_name_plural = _("languages of a profile")
        ordering = ["profile", "-level", "code"]
        constraints = [models.UniqueConstraint(fields=["profile", "code"], name="profile_language_once")]

    def __str__(self) -> str:
        return self.code


class ProfileWish(Versioned):
    """Content or an industry that the person wants, or does not want."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="term_wishes")
    term = models.ForeignKey(Term, verbose_name=_("wish"), on_delete=models.PROTECT, related_name="+")
    wanted = models.BooleanField(_("wanted"), default=True)

    class Meta:
        verbose_name = _("wish of a profile")
        verbose_name_plural = _("wishes of a profile")
        ordering = ["profile", "-wanted", "term__name"]
        constraints = [models.UniqueConstraint(fields=["profile", "term"], name="profile_wish_once")]

    def __str__(self) -> str:
        return str(self.term)


class Station(Versioned):
    """Work, education or a project; ``first`` and ``last`` as ``YYYY`` or ``YYYY-MM``, ``now``: goes on."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="stations")
    kind = models.CharField(
        _("type"), max_length=10, default="work",
        choices=[("work", _("Employment")), ("education", _("Education")), ("project", _("Project"))],
    )  # fmt: skip
    title = models.CharField(_("title"), max_length=200)
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    place = models.CharField(_("place"), max_length=120, blank=True)
    first = models.CharField(_("from"), max_length=7, blank=True)
    last = models.CharField(_("to"), max_length=7, blank=True)
    text = models.TextField(_("tasks"), max_length=4000, blank=True)

    class Meta:
        verbose_name = _("station")
        verbose_name_plural = _("stations")
        ordering = ["profile", "-first", "pk"]

    def __str__(self) -> str:
        return self.title


class Consent(Versioned):
    """A dated consent to one purpose, in the wording of ``text_version``; it ends by itself unless it is renewed."""

    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="consents")
    kind = models.CharField(_("purpose"), max_length=10, choices=ConsentKind.choices)
    text_version = models.CharField(_("wording"), max_length=20)
    given_at = models.DateTimeField(_("given"))
    expires = models.DateField(_("until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)
    evidence = models.CharField(_("evidence"), max_length=200, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=CONSENT_STATES, default="given", editable=False)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["profile", "kind", "-given_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "kind"], condition=models.Q(state__in=["given", "renewed"]), name="consent_once"
            )
        ]
        indexes = [models.Index(fields=["state", "expires"], name="consent_due")]

    def __str__(self) -> str:
        return self.get_kind_display()


class Reading(Versioned):
    """A CV that was read and not yet gone through: what was understood waits for the person."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="readings")
    name = models.CharField(_("file name"), max_length=200)
    data = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("CV that was read")
        verbose_name_plural = _("CVs that were read")
        ordering = ["-created_at", "pk"]

    def __str__(self) -> str:
        return self.name


class Registration(models.Model):
    """Somebody registered at a public entrance and has to confirm the mail address; what they said waits so long."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    entrance = models.CharField(_("entrance"), max_length=10, choices=Entrance.choices)
    email = models.EmailField(_("e-mail"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    data = models.JSONField(default=dict)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="de")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        ordering = ["-created_at", "pk"]
        indexes = [models.Index(fields=["email", "created_at"], name="registration_email")]

    def __str__(self) -> str:
        return f"{self.entrance} {self.uid}"
