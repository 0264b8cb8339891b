"""The figures that plans give to boards, lists and reports."""

from django.utils.translation import gettext_lazy as _

from stellwerk.core.registry import FigureKind, register_figure

register_figure(FigureKind("plan.finish", _("Finish by the plan"), "date", better=-1, order=53))
register_figure(
    FigureKind(
        "plan.finish_delay",
        _("Finish against the baseline (working days)"),
        "days",
        short=_("Finish Δ WD"),
        better=-1,
        order=54,
    )
)
register_figure(
    FigureKind(
        "plan.milestone_delay",
        _("Delay of the worst gate or critical milestone (working days)"),
        "days",
        short=_("Milestone Δ WD"),
        better=-1,
        order=55,
    )
)
register_figure(FigureKind("plan.critical", _("Critical activities, open"), "count", better=-1, order=56))
register_figure(FigureKind("plan.late", _("Activities later than the baseline"), "count", better=-1, order=57))
register_figure(FigureKind("plan.overdue", _("Activities overdue"), "count", better=-1, order=58))
