"""Which column fills which field: what a person chose, else what names and contents suggest."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from stellwerk.core import formats
from stellwerk.core.tabular import (
    ColumnInfo,
    ColumnProfile,
    FieldSpec,
    Money,
    ReadingOptions,
    Suggestion,
    Table,
    column_reader,
    profile_columns,
    suggest,
)
from stellwerk.core.tabular.cells import Cell, cell_text, is_blank
from stellwerk.core.tabular.notes import Note, note, shorten
from stellwerk.core.tabular.values.numbers import NO_UNIT, Unit, unit_in_header
from stellwerk.core.tabular.words import normal, words
from stellwerk.portfolio.importing.fields import BY_CODE, KEEP, ImportField, specs
from stellwerk.portfolio.importing.options import Options, Wishes, read_wishes
from stellwerk.portfolio.importing.rows import dates_of_rows, one_date, one_of_each, running_numbers
from stellwerk.portfolio.models import ImportMapping

_GATE = re.compile(
    r"\b(?:gate|stage|milestone|meilenstein|tor|quality gate|approval|approved|approv\w*|freigabe|go live|golive|tender\w*|"
    r"award\w*|abnahme|inbetriebnahme|kick ?off|decision|entscheid\w*|effective|[gmqs]g? ?\d|dp ?\d)\b|\b(?:stage|gate|tor|phase) ?\d"
)
_NO_GATE = re.compile(
    r"\b(?:updated?|modified|changed|created|report\w*|export\w*|disclosure|geaendert|erstellt|stand|geburt\w*|birth)\b"
)
_INITIALS = re.compile(r"^[A-ZÄÖÜ][A-Z0-9ÄÖÜ]{1,4}$")
_YEAR_HEADING = re.compile(r"\b(?:year|jahr)\b")
_REPORTED = re.compile(r"\b(?:report\w*|bericht\w*|status|stand|snapshot|edition|ausgabe)\b")
_CONTRACT = re.compile(r"\b(?:contract|auftrags?|vertrags?) ?(?:amount|value|sum|price|cost|summe|wert|volumen)\b")
_SHORTEST = 14
"""Days between start and finish, in the middle of all."""
_NUMBER = re.compile(r"\d+")
_SAMPLE = 400
_NAME = 70  # letters: what is longer is a sentence
_BELIEVABLE = 0.4
"""A forecast of the whole project below this share of its budget, in the middle of all, is the forecast of a year."""


@dataclass(frozen=True)
class ColumnUse:
    """What becomes of one column; ``field`` None: kept as a further attribute. ``others`` fill what it leaves empty."""

    column: ColumnInfo
    profile: ColumnProfile
    field: ImportField | None
    confidence: float = 0.0
    why: tuple[Note, ...] = ()
    others: tuple[int, ...] = ()
    gate: str = ""
    gate_order: int = 0
    chosen: bool = False

    @property
    def code(self) -> str:
        return self.field.code if self.field else KEEP


@dataclass(frozen=True)
class Mapped:
    """The whole mapping of a table. ``unknown``: headings of the wish that the table does not have."""

    uses: tuple[ColumnUse, ...]
    unknown: tuple[str, ...] = ()
    reused: bool = False
    reading: Mapping[str, str] = field(default_factory=dict)

    def of(self, code: str) -> ColumnUse | None:
        return next((use for use in self.uses if use.code == code), None)

    @property
    def named(self) -> bool:
        """Whether projects can be told apart at all: by name, else by key."""
        return self.of("name") is not None or self.of("key") is not None

    def chosen(self) -> dict[str, str | None]:
        """As a user's decision, to be saved: heading → field code or None."""
        return {use.column.name: use.field.code if use.field else None for use in self.uses}

    def digest(self, options: Options) -> str:
        """Changes whenever another reading of the same cells could come out."""
        parts = {normal(name): code for name, code in self.chosen().items()}
        text = json.dumps([sorted(parts.items()), options.saved()], sort_keys=True, default=str)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def stored_wishes(table: Table) -> Wishes | None:
    """What somebody confirmed for a file with the same headings; None if there is nothing (or nothing usable any more)."""
    saved = ImportMapping.objects.filter(signature=table.signature).first()
    if saved is None:
        return None
    try:
        return read_wishes(saved.mapping)
    except Exception:  # a field that no longer exists must not make the file unusable
        return None


