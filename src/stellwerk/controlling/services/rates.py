"""Exchange rates with dates: one amount into another currency, exact, rounded once.

A rate counts from its day until the next of its pair. What stands in the table the other way round is inverted; what is missing
altogether goes over the euro. Rounding is half to even, in minor units of the target currency (yen have no decimals, dinars three).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from django.utils.translation import gettext as _

from stellwerk.controlling.models import ExchangeRate
from stellwerk.core import formats
from stellwerk.core.errors import Invalid

HUB: Final = "EUR"


class MissingRate(Invalid):
    """No rate of the pair counts on the day, neither direct, inverse nor over the euro."""

    code = "rate_missing"

    def __init__(self, currency: str, into: str, day: dt.date) -> None:
        self.currency, self.into, self.day = currency, into, day
        text = _("No exchange rate of %(currency)s into %(into)s counts on %(day)s.") % {
            "currency": currency, "into": into, "day": formats.day(day),
        }  # fmt: skip
        super().__init__({"currency": [text]}, text)


class Rates:
    """The rates of some currencies, read once: for many conversions in one page or import."""

    def __init__(self, currencies: Iterable[str] = ()) -> None:
        rows = ExchangeRate.objects.order_by("valid_from")
        wanted = {*currencies, HUB}
        if len(wanted) > 1:
            rows = rows.filter(currency__in=wanted, into__in=wanted)
        self._steps: dict[tuple[str, str], list[tuple[dt.date, Fraction]]] = {}
        for currency, into, since, rate in rows.values_list("currency", "into", "valid_from", "rate"):
            self._steps.setdefault((currency, into), []).append((since, Fraction(rate)))

    def rate(self, currency: str, into: str, day: dt.date) -> Fraction:
        """Units of ``into`` for one unit of ``currency``. Raises :class:`MissingRate`."""
        if currency == into:
            return Fraction(1)
        found = self._pair(currency, into, day)
        if found is None and HUB not in (currency, into):
            first, second = self._pair(currency, HUB, day), self._pair(HUB, into, day)
            found = first * second if first is not None and second is not None else None
        if found is None:
            raise MissingRate(currency, into, day)
        return found

    def convert(self, amount: int, currency: str, into: str, day: dt.date) -> int:
        """Minor units of ``currency`` to minor units of ``into``. Raises :class:`MissingRate`."""
        if currency == into:
            return amount
        power = formats.minor_digits(into) - formats.minor_digits(currency)
        return round(amount * self.rate(currency, into, day) * Fraction(10) ** power)

    def _pair(self, currency: str, into: str, day: dt.date) -> Fraction | None:
        """The younger of the direct and the inverse rate; of the same day the direct one."""
        direct, inverse = self._latest(currency, into, day), self._latest(into, currency, day)
        if direct is not None and (inverse is None or direct[0] >= inverse[0]):
            return direct[1]
        return 1 / inverse[1] if inverse is not None else None

    def _latest(self, currency: str, into: str, day: dt.date) -> tuple[dt.date, Fraction] | None:
        found = None
        for step in self._steps.get((currency, into), ()):
            if step[0] > day:
                break
            found = step
        return found


def convert(amount: int, currency: str, into: str, day: dt.date) -> int:
    """One amount in minor units into another currency at the rate of ``day``. Raises :class:`MissingRate`."""
    if currency == into:
        return amount
    return Rates((currency, into)).convert(amount, currency, into, day)
