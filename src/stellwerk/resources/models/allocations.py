"""Who is booked for what: the answer of a line manager to a demand, with its hours per week."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import Entity
from stellwerk.people.models import Person
from stellwerk.resources.choices import ALLOCATION_STATES
from stellwerk.resources.models.demands import Demand


class Allocation(Entity):
    """A person for a demand. Its minutes stand per week (``AllocationWeek``), spread over the person's working days from ``first`` to ``last``."""

    KEY_PREFIX: ClassVar[str] = "ALC"

    demand = models.ForeignKey(Demand, verbose_name=_("demand"), on_delete=models.PROTECT, related_name="allocations")
    person = models.ForeignKey(Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="allocations")
    first = models.DateField(_("from"))
    last = models.DateField(_("to"))
    state = models.CharField(_("state"), max_length=12, choices=ALLOCATION_STATES, default="requested", editable=False)
    expires = models.DateField(_("reserved until"), null=True, blank=True, editable=False)
    offered_instead_of = models.ForeignKey(
        Person, verbose_name=_("offered instead of"), on_delete=models.SET_NULL, null=True, blank=True, editable=False,
        related_name="+",
    )  # fmt: skip
    overbooking_reason = models.CharField(_("reason for overbooking"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        ordering = ["first", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")),
                name="allocation_ends_after_start",
                violation_error_message=_("The allocation ends before it begins."),
            )
        ]
        indexes = [models.Index(fields=["person", "state"], name="allocation_of_person")]

    def __str__(self) -> str:
        return f"{self.person} · {self.demand}"


class AllocationWeek(models.Model):
    """Minutes booked in the week that begins on ``monday``."""

    allocation = models.ForeignKey(Allocation, on_delete=models.CASCADE, related_name="weeks", db_index=False)
    monday = models.DateField()
    minutes = models.PositiveIntegerField()

    class Meta:
        ordering = ["allocation", "monday"]
        constraints = [models.UniqueConstraint(fields=["allocation", "monday"], name="allocation_week_once")]
        indexes = [models.Index(fields=["monday", "allocation"], include=["minutes"], name="allocation_week_hours")]

    def __str__(self) -> str:
        return f"{self.monday}: {self.minutes}"
