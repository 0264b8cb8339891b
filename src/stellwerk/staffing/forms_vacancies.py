"""Input of vacancies, clients and partners."""

from __future__ import annotations

from copy import copy
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from stellwerk.core.history import register_child_table
from stellwerk.core.pages import EntityForm, Rows
from stellwerk.staffing.choices import ContractForm
from stellwerk.staffing.forms_profiles import COUNTRIES, LanguageLine, SkillLine, known_languages, of_kinds
from stellwerk.staffing.models import (
    Client,
    ClientContact,
    Partner,
    PartnerContact,
    Term,
    Vacancy,
    VacancyLanguage,
    VacancyTerm,
)
from stellwerk.staffing.place_input import check_place
from stellwerk.staffing.services.terms import terms_for
from stellwerk.staffing.term_input import SKILLS, language
from stellwerk.staffing.towns import located
from stellwerk.staffing.vocabulary import vocabulary

NEEDS = Rows(
    "needs", gettext_lazy("Requirements"), VacancyTerm, ("term", "kind", "level", "minimum", "weight"), "vacancy", form=SkillLine, extra=3,
    note=gettext_lazy("Must: nothing gives it back; with “at least”, whoever is below is not proposed. Level: what the work needs."),
    check=of_kinds(*SKILLS, "skill", "own"),
)  # fmt: skip
SPOKEN = Rows("languages", gettext_lazy("Languages"), VacancyLanguage, ("code", "level"), "vacancy", form=LanguageLine, extra=1, check=known_languages)  # fmt: skip
CLIENT_CONTACTS = Rows("contacts", gettext_lazy("Contacts"), ClientContact, ("name", "email", "phone", "function", "language"), "client", extra=1)  # fmt: skip
PARTNER_CONTACTS = Rows("contacts", gettext_lazy("Contacts"), PartnerContact, ("name", "email", "phone", "function", "language"), "partner", extra=1)  # fmt: skip
for _label, _rows in (("staffing.vacancy", NEEDS), ("staffing.vacancy", SPOKEN), ("staffing.client", CLIENT_CONTACTS), ("staffing.partner", PARTNER_CONTACTS)):  # fmt: skip
    register_child_table(_label, _rows.code, _rows.title, _rows.model)


def industries() -> list[tuple[str, str]]:
    """Industries of the vocabulary by code, in the reader's language."""
    here = language()
    rows = [(word.code, word.names[here]) for word in vocabulary().values() if word.kind == "industry"]
    return [("", "–"), *sorted(rows, key=lambda row: row[1])]


