"""The list of profiles. Pay wishes stand on the page of each profile."""

from __future__ import annotations

from django.db.models import Count, F, IntegerField, OuterRef, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from stellwerk.core import formats
from stellwerk.core.lists import Column, ListSpec, register_list
from stellwerk.core.lists.reading import ListResult
from stellwerk.staffing.choices import PROFILE_STATES, ProfileKind
from stellwerk.staffing.models import Profile, ProfileTerm


def _name() -> Combinable:
    return Concat(F("first_name"), Value(" "), F("last_name"))


def _skills() -> Combinable:
    rows = ProfileTerm.objects.filter(profile=OuterRef("pk")).order_by().values("profile")
    return Subquery(rows.annotate(n=Count("pk")).values("n")[:1], output_field=IntegerField())


def _answer(request: HttpRequest, result: ListResult) -> str:
    text = ngettext("%(count)s profile", "%(count)s profiles", result.count)
    return text % {"count": formats.number(result.count)}


PROFILES = register_list(
    ListSpec(
        "staffing.profile",
        Profile,
        (
            Column("name", _("Name"), "link", expression=_name, sort=("last_name", "first_name")),
            Column("headline", _("Headline"), wide=True),
            Column("kind", _("Type"), "choice", choices=ProfileKind.choices, groupable=True, quick=True),
            Column("state", _("State"), "choice", choices=PROFILE_STATES, groupable=True, quick=True),
            Column("city", _("Town"), groupable=True),
            Column("available", _("Available from"), "date"),
            Column("skills", _("Skills"), "number", expression=_skills),
            Column("years", _("Years"), "number", default=False),
            Column("partner", _("Proposed by"), path="partner__name", groupable=True),
            Column("key", _("Key"), default=False),
            Column("radius", _("Radius (km)"), "number", default=False),
            Column("erase_on", _("Is erased on"), "date", default=False),
            Column("changed", _("Changed"), "datetime", path="updated_at", default=False),
        ),
        default_sort=("name",),
        search=("key", "first_name", "last_name", "email", "headline", "city"),
        answer=_answer,
        create_url="staffing:profile-create",
        create_label=_("New profile"),
        icon="user",
        empty_title=_("No profile yet"),
        empty_text=_("People register at the public entrance, a partner proposes them, or you create a profile by form or from a CV."),
    )
)  # fmt: skip
