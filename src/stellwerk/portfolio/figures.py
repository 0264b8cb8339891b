"""The figures that the portfolio itself knows; later rooms register theirs beside them."""

from django.utils.translation import gettext_lazy as _

from stellwerk.core.registry import FigureKind, register_figure
from stellwerk.portfolio.choices import DIMENSION_LABELS

for _order, (_code, _label) in enumerate(DIMENSION_LABELS.items()):
    register_figure(FigureKind(f"light.{_code}", _label, "light", order=_order))

register_figure(FigureKind("budget", _("Approved budget"), "money", short=_("Budget"), order=20))
register_figure(FigureKind("bac", _("Budget at completion (BAC)"), "money", short=_("BAC"), order=21))
register_figure(FigureKind("ac", _("Actual cost (AC)"), "money", short=_("Actual"), better=-1, order=22))
register_figure(FigureKind("commitment", _("Commitment"), "money", order=23))
register_figure(FigureKind("eac", _("Forecast total cost (EAC)"), "money", short=_("EAC"), better=-1, order=24))
register_figure(FigureKind("year.budget", _("Budget of the year"), "money", order=25))
register_figure(FigureKind("year.forecast", _("Forecast of the year"), "money", better=-1, order=26))
register_figure(FigureKind("benefit", _("Benefit"), "money", better=1, order=27))
register_figure(FigureKind("cpi", _("Cost performance index (CPI)"), "number", short=_("CPI"), better=1, order=30))
register_figure(FigureKind("spi_t", _("Schedule index SPI(t)"), "number", short=_("SPI(t)"), better=1, order=31))
register_figure(FigureKind("progress", _("Progress"), "percent", better=1, decimals=0, order=32))
register_figure(FigureKind("value", _("Value contribution"), "number", better=1, decimals=0, order=40))
register_figure(FigureKind("risk", _("Risk exposure"), "number", better=-1, decimals=0, order=41))
register_figure(FigureKind("start.forecast", _("Start (forecast)"), "date", order=50))
register_figure(FigureKind("finish.baseline", _("Finish (baseline)"), "date", order=51))
register_figure(FigureKind("finish.forecast", _("Finish (forecast)"), "date", better=-1, order=52))
register_figure(FigureKind("phase", _("Phase"), "text", order=60))
for _number in range(7):
    # The forecast date of each stage gate at each reporting date: what milestone trends are drawn from.
    register_figure(FigureKind(f"gate.G{_number}", f"G{_number}", "date", better=-1, order=70 + _number))
