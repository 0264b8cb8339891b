"""Roadmap with gates."""

from __future__ import annotations

import math
from datetime import date, timedelta

from django.utils.translation import gettext as _

from stellwerk.core.documents.scene import (
    LEFT,
    SMALLEST,
    TOP,
    Color,
    Diamond,
    Element,
    Icon,
    Line,
    Rect,
    Run,
    Slide,
    Text,
)
from stellwerk.core.documents.text import fit, width_of
from stellwerk.reporting.deck.facts import SLIP_DAYS, Facts, claim
from stellwerk.reporting.deck.layout import headline, subtitle
from stellwerk.reporting.deck.slides.common import spoken
from stellwerk.reporting.deck.words import color_word
from stellwerk.reporting.payload import MilestoneLine, StatusPayload

ROWS = 14
MOST_PAGES = 8
_ROW = 0.315
_AROUND = 0.99  # height of the months above the rows and of the legend below


def roadmap_slides(facts: Facts) -> tuple[list[Slide], list[Slide]]:
    """The first page for the main part, the rest for the appendix; a very large portfolio's last pages are left out."""
    projects = [p for p in facts.projects if _dates(p)]
    if not projects or sum(len(_dates(p)) for p in projects) < 2:
        return [], []
    window = _window(facts, projects)
    most = min(ROWS, int((facts.page.height - _AROUND) / 0.27))
    most = math.ceil(len(projects) / math.ceil(len(projects) / most))  # pages of one length
    pages = [projects[index : index + most] for index in range(0, len(projects), most)]
    shown = pages[:MOST_PAGES]
    slides = [_roadmap(facts, page, window, index, len(pages), index * most) for index, page in enumerate(shown)]
    return slides[:1], slides[1:]


def _dates(project: StatusPayload) -> list[date]:
    found = [project.start, project.baseline_finish, project.forecast_finish]
    for item in project.milestones:
        found += [item.baseline, item.forecast, item.actual]
    return [day for day in found if day is not None]


