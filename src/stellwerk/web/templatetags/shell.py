"""Template tags of the shell; loaded as builtins, so no ``{% load %}`` is needed."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.core.paginator import Paginator
from django.template.context import RequestContext
from django.urls import NoReverseMatch, reverse
from django.utils.html import json_script
from django.utils.safestring import SafeString

from stellwerk.core import assets, render
from stellwerk.web import parts

register = template.Library()


@register.simple_tag
def shell_assets() -> SafeString:
    return assets.head_tags()


@register.simple_tag(takes_context=True)
def shell_part(context: RequestContext, name: str) -> SafeString:
    """A part of the page frame (:mod:`stellwerk.web.parts`)."""
    token = context.get("csrf_token") or ""
    return parts.drawn(context["shell"], name, "" if token == "NOTPROVIDED" else str(token))  # noqa: S105 - as Django says it


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    return render.icon(name, size, label)


@register.simple_tag
def light(state: Any, trend: Any = None, word: bool = False, size: str = "", arrow: bool = True) -> SafeString:
    return render.light(state, trend, word, size, arrow)


@register.simple_tag
def shape(state: Any, size: str = "") -> SafeString:
    return render.shape(state, size)


@register.simple_tag
def trend_arrow(direction: Any) -> SafeString:
    return render.trend(direction)


@register.simple_tag
def bar(
    parts: Any, total: float | None = None, height: int = 8, tick: float | None = None, label: str = ""
) -> SafeString:
    return render.bar(parts, total, height, tick, label)


@register.simple_tag
def split_bar(red: int = 0, amber: int = 0, grey: int = 0, green: int = 0) -> SafeString:
    return render.split(red or 0, amber or 0, grey or 0, green or 0)


@register.simple_tag
def money_bar(
    actual: float, committed: float = 0, rest: float = 0, budget: float | None = None, scale: float | None = None
) -> SafeString:
    return render.money_bar(actual or 0, committed or 0, rest or 0, budget, scale)


@register.simple_tag
def percent_bar(percent: Any, kind: str = "d1", height: int = 8, label: str = "") -> SafeString:
    return render.bar(((kind, float(percent or 0)),), 100, height, None, label)


@register.simple_tag
def level(value: int | None, most: int = 4) -> SafeString:
    return render.level(value, most)


@register.simple_tag
def spark(values: Any, label: str = "") -> SafeString:
    return render.spark(list(values), label)


@register.simple_tag
def url_or_nothing(name: str, *args: Any, **kwargs: Any) -> str:
    """Like ``url``, but an empty text where the page does not exist (yet)."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def page_url(context: RequestContext, number: int, parameter: str = "page") -> str:
    """The present address with another page number; all other parameters stay."""
    request = context.get("request")
    query = request.GET.copy() if request is not None else None
    if query is None:
        return f"?{parameter}={number}"
    query[parameter] = str(number)
    return f"?{query.urlencode()}"


@register.filter
def without_placeholders(form: Any) -> Any:
    """The form without grey texts that say its labels once more."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
    return form


@register.filter
def begun(form: Any) -> Any:
    """The form with the cursor in its first field, for pages that are nothing but this form."""
    next(iter(form.fields.values())).widget.attrs["autofocus"] = True
    return form


@register.filter
def initials(name: str) -> str:
    return render.initials(name)


@register.filter
def state_code(state: Any) -> str:
    return render.state_code(state)


@register.filter
def state_word(state: Any) -> str:
    return render.word_of(state)


@register.filter
def unlocalised(value: Any) -> str:
    """A number for an attribute: decimal point in every language."""
    return f"{float(value or 0):g}"


@register.filter
def json_block(value: Any) -> SafeString:
    """A ``<script type="application/json">`` block without an id; text (already JSON) is parsed first."""
    data = json.loads(value) if isinstance(value, str) else value
    return json_script(data)


@register.filter
def page_numbers(paginator: Paginator[Any], current: int) -> list[int]:
    """Page numbers to offer; 0 stands for a gap."""
    numbers = paginator.get_elided_page_range(current, on_each_side=1, on_ends=1)
    return [number if isinstance(number, int) else 0 for number in numbers]


@register.simple_tag
def bar_of(done: Any, total: Any) -> SafeString:
    return render.bar((("accent", float(done or 0)),), float(total or 0) or 100.0, 10)
