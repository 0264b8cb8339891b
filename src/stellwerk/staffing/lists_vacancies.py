"""Lists of vacancies, clients and partners. What a reader may not see stands in no column: no budget, no cap, no other's name."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Concat
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from stellwerk.core import formats
from stellwerk.core.lists import Column, ListSpec, register_list
from stellwerk.core.lists.reading import ListResult
from stellwerk.core.models import User
from stellwerk.core.permissions import can
from stellwerk.staffing.choices import VACANCY_STATES
from stellwerk.staffing.models import Client, Match, Partner, Profile, Vacancy
from stellwerk.staffing.selectors.matching import LIVE
from stellwerk.staffing.selectors.readers import is_inside


def _vacancies(request: HttpRequest, result: ListResult) -> str:
    text = ngettext("%(count)s vacancy", "%(count)s vacancies", result.count)
    return text % {"count": formats.number(result.count)}


def _clients(request: HttpRequest, result: ListResult) -> str:
    return ngettext("%(count)s client", "%(count)s clients", result.count) % {"count": formats.number(result.count)}


def _partners(request: HttpRequest, result: ListResult) -> str:
    text = ngettext("%(count)s staffing partner", "%(count)s staffing partners", result.count)
    return text % {"count": formats.number(result.count)}


def _count(rows: QuerySet[Any], field: str) -> Combinable:
    """How many rows lead to the listed one, counted apart so that nothing is grouped."""
    per = rows.filter(**{field: OuterRef("pk")}).order_by().values(field).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(per, output_field=IntegerField()), 0)


def _open_vacancies() -> Combinable:
    return _count(Vacancy.objects.filter(state__in=("approved", "published", "on_hold"), archived_at=None), "client")


def _candidates() -> Combinable:
    return _count(Profile.objects.filter(state="active", archived_at=None), "partner")


def _living_matches() -> Combinable:
    return _count(Match.objects.filter(state__in=LIVE, archived_at=None), "vacancy")


def _sees_matches(user: User) -> bool:
    return is_inside(user) and can(user, "view", "staffing.match")


def _reference() -> Combinable:
    """As it is printed: ``821407/1``, without a thousands separator."""
    return Concat(Cast("number", CharField()), Value("/"), Cast("edition", CharField()))


VACANCIES = register_list(
    ListSpec(
        "staffing.vacancy",
        Vacancy,
        (
            Column("key", _("Key"), "link"),
            Column("reference", _("Reference number"), expression=_reference, sort=("number",)),
            Column("title", _("Title")),
            Column("state", _("State"), "choice", choices=VACANCY_STATES, groupable=True, quick=True),
            Column("client", pgettext_lazy("contract", "Client"), path="client__name", groupable=True, only=is_inside),
            Column("city", _("Place"), groupable=True),
            Column("start", _("Start"), "date"),
            Column("last", _("Last day"), "date", path="last_day", default=False),
            Column("positions", _("Positions"), "number", decimals=0),
            Column("people", _("Matches"), "number", expression=_living_matches, decimals=0, only=_sees_matches),
            Column("published", _("Online since"), "date", path="published_at__date"),
        ),
        default_sort=("-key",),
        search=("key", "title", "title_en", "city"),
        answer=_vacancies,
        create_url="staffing:vacancy-create",
        create_label=_("New vacancy"),
        icon="user-search",
        empty_title=_("No vacancy yet"),
        empty_text=_("A demand that nobody inside can fill becomes a vacancy in one click, or describe one by form."),
    )
)
CLIENTS = register_list(
    ListSpec(
        "staffing.client",
        Client,
        (
            Column("key", _("Key"), "link"),
            Column("name", _("Name"), "link"),
            Column("industry", _("Industry"), path="industry__name", groupable=True),
            Column("city", _("Place"), groupable=True),
            Column("own", _("Our own company"), "bool"),
            Column("accepted", _("Accepted"), "date", path="accepted_at__date"),
            Column("open", _("Open vacancies"), "number", expression=_open_vacancies, decimals=0),
        ),
        default_sort=("name",),
        search=("key", "name", "legal_name", "city"),
        answer=_clients,
        create_url="staffing:client-create",
        create_label=_("New client"),
        icon="building",
        empty_title=_("No client yet"),
        empty_text=_("Companies register at the public entrance, or recruiters enter them here."),
    )
)
PARTNERS = register_list(
    ListSpec(
        "staffing.partner",
        Partner,
        (
            Column("key", _("Key"), "link"),
            Column("name", _("Name"), "link"),
            Column("city", _("Place"), groupable=True),
            Column("licence", _("Licence for temporary work"), path="licence_number"),
            Column("licence_ends", _("Licence ends"), "date", path="licence_expires"),
            Column("candidates", _("Active candidates"), "number", expression=_candidates, decimals=0),
        ),
        default_sort=("name",),
        search=("key", "name", "legal_name", "city"),
        answer=_partners,
        create_url="staffing:partner-create",
        create_label=_("New partner"),
        icon="affiliate",
        empty_title=_("No staffing partner yet"),
        empty_text=_("Partners propose their own candidates for the vacancies that you share with them."),
    )
)
