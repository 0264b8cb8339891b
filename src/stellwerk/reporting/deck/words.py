"""Words for codes, in the language that is active while a document is made."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from stellwerk.core.models.base import Confidentiality
from stellwerk.portfolio.choices import PHASES
from stellwerk.reporting.payload import DIMENSIONS, Arrow, Light

LIGHT_ORDER: Final = ("red", "amber", "grey", "green")
ARROWS: Final[dict[Arrow, str]] = {"up": "↑", "down": "↓", "flat": "→", "none": ""}


# Lazily translated: a deck asks thousands of times, always for one of them.
_DIMENSIONS: Final = {
    "overall": pgettext_lazy("light", "Overall"),
    "schedule": pgettext_lazy("light", "Schedule"),
    "cost": pgettext_lazy("light", "Cost"),
    "scope": pgettext_lazy("light", "Scope"),
    "quality": pgettext_lazy("light", "Quality"),
    "resources": pgettext_lazy("light", "Resources"),
    "risk": pgettext_lazy("light", "Risk"),
}
assert _DIMENSIONS.keys() == {"overall", *DIMENSIONS}
_COLORS: Final = {
    "red": pgettext_lazy("light", "Red"),
    "amber": pgettext_lazy("light", "Amber"),
    "green": pgettext_lazy("light", "Green"),
    "grey": pgettext_lazy("light", "Grey"),
}
_NO_COLOR: Final = pgettext_lazy("light", "not assessed")


def dimension_name(code: str) -> str:
    """ "overall" or one of the six dimensions, as a column heading."""
    return str(_DIMENSIONS.get(code, code))


def color_word(value: str | None) -> str:
    return str(_COLORS.get(value or "", _NO_COLOR))


def light_word(light: Light) -> str:
    """What stands beside the shape: the foreign scale's own word, the payload's, or the usual one."""
    return light.reported_value or light.word or color_word(light.value)


def phase_name(code: str) -> str:
    """A state of the project as the pages name it, or the source's own text."""
    return str(dict(PHASES).get(code, code))


def severity_name(code: str) -> str:
    names = {
        "low": pgettext("severity", "low"),
        "medium": pgettext("severity", "medium"),
        "high": pgettext("severity", "high"),
        "critical": pgettext("severity", "critical"),
    }
    return names.get(code, code)


def confidentiality_name(code: str) -> str:
    """The level of a portfolio or project, or the organisation's own words."""
    return str(Confidentiality(code).label) if code in Confidentiality.values else code


def source_name(code: str) -> str:
    """Where a figure comes from; a text of the source itself is shown as it is."""
    names = {
        "computed": _("computed"),
        "reported": _("reported"),
        "imported": _("imported"),
        "overridden": _("overridden"),
    }
    return names.get(code, code)


def report_state(code: str) -> str:
    names = {
        "missing": _("no report"),
        "late": _("report late"),
        "stale": _("report older than one cycle"),
    }
    return names.get(code, code)


def amount_name(code: str) -> str:
    """Name of a column of :class:`~stellwerk.reporting.payload.Amounts`."""
    names = {
        "budget": _("Approved budget"),
        "bac": _("BAC planned total"),
        "ac": _("AC actual cost"),
        "commitment": _("Commitment"),
        "etc": _("ETC remaining cost"),
        "eac": _("EAC forecast"),
        "vac": _("VAC = BAC − EAC"),
    }
    return names[code]
