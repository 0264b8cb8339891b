"""Figures of the money room that no other room has registered."""

from django.utils.translation import gettext_lazy as _

from stellwerk.core.registry import FigureKind, register_figure

register_figure(
    FigureKind("forecast", _("Confirmed forecast (total)"), "money", short=_("Forecast"), better=-1, order=23)
)
register_figure(FigureKind("pv", _("Planned value (PV)"), "money", short=_("PV"), order=21))
register_figure(FigureKind("ev", _("Earned value (EV)"), "money", short=_("EV"), better=1, order=21))
register_figure(FigureKind("spi", _("Schedule performance index (SPI)"), "number", short=_("SPI"), better=1, order=31))
