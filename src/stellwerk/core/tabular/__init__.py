"""Tables as people really have them: reading files, finding the table, reading cells, mapping, recognising records.

The order of use::

    file = read(path)                       # TabularFile, or UnusableFile
    table = best_table(file)                # Table, or UnusableFile
    profiles = profile_columns(table)       # evidence per column
    mapping = suggest(table, fields, saved) # which column fills which field
    reader = column_reader("date", profiles[3])
    reader(table.rows[0][3])                # Parsed
    recognise(incoming, known)              # which record is meant
"""

from stellwerk.core.tabular.cells import Cell, Origin, cell_text
from stellwerk.core.tabular.errors import UnusableFile
from stellwerk.core.tabular.layout import best_table, find_table
from stellwerk.core.tabular.mapping import FieldSpec, SavedMapping, Suggestion, profile_columns, saved_mapping, suggest
from stellwerk.core.tabular.matching import Band, Duplicate, Incoming, Known, Recognised, Recognition, recognise
from stellwerk.core.tabular.notes import Note
from stellwerk.core.tabular.reading import DEFAULT_LIMITS, Limits, Sheet, TabularFile, read
from stellwerk.core.tabular.table import ColumnInfo, SkippedLine, Table
from stellwerk.core.tabular.values import ColumnProfile, Light, Money, Parsed, ReadingOptions, column_reader

__all__ = [
    "DEFAULT_LIMITS",
    "Band",
    "Cell",
    "ColumnInfo",
    "ColumnProfile",
    "Duplicate",
    "FieldSpec",
    "Incoming",
    "Known",
    "Light",
    "Limits",
    "Money",
    "Note",
    "Origin",
    "Parsed",
    "ReadingOptions",
    "Recognised",
    "Recognition",
    "SavedMapping",
    "Sheet",
    "SkippedLine",
    "Suggestion",
    "Table",
    "TabularFile",
    "UnusableFile",
    "best_table",
    "cell_text",
    "column_reader",
    "find_table",
    "profile_columns",
    "read",
    "recognise",
    "saved_mapping",
    "suggest",
]