def map_columns(
    table: Table, *, wishes: Wishes | None, stored: Wishes | None, options: Options, told: Unit = NO_UNIT
) -> Mapped:
    """Wishes count first, then what was stored for these headings, then the suggestion. ``told``: the unit that a line
    above the table gives for all amounts."""
    profiles = [_with_unit(profile, told) for profile in profile_columns(table)]
    asked = {normal(name): code for name, code in (wishes.columns if wishes else {}).items()}
    remembered = {normal(name): code for name, code in (stored.columns if stored else {}).items()}
    uses = _suggested(table, profiles, {**remembered, **asked}, options)
    headings = {normal(column.name) for column in table.columns} | {normal(column.base) for column in table.columns}
    unknown = tuple(name for name in (wishes.columns if wishes else {}) if normal(name) not in headings)
    return Mapped(tuple(uses), unknown, reused=bool(remembered) and not asked)


def _with_unit(profile: ColumnProfile, told: Unit) -> ColumnProfile:
    """Amounts that say nothing themselves are in the unit of the line above the table."""
    own = profile.unit_from or unit_in_header(profile.header) != NO_UNIT or profile.share("money") > 0.5
    if own or not told.factor:
        return profile
    return replace(profile, factor=told.factor, unit_from="title", currency=profile.currency or told.currency)


def _decided(column: ColumnInfo, decided: Mapping[str, str | None]) -> tuple[bool, str | None]:
    for name in (normal(column.name), normal(column.base)):
        if name in decided:
            return True, decided[name]
    return False, None


def _suggested(
    table: Table, profiles: Sequence[ColumnProfile], decided: Mapping[str, str | None], options: Options
) -> list[ColumnUse]:
    taken: set[str] = set()
    fixed: dict[int, str | None] = {}
    for column in table.columns:
        known, code = _decided(column, decided)
        if known and (code is None or BY_CODE[code].many or code not in taken):
            fixed[column.index] = code
            taken |= {code} if code else set()
    open_fields: tuple[FieldSpec, ...] = tuple(spec for spec in specs() if spec.code not in taken)
    aside: dict[int, str | None] = {**dict.fromkeys(running_numbers(table), None), **fixed}
    found = _without_guesses(_ask(table, profiles, open_fields, aside))
    if aside != fixed and not taken & {"key", "name"} and not any(s.field in ("key", "name") for s in found.values()):
        aside = dict(fixed)  # better a number than no project at all
        found = _without_guesses(_ask(table, profiles, open_fields, aside))
    dated = next(
        (i for i, s in found.items() if s.field == "as_of"),
        next((i for i, code in fixed.items() if code == "as_of"), None),
    )
    if dated is None and not taken & {"key", "name"} and not any(s.field in ("key", "name") for s in found.values()):
        dated = dates_of_rows(table, profiles, aside)
        aside |= {} if dated is None else {dated: "as_of"}
    if dated is not None and (part := one_date(table, dated) or one_of_each(table, dated)) is not None:
        again = _without_guesses(_ask(part, profile_columns(part), open_fields, aside))
        if dated in aside and dated not in fixed:
            again[dated] = Suggestion(dated, "as_of", 0.6, (note("dated", _("the same projects again at each date")),))
        found = again
    second: set[int] = {index for suggestion in found.values() for index in suggestion.others} - set(fixed)
    uses = [_use(column, profiles[column.index], fixed, found.get(column.index), second) for column in table.columns]
    uses = _with_fallbacks(table, profiles, uses, fixed)
    uses = _with_names(table, uses)
    uses = _without_doubtful_dates(table, uses)
    uses = _with_span(table, uses, options)
    uses = _with_contract(uses)
    uses = _money_of_a_year(table, uses, options)
    return _with_many(uses, second)


