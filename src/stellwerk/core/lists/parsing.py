"""From an address to a typed question: filters, sorting, grouping, columns, page. Nothing here can fail.

What cannot be used is left out and reported as a :class:`Problem` that names the parameter.

==========================  ==========================================================================
``q=text``                  every word in one of the searched fields (case and umlauts do not matter)
``<column>=value``          text: contains; choice, light, yes/no: one of (repeat it); date: day or period
                            (``Q4 2026``, ``KW 48/2026``); number, money: equals; link: name or key
``<column>__from``/``__to`` ranges of dates, numbers and money, in German or English writing
``<column>__when``          ``overdue``, ``today``, ``next30``, ``last7``, ``this_month``, ``next_quarter`` …
``<column>__empty``         ``yes`` or ``no``
``<column>__is``            text and links: exactly this text or key (for links from a figure to its rows)
``sort=-finish,name``       ``group=unit`` · ``columns=key,name`` · ``page=2`` · ``size=100`` · ``archived=no|yes|all``
==========================  ==========================================================================
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.core.db import fold
from stellwerk.core.lists.spec import Column, ListSpec
from stellwerk.core.models import User

SIZES = (25, 50, 100, 200)
MAX_TEXT = 200
MAX_VALUES = 100
MAX_SORT = 5
_SUFFIXES = ("from", "to", "when", "empty", "is")


@dataclass(frozen=True)
class Problem:
    """A parameter that was left out, and why."""

    parameter: str
    value: str
    reason: str

    def __str__(self) -> str:
        return _("“%(parameter)s=%(value)s” was ignored: %(reason)s") % {
            "parameter": self.parameter,
            "value": self.value,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class Filter:
    """One accepted filter: what it asks of the column's alias (``suffix`` → value) and how people read it."""

    column: Column
    parameters: tuple[str, ...]
    q: Q
    text: str
    folded: bool = False


@dataclass
class ListQuery:
    """What the reader wants to see. ``kept`` holds the accepted parameters in the order of the address."""

    spec: ListSpec
    user: User | None
    available: list[Column]
    columns: list[Column]
    search: list[str] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    sort: list[tuple[Column, bool]] = field(default_factory=list)
    group: Column | None = None
    page: int = 1
    size: int = 50
    archived: str = "no"
    problems: list[Problem] = field(default_factory=list)
    kept: dict[str, list[str]] = field(default_factory=dict)

    def query_string(self, *without: str, **changes: Any) -> str:
        """The address of this view with changes; None removes a parameter, any change goes back to page one."""
        values = {name: texts for name, texts in self.kept.items() if name not in without}
        if "page" not in changes:
            values.pop("page", None)
        for name, value in changes.items():
            if value is None:
                values.pop(name, None)
            else:
                values[name] = [str(item) for item in value] if isinstance(value, (list, tuple)) else [str(value)]
        return "?" + urlencode([(name, text) for name, texts in values.items() for text in texts])

    @property
    def canonical(self) -> str:
        return self.query_string(page=self.page if self.page > 1 else None)

    def hidden(self, *without: str) -> list[tuple[str, str]]:
        """The other parameters of the address, for forms that change one of them."""
        skip = {"page", *without}
        return [(name, text) for name, texts in self.kept.items() if name not in skip for text in texts]

    def values(self, parameter: str) -> list[str]:
        return self.kept.get(parameter, [])

    @property
    def narrowed(self) -> bool:
        return bool(self.search or self.filters or self.archived != "no")

    def sort_state(self, column: Column) -> str:
        """``ascending``, ``descending`` or nothing, of the first sort column."""
        if self.sort and self.sort[0][0].code == column.code:
            return "descending" if self.sort[0][1] else "ascending"
        return ""

    def sort_address(self, column: Column) -> str:
        descending = self.sort_state(column) == "ascending"
        return self.query_string(sort=("-" if descending else "") + column.code)


def clean_text(text: str) -> str:
    """Without control characters and surrogates (PostgreSQL refuses NUL), bounded in length."""
    kept = "".join(char for char in text if char >= " " and char != "\x7f" and not "\ud800" <= char <= "\udfff")
    return " ".join(kept.split())[:MAX_TEXT]


def parse(
    spec: ListSpec, params: QueryDict | Mapping[str, Any], user: User | None, own: Iterable[str] = ()
) -> ListQuery:
    """Read an address. ``own`` names further parameters that the page itself uses; they stay in the address."""
    return _Parser(spec, params, user, own).parse()


