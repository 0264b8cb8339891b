"""Template filters and tags that every page may use (built in)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import template
from django.db import models
from django.utils.safestring import SafeString

from stellwerk.core import formats, registry
from stellwerk.core.permissions import can as may
from stellwerk.core.text import render_markdown

register = template.Library()


def _given(value: Any) -> Any:
    """Django hands an empty text to filters where a variable is missing: no data, not zero."""
    return None if value == "" else value


@register.filter
def num(value: Decimal | float | int | None, decimals: int = 0) -> str:
    return formats.number(_given(value), int(decimals))


@register.filter
def delta(value: Decimal | float | int | None, decimals: int = 0) -> str:
    """A deviation with explicit sign."""
    return formats.number(_given(value), int(decimals), sign=True)


@register.filter
def pct(value: Decimal | float | None, decimals: int = 1) -> str:
    return formats.percent(_given(value), int(decimals))


@register.filter
def money(amount: int | None, currency: str = "EUR") -> str:
    return formats.money(_given(amount), currency or "EUR")


@register.filter
def money_exact(amount: int | None, currency: str = "EUR") -> str:
    """With its cents even where it is round, for columns: the same decimals below each other."""
    return formats.money(_given(amount), currency or "EUR", exact=True)


@register.filter
def money_exact_signed(amount: int | None, currency: str = "EUR") -> str:
    """A deviation with explicit sign and cents."""
    return formats.money(_given(amount), currency or "EUR", sign=True, exact=True)


@register.filter
def money_thousands(amount: int | None, currency: str = "EUR") -> str:
    """In thousands with their unit, for columns of which no row may have another one."""
    return formats.money(_given(amount), currency or "EUR", unit="k")


@register.filter
def money_auto(amount: int | None, currency: str = "EUR") -> str:
    return formats.money(_given(amount), currency or "EUR", unit="auto")


@register.filter
def money_k(amount: int | None, currency: str = "EUR") -> str:
    """In thousands without the unit, for narrow columns whose head names it."""
    given = _given(amount)
    return formats.NO_DATA if given is None else formats.scaled(formats.major(given, currency or "EUR"), "k")


@register.filter
def money_signed(amount: int | None, currency: str = "EUR") -> str:
    """A deviation with explicit sign."""
    return formats.money(_given(amount), currency or "EUR", sign=True)


@register.filter
def money_auto_signed(amount: int | None, currency: str = "EUR") -> str:
    """A deviation with explicit sign, in the unit that fits its size."""
    return formats.money(_given(amount), currency or "EUR", unit="auto", sign=True)


@register.filter
def pct_signed(value: Decimal | float | None, decimals: int = 1) -> str:
    """A deviation in per cent with explicit sign."""
    return formats.percent(_given(value), int(decimals), sign=True)


@register.filter
def day(value: dt.date | None) -> str:
    return formats.day(_given(value))


@register.filter
def day_short(value: dt.date | None) -> str:
    return formats.day(_given(value), short=True)


@register.filter
def month(text: str | None) -> str:
    """``2022-01`` as ``01/2022``; a year alone and anything else stay as they are."""
    year, dash, number = str(text or "").partition("-")
    return f"{number}/{year}" if dash and len(year) == 4 and year.isdigit() and number.isdigit() else str(text or "")


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """``mapping[key]`` or None."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.filter
def markdown(text: str) -> SafeString:
    return render_markdown(text)


@register.filter
def url_of(obj: models.Model) -> str:
    return registry.url_of(obj)


@register.simple_tag(takes_context=True)
def can(context: template.Context, verb: str, subject: Any) -> bool:
    """``{% can "edit" project as editable %}``"""
    return may(context["request"].user, verb, subject)
