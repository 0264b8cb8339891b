"""Executive summary: the answer first, with the history of lights and the key messages."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stellwerk.core.documents.scene import (
    LEFT,
    SMALLEST,
    TOP,
    Axis,
    Chart,
    Color,
    Element,
    Icon,
    Line,
    Run,
    Series,
    Slide,
    Text,
)
from stellwerk.core.documents.text import fit, height_of, wrap
from stellwerk.reporting.deck.facts import Facts, claim, ratio_over
from stellwerk.reporting.deck.layout import (
    figures,
    headline,
    section,
    subtitle,
)
from stellwerk.reporting.deck.slides.common import LIGHTS, keys, spoken
from stellwerk.reporting.deck.words import color_word, dimension_name
from stellwerk.reporting.payload import StatusPayload

_LOW = 4.0  # inches of a body that is too low for figures and messages on one slide
_BAR_COLORS: dict[str, Color] = {
    "red": "red",
    "amber": "amber",
    "grey": "neutral",
    "green": "green",
    "not_assessed": "hair",
}


def summary_slide(facts: Facts) -> list[Slide]:
    if not facts.total:
        return []
    elements: list[Element] = []
    y = TOP + 0.02
    items = _figures(facts)
    if items:
        elements += figures(items, y, facts.page.full)
        y += 1.2
    messages = _messages(facts)
    width = 5.0 if not facts.page.narrow else 3.7
    elements += _distribution(facts, y, width)
    x = LEFT + width + (0.45 if not facts.page.narrow else 0.3)
    pages = [elements]
    if facts.page.height < _LOW:  # the messages have a slide of their own
        elements, x, y = [], LEFT, TOP + 0.02
        pages.append(elements)
    elements += section(_("Key messages"), x, y, facts.page.right - x)
    at = y + 0.36
    room = (facts.page.bottom - at) / max(len(messages), 1)
    step = min(room, 0.8 if not facts.page.narrow else 1.0)
    wide = facts.page.right - x - 0.36
    size = 12 if not facts.page.narrow else SMALLEST
    lines = max(1, int((step - 0.05) / height_of(1, size)))
    for number, (head, detail) in enumerate(messages, start=1):
        small = max(size - 0.5, SMALLEST)
        head = fit(head, size, wide, min(2, lines) if lines > 2 or not detail else 1, True)
        rest = lines - len(wrap(head, size, wide, True))
        said: tuple[tuple[Run, ...], ...] = ((Run(head, True),),)
        if detail and rest:
            said = (*said, (Run(fit(detail, small, wide, rest), color="grey", size=small),))
        elements += [
            Text(x, at, 0.3, 0.24, ((Run(str(number), True, "accent"),),), size),
            Text(x + 0.32, at, facts.page.right - x - 0.32, step - 0.06, said, size),
        ]
        at += step
        if number < len(messages):
            elements.append(Line(x, at - 0.05, facts.page.right, at - 0.05))
    sub = ngettext(
        "Portfolio with %(count)s project, data date %(date)s",
        "Portfolio with %(count)s projects, data date %(date)s",
        facts.total,
    ) % {
        "count": facts.total,
        "date": facts.numbers.date(facts.payload.data_date),
    }
    if facts.has_previous and facts.payload.previous_date is not None:
        sub += _(", compared with the report of %(date)s") % {"date": facts.numbers.date(facts.payload.previous_date)}
    return [Slide("summary", _summary_title(facts), subtitle(sub), tuple(page)) for page in pages]


def only_project_title(facts: Facts) -> str:
    only = facts.projects[0]
    return headline(
        _("The only project, %(key)s, is rated: %(word)s")
        % {"key": spoken(only), "word": color_word(only.overall.value)}
    )


def _summary_title(facts: Facts) -> str:
    red, amber = facts.counts["red"], facts.counts["amber"]
    green, grey = facts.counts["green"], facts.counts["grey"]
    total = facts.total
    values = {
        "red": red,
        "amber": amber,
        "green": green,
        "grey": grey,
        "total": total,
        "decisions": len(facts.decisions),
        "new": len(facts.newly_red),
    }
    if total == 1:
        return only_project_title(facts)
    if red:
        start = (
            _("1 of %(total)s projects is red") % values
            if red == 1
            else _("%(red)s of %(total)s projects are red") % values
        )
    elif amber:
        start = _("No project is red, %(amber)s of %(total)s are amber") % values
    elif green == total:
        start = _("All %(total)s projects are green") % values
    elif green:
        start = _("No project is red or amber; %(green)s of %(total)s are green") % values
    else:
        return headline(_("None of the %(total)s projects has a current rating") % values)
    tails = []
    if facts.newly_red:
        tails.append(_("%(new)s of them newly") % values)
    if len(facts.decisions) == 1:
        tails.append(_("1 decision is needed"))
    elif facts.decisions:
        tails.append(_("%(decisions)s decisions are needed") % values)
    totals = facts.money_totals
    if len(totals) == 1:
        over = ratio_over(totals[0].amounts.eac, totals[0].amounts.bac)
        if over is not None and abs(over) >= Decimal("0.005"):
            percent = facts.numbers.percent(abs(over))
            tails.append(
                _("the forecast is %(percent)s over plan") % {"percent": percent}
                if over > 0
                else _("the forecast is %(percent)s under plan") % {"percent": percent}
            )
    return headline(*(", ".join([start, *tails[:count]]) for count in range(len(tails), -1, -1)))


def _figures(facts: Facts) -> list[tuple[str, str, str]]:
    items: list[tuple[str, str, str]] = []
    red = facts.counts["red"]
    if facts.has_previous:
        before = sum(p.overall.previous == "red" for p in facts.projects)
        items.append((_("Red projects"), str(red), _("previous report %(count)s") % {"count": before}))
    for row in facts.money_totals[:1] if len(facts.money_totals) == 1 else []:
        amounts = row.amounts
        coverage = _("%(count)s of %(total)s projects") % {
            "count": row.projects,
            "total": row.projects + row.without_data,
        }
        if amounts.eac is not None:
            base = amounts.bac or amounts.budget
            difference = base and facts.money(amounts.eac - base, sign=True)
            remark = (
                (_("%(amount)s against BAC") if amounts.bac else _("%(amount)s against budget"))
                % {"amount": difference}
                if difference
                else coverage
            )
            items.append(("EAC", facts.money(amounts.eac), remark))
        if amounts.ac is not None:
            items.append((_("AC actual cost"), facts.money(amounts.ac), coverage))
        if amounts.budget is not None:
            remark = coverage
            if amounts.eac is not None:
                free = amounts.budget - amounts.eac
                text = _("%(amount)s above EAC") if free.minor >= 0 else _("%(amount)s below EAC")
                remark = text % {"amount": facts.money(free if free.minor >= 0 else amounts.eac - amounts.budget)}
            items.append((_("Approved budget"), facts.money(amounts.budget), remark))
        elif amounts.bac is not None:
            items.append((_("BAC planned total"), facts.money(amounts.bac), coverage))
    if facts.slips:
        remark = _("over 5 working days late")
        items.append((_("Slipping milestones"), str(len(facts.slips)), remark))
    if facts.payload.late:
        items.append(
            (
                _("Reports missing or late"),
                str(len(facts.payload.late)),
                _("of %(total)s projects") % {"total": facts.total},
            )
        )
    return items[:5] if len(items) > 1 else []


def _distribution(facts: Facts, y: float, width: float) -> list[Element]:
    """Stacked columns of up to six cycles, or of this one."""
    from stellwerk.reporting.payload import CycleCounts

    history = facts.history
    if not history or history[-1].on != facts.payload.data_date:
        counts = facts.counts
        now = CycleCounts(
            facts.payload.data_date, counts["red"], counts["amber"], counts["green"], counts["grey"], counts[None]
        )
        history = (*history, now)[-6:]
    history = history[-4:] if facts.page.narrow else history
    last = history[-1]
    claim(
        (last.red, last.amber, last.green, last.grey)
        == tuple(facts.counts[name] for name in ("red", "amber", "green", "grey")),
        "the history's last cycle differs from the projects",
    )
    head = _("Projects by overall light per reporting cycle") if len(history) > 1 else _("Projects by overall light")
    elements = section(head, LEFT, y, width)
    used = [name for name in ("red", "amber", "grey") if any(getattr(row, name) for row in history)]
    if any(row.not_assessed for row in history):
        used.append("not_assessed")
    below = bool(used)  # green stands as a count under the columns, so that deviations are seen
    used = used or ["green"]
    top = max(sum(getattr(row, name) for name in used) for row in history)
    height = facts.page.bottom - y - 0.36 - (0.62 if below else 0.3)
    plot_width = (width - 1.15) * min(1.0, 0.35 + len(history) * 0.13)
    plot = (LEFT, y + 0.42, plot_width, height - 0.1)
    series = []
    for name in used:
        color = _BAR_COLORS[name]
        outline = name in ("grey", "not_assessed", "green")
        values = tuple(Decimal(getattr(row, name)) for row in history)
        shown = tuple(value if value else None for value in values)
        series.append(
            Series(
                color_word(None if name == "not_assessed" else name),
                shown,
                color,
                outline=outline,
                labels=True,
                label_color="ink" if outline else "white",
            )
        )
    categories = tuple(facts.numbers.axis_days([row.on for row in history]))
    axis = Axis(Decimal(0), Decimal(max(top, 1)), Decimal(max(top, 1)), visible=False)
    elements.append(
        Chart(
            "columns",
            LEFT - 0.02,
            y + 0.34,
            width,
            height + 0.35,
            plot,
            categories,
            tuple(series),
            axis,
            _("History"),
            head,
            size=11,
            gap=45,
        )
    )
    level = 0
    chart_top, chart_height = plot[1], plot[3]
    previous = facts.page.bottom
    for name in used:
        count = getattr(history[-1], name)
        if not count:
            continue
        middle = chart_top + chart_height * (1 - (level + count / 2) / max(top, 1))
        middle = min(middle, previous - 0.24)
        previous = middle
        level += count
        x = LEFT + plot_width + 0.08
        if name != "not_assessed":
            elements.append(Icon(x, middle - 0.07, 0.14, LIGHTS[name], color_word(name)))
        word = color_word(None if name == "not_assessed" else name)
        elements.append(Text(x + 0.2, middle - 0.11, 1.1, 0.22, ((Run(word),),), 11, anchor="middle", wrap=False))
    if below and any(row.green for row in history):
        step = plot_width / len(history)
        at = plot[1] + plot[3] + 0.36
        for index, row in enumerate(history):
            center = LEFT + step * (index + 0.5)
            elements += [
                Icon(center - 0.22, at + 0.03, 0.14, "green", color_word("green")),
                Text(center - 0.03, at - 0.01, 0.3, 0.22, ((Run(str(row.green)),),), 11, anchor="middle", wrap=False),
            ]
        x = LEFT + plot_width + 0.08
        elements += [
            Icon(x, at + 0.03, 0.14, "green", color_word("green")),
            Text(x + 0.2, at - 0.01, 1.1, 0.22, ((Run(color_word("green")),),), 11, anchor="middle", wrap=False),
        ]
    return elements


def _messages(facts: Facts) -> list[tuple[str, str]]:
    """Up to five statements, each made from counts, most urgent first."""
    result: list[tuple[str, str]] = []
    red = facts.with_light("red")
    if red:
        head = (_("1 project is red: %(keys)s.") if len(red) == 1 else _("%(count)s projects are red: %(keys)s.")) % {
            "count": len(red),
            "keys": keys(facts, red, 4),
        }
        reasons = "; ".join(f"{p.key}: {p.overall.reason}" for p in red if p.overall.reason)
        result.append((head, reasons or _by_dimension(facts, red)))
    result += _money_message(facts) + _change_message(facts) + _decision_message(facts)
    if facts.slips:
        worst = facts.slips[0]
        head = (
            _("1 milestone is more than 5 working days late.")
            if len(facts.slips) == 1
            else _("%(count)s milestones are more than 5 working days late.") % {"count": len(facts.slips)}
        )
        detail = _("Furthest: %(key)s, %(milestone)s, %(days)s working days.") % {
            "key": worst.project.key,
            "milestone": worst.milestone.code or worst.milestone.name,
            "days": facts.numbers.decimal(worst.days, sign=True),
        }
        result.append((head, detail))
    if not red and facts.counts["amber"]:
        amber = facts.with_light("amber")
        head = (
            _("1 project is amber: %(keys)s.") if len(amber) == 1 else _("%(count)s projects are amber: %(keys)s.")
        ) % {"count": len(amber), "keys": keys(facts, amber, 5)}
        result.insert(0, (head, _by_dimension(facts, amber)))
    grey = facts.with_light("grey")
    if grey:
        head = _("1 project is grey: %(keys)s.") if len(grey) == 1 else _("%(count)s projects are grey: %(keys)s.")
        result.append(
            (
                head % {"count": len(grey), "keys": keys(facts, grey, 5)},
                _("Grey means: no data, report missed, or on hold."),
            )
        )
    late = facts.dependencies and [line for line in facts.dependencies if (line.delta_days or 0) > 0]
    if late:
        head = (
            _("1 delivery between projects is promised later than needed.")
            if len(late) == 1
            else _("%(count)s deliveries between projects are promised later than needed.") % {"count": len(late)}
        )
        result.append((head, f"{late[0].giver} → {late[0].taker}: {late[0].deliverable}"))
    if facts.payload.hidden_count:
        result.append(
            (
                _("%(count)s projects of the portfolio are not shown to the reader of this deck.")
                % {"count": facts.payload.hidden_count},
                "",
            )
        )
    if not result:
        result.append((_("%(count)s projects, no deviation reported.") % {"count": facts.total}, ""))
    return result[:5]


def _by_dimension(facts: Facts, projects: list[StatusPayload]) -> str:
    worst = {
        name: [p for p in projects if p.light(name).value == projects[0].overall.value] for name in facts.dimensions
    }
    parts = [f"{dimension_name(name)}: {keys(facts, found, 4)}" for name, found in worst.items() if found]
    return "; ".join(parts)


def _money_message(facts: Facts) -> list[tuple[str, str]]:
    if len(facts.money_totals) != 1:
        return []
    amounts = facts.money_totals[0].amounts
    over = ratio_over(amounts.eac, amounts.bac)
    if over is None or amounts.eac is None or amounts.bac is None or over <= 0:
        return []
    rows = [
        (p, m.total.eac - m.total.bac)
        for p in facts.projects
        if (m := p.money) is not None and m.total.eac is not None and m.total.bac is not None
    ]
    rows = sorted((row for row in rows if row[1].minor > 0), key=lambda row: -row[1].minor)
    gross = sum(money.minor for _p, money in rows)
    top = rows[:4]
    detail = ", ".join(f"{p.key} {facts.amount(money, sign=True)}" for p, money in top)
    if gross and len(rows) > len(top):
        share = Decimal(sum(money.minor for _p, money in top)) / gross
        head = _("%(count)s projects cause %(share)s of the overruns.") % {
            "count": len(top),
            "share": facts.numbers.percent(share, 0),
        }
    else:
        head = _("The forecast exceeds the plan by %(amount)s.") % {"amount": facts.money(amounts.eac - amounts.bac)}
    return [(head, detail + (f" {facts.unit}" if facts.unit and detail else ""))]


def _change_message(facts: Facts) -> list[tuple[str, str]]:
    worse, better = facts.worse, facts.better
    if not worse and not better:
        return []
    head = _("Overall light: %(worse)s worse, %(better)s better than in the previous report.") % {
        "worse": len(worse),
        "better": len(better),
    }
    parts = []
    if worse:
        parts.append(_("worse: %(keys)s") % {"keys": keys(facts, worse, 5)})
    if better:
        parts.append(_("better: %(keys)s") % {"keys": keys(facts, better, 5)})
    return [(head, "; ".join(parts))]


def _decision_message(facts: Facts) -> list[tuple[str, str]]:
    lines = facts.decisions
    if not lines:
        return []
    head = (
        _("1 decision is requested.")
        if len(lines) == 1
        else _("%(count)s decisions are requested.") % {"count": len(lines)}
    )
    first = min(
        (line for line in lines if line.due is not None),
        key=lambda line: line.due or facts.payload.data_date,
        default=None,
    )
    if first is None:
        return [(head, lines[0].question)]
    return [
        (
            head,
            _("First on %(date)s: %(what)s")
            % {"date": facts.numbers.date(first.due), "what": f"{first.project_key} {first.question}".strip()},
        )
    ]