def _all(params: QueryDict | Mapping[str, Any], name: str) -> list[str]:
    if isinstance(params, QueryDict):
        return [str(text) for text in params.getlist(name)]
    value = params[name]
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else [str(value)]


class _Parser:
    def __init__(
        self, spec: ListSpec, params: QueryDict | Mapping[str, Any], user: User | None, own: Iterable[str]
    ) -> None:
        self.spec, self.params, self.own = spec, params, set(own)
        available = spec.columns_for(user)
        self.by_code = {column.code: column for column in available}
        shown = [column for column in available if column.default]
        self.query = ListQuery(spec, user, available, shown, size=spec.page_size)

    def parse(self) -> ListQuery:
        for name in self.params:
            given = _all(self.params, name)
            if name == "columns":  # one text names them all; the bound is for each of them
                given = [code for text in given for code in text.split(",", MAX_VALUES)]
            texts = [clean_text(text) for text in given[:MAX_VALUES]]
            texts = [text for text in texts if text]
            if texts:
                self._take(clean_text(str(name)), texts)
        query = self.query
        if not query.sort:
            query.sort = self._sort_columns(list(self.spec.default_sort))
        if query.group is None and "group" not in self.query.kept and self.spec.default_group:
            query.group = self.by_code.get(self.spec.default_group)
        return query

    def _take(self, name: str, texts: list[str]) -> None:
        if name in self.own or name == "view":
            self.query.kept[name] = texts
            return
        taker = getattr(self, f"_take_{name}", None) if name in _TAKERS else None
        if taker is not None:
            taker(texts)
            return
        code, _sep, suffix = name.rpartition("__")
        if suffix not in _SUFFIXES or not code:
            code, suffix = name, ""
        column = self.by_code.get(code)
        if column is None or not column.filterable:
            self._problem(name, texts[0], _("this list has no such column."))
            return
        self._filter(name, column, suffix, texts)

    def _problem(self, name: str, value: str, reason: str) -> None:
        if len(self.query.problems) < 10:
            self.query.problems.append(Problem(name[:60], value[:60], reason))

    # ── parameters of the list itself ────────────────────────────────────────────────────────────

    def _take_q(self, texts: list[str]) -> None:
        self.query.search = [word for word in (fold(word) or "" for word in texts[0].split()) if word][:8]
        self.query.kept["q"] = [texts[0]]

    def _take_sort(self, texts: list[str]) -> None:
        wanted = [part for text in texts for part in text.split(",") if part.strip()]
        self.query.sort = self._sort_columns(wanted, report=True)
        if self.query.sort:
            self.query.kept["sort"] = [
                ",".join(("-" if down else "") + column.code for column, down in self.query.sort)
            ]

    def _sort_columns(self, wanted: Sequence[str], *, report: bool = False) -> list[tuple[Column, bool]]:
        found: list[tuple[Column, bool]] = []
        for part in wanted:
            code = part.strip().removeprefix("-")
            column = self.by_code.get(code)
            if column is None or not column.sortable:
                if report:
                    self._problem("sort", part, _("this list cannot be sorted by that."))
            elif column not in [known for known, _down in found]:
                found.append((column, part.strip().startswith("-")))
        return found[:MAX_SORT]

    def _take_group(self, texts: list[str]) -> None:
        if texts[0] == "none":
            self.query.kept["group"] = ["none"]
            return
        column = self.by_code.get(texts[0])
        if column is None or not column.groupable:
            self._problem("group", texts[0], _("this list cannot be grouped by that."))
            return
        self.query.group = column
        self.query.kept["group"] = [column.code]

    def _take_columns(self, texts: list[str]) -> None:
        codes = list(dict.fromkeys(code.strip() for text in texts for code in text.split(",") if code.strip()))
        for code in codes:
            if code not in self.by_code:
                self._problem("columns", code, _("this list has no such column."))
        shown = [self.by_code[code] for code in codes if code in self.by_code]
        if shown:
            self.query.columns = shown
            self.query.kept["columns"] = [",".join(column.code for column in shown)]

    def _take_page(self, texts: list[str]) -> None:
        if texts[0].isascii() and texts[0].isdigit() and 1 <= int(texts[0][:9]) <= 10**8:
            self.query.page = int(texts[0][:9])
            self.query.kept["page"] = [str(self.query.page)]
        else:
            self._problem("page", texts[0], _("not a page number."))

    def _take_size(self, texts: list[str]) -> None:
        if texts[0] in {str(size) for size in SIZES}:
            self.query.size = int(texts[0])
            self.query.kept["size"] = [texts[0]]
        else:
            self._problem("size", texts[0], _("possible are %(sizes)s rows.") % {"sizes": ", ".join(map(str, SIZES))})

    def _take_archived(self, texts: list[str]) -> None:
        if texts[0] in {"no", "yes", "all"} and self.spec.archived_q() is not None:
            self.query.archived = texts[0]
            if texts[0] != "no":
                self.query.kept["archived"] = [texts[0]]
        else:
            self._problem("archived", texts[0], _("possible are: no, yes, all."))

    # ── filters ──────────────────────────────────────────────────────────────────────────────────

    def _filter(self, name: str, column: Column, suffix: str, texts: list[str]) -> None:
        try:
            made = make_filter(self.spec, column, suffix, texts)
        except ValueError as error:
            self._problem(name, texts[0], str(error))
            return
        self.query.filters.append(made)
        self.query.kept[name] = texts if column.multiple and not suffix else texts[:1]