def _window(facts: Facts, projects: list[StatusPayload]) -> tuple[date, date]:
    """From a quarter before the data date to the last date, at most about two and a half years; whole months."""
    today = facts.payload.data_date
    days = [day for project in projects for day in _dates(project)]
    first = max(min(days), today - timedelta(days=150))
    last = min(max([*days, today]), first + timedelta(days=900))
    last = max(last, first + timedelta(days=180))
    start = date(first.year, first.month, 1)
    end = date(last.year + last.month // 12, last.month % 12 + 1, 1)
    return start, end


class Scale:
    def __init__(self, window: tuple[date, date], left: float, right: float) -> None:
        self.first, self.last = window
        self.left, self.right = left, right

    def x(self, day: date) -> float:
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        return self.left + (self.right - self.left) * min(max(share, 0.0), 1.0)

    def inside(self, day: date) -> bool:
        return self.first <= day <= self.last


def _month_grid(facts: Facts, scale: Scale, top: float, bottom: float) -> list[Element]:
    """Quarters over months (or years over quarters when the span is long)."""
    parts: list[Element] = []
    months = (scale.last.year - scale.first.year) * 12 + scale.last.month - scale.first.month
    step = 1 if months <= 20 else 3
    day = scale.first
    index = 0
    while day < scale.last:
        following = month_after(day, 1)
        major = day.month in (1, 4, 7, 10) if step == 1 else day.month == 1
        if major or index == 0:
            end = day
            while end < scale.last and (
                end == day or not (end.month in (1, 4, 7, 10) if step == 1 else end.month == 1)
            ):
                end = month_after(end, 1)
            label = f"Q{(day.month - 1) // 3 + 1} {day.year}" if step == 1 else str(day.year)
            width = scale.x(end) - scale.x(day)
            if width_of(label, SMALLEST, True) < width:
                parts.append(Text(scale.x(day), top, width, 0.2, ((Run(label, True, "grey"),),), SMALLEST, "center"))
            parts.append(Line(scale.x(day), top + 0.02, scale.x(day), bottom))
        if step == 1:
            name = facts.numbers.month_name(day)
            width = scale.x(following) - scale.x(day)
            parts += _month(name, scale.x(day), top, width)
        elif day.month in (1, 4, 7, 10):
            name = f"Q{(day.month - 1) // 3 + 1}"
            width = scale.x(month_after(day, 3)) - scale.x(day)
            parts += _month(name, scale.x(day), top, width)
        day = following
        index += 1
    parts.append(Line(LEFT, top + 0.4, facts.page.right, top + 0.4, "ink", 1))
    return parts


def _month(name: str, x: float, top: float, width: float) -> list[Element]:
    """A month or quarter, by its first letters where it is too narrow."""
    shown = next((name[:cut] for cut in (len(name), 1) if width_of(name[:cut], SMALLEST) < width), "")
    text = Text(x, top + 0.2, width, 0.18, ((Run(shown, color="grey"),),), SMALLEST, "center")
    return [text] if shown and (len(shown) > 1 or name[0] != "Q") else []


def month_after(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _roadmap(
    facts: Facts, page: list[StatusPayload], window: tuple[date, date], index: int, count: int, start: int
) -> Slide:
    names = 3.35 if not facts.page.narrow else 2.75
    left = LEFT + names
    scale = Scale(window, left, facts.page.right)
    top = TOP - 0.05
    first_row = top + 0.42
    height = min(_ROW, (facts.page.height - _AROUND) / min(ROWS, int((facts.page.height - _AROUND) / 0.27)))
    bottom = first_row + height * len(page)
    elements = _month_grid(facts, scale, top, bottom)
    today = facts.payload.data_date
    if scale.inside(today):  # under the labels, so that none is struck through
        elements.append(Line(scale.x(today), top + 0.4, scale.x(today), bottom + 0.06, "ink", 1, dashed=True))
    for number, project in enumerate(page):
        y = first_row + height * number
        elements += _roadmap_row(facts, project, scale, y, height, names)
        elements.append(Line(LEFT, y + height, facts.page.right, y + height))
    if scale.inside(today):
        x = scale.x(today)
        label = _("Data date %(date)s") % {"date": facts.numbers.date(today)}
        at = min(x, facts.page.right - 1.2)
        elements.append(Text(at - 1.2, bottom + 0.07, 2.4, 0.2, ((Run(label, True),),), SMALLEST, "center"))
    elements += _roadmap_legend(facts.page.bottom - 0.2, 0.55 if not facts.page.narrow else 0.42)
    title = (
        _roadmap_title(facts)
        if index == 0
        else headline(
            _("Roadmap, projects %(first)s to %(last)s of %(total)s by need for action")
            % {
                "first": start + 1,
                "last": start + len(page),
                "total": sum(1 for p in facts.projects if _dates(p)),
            }
        )
    )
    sub = _("Gates and milestones; deviation of the forecast from the baseline in working days (WD)")
    if count > 1:
        sub += ", " + _("page %(number)s of %(count)s") % {"number": index + 1, "count": count}
    return Slide("roadmap", title, subtitle(sub), tuple(elements))


def _roadmap_row(
    facts: Facts, project: StatusPayload, scale: Scale, y: float, height: float, names: float
) -> list[Element]:
    parts: list[Element] = []
    middle = y + height / 2
    if project.overall.value is not None:
        parts.append(
            Icon(
                LEFT + 0.02,
                middle - 0.075,
                0.15,
                project.overall.value,
                f"{project.key}: {color_word(project.overall.value)}",
            )
        )
    parts.append(
        Text(
            LEFT + 0.26,
            y,
            0.9,
            height,
            ((Run(fit(project.key, 10.5, 0.88, 1, True), True),),),
            10.5,
            anchor="middle",
            wrap=False,
        )
    )
    parts.append(
        Text(
            LEFT + 1.18,
            y,
            names - 1.25,
            height,
            ((Run(fit(project.name, SMALLEST, names - 1.27), color="grey"),),),
            SMALLEST,
            anchor="middle",
            wrap=False,
        )
    )
    today = facts.payload.data_date
    days = _dates(project)
    start = project.start or min(days)
    finish = project.forecast_finish or project.baseline_finish or max(days)
    thick = 0.05
    if finish > scale.first and start < scale.last and finish > start:
        passed = min(max(today, start), finish)
        if scale.x(passed) > scale.x(start):
            parts.append(Rect(scale.x(start), middle - thick / 2, scale.x(passed) - scale.x(start), thick, "accent"))
        if scale.x(finish) > scale.x(passed):
            parts.append(Rect(scale.x(passed), middle - thick / 2, scale.x(finish) - scale.x(passed), thick, "tint"))
    marks = _marks(facts, project, scale, middle)
    if finish > scale.last and not any(isinstance(mark, Diamond) and mark.x > facts.page.right - 1.2 for mark in marks):
        parts += _beyond(facts, finish, middle)
    return parts + marks


def _beyond(facts: Facts, finish: date, middle: float) -> list[Element]:
    """The month of an end that lies to the right of the picture, on a white ground at its edge."""
    text = _("until %(month)s") % {"month": facts.numbers.month(finish)}
    width = width_of(text, SMALLEST) + 0.04
    return [
        Rect(facts.page.right - width - 0.03, middle - 0.08, width + 0.03, 0.16, "white"),
        Text(
            facts.page.right - width,
            middle - 0.1,
            width,
            0.2,
            ((Run(text, color="grey"),),),
            SMALLEST,
            "right",
            "middle",
            wrap=False,
        ),
    ]


def _marks(facts: Facts, project: StatusPayload, scale: Scale, middle: float) -> list[Element]:
    """Diamonds of gates (and of milestones when there are no gates), with labels where there is room."""
    chosen = [m for m in project.milestones if m.is_gate] or list(project.milestones)
    shown = [
        (m, day) for m in chosen if (day := m.actual or m.forecast or m.baseline) is not None and scale.inside(day)
    ]
    shown.sort(key=lambda row: row[1])
    radius = 0.085
    ghosts: list[Element] = []
    marks: list[Element] = []
    taken = [scale.x(day) for _m, day in shown]
    for milestone, day in shown:
        base = milestone.baseline
        if (
            milestone.delta_days
            and base is not None
            and milestone.actual is None
            and scale.inside(base)
            and abs(scale.x(base) - scale.x(day)) > 0.05
        ):
            ghosts.append(Diamond(scale.x(base), middle, radius, "white", "neutral", alt=_("Baseline")))
            taken.append(scale.x(base))
    labels: list[Element] = []
    for milestone, day in shown:
        x = scale.x(day)
        fill: Color = "ink" if milestone.actual is not None else "accent" if milestone.forecast is not None else "white"
        marks.append(
            Diamond(
                x,
                middle,
                radius,
                fill,
                "ink" if fill == "ink" else "accent",
                alt=f"{project.key} {milestone.code or milestone.name} {facts.numbers.date(day)}",
            )
        )
        following = min((at - radius for at in taken if at > x + 0.01), default=facts.page.right + 0.05)
        labels += _mark_label(facts, milestone, x + radius + 0.03, middle, following - x - radius - 0.05)
    return [*labels, *ghosts, *marks]


def _mark_label(facts: Facts, milestone: MilestoneLine, x: float, middle: float, room: float) -> list[Element]:
    """Code and deviation on a white ground that interrupts the bar; the code alone, or nothing, where there is no room."""
    code = milestone.code
    delta = (
        ""
        if not milestone.delta_days or milestone.actual is not None
        else f" {facts.numbers.decimal(milestone.delta_days, sign=True)}"
    )
    for text in (f"{code}{delta}", code):
        width = width_of(text, SMALLEST, True)
        if text.strip() and width <= room:
            strong = (milestone.delta_days or 0) > 20
            ground = Rect(x - 0.03, middle - 0.07, width + 0.05, 0.14, "white")
            return [
                ground,
                Text(
                    x,
                    middle - 0.1,
                    width + 0.02,
                    0.2,
                    ((Run(code, True), Run(text[len(code) :], strong)),),
                    SMALLEST,
                    anchor="middle",
                    wrap=False,
                ),
            ]
    return []


def _roadmap_legend(y: float, gap: float) -> list[Element]:
    parts: list[Element] = []
    x = LEFT
    entries: list[tuple[Color, Color, str]] = [
        ("ink", "ink", _("reached")),
        ("accent", "accent", _("forecast")),
        ("white", "neutral", _("baseline, where it differs")),
    ]
    for fill, line, word in entries:
        width = width_of(word, SMALLEST)
        parts += [
            Diamond(x + 0.085, y + 0.095, 0.085, fill, line, alt=word),
            Text(x + 0.24, y, width + 0.05, 0.19, ((Run(word, color="grey"),),), SMALLEST, wrap=False),
        ]
        x += width + gap
    bars: tuple[tuple[Color, str], ...] = (("accent", _("elapsed")), ("tint", _("remaining")))
    for color, word in bars:
        width = width_of(word, SMALLEST)
        parts += [
            Rect(x, y + 0.07, 0.35, 0.05, color),
            Text(x + 0.42, y, width + 0.05, 0.19, ((Run(word, color="grey"),),), SMALLEST, wrap=False),
        ]
        x += width + gap + 0.15
    return parts


def _roadmap_title(facts: Facts) -> str:
    slips = [slip for slip in facts.slips if slip.milestone.is_gate]
    only_gates = bool(slips)
    gates = slips or facts.slips
    if gates:
        worst = gates[0]
        claim(worst.days > SLIP_DAYS, "a slip is beyond the tolerance")
        values = {
            "key": spoken(worst.project),
            "what": worst.milestone.code or worst.milestone.name,
            "days": worst.days,
            "gates": len(gates),
        }
        if len(gates) > 1:
            text = (
                _(
                    "%(key)s reaches %(what)s %(days)s working days late; %(gates)s gates are more than 5 working days late"
                )
                if only_gates
                else _(
                    "%(key)s reaches %(what)s %(days)s working days late; %(gates)s milestones are more than 5 working days late"
                )
            )
            return headline(text % values, _("%(key)s reaches %(what)s %(days)s working days late") % values)
        return headline(_("%(key)s reaches %(what)s %(days)s working days late") % values)
    if facts.next_gates:
        project, gate = facts.next_gates[0]
        return headline(
            _("No milestone slips by more than 5 working days; next gate: %(key)s %(gate)s on %(date)s")
            % {"key": project.key, "gate": gate.code or gate.name, "date": facts.numbers.date(gate.forecast)}
        )
    late = [
        p for p in facts.projects if p.forecast_finish and p.baseline_finish and p.forecast_finish > p.baseline_finish
    ]
    dated = [p for p in facts.projects if p.forecast_finish and p.baseline_finish]
    if dated:
        return headline(
            _("%(late)s of %(total)s projects with a baseline are forecast to finish late")
            % {"late": len(late), "total": len(dated)}
        )
    finish = [p.forecast_finish or p.baseline_finish for p in facts.projects]
    known = [day for day in finish if day is not None]
    if known:
        return headline(
            _("%(count)s projects have a planned finish, the last on %(date)s")
            % {"count": len(known), "date": facts.numbers.date(max(known))}
        )
    return headline(_("Roadmap of the portfolio"))
