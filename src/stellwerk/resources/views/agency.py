"""Earlier assignments of a temporary worker: entered, changed and removed on the page of the person."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from stellwerk.core import services
from stellwerk.core.pages import EntityForm
from stellwerk.people.views.common import Words, person_pages
from stellwerk.resources.models import AgencyAssignment


class AssignmentForm(EntityForm):
    class Meta:
        model = AgencyAssignment
        fields = ("organisation", "agency", "first", "last")


assignment_create, assignment_edit, assignment_remove = person_pages(
    AgencyAssignment, AssignmentForm, "temporary-work",
    Words(
        _("Earlier assignment of %(name)s"), _("Earlier assignment of %(name)s"), _("The assignment has been saved."),
        _("The assignment has been removed."), entered=_("The assignment has been entered."), submit=_("Enter"),
    ),
    enter=lambda values, by: services.create(AgencyAssignment, values, by=by),
    change=lambda row, values, by, version, reason: services.edit(row, values, by=by, version=version, reason=reason),
    initial=lambda person: {"organisation": person.unit.organisation_id},
)  # fmt: skip
