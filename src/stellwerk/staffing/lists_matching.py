"""The list of matches. Who the person is and how well both sides fit stand in it for the house alone: the sides read their own match."""

from __future__ import annotations

from django.db.models import F, FloatField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from stellwerk.core import formats
from stellwerk.core.lists import Column, ListSpec, register_list
from stellwerk.core.lists.reading import ListResult
from stellwerk.staffing.choices import MATCH_STATES
from stellwerk.staffing.models import Match
from stellwerk.staffing.selectors.readers import is_inside


def _person() -> Combinable:
    return Concat(F("profile__first_name"), Value(" "), F("profile__last_name"))


def _score() -> Combinable:
    """Of 100, as on every page; the column holds thousandths."""
    return Cast(F("score"), FloatField()) / 10.0


def _answer(request: HttpRequest, result: ListResult) -> str:
    text = ngettext("%(count)s match", "%(count)s matches", result.count)
    return text % {"count": formats.number(result.count)}


MATCHES = register_list(
    ListSpec(
        "staffing.match",
        Match,
        (
            Column("key", _("Key"), "link"),
            Column("person", _("Person"), expression=_person, sort=("profile__last_name", "profile__first_name"), only=is_inside),
            Column("vacancy", _("Vacancy"), path="vacancy__title", groupable=True),
            Column("client", pgettext_lazy("contract", "Client"), path="vacancy__client__name", groupable=True, only=is_inside),
            Column("score", _("Both sides"), "number", expression=_score, only=is_inside),
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
)  # fmt: skip
