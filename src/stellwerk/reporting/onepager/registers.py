"""The blocks of what is registered about a project: issues, staffing, risks, changes, dependencies."""

from __future__ import annotations

from django.utils.translation import gettext as _

from stellwerk.core.documents.text import fit
from stellwerk.reporting.deck.words import (
    ARROWS,
    severity_name,
)
from stellwerk.reporting.onepager.tables import SIZE, Tables, bold, words


class Registers(Tables):
    """Each empty when there is no data for it."""

    def _issues(self) -> str:
        rows = []
        for item in self.payload.issues[: self.level.rows]:
            title = fit(item.title, SIZE, self.width - 1.95, self.level.table_lines)
            rows.append(
                [
                    bold(fit(item.key, SIZE, 0.34, 1, True)),
                    words(title),
                    words(fit(severity_name(item.severity), SIZE, 0.39)),
                    words(self.numbers.day(item.due)),
                    words(fit(item.owner, SIZE, 0.62)),
                ]
            )
        columns = (("26pt", "left"), ("1fr", "left"), ("30pt", "left"), ("40pt", "left"), ("46pt", "left"))
        return self._table(_("Issues"), "", columns, None, rows, len(self.payload.issues))

    def _staffing(self) -> str:
        lines = self.payload.staffing
        if not lines:
            return ""
        numbers = self.numbers
        shown = lines[: self.level.rows]
        rows = [
            [
                words(fit(s.role, SIZE, self.width - 1.5)),
                *(words(numbers.decimal(value, 1)) for value in (s.demand, s.covered, s.covered - s.demand)),
            ]
            for s in shown
        ]
        demand, covered = (
            sum((s.demand for s in lines), start=lines[0].demand * 0),
            sum((s.covered for s in lines), start=lines[0].covered * 0),
        )
        rows.append(
            [
                words(_("Total FTE")),
                *(words(numbers.decimal(value, 1)) for value in (demand, covered, covered - demand)),
            ]
        )
        columns = (("1fr", "left"), ("34pt", "right"), ("36pt", "right"), ("34pt", "right"))
        header = (_("Role"), _("Demand"), _("covered"), _("Gap"))
        return self._table(
            _("Staffing in the next eight weeks"),
            self._more(len(lines), len(shown)) or "FTE",
            columns,
            header,
            rows,
            len(rows),
            sum_row=True,
        )

    def _risks(self) -> str:
        facts = self.facts
        risks = sorted(self.payload.risks, key=lambda risk: -(risk.score or 0))
        rows = []
        for number, risk in enumerate(risks[: min(3, self.level.rows)], start=1):
            title = fit(risk.title, SIZE, self.width - 1.6, self.level.table_lines)
            text = (
                f"two({words(title)}, {words(fit(risk.response, SIZE, self.width - 1.6, 1))})"
                if risk.response
                else words(title)
            )
            score = str(risk.score) if risk.score is not None else "–"
            rows.append(
                [bold(str(number)), text, words(score), words(ARROWS[risk.arrow]), words(facts.amount(risk.emv))]
            )
        columns = (("10pt", "left"), ("1fr", "left"), ("24pt", "right"), ("14pt", "center"), ("46pt", "right"))
        unit = f" {facts.unit}" if facts.unit else ""
        return self._table(
            _("Greatest risks"),
            "",
            columns,
            ("", _("Risk and response"), _("Score"), "", _("EMV") + unit),
            rows,
            len(risks),
        )

    def _changes(self) -> str:
        facts, rows = self.facts, []
        requests = self.payload.change_requests
        for line in requests[: self.level.rows]:
            rows.append(
                [
                    bold(fit(line.key, SIZE, 0.42, 1, True)),
                    words(fit(line.title, SIZE, self.width - 2.05, self.level.table_lines)),
                    words(facts.amount(line.cost)),
                    words(self.numbers.decimal(line.days, sign=True)),
                    words(self.numbers.day(line.due)),
                ]
            )
        columns = (("32pt", "left"), ("1fr", "left"), ("40pt", "right"), ("27pt", "right"), ("42pt", "right"))
        return self._table(
            _("Open change requests"), "", columns, ("", "", facts.unit, _("Δ WD"), _("Decision")), rows, len(requests)
        )

    def _dependencies(self) -> str:
        rows = []
        lines = list(self.payload.dependencies)
        for line in lines[: self.level.rows]:
            other = (
                line.giver
                if line.taker == self.payload.key
                else f"→ {line.taker}"
                if line.giver == self.payload.key
                else f"{line.giver} → {line.taker}"
            )
            rows.append(
                [
                    bold(fit(other, SIZE, 0.75, 1, True)),
                    words(fit(line.deliverable, SIZE, self.width - 2.45, self.level.table_lines)),
                    words(self.numbers.day(line.needed_by)),
                    words(self.numbers.day(line.promised_for)),
                    words(self.numbers.decimal(line.delta_days, sign=True)),
                ]
            )
        columns = (("58pt", "left"), ("1fr", "left"), ("42pt", "right"), ("42pt", "right"), ("27pt", "right"))
        return self._table(
            _("Dependencies"),
            "",
            columns,
            (_("Other"), _("Delivery"), _("Needed"), _("Promised"), _("Δ WD")),
            rows,
            len(lines),
        )