class _WithIndustry(EntityForm):
    industry = forms.ChoiceField(label=gettext_lazy("industry"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["industry"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = industries()
        known = getattr(self.instance, "industry", None)
        if known is not None:
            self.initial["industry"] = known.code

    def clean_industry(self) -> Term | None:
        code = self.cleaned_data.get("industry")
        return terms_for([code]).get(code) if code else None


class VacancyForm(_WithIndustry):
    """``outside``: a client contact describes what it needs; it names no cap and no client but its own."""

    contract_forms = forms.MultipleChoiceField(
        label=gettext_lazy("contract types"), choices=ContractForm.choices, widget=forms.CheckboxSelectMultiple, required=False,
    )  # fmt: skip
    country = forms.ChoiceField(label=gettext_lazy("country"), choices=COUNTRIES)
    reference = forms.CharField(
        label=gettext_lazy("reference number"), max_length=20, required=False,
        help_text=gettext_lazy("Of an ad that has one already, such as 821407/1. Empty: the next free one."),
    )  # fmt: skip
    groups = (
        ("", ("client", "role", "title", "title_en", "reference", "contract_forms", "positions", "industry", "years")),
        (gettext_lazy("When, where, how much"), ("start", "latest_start", "last_day", "workload_least", "workload_most", "postcode", "city", "country", "latitude", "longitude", "places", "remote", "team")),
        (gettext_lazy("Pay"), ("pay_unit", "pay_least", "pay_most", "pay_reason", "rate_cap")),
        (gettext_lazy("Ad in German"), ("intro", "tasks", "wanted", "offer")),
        (gettext_lazy("Ad in English"), ("intro_en", "tasks_en", "wanted_en", "offer_en")),
        (gettext_lazy("Inside"), ("wishes", "confidentiality")),
    )  # fmt: skip

    class Meta:
        model = Vacancy
        fields = (
            "client", "role", "title", "title_en", "contract_forms", "positions", "industry", "years", "start", "latest_start", "last_day",
            "workload_least", "workload_most", "postcode", "city", "country", "latitude", "longitude", "places", "remote", "team", "pay_unit",
            "pay_least", "pay_most", "pay_reason", "rate_cap", "intro", "tasks", "wanted", "offer", "intro_en", "tasks_en", "wanted_en",
            "offer_en", "wishes", "confidentiality",
        )  # fmt: skip

    def __init__(self, *args: Any, outside: bool = False, caps: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("tasks", "wanted", "offer", "tasks_en", "wanted_en", "offer_en"):
            self.fields[name].help_text = gettext_lazy("One point a line.")
        if not caps:
            self.fields.pop("rate_cap", None)
        if outside:
            for name in ("confidentiality", "role", "reference"):
                self.fields.pop(name, None)
        if self.instance.pk is not None:
            self.fields["client"].disabled = True
            self.fields.pop("reference", None)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or {}
        check_place(self, data, needed=(data.get("remote") or 0) < 100)
        return data

    def values(self) -> dict[str, Any]:
        """With the reference, which is no field of the model."""
        return super().values() | {name: self.cleaned_data[name] for name in ("reference",) if name in self.fields}


class ClientForm(_WithIndustry):
    country = forms.ChoiceField(label=gettext_lazy("country"), choices=COUNTRIES)
    groups = (
        ("", ("organisation", "name", "legal_name", "own", "covered", "industry", "employees", "website")),
        (gettext_lazy("Where"), ("postcode", "city", "country", "latitude", "longitude")),
        (gettext_lazy("What holds for its vacancies"), ("requirements", "wishes", "about", "about_en")),
        (gettext_lazy("Law"), ("works_council", "construction", "longest_months", "agreement")),
    )

    class Meta:
        model = Client
        fields = (
            "organisation", "name", "legal_name", "own", "covered", "industry", "employees", "website", "postcode", "city", "country",
            "latitude", "longitude", "requirements", "wishes", "about", "about_en", "works_council", "construction", "longest_months",
            "agreement",
        )  # fmt: skip

    def __init__(self, *args: Any, outside: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.was = copy(self.instance) if self.instance.pk is not None else None
        if outside:  # the client itself: what decides about law and cover stays with us
            for name in (
                "organisation",
                "own",
                "covered",
                "works_council",
                "construction",
                "longest_months",
                "agreement",
            ):
                self.fields.pop(name, None)
        elif self.instance.pk is not None:
            self.fields["organisation"].disabled = True

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or {}
        check_place(self, data, needed=False)
        if "city" not in self.errors:
            data |= {
                name: value for name, value in located(data, self.was).items() if name in ("latitude", "longitude")
            }
        return data


class PartnerForm(EntityForm):
    country = forms.ChoiceField(label=gettext_lazy("country"), choices=COUNTRIES)
    groups = (
        ("", ("organisation", "name", "legal_name", "website")),
        (gettext_lazy("Where"), ("postcode", "city", "country")),
        (gettext_lazy("Temporary work"), ("licence_number", "licence_expires", "agreement")),
        (gettext_lazy("Inside"), ("note",)),
    )

    class Meta:
        model = Partner
        fields = ("organisation", "name", "legal_name", "website", "postcode", "city", "country", "licence_number", "licence_expires", "agreement", "note")  # fmt: skip


class ShareForm(forms.Form):
    partners = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Partners"),
        queryset=Partner.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, partners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["partners"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = partners
