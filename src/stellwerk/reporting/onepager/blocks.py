"""The blocks of the status report as typst expressions, each empty when there is no data for it."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from stellwerk.core.documents.pdf_writer import drawing, literal
from stellwerk.core.documents.text import clean, clean_lines, fit
from stellwerk.reporting.deck.facts import ratio_over
from stellwerk.reporting.deck.slides.common import trigger
from stellwerk.reporting.deck.slides.curve import curve_chart
from stellwerk.reporting.deck.slides.details import important_milestones
from stellwerk.reporting.deck.slides.trend import trend_chart
from stellwerk.reporting.deck.words import (
    ARROWS,
    amount_name,
    color_word,
    confidentiality_name,
    dimension_name,
    light_word,
    phase_name,
)
from stellwerk.reporting.onepager.registers import Registers
from stellwerk.reporting.onepager.tables import SIZE, WIDTHS, array, bold, words
from stellwerk.reporting.payload import DIMENSIONS, Amounts, Light


class Blocks(Registers):
    """All parts of one report at one :class:`~stellwerk.reporting.onepager.build.Level`."""

    # ------------------------------------------------ the page

    def page(self) -> str:
        columns = [self._column(index) for index in range(3)]
        count = sum(bool(column) for column in columns)
        if count in (1, 2):  # wider columns: draw again for their width
            columns = [self._column(index, WIDTHS[count][0]) for index in range(3)]
        filled = [column for column in columns if column]
        parts = [self._header(), self._claim(), self._lights()]
        if filled:
            sizes = {1: "(1fr,)", 2: "(1fr, 1fr)", 3: "(1fr, 1.12fr, 1.04fr)"}[len(filled)]
            bodies = ", ".join("{ " + "\ngap(10pt)\n".join(column) + " }" for column in filled)
            parts.append(f"#grid(columns: {sizes}, column-gutter: 5.5mm, {bodies})")
        parts += [self._bottom(), self._legend()]
        return "\n".join(part for part in parts if part)

    def _column(self, index: int, width: float | None = None) -> list[str]:
        self.width = width or WIDTHS[3][index]
        makers = (
            (
                self._summary,
                lambda: self._list(_("Achieved"), self.payload.achieved),
                lambda: self._list(_("Next steps"), self.payload.next_steps),
                self._issues,
                self._staffing,
            ),
            (self._milestones, self._trend, self._risks),
            (self._curve, self._money, self._changes, self._dependencies),
        )[index]
        return [block for make in makers if (block := make())]

    def footer(self) -> str:
        payload = self.payload
        parts = [
            payload.organisation,
            _("Project status report %(key)s %(name)s") % {"key": payload.key, "name": payload.name},
            _("Data date %(date)s") % {"date": self.numbers.date(payload.data_date)},
            confidentiality_name(payload.confidentiality),
        ]
        return fit("   |   ".join(clean(part) for part in parts if part), 6.8, 10)

    def _header(self) -> str:
        payload = self.payload
        over = "   |   ".join(
            clean(part)
            for part in (payload.organisation, payload.portfolio, payload.programme, _("Project status report"))
            if part
        )
        facts = [
            (_("Project manager"), payload.pm),
            (_("Data date"), self.numbers.date(payload.data_date)),
            (_("Sponsor"), payload.sponsor),
            (_("Reported by"), payload.reported_by),
            (_("Phase"), phase_name(payload.phase) if payload.phase else ""),
            (_("Published"), self._version()),
        ]
        cells = [
            f'text(grey, {words(label)}), text(weight: "bold", {words(fit(value, SIZE, 1.6, 1, True))})'
            for label, value in facts
            if value
        ]
        name = fit(f"{payload.key} {payload.name}", 18, 6.2, 1, True)
        rest = name[len(clean(payload.key)) :] if name.startswith(clean(payload.key)) else name
        key = clean(payload.key) if name.startswith(clean(payload.key)) else ""
        return (
            f"#grid(columns: (1fr, auto), align: (left + bottom, right + bottom), stack(spacing: 4.5pt, text(7.2pt, grey, {words(fit(over, 7.2, 6.3))}), "
            f'heading(level: 1, text(18pt, weight: "bold")[#text(fill: accent, {words(key)})#{literal(rest)}])), '
            f"grid(columns: 4, column-gutter: (5pt, 16pt, 5pt), row-gutter: 4pt, align: left, {', '.join(cells)}))"
        )

    def _version(self) -> str:
        payload = self.payload
        if payload.published_on is None:
            return ""
        date = self.numbers.date(payload.published_on)
        return (
            _("version %(number)s, %(date)s") % {"number": payload.version, "date": date} if payload.version else date
        )

    def _claim(self) -> str:
        payload, numbers = self.payload, self.numbers
        parts = []
        over = self.facts.overrun(payload)
        total = payload.money.total if payload.money is not None else Amounts()
        if over is not None and total.eac is not None and abs(over) >= Decimal("0.005"):
            text = (
                _("forecast %(eac)s is %(percent)s over plan")
                if over > 0
                else _("forecast %(eac)s is %(percent)s under plan")
            )
            parts.append(text % {"eac": self.facts.money(total.eac), "percent": numbers.percent(abs(over))})
        late = max(
            (m for m in payload.milestones if m.actual is None and (m.delta_days or 0) > 5),
            key=lambda m: m.delta_days or 0,
            default=None,
        )
        if late is not None:
            parts.append(
                _("%(what)s %(days)s working days late") % {"what": late.code or late.name, "days": late.delta_days}
            )
        if len(payload.decisions) == 1:
            parts.append(_("1 decision is needed"))
        elif payload.decisions:
            parts.append(_("%(decisions)s decisions are needed") % {"decisions": len(payload.decisions)})
        if not parts and payload.overall.reason:
            parts.append(payload.overall.reason)
        start = _("Overall status %(word)s") % {"word": light_word(payload.overall)}
        text = f"{start}: {', '.join(parts)}" if parts else start
        return f'#block(width: 100%, above: 5pt, below: 5pt, stroke: (top: .8pt + ink), inset: (top: 5pt), text(10.5pt, weight: "bold", {words(fit(text, 10.5, 10.6, 2, True))}))'

    def _lights(self) -> str:
        names = ["overall", *(name for name in DIMENSIONS if self.payload.light(name).value is not None)]
        cells = [
            self._light(name, self.payload.light(name), index, 10.9 / max(len(names), 4) - 0.2)
            for index, name in enumerate(names)
        ]
        empty = ["[]"] * max(0, 4 - len(cells))
        columns = array(["1.12fr"] + ["1fr"] * (len(cells) + len(empty) - 1))
        return f"#grid(columns: {columns}, {', '.join(cells + empty)})\n#v(6pt)"

    def _light(self, name: str, light: Light, index: int, width: float) -> str:
        word = light_word(light)
        shape = f'lamp("{light.value}", 13pt, {words(f"{dimension_name(name)}: {word}")})' if light.value else "[–]"
        note = fit(trigger(self.facts, self.payload, name) or light.reason, 7.2, width, 1)
        before = ""
        computed, previous = _("computed"), _("previous")
        if light.source == "overridden" and light.computed_value:
            before = f'[#{words(computed)} #h(1pt) #lamp("{light.computed_value}", 5.6pt, {words(color_word(light.computed_value))}) #{words(color_word(light.computed_value))}]'
        elif light.previous:
            before = f'[#{words(previous)} #h(1pt) #lamp("{light.previous}", 5.6pt, {words(color_word(light.previous))}) #{words(color_word(light.previous))}]'
        elif light.source == "reported":
            before = words(_("as reported"))
        lines = [
            f"grid(columns: (14pt, 1fr, auto), align: horizon, column-gutter: 4pt, {shape}, stack(spacing: 3.4pt, text(7.2pt, grey, {words(dimension_name(name))}), "
            f'text(10pt, weight: "bold", {words(fit(word, 10, max(width - 0.5, 0.5), 1, True))})), text(12pt, weight: "bold", {words(ARROWS[light.arrow])}))',
            f"text(7.2pt, {words(note)})" if note else "",
            f"text(6.9pt, grey, {before})" if before else "",
        ]
        fill = "band" if index == 0 else "none"
        left = "none" if index == 0 else ".4pt + hair"
        return (
            f"block(width: 100%, height: 15.8mm, fill: {fill}, stroke: (top: .4pt + hair, bottom: .4pt + hair, left: {left}), inset: (x: 5pt, y: 4.4pt), "
            f"stack(spacing: 4pt, {', '.join(line for line in lines if line)}))"
        )

    # ------------------------------------------------ first column

    def _summary(self) -> str:
        text = self.payload.summary
        if not clean(text):
            return ""
        if len(text) > self.level.summary:
            text = text[: self.level.summary].rsplit(" ", 1)[0] + "…"
        paragraphs = ", ".join(f"par(leading: .58em, {words(line)})" for line in clean_lines(text))
        head = self._head(_("Summary"))
        return f"{head}\nblock(above: 4.2pt, below: 0pt, stack(spacing: 4pt, {paragraphs}))"

    def _list(self, title: str, items: tuple[str, ...]) -> str:
        shown = [item for item in items[:5] if clean(item)][: self.level.lines]
        if not shown:
            return ""
        lines = array(words(fit(item, SIZE, self.width - 0.15, self.level.table_lines)) for item in shown)
        return f"{self._head(title, self._more(len([i for i in items if clean(i)]), len(shown)))}\npoints({lines})"

    # ------------------------------------------------ second column

    def _milestones(self) -> str:
        numbers = self.numbers
        rows = []
        reached = words("(" + _("reached") + ")")
        for m in important_milestones(self.payload, self.level.milestones):
            day = m.actual or m.forecast
            name = fit(m.label, SIZE, self.width - (2.55 if m.actual is not None else 2.05), 1)
            shown = f"[#{words(name)} #text(6.4pt, grey, {reached})]" if m.actual is not None else words(name)
            delta = numbers.decimal(m.delta_days, sign=True)
            rows.append(
                [
                    bold(fit(m.code, SIZE, 0.3, 1, True)),
                    shown,
                    words(numbers.day(m.baseline)),
                    words(numbers.day(day)),
                    bold(delta) if (m.delta_days or 0) > 5 else words(delta),
                ]
            )
        columns = (("22pt", "left"), ("1fr", "left"), ("42pt", "right"), ("44pt", "right"), ("27pt", "right"))
        return self._table(
            _("Milestones"),
            _("deviation in working days (WD)") if rows else "",
            columns,
            ("", "", _("Baseline"), _("Forecast"), _("Δ WD")),
            rows,
            len(rows),
        )

    def _trend(self) -> str:
        chosen = [(self.payload, m) for m in self.payload.milestones if len(m.history) >= 2 and m.actual is None][:5]
        if not chosen or self.level.chart < 0.5:
            return ""
        height = self.level.chart
        chart, labels = trend_chart(self.facts, chosen, (0.0, 0.0, self.width, height), 6.6, with_key=False)
        head = self._head(_("Milestone trend"), _("forecast per report date; rising = delay"))
        return f"{head}\nblock(above: 3pt, below: 0pt, {drawing([chart, *labels], self.numbers, self.width, height)})"

    # ------------------------------------------------ third column

    def _curve(self) -> str:
        points = sorted(self.payload.curve, key=lambda point: point.on)
        if len(points) < 3 or len(self.facts.currencies) != 1 or self.level.chart < 0.5:
            return ""
        height = self.level.chart
        chart, labels = curve_chart(self.facts, points, (0.0, 0.0, self.width, height), 6.6, small=True)
        head = self._head(_("Cost and performance"), _("%(unit)s, cumulative") % {"unit": self.facts.unit})
        return f"{head}\nblock(above: 3pt, below: 0pt, {drawing([chart, *labels], self.numbers, self.width, height)})"

    def _money(self) -> str:
        payload, facts = self.payload, self.facts
        indices = [
            f"[#{words(label)} #strong({words(self.numbers.decimal(value, 2))})]"
            for label, value in (("CPI", payload.cpi), ("SPI(t)", payload.spi_t))
            if value is not None
        ]
        strip = f"strip({array(indices)})" if indices else ""
        money = payload.money
        rows = []
        split = money is not None and money.capex is not None and money.opex is not None
        for name in ("budget", "bac", "ac", "commitment", "etc", "eac", "vac"):
            value = getattr(money.total, name) if money is not None else None
            if value is None or money is None:
                continue
            row = [words(amount_name(name))]
            if split:
                row += [
                    words(facts.amount(getattr(part, name), sign=name == "vac")) for part in (money.capex, money.opex)
                ]
            rows.append([*row, bold(facts.amount(value, sign=name == "vac"))])
        if not rows:
            head = self._head(_("Performance"))
            return f"{head}\n{strip}" if strip else ""
        columns = [("1fr", "left"), *([("46pt", "right"), ("46pt", "right")] if split else []), ("50pt", "right")]
        header = [facts.unit, *(["CapEx", "OpEx"] if split else []), _("Total")]
        over = ratio_over(money.total.eac, money.total.bac) if money is not None else None
        extra = (
            _("EAC against BAC %(percent)s") % {"percent": self.numbers.percent(over, sign=True)}
            if over is not None
            else ""
        )
        table = self._table(_("Finance"), extra, columns, header, rows, len(rows))
        return f"{table}\n{strip}" if strip else table

    # ------------------------------------------------ full width

    def _bottom(self) -> str:
        path, decisions = self._path(), self._decisions()
        if not path and not decisions:
            return "#v(1fr)"
        if path and decisions:
            both = f"#grid(columns: (1fr, 76mm), column-gutter: 5.5mm, {{ {path} }}, {{ {decisions} }})"
            return f"#v(12pt)\n{both}\n#v(1fr)"
        return f"#v(12pt)\n#{{ {path or decisions} }}\n#v(1fr)"

    def _path(self) -> str:
        rows = []
        wide = 7.3 if self.payload.decisions else 10.5
        text = (wide - 3.8) / 2
        for step in self.payload.path_to_green[: self.level.rows]:
            light = (
                self.payload.overall
                if step.dimension == "overall"
                else self.payload.light(step.dimension)
                if step.dimension in DIMENSIONS
                else Light()
            )
            shape = f'lamp("{light.value}", 6.5pt, {words(color_word(light.value))})' if light.value else "[]"
            rows.append(
                [
                    shape,
                    bold(fit(dimension_name(step.dimension), SIZE, 0.75, 1, True)),
                    words(fit(step.cause, SIZE, text * 0.95, self.level.table_lines)),
                    words(fit(step.measure, SIZE, text * 1.1, self.level.table_lines)),
                    words(fit(step.owner, SIZE, 1.1)),
                    words(self.numbers.day(step.due)),
                    words(fit(step.help_needed, SIZE, 1.05) or "–"),
                ]
            )
        columns = (
            ("13pt", "center"),
            ("56pt", "left"),
            ("1fr", "left"),
            ("1.15fr", "left"),
            ("84pt", "left"),
            ("42pt", "left"),
            ("80pt", "left"),
        )
        return self._table(
            _("Path to green"),
            "",
            columns,
            ("", "", _("Cause"), _("Measure"), _("Responsible"), _("Due"), _("Help needed")),
            rows,
            len(self.payload.path_to_green),
        )

    def _decisions(self) -> str:
        rows = []
        lines = self.level.table_lines
        for line in self.payload.decisions[: self.level.rows]:
            what = words(fit(line.question, SIZE, 2.05, lines))
            more = ": ".join(part for part in (line.decided_by, line.recommendation) if part)
            rows.append(
                [
                    bold(fit(line.key, SIZE, 0.35, 1, True)),
                    f"two({what}, {words(fit(more, SIZE, 2.05, lines))})" if more else what,
                    words(self.numbers.day(line.due)),
                ]
            )
        keyed = any(line.key for line in self.payload.decisions)
        columns = (("26pt" if keyed else "0pt", "left"), ("1fr", "left"), ("42pt", "right"))
        return self._table(
            _("Decisions needed"),
            "",
            columns,
            ("", _("Decision and body"), _("Due")),
            rows,
            len(self.payload.decisions),
        )

    def _legend(self) -> str:
        lights = " #h(3pt) ".join(
            f'#lamp("{name}", 5.6pt, {words(color_word(name))}) #{words(color_word(name))}'
            for name in ("green", "amber", "red", "grey")
        )
        payload = self.payload
        trend = ""
        if any(payload.light(name).arrow != "none" for name in ("overall", *DIMENSIONS)):
            trend = (
                _("Trend against the report of %(date)s: ↑ better, → unchanged, ↓ worse.")
                % {"date": self.numbers.date(payload.previous_date)}
                if payload.previous_date
                else _("Trend against the previous report: ↑ better, → unchanged, ↓ worse.")
            )
        terms = _(
            "Grey: no data. WD = working days, EMV = expected monetary value, EAC = estimate at completion, VAC = BAC − EAC."
        )
        return f"#block(above: 6pt, below: 0pt, text(6.9pt, grey)[{lights} #h(6pt) #{words(trend)} #h(6pt) #{words(terms)}])"
