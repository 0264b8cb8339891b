"""What became of the decisions and measures that the last reports named."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core.documents.scene import LEFT, TOP, WIDE, Column, Element, Slide, Table
from stellwerk.reporting.deck.facts import Facts
from stellwerk.reporting.deck.layout import C, Grid, headline, project_cells, project_columns, section, shared, subtitle
from stellwerk.reporting.deck.words import dimension_name
from stellwerk.reporting.payload import FollowUp

_ORDER = {"overdue": 0, "moved": 1, "unknown": 2, "open": 3, "gone": 4}


def standing(line: FollowUp, on: date) -> str:
    """``overdue``, ``moved`` (its date was set later), ``open``, ``gone`` or ``unknown``."""
    if line.state != "open":
        return "unknown" if line.state == "unknown" else "gone"
    due = line.due or line.due_before
    if due is not None and due <= on:
        return "overdue"
    if line.due is not None and line.due_before is not None and line.due > line.due_before:
        return "moved"
    return "open"


def follow_up_slides(facts: Facts) -> list[Slide]:
    """Decisions above, measures below; measures that run as planned are only counted, the workbook lists them."""
    on = facts.payload.data_date
    rows = [(standing(line, on), line) for line in facts.payload.follow_up]
    rows.sort(key=lambda row: (_ORDER[row[0]], row[1].due or row[1].due_before or date.max, row[1].project_key))
    decisions = [row for row in rows if row[1].kind == "decision"]
    measures = [row for row in rows if row[1].kind == "measure"]
    if not decisions and all(state in ("open", "unknown") for state, _line in measures):
        return []
    elements: list[Element] = []
    y = TOP
    blocks = [
        (_("Decisions requested in the last report"), _("Decision"), _("Decided by"), decisions),
        (_("Measures of the last report"), _("Measure"), _("Responsible"), measures),
    ]
    for number, (title, what, who, found) in enumerate(blocks):
        if not found:
            continue
        grid = _grid(facts, title, what, who, found)
        wanted = 0.35 + grid.header_height + sum(row.height for row in grid.rows)
        room = facts.page.bottom - y if number or not measures else min(wanted, 2.4)
        elements += section(title, LEFT, y, facts.page.full, _counts(found))
        block = grid.block(LEFT, y + 0.32, room - 0.32)
        elements += block
        y += 0.32 + sum(part.height for part in block if isinstance(part, Table)) + (0.3 if len(block) < 2 else 0.5)
    return [Slide("followup", _title(decisions, measures), subtitle(_subtitle(facts)), tuple(elements))]


def _grid(facts: Facts, sheet: str, what: str, who: str, rows: list[tuple[str, FollowUp]]) -> Grid:
    columns = [
        *project_columns(facts.page),
        Column(WIDE.full - 9.25, what, least=2.0),
        Column(1.6, who, least=1.47),
        Column(1.15, _("Due before"), "right"),
        Column(1.05, _("Due now"), "right"),
        Column(2.2, _("State"), rule=True, least=1.4),
    ]
    grid = Grid(sheet, shared(facts.page.full, columns), size=10.5, row_height=0.29)
    for state, line in rows:
        text = f"{dimension_name(line.dimension)}: {line.text}" if line.dimension else line.text
        grid.add(
            *project_cells(facts.page, line.project_key, line.project_name),
            C(text, lines=2),
            C(line.owner or "–", color="grey"),
            C(facts.numbers.day(line.due_before), value=line.due_before),
            C(facts.numbers.day(line.due), value=line.due),
            C(_word(state, line), state == "overdue"),
        )
    return grid


def _word(state: str, line: FollowUp) -> str:
    words = {
        "overdue": _("overdue"),
        "moved": _("open, moved"),
        "open": _("open"),
        "gone": _("no longer requested") if line.kind == "decision" else _("done or dropped"),
        "unknown": _("no report"),
    }
    if state == "gone" and line.kind == "measure" and line.light == "green":
        return _("done, light is green")
    return words[state]


def _counts(rows: list[tuple[str, FollowUp]]) -> str:
    words = {
        "overdue": _("%(count)s overdue"),
        "moved": _("%(count)s moved"),
        "open": _("%(count)s open"),
        "gone": _("%(count)s settled"),
        "unknown": _("%(count)s without report"),
    }
    counts = {name: sum(state == name for state, _line in rows) for name in words}
    return ", ".join(words[name] % {"count": count} for name, count in counts.items() if count)


def _title(decisions: list[tuple[str, FollowUp]], measures: list[tuple[str, FollowUp]]) -> str:
    settled = sum(state == "gone" for state, _line in decisions)
    overdue = sum(state == "overdue" for state, _line in measures)
    gone = sum(state == "gone" for state, _line in measures)
    parts = []
    if decisions:
        parts.append(
            (
                _("%(settled)s of %(count)s decisions requested before are no longer open")
                if settled
                else ngettext(
                    "%(count)s decision requested before is still open",
                    "%(count)s decisions requested before are still open",
                    len(decisions),
                )
            )
            % {"settled": settled, "count": len(decisions)}
        )
    if measures:
        parts.append(
            _("%(overdue)s of %(count)s measures are overdue") % {"overdue": overdue, "count": len(measures)}
            if overdue
            else _("%(gone)s of %(count)s measures are settled, none is overdue")
            % {"gone": gone, "count": len(measures)}
        )
    return headline("; ".join(parts), parts[0])


def _subtitle(facts: Facts) -> str:
    return _(
        "What the last published report of each project named, compared with its report at the data date %(date)s"
    ) % {"date": facts.numbers.date(facts.payload.data_date)}