_TAKERS = {"q", "sort", "group", "columns", "page", "size", "archived"}


def make_filter(spec: ListSpec, column: Column, suffix: str, texts: list[str]) -> Filter:
    """One filter on a column; ``ValueError`` says in the reader's language why it cannot be."""
    name = f"{column.code}__{suffix}" if suffix else column.code
    if suffix == "empty":
        return _empty(spec, column, name, texts[0])
    if column.multiple:
        if suffix:
            raise ValueError(_("this column has no ranges."))
        return _one_of(spec, column, name, texts)
    if suffix == "is" and (column.numeric or column.kind in {"date", "datetime"}):
        raise ValueError(_("this column holds no texts."))
    if column.kind in {"date", "datetime"}:
        return _dates(column, name, suffix, texts[0])
    if column.numeric:
        return _numbers(column, name, suffix, texts[0])
    if suffix == "is":
        return Filter(column, (name,), Q(**{column.key or column.alias: texts[0]}), texts[0])
    if suffix:
        raise ValueError(_("this column has no ranges."))
    return _contains(column, name, texts[0])


def _empty(spec: ListSpec, column: Column, name: str, text: str) -> Filter:
    if text not in {"yes", "no"}:
        raise ValueError(_("possible are: yes, no."))
    q = Q(**{f"{column.alias}__isnull": True})
    if spec.holds_text(column):
        q |= Q(**{column.alias: ""})
    if column.kind == "light":
        q |= Q(**{column.alias: "grey"})
    return Filter(column, (name,), q if text == "yes" else ~q, _("empty") if text == "yes" else _("not empty"))


def _contains(column: Column, name: str, text: str) -> Filter:
    q = Q(**{f"{column.alias}_fold__contains": fold(text)})
    if column.key:
        q |= Q(**{f"{column.key}__iexact": text})
    return Filter(column, (name,), q, text, folded=True)


def _one_of(spec: ListSpec, column: Column, name: str, texts: list[str]) -> Filter:
    if column.kind == "bool":
        known = {"yes": _("yes"), "no": _("no")}
        chosen = [text for text in texts if text in known]
        if not chosen:
            raise ValueError(_("possible are: yes, no."))
        q = Q(**{f"{column.alias}__in": [text == "yes" for text in chosen]})
        return Filter(column, (name,), q, ", ".join(known[text] for text in chosen))
    labels = dict(spec.choices(column))
    chosen = [text for text in texts if text in labels]
    if not chosen:
        raise ValueError(_("this value does not exist."))
    q = Q(**{f"{column.alias}__in": chosen})
    if column.kind == "light" and "grey" in chosen:
        q |= Q(**{column.alias: ""}) | Q(**{f"{column.alias}__isnull": True})
    return Filter(column, (name,), q, ", ".join(labels[text] for text in chosen))


def read_day(text: str, *, end: bool = False) -> dt.date:
    """A day or the first or last day of a period, as people write it; ``ValueError`` otherwise."""
    from stellwerk.core.tabular.values import parse_date  # heavy: only where a filter is read

    parsed = parse_date(text, day_first=True, edge="end" if end else "start")
    if parsed.kind != "ok":
        raise ValueError(_("not a date. Write for example 24 Dec 2026, 2026-12-24 or Q4 2026."))
    value: dt.date = parsed.value
    return value


