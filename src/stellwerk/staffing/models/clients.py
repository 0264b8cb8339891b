"""Who looks for people, and who proposes them: client companies and staffing partners with their contacts."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import Entity, Versioned
from stellwerk.people.models import Organisation
from stellwerk.staffing.models.places import Placed
from stellwerk.staffing.models.terms import Term


class Client(Entity, Placed):
    """A legal entity for which people are looked for: our own (``own``) or somebody else's.

    ``organisation`` is ours, whose recruiters serve it; ``accepted_at`` empty: it registered itself and nobody has accepted it yet.
    """

    KEY_PREFIX: ClassVar[str] = "CLI"

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("served by"), on_delete=models.PROTECT, related_name="clients"
    )
    own = models.BooleanField(_("our own company"), default=False)
    name = models.CharField(_("name"), max_length=160)
    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    website = models.URLField(_("website"), blank=True)
    industry = models.ForeignKey(
        Term, verbose_name=_("industry"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    about = models.TextField(_("about the company (German)"), blank=True)
    about_en = models.TextField(_("about the company (English)"), blank=True)
    requirements = models.TextField(_("requirements"), blank=True, help_text=_("What holds for all its vacancies."))
    wishes = models.TextField(_("wishes"), blank=True)
    covered = models.BooleanField(
        _("name covered"), default=True, help_text=_("Ads and first contacts describe the company without its name.")
    )
    construction = models.BooleanField(_("construction trade"), default=False)
    works_council = models.BooleanField(_("has a works council"), default=False)
    longest_months = models.PositiveSmallIntegerField(
        _("longest assignment (months)"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text=_("Only where a collective agreement of its sector differs from the law."),
    )  # fmt: skip
    agreement = models.CharField(_("collective agreement"), max_length=200, blank=True)
    accepted_at = models.DateTimeField(_("accepted on"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("client company")
        verbose_name_plural = _("clients")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Contact(Versioned):
    """Somebody to speak to; with an account they see what concerns their company."""

    name = models.CharField(_("name"), max_length=160)
    email = models.EmailField(_("e-mail"))
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    function = models.CharField(_("function"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="de")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class ClientContact(Contact):
    client = models.ForeignKey(
        Client, verbose_name=_("client company"), on_delete=models.CASCADE, related_name="contacts"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("account"), on_delete=models.SET_NULL, null=True, blank=True,
        related_name="client_contacts",
    )  # fmt: skip

    class Meta:
        verbose_name = _("contact of a client")
        verbose_name_plural = _("contacts of a client")
        ordering = ["client", "name", "pk"]
        constraints = [models.UniqueConstraint(fields=["client", "email"], name="client_contact_once")]


class Partner(Entity, Placed):
    """An agency that proposes its own candidates, and may lend them where it has a licence."""

    KEY_PREFIX: ClassVar[str] = "PAR"

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("works with"), on_delete=models.PROTECT, related_name="partners"
    )
    name = models.CharField(_("name"), max_length=160)
    legal_name = models.CharField(_("legal name"), max_length=200, blank=True)
    website = models.URLField(_("website"), blank=True)
    licence_number = models.CharField(
        _("licence for temporary work"), max_length=80, blank=True, help_text=_("Without it nobody is lent.")
    )
    licence_expires = models.DateField(_("licence ends"), null=True, blank=True, help_text=_("Empty: unlimited."))
    agreement = models.CharField(_("collective agreement"), max_length=200, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("staffing partner")
        verbose_name_plural = _("staffing partners")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class PartnerContact(Contact):
    partner = models.ForeignKey(Partner, verbose_name=_("partner"), on_delete=models.CASCADE, related_name="contacts")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("account"), on_delete=models.SET_NULL, null=True, blank=True,
        related_name="partner_contacts",
    )  # fmt: skip

    class Meta:
        verbose_name = _("contact of a partner")
        verbose_name_plural = _("contacts of a partner")
        ordering = ["partner", "name", "pk"]
        constraints = [models.UniqueConstraint(fields=["partner", "email"], name="partner_contact_once")]
