"""Reading single cells: dates, numbers, money, lights, yes/no.

A bad cell is a value (:class:`Parsed`), no exception.
"""

from stellwerk.core.tabular.values.column import DEFAULT_OPTIONS, ReadingOptions, ValueKind, column_reader
from stellwerk.core.tabular.values.dates import parse_date
from stellwerk.core.tabular.values.flags import parse_boolean, parse_light, parse_text
from stellwerk.core.tabular.values.numbers import parse_money, parse_number, parse_percent
from stellwerk.core.tabular.values.outcome import Light, Money, Parsed
from stellwerk.core.tabular.values.profile import ColumnProfile, classify, profile_column, profile_table

__all__ = [
    "DEFAULT_OPTIONS",
    "ColumnProfile",
    "Light",
    "Money",
    "Parsed",
    "ReadingOptions",
    "ValueKind",
    "classify",
    "column_reader",
    "parse_boolean",
    "parse_date",
    "parse_light",
    "parse_money",
    "parse_number",
    "parse_percent",
    "parse_text",
    "profile_column",
    "profile_table",
]