def _ask(
    table: Table, profiles: Sequence[ColumnProfile], open_fields: tuple[FieldSpec, ...], fixed: Mapping[int, str | None]
) -> dict[int, Suggestion]:
    """The suggestion for the columns that nobody has decided about."""
    if not fixed:
        return {s.column: s for s in suggest(table, open_fields, profiles=profiles)}
    rest = [column for column in table.columns if column.index not in fixed]
    if not rest or not open_fields:
        return {}
    numbers = [column.index for column in rest]
    part = replace(
        table,
        columns=tuple(replace(column, index=i) for i, column in enumerate(rest)),
        rows=tuple(tuple(row[i] for i in numbers) for row in table.rows),
    )
    found = suggest(part, open_fields, profiles=[profiles[i] for i in numbers])
    return {
        numbers[s.column]: replace(s, column=numbers[s.column], others=tuple(numbers[i] for i in s.others))
        for s in found
    }


def _without_guesses(found: dict[int, Suggestion]) -> dict[int, Suggestion]:
    """A light of one dimension needs a heading that says so; the second column of a name fills up the first."""
    fallbacks = {index for suggestion in found.values() for index in suggestion.others}
    return {
        index: suggestion
        for index, suggestion in found.items()
        if not (suggestion.field.startswith("light_") and suggestion.confidence <= 0.5)
        and not (index in fallbacks and suggestion.confidence < 0.8)
    }


def _use(
    column: ColumnInfo,
    profile: ColumnProfile,
    fixed: Mapping[int, str | None],
    found: Suggestion | None,
    second: set[int],
) -> ColumnUse:
    if column.index in fixed:
        code = fixed[column.index]
        return ColumnUse(
            column, profile, BY_CODE[code] if code else None, 1.0, (note("chosen", _("as chosen")),), chosen=True
        )
    if found is not None:
        return ColumnUse(column, profile, BY_CODE[found.field], found.confidence, found.why, found.others)
    if column.index in second:
        return ColumnUse(
            column, profile, None, 0.9, (note("second", _("fills what the column of the same name leaves empty")),)
        )
    return ColumnUse(column, profile, None)


def _with_fallbacks(
    table: Table, profiles: Sequence[ColumnProfile], uses: list[ColumnUse], fixed: Mapping[int, str | None]
) -> list[ColumnUse]:
    """A chosen column of a name that stands twice keeps its twin as fallback, as a suggested one does."""
    if not fixed:
        return uses
    out = []
    for use in uses:
        if use.chosen and use.field is not None and not use.field.many and not use.others:
            base = normal(use.column.base)
            twins = tuple(
                other.column.index for other in uses
                if other.column.index != use.column.index and normal(other.column.base) == base and other.field is None
            )  # fmt: skip
            use = replace(use, others=twins)
        out.append(use)
    return out


def _with_names(table: Table, uses: list[ColumnUse]) -> list[ColumnUse]:
    """No heading says which column names the projects: the first one of short texts that differ, whatever it is called."""
    if any(use.code == "name" for use in uses):
        return uses
    keyed = any(use.code == "key" for use in uses)  # then two projects may be called alike, and one not at all
    alike, complete = (0.7, 0.6) if keyed else (0.9, 0.8)
    for place, use in enumerate(uses):
        if use.chosen or not (use.field is None or use.field.target in ("summary", "text", "narrative")):
            continue
        values = [cell_text(cell).strip() for cell in table.values(use.column.index) if not is_blank(cell)][:_SAMPLE]
        words = sum(1 for value in values if sum(letter.isalpha() for letter in value) > len(value) / 2)
        if (
            len(values) < 2
            or len(set(values)) < alike * len(values)
            or len(values) < complete * min(len(table.rows), _SAMPLE)
        ):
            continue
        if use.profile.key_share > 0.8:
            continue
        longest = 2 * _NAME if use.code == "description" else _NAME
        if words < 0.9 * len(values) or statistics.median(len(value) for value in values) > longest:
            continue
        why = note("names", _("the first column of short texts that differ: taken as the name"))
        base = normal(use.column.base)
        twins = tuple(
            other.column.index for other in uses
            if other is not use and normal(other.column.base) == base and other.field is None
        )  # fmt: skip
        named = replace(use, field=BY_CODE["name"], why=(why,), confidence=0.4, others=twins)
        return [*uses[:place], named, *uses[place + 1 :]]
    for place, use in enumerate(uses):  # the heading says so, whatever stands there
        free = use.code in (KEEP, "programme") and not use.chosen
        if free and use.column.filled and _joined(use.column.base) in _NAME_LABELS:
            named = replace(
                use, field=BY_CODE["name"], why=(note("heading", _("the heading matches")),), confidence=0.4
            )
            return [*uses[:place], named, *uses[place + 1 :]]
    return uses


