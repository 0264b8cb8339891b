"""Contracts in three forms, with what the law asks of each."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import Entity, Versioned
from stellwerk.people.models import Organisation, Person, Unit
from stellwerk.resources.models import Allocation
from stellwerk.staffing.choices import CONTRACT_STATES, ContractForm, PayUnit
from stellwerk.staffing.models.clients import Client, Partner
from stellwerk.staffing.models.matches import Match
from stellwerk.staffing.models.profiles import Profile
from stellwerk.staffing.models.vacancies import Vacancy


class Contract(Entity):
    """Who works for whom in which form. ``pay``: what the person or the partner gets, ``rate``: what the client pays; minor units per ``unit``."""

    KEY_PREFIX: ClassVar[str] = "CON"

    organisation = models.ForeignKey(
        Organisation, verbose_name=_("our company"), on_delete=models.PROTECT, related_name="staffing_contracts"
    )
    form = models.CharField(_("contract type"), max_length=10, choices=ContractForm.choices)
    match = models.ForeignKey(
        Match, verbose_name=_("match"), on_delete=models.PROTECT, null=True, blank=True, related_name="contracts"
    )
    vacancy = models.ForeignKey(Vacancy, verbose_name=_("vacancy"), on_delete=models.PROTECT, related_name="contracts")
    profile = models.ForeignKey(
        Profile, verbose_name=_("profile"), on_delete=models.SET_NULL, null=True, related_name="contracts"
    )
    client = models.ForeignKey(
        Client, verbose_name=_("client company"), on_delete=models.PROTECT, related_name="contracts"
    )
    partner = models.ForeignKey(
        Partner, verbose_name=_("lending company"), on_delete=models.PROTECT, null=True, blank=True,
        related_name="contracts",
    )  # fmt: skip
    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.SET_NULL, null=True, blank=True, editable=False,
        related_name="staffing_contracts",
    )  # fmt: skip
    unit_of_person = models.ForeignKey(
        Unit, verbose_name=_("unit"), on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    allocation = models.ForeignKey(
        Allocation, verbose_name=_("booking"), on_delete=models.SET_NULL, null=True, blank=True, editable=False,
        related_name="staffing_contracts",
    )  # fmt: skip
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"), null=True, blank=True)
    weekly_hours = models.DecimalField(
        _("weekly hours"), max_digits=4, decimal_places=1, default=40, validators=[MinValueValidator(0)]
    )
    pay = models.BigIntegerField(_("pay"), null=True, blank=True, validators=[MinValueValidator(0)])
    rate = models.BigIntegerField(_("rate to the client"), null=True, blank=True, validators=[MinValueValidator(0)])
    unit = models.CharField(_("per"), max_length=4, choices=PayUnit.choices, default=PayUnit.HOUR)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    fixed_term = models.BooleanField(_("fixed-term employment"), default=False)
    agreement = models.CharField(_("collective agreement applied"), max_length=200, blank=True)
    supplement = models.BooleanField(
        _("agreement with supplements of the sector"),
        default=False,
        help_text=_("Equal pay after 15 instead of 9 months."),
    )
    comparable = models.BigIntegerField(
        _("pay of comparable staff"), null=True, blank=True, validators=[MinValueValidator(0)],
        help_text=_("What the client's own staff with the same work get."),
    )  # fmt: skip
    licence = models.CharField(_("licence for temporary work"), max_length=80, blank=True)
    licence_expires = models.DateField(_("licence ends"), null=True, blank=True, help_text=_("Empty: unlimited."))
    earlier_asked = models.BooleanField(
        _("asked for earlier assignments"), default=False,
        help_text=_("The person was asked whether any agency has lent them to this client before; the answer stands below."),
    )  # fmt: skip
    left_client = models.DateField(
        _("own employee of the client until"), null=True, blank=True,
        help_text=_("Empty: was never employed there, or long ago."),
    )  # fmt: skip
    signs = models.JSONField(_("signs of employment"), default=dict, blank=True, editable=False)
    status_asked = models.DateField(_("status asked for on"), null=True, blank=True, editable=False)
    terms = models.TextField(_("further terms"), max_length=6000, blank=True)
    extension_last = models.DateField(_("extension until"), null=True, blank=True, editable=False)
    extension_way = models.CharField(_("form of the extension"), max_length=10, blank=True, editable=False)
    labelled_at = models.DateTimeField(_("labelled as temporary work"), null=True, blank=True, editable=False)
    named_at = models.DateTimeField(_("person named"), null=True, blank=True, editable=False)
    told_at = models.DateTimeField(_("worker told"), null=True, blank=True, editable=False)
    council_at = models.DateTimeField(_("works council agreed"), null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=CONTRACT_STATES, default="draft", editable=False)

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ["-first", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last__isnull=True) | models.Q(last__gte=models.F("first")),
                name="contract_ends_after_start",
                violation_error_message=_("The last day lies before the first."),
            )
        ]
        indexes = [models.Index(fields=["state", "last"], name="contract_ending")]

    def __str__(self) -> str:
        return self.key


class EarlierStay(Versioned):
    """An earlier assignment of the person to this client, through any agency, as they told it."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="earlier")
    agency = models.CharField(_("agency"), max_length=160, blank=True)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("earlier assignment to the client")
        verbose_name_plural = _("earlier assignments to the client")
        ordering = ["contract", "first", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")),
                name="earlier_stay_ends_after_start",
                violation_error_message=_("The assignment ends before it begins."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.first}"


class Signature(Versioned):
    """Who signed for which side, how and when. ``way``: text form or qualified electronic or handwritten signature."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="signatures")
    side = models.CharField(
        _("side"), max_length=8,
        choices=[("us", _("We")), ("client", _("Client")), ("person", _("Person")), ("partner", _("Partner"))],
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=160)
    way = models.CharField(
        _("form"), max_length=10,
        choices=[("text", _("text form")), ("qualified", _("qualified electronic signature")), ("written", _("by hand"))],
    )  # fmt: skip
    signed_on = models.DateField(_("signed on"))

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["contract", "side"]
        constraints = [models.UniqueConstraint(fields=["contract", "side"], name="contract_signed_once")]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.side}"
