"""The lists of this room: status reports and cycles."""

from __future__ import annotations

from functools import lru_cache

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from stellwerk.core.access import actor
from stellwerk.core.formats import number
from stellwerk.core.lists import Column, ListSpec, register_list
from stellwerk.core.lists.reading import ListResult
from stellwerk.core.permissions import can
from stellwerk.people.lists import person_column
from stellwerk.reporting import choices
from stellwerk.reporting.models import Cycle, ReportedLight, StatusReport
from stellwerk.reporting.selectors import DELIVERED, reports_to_review


@lru_cache(maxsize=1)
def _overall() -> Combinable:
    rows = ReportedLight.objects.filter(report=OuterRef("pk"), dimension="overall")
    return Subquery(rows.values("value")[:1])


def _reports_answer(request: HttpRequest, result: ListResult) -> SafeString:
    text = ngettext("%(count)s status report", "%(count)s status reports", result.count) % {
        "count": number(result.count)
    }
    user = actor(request)
    waiting = reports_to_review(user).count() if can(user, "accept", "reporting.statusreport") else 0
    if waiting:
        more = ngettext("%(count)s waits for the review", "%(count)s wait for the review", waiting) % {"count": waiting}
        return format_html('{}, <a href="?state=submitted">{}</a>', text, more)
    return format_html("{}", text)


REPORTS = register_list(
    ListSpec(
        "reporting.statusreport",
        StatusReport,
        (
            Column("project", _("Project"), "link", path="project__name", sort=("project__key",)),
            Column("project_key", _("Key"), path="project__key"),
            Column("data_date", _("Data date"), "date", quick=True, groupable=True),
            Column("overall", _("Overall"), "light", expression=_overall, groupable=True, quick=True),
            Column("state", _("State"), "choice", choices=choices.REPORT_STATES, groupable=True, quick=True),
            Column("late", _("Late"), "bool", default=False),
            person_column("author", _("Author"), groupable=True),
            Column("cycle", _("Cycle"), "number", path="cycle__number", groupable=True, default=False),
            Column(
                "portfolio",
                _("Portfolio"),
                "link",
                path="project__portfolio__name",
                key="project__portfolio__key",
                to="portfolio.portfolio",
                groupable=True,
                default=False,
            ),
            Column("edition", _("Version"), "number", default=False),
            Column("summary", _("Summary"), wide=True, sortable=False),
            Column("report", _("Report"), path="key", default=False),
        ),
        title=_("Status reports"),
        default_sort=("-data_date", "project"),
        search=("key", "project__key", "project__name", "summary"),
        answer=_reports_answer,
        icon="report",
        empty_title=_("No status reports yet"),
        empty_text=_("Open a project and choose “Status report”: it is prefilled from what Stellwerk knows."),
    )
)


def _reports(where: Q) -> Combinable:
    rows = (
        StatusReport.objects.filter(where, cycle=OuterRef("pk")).exclude(state="superseded").order_by().values("cycle")
    )
    return Subquery(rows.annotate(n=Count("pk")).values("n")[:1], output_field=IntegerField())


CYCLES = register_list(
    ListSpec(
        "reporting.cycle",
        Cycle,
        (
            Column("number", _("Cycle"), "link", path="number"),
            Column(
                "portfolio",
                _("Portfolio"),
                "link",
                path="portfolio__name",
                key="portfolio__key",
                to="portfolio.portfolio",
                groupable=True,
                quick=True,
            ),
            Column("data_date", _("Data date"), "date", quick=True),
            Column("state", _("State"), "choice", choices=choices.CYCLE_STATES, groupable=True, quick=True),
            Column("reports", _("Reports"), "number", expression=lambda: _reports(Q())),
            Column("delivered", _("Delivered"), "number", expression=lambda: _reports(Q(state__in=DELIVERED))),
            Column("missed", _("Missed"), "number", expression=lambda: _reports(Q(state="missed"))),
            Column("meeting_date", _("Steering committee on"), "date", edit="meeting_date"),
            Column("meeting_name", _("Body"), edit="meeting_name", default=False),
            Column("key", _("Key"), default=False),
        ),
        title=_("Reporting cycles"),
        default_sort=("-data_date",),
        create_url="reporting:cycle-plan",
        create_label=_("Plan cycles"),
        icon="calendar-event",
        empty_title=_("No reporting cycles yet"),
        empty_text=_(
            "A cycle opens reports, reminds, escalates and freezes figures by itself. Plan the next dates of a portfolio."
        ),
    )
)
