"""Every write of this room."""

from stellwerk.reporting.services.cycles import (
    consolidate_cycle,
    plan_cycles,
    publish_cycle,
    remind_missing,
    take_due_steps,
)
from stellwerk.reporting.services.reports import (
    accept_report,
    confirm_override,
    correct_report,
    publish_report,
    reject_override,
    return_report,
    save_report,
    start_report,
    submit_report,
)

__all__ = [
    "accept_report",
    "confirm_override",
    "consolidate_cycle",
    "correct_report",
    "plan_cycles",
    "publish_cycle",
    "publish_report",
    "reject_override",
    "remind_missing",
    "return_report",
    "save_report",
    "start_report",
    "submit_report",
    "take_due_steps",
]
