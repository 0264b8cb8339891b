"""Why a side says no (``law.fairness.REASONS``), in the reader's language: all of them have to do with the work."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from stellwerk.core.errors import Text

NAMES: dict[str, Text] = {
    "skills": pgettext_lazy("reason", "Skills"),
    "experience": pgettext_lazy("reason", "Experience"),
    "language": pgettext_lazy("reason", "Language"),
    "pay": pgettext_lazy("reason", "Pay"),
    "start": pgettext_lazy("reason", "Start"),
    "workload": pgettext_lazy("reason", "Workload"),
    "place": pgettext_lazy("reason", "Place or remote share"),
    "contract": pgettext_lazy("reason", "Contract type"),
    "content": pgettext_lazy("reason", "Content of the work"),
    "industry": pgettext_lazy("reason", "Industry"),
    "team": pgettext_lazy("reason", "Team"),
    "filled": pgettext_lazy("reason", "Filled or decided otherwise"),
    "other": pgettext_lazy("reason", "Another reason that has to do with the work"),
}


def reason_words() -> list[tuple[str, Text]]:
    return list(NAMES.items())
