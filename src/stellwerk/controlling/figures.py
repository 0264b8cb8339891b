"""Figures of the money room that no other room has registered."""

from django.utils.translation import gettext_lazy as _

from stellwerk.core.registry import FigureKind, register_figure

register_figure(
    FigureKind("forecast", _("Confirmed forecast (total)"), "money", short=_("Forecast"), better=-1, order=23)
)
