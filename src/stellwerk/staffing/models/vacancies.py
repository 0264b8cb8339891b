"""Vacancies: what is looked for and offered, in the words of profiles."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import Entity, Versioned
from stellwerk.people.models import Organisation, Role
from stellwerk.resources.models import Demand
from stellwerk.staffing.choices import VACANCY_STATES, LanguageLevel, NeedKind, PayUnit, SkillLevel
from stellwerk.staffing.models.clients import Client, Partner
from stellwerk.staffing.models.places import Placed
from stellwerk.staffing.models.terms import Term


class Vacancy(Entity, Placed):
    """What is looked for and offered. Pay in minor units of ``currency`` per ``pay_unit``; tasks and profile: one bullet per line.

    ``number``/``edition``: the reference of its ad (``821407/1``); ``rate_cap``: the most we may charge or pay, inside only.
    """

    KEY_PREFIX: ClassVar[str] = "VAC"

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("served by"), on_delete=models.PROTECT, related_name="vacancies"
    )
    client = models.ForeignKey(
        Client, verbose_name=_("client company"), on_delete=models.PROTECT, related_name="vacancies"
    )
    demand = models.ForeignKey(
        Demand, verbose_name=_("demand"), on_delete=models.PROTECT, null=True, blank=True, related_name="vacancies"
    )
    number = models.PositiveIntegerField(_("reference number"), unique=True, editable=False)
    edition = models.PositiveSmallIntegerField(_("edition"), default=1, editable=False)
    role = models.ForeignKey(
        Role, verbose_name=_("project role"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    title = models.CharField(_("title (German)"), max_length=160)
    title_en = models.CharField(_("title (English)"), max_length=160, blank=True)
    intro = models.TextField(_("introduction (German)"), max_length=3000, blank=True)
    intro_en = models.TextField(_("introduction (English)"), max_length=3000, blank=True)
    tasks = models.TextField(_("tasks (German)"), max_length=6000, blank=True)
    tasks_en = models.TextField(_("tasks (English)"), max_length=6000, blank=True)
    wanted = models.TextField(_("profile (German)"), max_length=6000, blank=True)
    wanted_en = models.TextField(_("profile (English)"), max_length=6000, blank=True)
    offer = models.TextField(_("what is offered (German)"), max_length=3000, blank=True)
    offer_en = models.TextField(_("what is offered (English)"), max_length=3000, blank=True)
    contract_forms = models.JSONField(_("contract types"), default=list, blank=True)
    positions = models.PositiveSmallIntegerField(_("positions"), default=1, validators=[MinValueValidator(1)])
    industry = models.ForeignKey(
        Term, verbose_name=_("industry"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    years = models.PositiveSmallIntegerField(
        _("years of experience"), null=True, blank=True, validators=[MaxValueValidator(60)]
    )
    places = models.CharField(
        _("further places"),
        max_length=200,
        blank=True,
        help_text=_("Towns, regions or countries, with commas between them. Only a region: leave the town empty."),
    )
    remote = models.PositiveSmallIntegerField(_("remote share (%)"), default=0, validators=[MaxValueValidator(100)])
    workload_least = models.PositiveSmallIntegerField(
        _("workload from (%)"), default=100, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    workload_most = models.PositiveSmallIntegerField(
        _("workload to (%)"), default=100, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    start = models.DateField(_("start"), null=True, blank=True)
    latest_start = models.DateField(_("start at the latest"), null=True, blank=True)
    last_day = models.DateField(_("last day"), null=True, blank=True, help_text=_("Empty: for an unlimited time."))
    team = models.PositiveSmallIntegerField(_("team size"), null=True, blank=True)
    pay_unit = models.CharField(_("pay"), max_length=4, choices=PayUnit.choices, default=PayUnit.YEAR)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    pay_least = models.BigIntegerField(_("pay from"), null=True, blank=True, validators=[MinValueValidator(0)])
    pay_most = models.BigIntegerField(_("pay to"), null=True, blank=True, validators=[MinValueValidator(0)])
    pay_reason = models.CharField(
        _("why no pay range"),
        max_length=300,
        blank=True,
        help_text=_("It is then told before the interview, on record."),
    )
    rate_cap = models.BigIntegerField(_("rate cap"), null=True, blank=True, validators=[MinValueValidator(0)])
    wishes = models.TextField(_("individual wishes"), max_length=3000, blank=True)
    published_at = models.DateTimeField(_("online since"), null=True, blank=True, editable=False)
    filled_at = models.DateTimeField(_("filled on"), null=True, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=VACANCY_STATES, default="draft", editable=False)

    class Meta:
        verbose_name = _("vacancy")
        verbose_name_plural = _("vacancies")
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pay_least__isnull=True)
                | models.Q(pay_most__isnull=True)
                | models.Q(pay_most__gte=models.F("pay_least")),
                name="vacancy_pay_in_order",
                violation_error_message=_("The pay range ends below where it begins."),
            ),
            models.CheckConstraint(
                condition=models.Q(workload_most__gte=models.F("workload_least")),
                name="vacancy_workload_in_order",
                violation_error_message=_("The most workload lies below the least."),
            ),
            models.CheckConstraint(
                condition=models.Q(last_day__isnull=True)
                | models.Q(start__isnull=True)
                | models.Q(last_day__gte=models.F("start")),
                name="vacancy_ends_after_start",
                violation_error_message=_("The last day lies before the start."),
            ),
            models.CheckConstraint(
                condition=models.Q(latest_start__isnull=True)
                | models.Q(start__isnull=True)
                | models.Q(latest_start__gte=models.F("start")),
                name="vacancy_latest_start_in_order",
                violation_error_message=_("The latest start lies before the start."),
            ),
        ]
        indexes = [
            # All that the list, the count and the search of the job board ask of an ad: they read no row of its texts.
            models.Index(
                fields=[
                    "state", "-published_at", "archived_at", "confidentiality", "client", "latitude", "longitude", "city",
                    "postcode", "updated_at",
                ],
                name="vacancy_online",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title_en if self.title_en and get_language() == "en" else self.title

    @property
    def reference(self) -> str:
        return f"{self.number}/{self.edition}"


class VacancyTerm(Versioned):
    """A skill, soft skill or certificate that is needed; below ``minimum`` (musts only) nobody is proposed."""

    vacancy = models.ForeignKey(Vacancy, on_delete=models.CASCADE, related_name="terms")
    term = models.ForeignKey(Term, verbose_name=_("skill"), on_delete=models.PROTECT, related_name="vacancies")
    kind = models.CharField(_("weight"), max_length=6, choices=NeedKind.choices, default=NeedKind.MUST)
    level = models.PositiveSmallIntegerField(_("level"), choices=SkillLevel.choices, default=SkillLevel.INDEPENDENT)
    minimum = models.PositiveSmallIntegerField(_("at least"), choices=SkillLevel.choices, null=True, blank=True)
    weight = models.PositiveSmallIntegerField(
        _("importance"), default=1, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )

    class Meta:
        verbose_name = _("requirement of a vacancy")
        verbose_name_plural = _("requirements of a vacancy")
        ordering = ["vacancy", "kind", "-weight", "term__name", "pk"]
        constraints = [models.UniqueConstraint(fields=["vacancy", "term"], name="vacancy_term_once")]

    def __str__(self) -> str:
        return str(self.term)


class VacancyLanguage(Versioned):
    vacancy = models.ForeignKey(Vacancy, on_delete=models.CASCADE, related_name="languages")
    code = models.CharField(_("language"), max_length=3)
    level = models.PositiveSmallIntegerField(_("level"), choices=LanguageLevel.choices, default=LanguageLevel.B2)

    class Meta:
        verbose_name = _("language of a vacancy")
        verbose_name_plural = _("languages of a vacancy")
        ordering = ["vacancy", "-level", "code"]
        constraints = [models.UniqueConstraint(fields=["vacancy", "code"], name="vacancy_language_once")]

    def __str__(self) -> str:
        return self.code


class VacancyShare(Versioned):
    """A partner that may see this vacancy and propose candidates."""

    vacancy = models.ForeignKey(Vacancy, on_delete=models.CASCADE, related_name="shares")
    partner = models.ForeignKey(Partner, verbose_name=_("partner"), on_delete=models.CASCADE, related_name="shares")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("share of a vacancy")
        verbose_name_plural = _("shares of a vacancy")
        ordering = ["vacancy", "partner__name"]
        constraints = [models.UniqueConstraint(fields=["vacancy", "partner"], name="vacancy_shared_once")]

    def __str__(self) -> str:
        return f"{self.vacancy_id} → {self.partner_id}"


class PayBand(Versioned):
    """The organisation's own pay guidance for a role: it replaces the general one until it ends. Minor units per ``unit``."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="pay_bands")
    role = models.ForeignKey(Role, verbose_name=_("project role"), on_delete=models.CASCADE, related_name="+")
    least = models.BigIntegerField(_("from"), validators=[MinValueValidator(0)])
    most = models.BigIntegerField(_("to"), validators=[MinValueValidator(0)])
    unit = models.CharField(_("pay"), max_length=4, choices=PayUnit.choices, default=PayUnit.YEAR)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    source = models.CharField(_("source"), max_length=200)
    day = models.DateField(_("as of"))
    ended_on = models.DateField(_("ended"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("pay band")
        verbose_name_plural = _("pay bands")
        ordering = ["role__name", "unit", "-day", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "role", "unit"], condition=models.Q(ended_on=None), name="pay_band_once"
            ),
            models.CheckConstraint(
                condition=models.Q(most__gte=models.F("least")),
                name="pay_band_in_order",
                violation_error_message=_("The pay range ends below where it begins."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.role)


class SavedSearch(models.Model):
    """A search on the job board that mails what is new; confirmed and ended by links, without an account."""

    email = models.EmailField(_("e-mail"))
    query = models.TextField(blank=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="de")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    seen_until = models.DateTimeField(null=True, blank=True)
    expires = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        ordering = ["-created_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["email", "query"], name="saved_search_once")]

    def __str__(self) -> str:
        return self.query
