"""What the figures of a business case are called, and why one of them is undefined."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.engine.investment import Appraisal, Reason, Verdict
from stellwerk.engine.money import decimal, minor


def reason_text(reason: Reason | None) -> str:
    if reason is None:
        return ""
    return {
        Reason.NO_FLOWS: _("there are no amounts"),
        Reason.NO_SIGN_CHANGE: _("the flows never change their sign: no rate makes them worth 0"),
        Reason.NO_REAL_RATE: _("no real rate makes the flows worth 0"),
        Reason.SEVERAL_RATES: _("several rates: the net present value decides"),
        Reason.NEVER_RECOVERED: _("never paid back in these years"),
        Reason.NO_COSTS: _("there are no costs"),
        Reason.NO_YEARS: _("there is only one year"),
        Reason.NO_INFLUENCE: _("it has no influence"),
        Reason.OUT_OF_REACH: _("more than 100 % less"),
    }[reason]


def verdict_text(verdict: Verdict) -> str:
    return {
        Verdict.ECONOMIC: _("Economic: the net present value is not negative."),
        Verdict.BY_QUALITY: _("Not economic by money alone; the quality value above 50 carries it."),
        Verdict.BY_EXTERNAL_EFFECTS: _("Not economic by money alone; external effects above 50 carry it."),
        Verdict.NOT_ECONOMIC: _("Not economic: neither quality nor external effects exceed 50 of 100."),
        Verdict.INCOMPLETE: _("The net present value is negative and nothing is scored that could carry it."),
    }[verdict]


def money(value: Fraction | int | None, currency: str) -> str:
    """An exact amount in whole minor units, in a fitting unit."""
    return formats.NO_DATA if value is None else formats.money(minor(value), currency, unit="auto")


def rate(value: Decimal | Fraction | None) -> str:
    return formats.NO_DATA if value is None else formats.percent(decimal(Fraction(value), 6), 2)


def years(value: Fraction | None) -> str:
    return formats.NO_DATA if value is None else formats.number(decimal(value, 4), 2)


def figures(found: Appraisal, currency: str) -> list[dict[str, str]]:
    """The figures for the strip at the top: label, value, unit, and why there is none."""
    rates = found.irr.rates
    payback, discounted = found.payback, found.discounted_payback
    return [
        {"label": _("Net present value"), "value": money(found.npv, currency), "unit": "", "note": _("at %(rate)s") % {"rate": rate(Fraction(found.rate))}, "title": formats.money(minor(found.npv), currency)},
        {
            "label": _("Internal rates of return") if len(rates) > 1 else _("Internal rate of return"),
            "value": " · ".join(rate(one) for one in rates) or formats.NO_DATA, "unit": "", "note": reason_text(found.why("irr")),
        },
        {"label": _("Payback"), "value": years(payback), "unit": _("years") if payback is not None else "", "note": reason_text(found.why("payback"))},
        {"label": _("Payback, discounted"), "value": years(discounted), "unit": _("years") if discounted is not None else "", "note": reason_text(found.why("discounted_payback"))},
        {"label": _("Benefit–cost ratio"), "value": formats.NO_DATA if found.bcr is None else formats.number(decimal(found.bcr, 4), 2), "unit": "", "note": reason_text(found.why("bcr"))},
    ]  # fmt: skip