def read_number(text: str, kind: str) -> Decimal:
    """A number or an amount (units of the currency) as people write it; ``ValueError`` otherwise."""
    sign: Any = "," if (get_language() or "de").startswith("de") else "."
    from stellwerk.core.tabular.values import parse_money, parse_number

    parsed = parse_money(text, decimal_sign=sign) if kind == "money" else parse_number(text, decimal_sign=sign)
    if parsed.kind != "ok":
        raise ValueError(_("not a number. Write for example 1,234.50 or 1.2 m."))
    value: Decimal = parsed.value.amount if kind == "money" else parsed.value
    if abs(value) > 10**15:
        raise ValueError(_("this number is too large."))
    return value


def _dates(column: Column, name: str, suffix: str, text: str) -> Filter:
    if suffix == "when":
        first, last, label = relative(text, timezone.localdate())
    elif suffix == "from":
        first, last = read_day(text), None
        label = _("from %(day)s") % {"day": formats.day(first)}
    elif suffix == "to":
        first, last = None, read_day(text, end=True)
        label = _("until %(day)s") % {"day": formats.day(last)}
    else:
        first, last = read_day(text), read_day(text, end=True)
        label = formats.day(first) if first == last else f"{formats.day(first)} – {formats.day(last)}"
    lookup = f"{column.alias}__date" if column.kind == "datetime" else column.alias
    q = Q()
    if first is not None:
        q &= Q(**{f"{lookup}__gte": first})
    if last is not None:
        q &= Q(**{f"{lookup}__lte": last})
    return Filter(column, (name,), q, label)


def _numbers(column: Column, name: str, suffix: str, text: str) -> Filter:
    if suffix == "when":
        raise ValueError(_("this column holds no dates."))
    value = read_number(text, column.kind)
    stored: Any = formats.minor(value) if column.kind == "money" else value
    shown = formats.number(value, max(0, min(6, -int(value.normalize().as_tuple().exponent))))
    operator, label = {
        "from": ("gte", _("at least %(value)s")),
        "to": ("lte", _("at most %(value)s")),
        "": ("exact", "%(value)s"),
    }[suffix]
    return Filter(column, (name,), Q(**{f"{column.alias}__{operator}": stored}), label % {"value": shown})


# ── relative dates ───────────────────────────────────────────────────────────────────────────────

_RELATIVE = re.compile(r"(next|last)(\d{1,4})$")
_PERIOD = re.compile(r"(last|this|next)_(week|month|quarter|year)$")


def relative_choices() -> list[tuple[str, str]]:
    """What the filter form offers; any ``nextN`` and ``lastN`` (days) works in the address."""
    return [
        ("overdue", _("before today")),
        ("today", _("today")),
        ("next7", _("in the next 7 days")),
        ("next30", _("in the next 30 days")),
        ("next90", _("in the next 90 days")),
        ("last7", _("in the last 7 days")),
        ("last30", _("in the last 30 days")),
        ("last90", _("in the last 90 days")),
        ("this_week", _("this week")),
        ("this_month", _("this month")),
        ("next_month", _("next month")),
        ("this_quarter", _("this quarter")),
        ("next_quarter", _("next quarter")),
        ("last_year", _("last year")),
        ("this_year", _("this year")),
        ("next_year", _("next year")),
    ]


def relative(text: str, today: dt.date) -> tuple[dt.date | None, dt.date | None, str]:
    """First and last day (None: open) of ``next30``, ``this_quarter`` …; ``ValueError`` for other words."""
    labels = dict(relative_choices())
    if text == "overdue":
        return None, today - dt.timedelta(days=1), labels[text]
    if text == "today":
        return today, today, labels[text]
    match = _RELATIVE.match(text)
    if match:
        days = int(match[2])
        span = dt.timedelta(days=days)
        if match[1] == "next":
            return today, today + span, _("in the next %(days)s days") % {"days": days}
        return today - span, today, _("in the last %(days)s days") % {"days": days}
    match = _PERIOD.match(text)
    if not match:
        raise ValueError(_("possible are for example: overdue, today, next30, last7, this_month."))
    first, last = _period(today, match[2], {"last": -1, "this": 0, "next": 1}[match[1]])
    return first, last, labels.get(text) or text.replace("_", " ")


def _period(today: dt.date, kind: str, step: int) -> tuple[dt.date, dt.date]:
    if kind == "week":
        monday = today - dt.timedelta(days=today.weekday()) + dt.timedelta(weeks=step)
        return monday, monday + dt.timedelta(days=6)
    months = {"month": 1, "quarter": 3, "year": 12}[kind]
    index = today.year * 12 + (today.month - 1) // months * months + step * months
    first = dt.date(index // 12, index % 12 + 1, 1)
    after = index + months
    return first, dt.date(after // 12, after % 12 + 1, 1) - dt.timedelta(days=1)
