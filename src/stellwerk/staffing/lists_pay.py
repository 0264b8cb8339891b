"""The list of the house's own pay bands, those that have ended included."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from stellwerk.core import formats
from stellwerk.core.lists import Column, ListSpec, register_list
from stellwerk.core.lists.reading import ListResult
from stellwerk.staffing.choices import PayUnit
from stellwerk.staffing.models import PayBand


def _answer(request: HttpRequest, result: ListResult) -> str:
    return ngettext("%(count)s pay band", "%(count)s pay bands", result.count) % {"count": formats.number(result.count)}


BANDS = register_list(
    ListSpec(
        "staffing.payband",
        PayBand,
        (
            Column("role", _("Project role"), "link", path="role__name", groupable=True),
            Column("least", pgettext_lazy("pay", "From"), "money"),
            Column("most", pgettext_lazy("pay", "To"), "money"),
            Column("unit", pgettext_lazy("pay band", "Unit"), "choice", choices=PayUnit.choices, quick=True),
            Column("source", _("Source"), wide=True),
            Column("day", _("As of"), "date"),
            Column("ended", _("Ended"), "date", path="ended_on"),
            Column("organisation", _("Organisation"), path="organisation__name", groupable=True, default=False),
        ),
        default_sort=("role", "-day"),
        search=("role__name", "role__name_en", "source"),
        currency="currency",
        answer=_answer,
        create_url="staffing:band-create",
        create_label=_("New pay band"),
        icon="coin",
        archivable=False,
        empty_title=_("No pay band yet"),
        empty_text=_("Without a band of your own for a role, vacancies show the general guidance for Germany."),
    )
)