def _joined(text: str) -> str:
    return normal(text).replace(" ", "")


_NAME_LABELS = frozenset(_joined(label) for label in BY_CODE["name"].labels)


def _with_contract(uses: list[ColumnUse]) -> list[ColumnUse]:
    """Where no column is a budget, the value of the contract is what the project may cost."""
    if any(use.code in ("budget", "bac") for use in uses):
        return uses
    for place, use in enumerate(uses):
        said = _CONTRACT.search(" ".join(words(use.column.base)))
        if said and use.field is None and not use.chosen and use.profile.share("money", "number") > 0.8:
            why = (note("contract", _("no column is a budget: the value of the contract")),)
            named = replace(use, field=BY_CODE["budget"], why=why, confidence=0.5)
            return [*uses[:place], named, *uses[place + 1 :]]
    return uses


def _with_span(table: Table, uses: list[ColumnUse], options: Options) -> list[ColumnUse]:
    """No heading names a start or an end, but there are two dates, the one never after the other: from and to."""
    if any(use.field is not None and use.field.target == "day" for use in uses):
        return uses
    free = [
        use for use in uses
        if use.field is None and not use.chosen and use.profile.share("date") > 0.8 and use.column.filled > 0.5 * len(table.rows)
        and not _NO_GATE.search(normal(use.column.base)) and not _looks_like_gate(use)
    ]  # fmt: skip
    if len(free) != 2:
        return uses
    readers = [column_reader("date", use.profile, reading_options(use, options)) for use in free]
    gaps = []
    for row in table.rows[:_SAMPLE]:
        first, second = (read(row[use.column.index]) for read, use in zip(readers, free, strict=True))
        if first.kind == second.kind == "ok":
            gaps.append((second.value - first.value).days)
    if len(gaps) < 3 or abs(statistics.median(gaps)) < _SHORTEST:
        return uses
    if statistics.median(gaps) < 0:
        free, gaps = free[::-1], [-gap for gap in gaps]
    if sum(1 for gap in gaps if gap >= 0) < 0.95 * len(gaps):
        return uses
    why = (note("span", _("two dates, the one never after the other: taken as start and finish")),)
    codes = {free[0].column.index: "start", free[1].column.index: "finish"}
    return [
        replace(use, field=BY_CODE[codes[use.column.index]], confidence=0.5, why=why)
        if use.column.index in codes
        else use
        for use in uses
    ]


def _without_doubtful_dates(table: Table, uses: list[ColumnUse]) -> list[ColumnUse]:
    """A column “Year” with different years is hardly the date of the rows, unless somebody says so."""
    out = []
    for use in uses:
        heading = normal(" ".join(words(use.column.base)))
        if use.code == "as_of" and not use.chosen and _YEAR_HEADING.search(heading) and not _REPORTED.search(heading):
            values = {cell for cell in table.values(use.column.index) if not is_blank(cell)}
            if len(values) > 1:
                use = replace(use, field=None, confidence=0.0, why=())
        out.append(use)
    return out


def _money_of_a_year(table: Table, uses: list[ColumnUse], options: Options) -> list[ColumnUse]:
    """A total forecast or baseline that is far below the budget of most projects is the amount of one year."""
    by_code = {use.code: use for use in uses}
    budget = by_code.get("budget")
    if budget is None:
        return uses
    out = []
    for use in uses:
        year = {"eac": "year_forecast", "bac": "year_budget"}.get(use.code)
        if year and not use.chosen and year not in by_code and _usual_ratio(table, use, budget, options) < _BELIEVABLE:
            why = note("of_a_year", _("far below the budget of most projects: taken as the amount of one year"))
            use = replace(use, field=BY_CODE[year], why=(*use.why, why), confidence=min(use.confidence, 0.6))
        out.append(use)
    return out


