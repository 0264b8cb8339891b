"""Rules of the traffic lights and their values in the reader's words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from stellwerk.core import formats
from stellwerk.engine.lights import Reading, Rule

PERCENT = frozenset({"eac_overrun", "pending_changes", "test_pass", "unfilled_need", "emv_of_contingency"})
FLAGS = frozenset({"over_approved_budget", "must_lost", "gate_failed"})


def rule_label(code: str) -> str:
    labels = {
        "spi_t": _("Schedule index SPI(t)"),
        "milestone_delay": _("Delay of a gate or critical milestone (working days)"),
        "eac_overrun": _("EAC above BAC"),
        "over_approved_budget": _("EAC above the approved budget"),
        "pending_changes": _("Cost of pending changes against BAC"),
        "must_lost": _("A must requirement is lost"),
        "major_overdue": _("Major findings overdue"),
        "test_pass": _("Tests passed"),
        "critical_open_days": _("Critical finding open (working days)"),
        "gate_failed": _("Gate review failed"),
        "unfilled_need": _("Unfilled firm need, next 8 weeks"),
        "key_role_vacant_weeks": _("Key role vacant (weeks)"),
        "high_risks_answered": _("High risks with an active response"),
        "high_risks_unanswered": _("High risks without owner or response"),
        "emv_of_contingency": _("EMV against remaining contingency"),
    }
    return labels.get(code, code)


def rule_value(code: str, value: Decimal) -> str:
    """A value of a rule as people write it."""
    if code in FLAGS:
        return _("yes") if value else _("no")
    if code in PERCENT:
        return formats.percent(value, 1)
    return formats.number(value, 2 if code == "spi_t" else 0)


def rule_words(rule: Rule) -> dict[str, Any]:
    side = "≥" if rule.higher_is_better else "≤"
    return {
        "label": rule_label(rule.code),
        "green": _("green"),
        "amber": _("amber"),
        "green_text": f"{side} {rule_value(rule.code, rule.green)}" if rule.code not in FLAGS else _("no"),
        "amber_text": f"{side} {rule_value(rule.code, rule.amber)}" if rule.amber is not None else "",
    }


def reading_text(reading: Reading) -> str:
    """“SPI(t) 0.86 (green from ≥ 0.95)”: why a light has its colour."""
    words = rule_words(reading.rule)
    value = rule_value(reading.rule.code, reading.value)
    return _("%(rule)s: %(value)s (green %(limit)s)") % {
        "rule": words["label"],
        "value": value,
        "limit": words["green_text"],
    }
