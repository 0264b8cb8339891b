"""States of cycles and reports (domain.md section 2 and 5)."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

CYCLE_STATES = [
    ("planned", _("Planned")),
    ("open", pgettext_lazy("cycle", "Open")),
    ("collecting", _("Collecting")),
    ("cut_off", _("Cut-off")),
    ("pmo_review", _("PMO review")),
    ("consolidated", _("Consolidated")),
    ("published", _("Published")),
    ("corrected", _("Corrected")),
    ("archived", _("Archived")),
]
REPORT_STATES = [
    ("draft", _("Draft")),
    ("submitted", _("Submitted")),
    ("returned", _("Returned")),
    ("accepted", _("Accepted")),
    ("published", _("Published")),
    ("superseded", _("Superseded")),
    ("missed", _("Missed")),
]
