"""Input of matches: appointments, notes, ends, weights, the off switch, and public answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stellwerk.core.pages.fields import LocalIntegerField
from stellwerk.staffing.compute_matching import COUNTS, SHARES
from stellwerk.staffing.reasons_matching import NAMES

WEIGHT_NAMES: dict[str, Any] = {
    "others": _("Share of all that is no must (%)"),
    "words": _("What words in common may fill of what is missing (%)"),
    "threshold": _("Proposed from a score of (%)"),
    "stale_value": _("What an old skill still counts (%)"),
    "fresh": _("Years in which a skill counts in full"),
    "stale": _("Years after which it counts as old"),
    "should": _("Should-have skills"),
    "nice": _("Nice to have"),
    "soft": _("Soft skills"),
    "years": _("Experience"),
    "certificate": _("Certificates"),
    "industry": _("Industry (company)"),
    "content": _("Content"),
    "place": _("Place"),
    "workload": _("Workload"),
    "pay": _("Pay"),
    "industry_wish": _("Industry (person)"),
    "team": _("Team"),
}


class AppointmentForm(forms.Form):
    starts = forms.DateTimeField(
        label=_("Starts"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M"],
    )
    minutes = LocalIntegerField(label=_("Minutes"), min_value=5, max_value=480, initial=45)
    place = forms.CharField(label=_("Place or link"), max_length=300)
    text = forms.CharField(
        label=_("Message"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class NoteForm(forms.Form):
    question = forms.CharField(label=_("Question"), max_length=300, required=False)
    text = forms.CharField(
        label=_("Note of the talk"), max_length=6000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Only what has to do with the work; recruiters alone read it."),
    )  # fmt: skip
    rating = LocalIntegerField(label=_("Rating (1 to 5)"), min_value=1, max_value=5, required=False)


class EndForm(forms.Form):
    code = forms.ChoiceField(label=_("Reason"), choices=[("", "–"), *NAMES.items()])
    reason = forms.CharField(label=_("In own words"), max_length=500, required=False)


class AnswerForm(forms.Form):
    """The answer of one side by its link."""

    answer = forms.ChoiceField(choices=[("yes", _("Yes")), ("no", _("No"))])
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", "–"), *NAMES.items()], required=False)
    text = forms.CharField(
        label=_("In own words"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class WeightsForm(forms.Form):
    """``vacancies``: for whose people a preview may be asked; ``preview``: nothing is saved, so no reason is needed."""

    def __init__(
        self, *args: Any, vacancies: Iterable[tuple[int, str]] = (), preview: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name in (*SHARES, *COUNTS):
            share = name in SHARES
            self.fields[name] = LocalIntegerField(label=WEIGHT_NAMES[name], min_value=0, max_value=100 if share else 20)
        self.fields["reason"] = forms.CharField(label=_("Why the weights change"), max_length=500, required=not preview)
        self.fields["vacancy"] = forms.TypedChoiceField(
            label=_("Preview for"), choices=[("", _("the last ten vacancies")), *vacancies], coerce=int, empty_value=None, required=False,
        )  # fmt: skip


class SwitchForm(forms.Form):
    off = forms.TypedChoiceField(
        label=_("Matching"), choices=[("", _("on")), ("1", _("off"))], coerce=bool, empty_value="", required=False
    )
    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("At least 20 letters; it stays on record."))
