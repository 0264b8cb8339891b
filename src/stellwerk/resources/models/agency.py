"""Earlier assignments of temporary workers: what the clock of temporary work counts beside the present one."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from stellwerk.core.models import Versioned
from stellwerk.people.models import Organisation, Person


class AgencyAssignment(Versioned):
    """An earlier assignment to this client, through any agency. The present one is the person's entry and exit."""

    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.CASCADE, related_name="agency_assignments"
    )
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("client"), on_delete=models.PROTECT, related_name="+",
        help_text=_("The company in which the person worked. Each company has its own clock."),
    )  # fmt: skip
    agency = models.CharField(_("agency"), max_length=160, blank=True)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("earlier assignment")
        verbose_name_plural = _("earlier assignments")
        ordering = ["person", "first", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")),
                name="agency_assignment_ends_after_start",
                violation_error_message=_("The assignment ends before it begins."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.first}"
