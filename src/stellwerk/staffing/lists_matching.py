"""The list of matches. Names of people who are still covered stand nowhere in it: key, vacancy and state do."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from stellwerk.core import formats
from stellwerk.core.lists import Column, ListSpec, register_list
from stellwerk.core.lists.reading import ListResult
from stellwerk.staffing.choices import MATCH_STATES
from stellwerk.staffing.models import Match


def _answer(request: HttpRequest, result: ListResult) -> str:
    text = ngettext("%(count)s match", "%(count)s matches", result.count)
    return text % {"count": formats.number(result.count)}


MATCHES = register_list(
    ListSpec(
        "staffing.match",
        Match,
        (
            Column("key", _("Key"), "link"),
            Column("vacancy", _("Vacancy"), path="vacancy__title", groupable=True),
            Column("state", _("State"), "choice", choices=MATCH_STATES, groupable=True, quick=True),
            Column("contacted", _("Contacted"), "date", path="contacted_at__date"),
            Column("revealed", _("Names revealed"), "date", path="revealed_at__date"),
        ),
        default_sort=("-key",),
        search=("key", "vacancy__title", "vacancy__title_en"),
        answer=_answer,
        icon="arrows-join",
        empty_title=_("No match yet"),
        empty_text=_("Open a vacancy, look at its people, and ask both sides."),
    )
)
