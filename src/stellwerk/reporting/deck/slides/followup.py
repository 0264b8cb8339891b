"""What became of the decisions and measures that the last reports named."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core.documents.scene import LEFT, TOP, WIDE, Column, Element, Slide
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
    """Every decision, on as many slides as they need; measures in the room below them, what does not fit is counted."""
    on = facts.payload.data_date
    rows = [(standing(line, on), line) for line in facts.payload.follow_up]
    rows.sort(key=lambda row: (_ORDER[row[0]], row[1].due or row[1].due_before or date.max, row[1].project_key))
    decisions = [row for row in rows if row[1].kind == "decision"]
    measures = [row for row in rows if row[1].kind == "measure"]
    if not decisions and all(state in ("open", "unknown") for state, _line in measures):
        return []
    pages, y = _decisions(facts, decisions)
    if measures:
        if facts.page.bottom - y < _LEAST:
            pages.append([])
            y = TOP
        pages[-1] += _measures(facts, measures, y)
    title, sub = _title(decisions, measures), subtitle(_subtitle(facts))
    return [
        Slide(
            "followup", title if number == 1 else headline(f"{title} ({number}/{len(pages)})", title), sub, tuple(page)
        )
        for number, page in enumerate(pages, start=1)
    ]


_LEAST = 1.3  # below that a heading, a head and two rows have no room


def _decisions(facts: Facts, rows: list[tuple[str, FollowUp]]) -> tuple[list[list[Element]], float]:
    """The pages with decisions (one empty page where there is none), and where the last one ends."""
    if not rows:
        return [[]], TOP
    title = _("Decisions requested in the last report")
    grid = _grid(facts, title, _("Decision"), _("Decided by"), rows)
    pages: list[list[Element]] = []
    y = TOP
    for part in grid.pages(facts.page.bottom - TOP - 0.32):
        table = grid.table(LEFT, TOP + 0.32, part)
        pages.append([*section(title, LEFT, TOP, facts.page.full, _counts(rows)), table])
        y = TOP + 0.32 + table.height + 0.3
    return pages, y


def _measures(facts: Facts, rows: list[tuple[str, FollowUp]], y: float) -> list[Element]:
    title = _("Measures of the last report")
    grid = _grid(facts, title, _("Measure"), _("Responsible"), rows)
    head = section(title, LEFT, y, facts.page.full, _counts(rows))
    return [*head, *grid.block(LEFT, y + 0.32, facts.page.bottom - y - 0.32)]


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
                ngettext(
                    "%(settled)s of %(count)s decisions requested before is no longer open",
                    "%(settled)s of %(count)s decisions requested before are no longer open",
                    settled,
                )
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
            ngettext(
                "%(overdue)s of %(count)s measures is overdue", "%(overdue)s of %(count)s measures are overdue", overdue
            )
            % {"overdue": overdue, "count": len(measures)}
            if overdue
            else _("%(gone)s of %(count)s measures are settled, none is overdue")
            % {"gone": gone, "count": len(measures)}
        )
    return headline("; ".join(parts), parts[0])


def _subtitle(facts: Facts) -> str:
    return _(
        "What the last published report of each project named, compared with its report at the data date %(date)s"
    ) % {"date": facts.numbers.date(facts.payload.data_date)}
