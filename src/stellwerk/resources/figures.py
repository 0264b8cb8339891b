"""The figures that bookings give to boards, lists and reports."""

from django.utils.translation import gettext_lazy as _

from stellwerk.core.registry import FigureKind, register_figure

register_figure(
    FigureKind("staffing.cover", _("Staffing cover, next 8 weeks"), "percent", short=_("Staffing"), better=1, decimals=0, order=45)
)  # fmt: skip
