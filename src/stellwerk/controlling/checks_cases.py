"""Checks of business cases, objectives and rounds."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.controlling.models import BusinessCase
from stellwerk.controlling.selectors.follow_up import due_cases
from stellwerk.core import formats
from stellwerk.core.checks import Hit, check


@check(
    "BCA001", "minor", "controlling.businesscase", title=gettext_lazy("Follow-up calculation is due"),
    explanation=gettext_lazy("Twelve months after go-live the signed figures are compared with what was booked and measured. The controller keeps the comparison."),
    standard="WiBe 5.0",
)  # fmt: skip
def follow_up_is_due(cases: QuerySet[BusinessCase]) -> Iterable[Hit]:
    for case, project, due in due_cases(rows=cases):
        text = _("%(project)s: due since %(day)s") % {"project": project, "day": formats.day(due)}
        yield Hit(case, text, reverse("controlling:case-follow-up", args=[case.key]))
