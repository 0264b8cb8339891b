"""Input of the shell."""

from __future__ import annotations

from django import forms
from django.conf import settings

from stellwerk.web.context import DENSITIES, THEMES


class PreferencesForm(forms.Form):
    """What a reader may set with one click in the top bar; every field is optional."""

    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False)
    theme = forms.ChoiceField(choices=[(value, value) for value in THEMES], required=False)
    density = forms.ChoiceField(choices=[(value, value) for value in DENSITIES], required=False)
    side = forms.ChoiceField(choices=[("open", "open"), ("closed", "closed")], required=False)
    next = forms.CharField(required=False)
