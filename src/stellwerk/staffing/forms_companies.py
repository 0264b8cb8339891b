"""Input of the entrance of companies."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class CompanyJoinForm(forms.Form):
    """The field “website” is a trap for programs."""

    company = forms.CharField(label=_("Company name"), max_length=160)
    city = forms.CharField(label=_("Town"), max_length=120, required=False)
    name = forms.CharField(label=_("Your name"), max_length=120)
    email = forms.EmailField(label=_("E-mail at the company"))
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    title = forms.CharField(label=_("Whom do you look for?"), max_length=150, required=False)
    need = forms.CharField(
        label=_("What is to be done?"), max_length=6000, required=False, widget=forms.Textarea({"rows": 5}),
        help_text=_("One task a line. It becomes a draft that you complete after the confirmation."),
    )  # fmt: skip
    website = forms.CharField(required=False, widget=forms.TextInput({"tabindex": "-1", "autocomplete": "off"}))
    process = forms.BooleanField(label=_("I agree that these details are processed to find people for us."))


class CompanyConfirmForm(forms.Form):
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput({"autocomplete": "new-password"}), max_length=128, strip=False
    )
