"""Texts of the plan page's script, in the reader's language: scripts hold no wording of their own."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from stellwerk.planning.choices import ACTIVITY_STATES, Constraint, EvMethod, Kind, LinkType, TaskType
from stellwerk.planning.selectors.words import FINDINGS, REASONS

PLANNED_KINDS = (Kind.TASK, Kind.MILESTONE, Kind.START_MILESTONE, Kind.LEVEL_OF_EFFORT)


def plan_texts() -> dict[str, Any]:
    """Flat texts by key; choices as code → label."""
    return {
        **_columns(),
        **_fields(),
        **_keys(),
        **_talk(),
        **{f"finding_{code}": str(text) for code, text in FINDINGS.items()},
        **{f"reason_{reason.name.lower()}": str(text) for reason, text in REASONS.items()},
        "kinds": {one.value: str(one.label) for one in PLANNED_KINDS},
        "constraints": {code: str(label) for code, label in Constraint.choices},
        "types": {code: str(label) for code, label in TaskType.choices},
        "ev_methods": {code: str(label) for code, label in EvMethod.choices},
        "link_types": {code: str(label) for code, label in LinkType.choices},
        "states": {code: str(label) for code, label in ACTIVITY_STATES},
        "activity_url": reverse("planning:activity-detail", args=[0]),
    }


def _columns() -> dict[str, str]:
    return {
        "column_wbs": _("WBS"),
        "column_name": _("Activity"),
        "column_days": _("WD"),
        "column_start": _("Start"),
        "column_finish": _("Finish"),
        "column_float_days": pgettext("column", "Float"),
        "column_percent": pgettext("column", "Done %"),
        "column_who": _("Responsible"),
        "column_work": _("Effort h"),
        "column_units": _("Units %"),
        "column_cost": _("Planned cost"),
        "column_free_days": _("Free float"),
        "column_constraint": _("Constraint"),
        "column_deadline": _("Deadline"),
        "column_actual_start": _("Actual start"),
        "column_actual_finish": _("Actual finish"),
        "column_ev_method": _("EV method"),
        "column_state": _("State"),
        "column_code": _("Activity ID"),
        "column_predecessors": _("Predecessors"),
        "column_constraint_date": _("Constraint date"),
        "column_calendar": _("Calendar"),
        "help_wbs": _("Code in the work breakdown structure"),
        "help_days": _("Duration in working days of the row's calendar"),
        "help_float_days": _("Total float in working days: how much later it may finish without moving the end"),
        "help_percent": _("% complete"),
        "help_predecessors": _(
            "WBS codes, with the type and lag of the link where it is not finish–start: 3.1; 3.2SS+2"
        ),
        "unit_days": _("WD"),
    }


def _fields() -> dict[str, str]:
    return {
        "group_row": pgettext("fields", "Row"),
        "group_dates": _("Duration and dates"),
        "group_effort": _("Effort"),
        "group_progress": _("Progress"),
        "group_notes": _("Notes"),
        "group_links": _("Links"),
        "field_name": _("Name"),
        "field_wbs": _("WBS code"),
        "field_code": _("Activity ID"),
        "field_kind": _("Type"),
        "field_responsible": _("Responsible"),
        "field_days": _("Duration (WD)"),
        "field_elapsed": _("Elapsed time"),
        "field_calendar": _("Calendar"),
        "field_constraint": _("Constraint"),
        "field_constraint_date": _("Constraint date"),
        "field_deadline": _("Deadline"),
        "field_manual": _("Scheduled by hand"),
        "field_active": pgettext("activity", "Active"),
        "field_type": _("Duration type"),
        "field_work": _("Effort (h)"),
        "field_units": _("Units (%)"),
        "field_cost": _("Planned cost"),
        "field_effort_driven": _("Effort-driven"),
        "field_ev_method": _("EV method"),
        "field_weight": _("Weight"),
        "field_percent": _("% complete"),
        "field_remaining_days": _("Remaining duration (WD)"),
        "field_actual_start": _("Actual start"),
        "field_actual_finish": _("Actual finish"),
        "field_notes": _("Notes"),
        "calendar_of_plan": _("As the plan"),
        "why": _("Why then"),
        "finding": _("To look at"),
        "predecessor": _("predecessor"),
        "successor": _("successor"),
        "other_project": _("in another project"),
        "link_type": _("Type of link"),
        "lag": _("Lag (WD)"),
        "remove_link": _("Remove link"),
        "new_predecessor": _("New predecessor"),
        "new_link_hint": _("WBS code or name"),
        "add_link": pgettext("button", "Link"),
        "open_page": _("Open page"),
        "reason": _("Reason"),
        "save": _("Save"),
    }


def _keys() -> dict[str, str]:
    return {
        "keys": _("Keys of the plan"),
        "key_move": _("move; on the name of a summary ← and → fold and unfold"),
        "key_edit": _("edit the cell, of all chosen rows at once; Enter saves, Esc leaves it as it was"),
        "key_tab": _("in a cell: save and go to the next one; outside it leaves the grid"),
        "key_details": _("all fields and links of the row"),
        "key_add": _("new row below"),
        "key_remove": _("remove the chosen rows"),
        "key_indent": _("indent / outdent"),
        "key_reorder": _("move the row up or down"),
        "key_select": _("choose several rows"),
        "key_link": _("link the chosen rows one after the other"),
        "key_unlink": _("take links out"),
        "key_bar": _("move the bar by a working day"),
        "key_resize": _("shorten or lengthen by a working day"),
        "key_undo": _("undo, redo"),
        "key_paste": _("copy rows, paste rows from Excel"),
        "key_fold": _("fold, unfold"),
        "key_zoom": _("zoom"),
        "key_centre": _("bring the bar into sight"),
        "key_help": _("these keys"),
        "kbd_ctrl": _("Ctrl"),
        "kbd_shift": pgettext("key", "Shift"),
        "kbd_insert": pgettext("key", "Insert"),
        "kbd_delete": pgettext("key", "Delete"),
        "kbd_space": pgettext("key", "Space"),
    }


def _talk() -> dict[str, str]:
    return {
        "today": _("Today"),
        "data_date": _("Data date"),
        "fold": _("Fold"),
        "unfold": _("Unfold"),
        "constrained": _("Has a constraint"),
        "close": _("Close"),
        "undo": _("Undo"),
        "undone": _("Taken back: %(what)s"),
        "saved": _("Saved."),
        "what_changes": _("What changes?"),
        "and_more": _("And %(count)s more."),
        "moves_activity": _("Activity"),
        "moves_start": _("Start"),
        "moves_finish": _("Finish"),
        "moves_shift": _("WD"),
        "moves_why": pgettext("of a date", "Why"),
        "conflict_field": _("Field"),
        "conflict_yours": _("Your value"),
        "conflict_theirs": _("Stored value"),
        "conflict_of": _("Value of %(name)s"),
        "keep_theirs": _("Keep the stored value"),
        "take_mine": _("Take my value"),
        "preview_title": _("What this moves"),
        "apply": _("Apply"),
        "discard": _("Discard"),
        "reschedule": _("Reschedule"),
        "new_row": _("New activity"),
        "empty": _("The plan is empty. Press Insert for the first row, or paste rows from Excel."),
        "nothing_found": _("No row fits the filter."),
        "out_of_range": _("“%(value)s” is not possible here: nothing lies below 0, and no share above 100."),
        "not_readable": _("“%(value)s” cannot be read here. Example: 5, 2.5 or 24 Dec 2026."),
        "no_such_row": _("“%(value)s” names no row of this plan. Example: 3.1; 3.2SS+2."),
        "others_changed": _("Changed by others: %(count)s rows"),
        "not_a_date": _("This is not a date. Example: 24 Dec 2026."),
        "not_a_number": _("This is not a number."),
        "unread_cells": _("%(count)s cells could not be read and were left out."),
        "paste_wrong": _("Nothing was pasted; these cells cannot be taken:"),
        "paste_beyond": _("%(count)s lines found no row and were left out."),
        "choose_two": _("Choose at least two activities to link."),
        "no_baseline": _("No baseline"),
    }