def _usual_ratio(table: Table, use: ColumnUse, budget: ColumnUse, options: Options) -> float:
    readers = [column_reader("money", one.profile, reading_options(one, options)) for one in (use, budget)]
    ratios = []
    for row in table.rows[:_SAMPLE]:
        amount, total = (
            reader(row[one.column.index]).value for reader, one in zip(readers, (use, budget), strict=True)
        )
        if isinstance(amount, Money) and isinstance(total, Money) and total.amount > 0 and amount.amount > 0:
            ratios.append(float(amount.amount / total.amount))
    return statistics.median(ratios) if len(ratios) >= 8 else 1.0


def reading_options(use: ColumnUse, options: Options) -> ReadingOptions:
    """How cells of this column are read. A bare number of money takes the factor that the user named, unless the heading
    or the cell says one; progress, priority and scores have none."""
    is_money = use.field is not None and use.field.target == "money"
    bare = use.profile.unit_from in ("", "title")
    factor = options.factor if is_money and bare else 1 if use.profile.unit_from == "title" and not is_money else None
    return ReadingOptions(
        decimal_sign=options.decimal_sign,
        day_first=options.day_first,
        factor=factor,
        currency=options.currency,
        edge="end" if use.code in ("finish", "finish_baseline", "finish_actual", "as_of", "gate") else "start",
        light_numbers=options.light_numbers,
    )


def _with_many(uses: list[ColumnUse], second: set[int]) -> list[ColumnUse]:
    """Columns of dates that look like gates, and columns of long texts."""
    out: list[ColumnUse] = []
    codes: set[str] = set()
    order = 0
    for use in uses:
        if use.field is None and not use.chosen and use.column.index not in second:
            if _looks_like_gate(use):
                use = replace(
                    use,
                    field=BY_CODE["gate"],
                    confidence=0.6,
                    why=(note("gate", _("dates under the name of a gate or milestone")),),
                )
            elif use.profile.kind == "long" and use.profile.average_length > 40:
                use = replace(use, field=BY_CODE["narrative"], confidence=0.6, why=(note("long", _("long texts")),))
        if use.code == "gate":
            order += 1
            use = replace(use, gate=_gate_code(use.column.base, codes), gate_order=order)
            codes.add(use.gate)
        out.append(use)
    return out


def _looks_like_gate(use: ColumnUse) -> bool:
    if use.profile.share("date") < 0.6:
        return False
    plain = f"{normal(use.column.base)} {' '.join(words(use.column.base))}"
    if _NO_GATE.search(plain):
        return False
    return bool(_GATE.search(plain) or _INITIALS.match(use.column.base.strip()))


def _gate_code(heading: str, taken: set[str]) -> str:
    """``G2`` for a heading with one small number, else the heading itself shortened to twelve characters."""
    plain = normal(heading)
    numbers = _NUMBER.findall(plain)
    code = f"G{int(numbers[0])}" if len(numbers) == 1 and int(numbers[0]) <= 6 and _GATE.search(plain) else ""
    if not code:
        code = (
            heading.strip()
            if len(heading.strip()) <= 12
            else "".join(word[:4].capitalize() for word in plain.split())[:12]
        )
    number, base = 2, code
    while code in taken or not code:
        code = f"{base[:10]}{number}"
        number += 1
    return code


def _as_typed(cell: Cell) -> str:
    """A sample as people write it; days in the form of the reader's language."""
    return (
        formats.day(cell.date() if isinstance(cell, dt.datetime) else cell)
        if isinstance(cell, dt.date)
        else cell_text(cell)
    )


def as_rows(mapped: Mapped, table: Table, samples: int = 3) -> list[dict[str, Any]]:
    """For the page: each column with sample values, its field, how sure that is and why."""
    rows = []
    for use in mapped.uses:
        values = list(
            dict.fromkeys(_as_typed(cell) for cell in table.values(use.column.index)[:2000] if not is_blank(cell))
        )
        rows.append({
            "index": use.column.index, "name": use.column.name, "filled": use.column.filled, "code": use.code,
            "samples": [shorten(value, 60) for value in values[:samples]], "confidence": use.confidence,
            "why": [str(reason) for reason in use.why], "chosen": use.chosen, "kind": use.profile.kind,
        })  # fmt: skip
    return rows
