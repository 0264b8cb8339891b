"""Input of profiles: what somebody offers and wishes, their skills, languages, stations; the entrances; the organisation's texts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core.errors import Invalid
from stellwerk.core.history import register_child_table, register_history_field
from stellwerk.core.pages import EntityForm, Rows
from stellwerk.core.text import normalise
from stellwerk.staffing.choices import ContractForm, ProfileKind
from stellwerk.staffing.models import Profile, ProfileLanguage, ProfileTerm, ProfileWish, Station, Term
from stellwerk.staffing.place_input import check_place
from stellwerk.staffing.services.profiles import check_wishes
from stellwerk.staffing.services.terms import terms_for
from stellwerk.staffing.term_input import SKILLS, TermField, language
from stellwerk.staffing.vocabulary import vocabulary

COUNTRIES = (
    ("DE", gettext_lazy("Germany")), ("AT", gettext_lazy("Austria")), ("CH", gettext_lazy("Switzerland")),
    ("LU", gettext_lazy("Luxembourg")), ("NL", gettext_lazy("Netherlands")), ("BE", gettext_lazy("Belgium")),
    ("FR", gettext_lazy("France")), ("PL", gettext_lazy("Poland")), ("CZ", gettext_lazy("Czechia")), ("DK", gettext_lazy("Denmark")),
)  # fmt: skip
LANGUAGES = (
    ("de", gettext_lazy("German")), ("en", gettext_lazy("English")), ("fr", gettext_lazy("French")), ("es", gettext_lazy("Spanish")),
    ("it", gettext_lazy("Italian")), ("nl", gettext_lazy("Dutch")), ("pl", gettext_lazy("Polish")), ("cs", gettext_lazy("Czech")),
    ("da", gettext_lazy("Danish")), ("sv", gettext_lazy("Swedish")), ("no", gettext_lazy("Norwegian")), ("fi", gettext_lazy("Finnish")),
    ("pt", gettext_lazy("Portuguese")), ("ro", gettext_lazy("Romanian")), ("hu", gettext_lazy("Hungarian")), ("hr", gettext_lazy("Croatian")),
    ("tr", gettext_lazy("Turkish")), ("ru", gettext_lazy("Russian")), ("uk", gettext_lazy("Ukrainian")), ("ar", gettext_lazy("Arabic")),
    ("fa", gettext_lazy("Persian")), ("zh", gettext_lazy("Chinese")), ("ja", gettext_lazy("Japanese")), ("hi", gettext_lazy("Hindi")),
    ("el", gettext_lazy("Greek")), ("bg", gettext_lazy("Bulgarian")), ("sr", gettext_lazy("Serbian")),
)  # fmt: skip


class _TermForm(EntityForm):
    """A line whose term is typed; the one that is stored comes with the row."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields.get("term")
        known = self.instance._state.fields_cache.get("term")
        if isinstance(field, TermField) and isinstance(known, Term):
            field.known = known


class SkillLine(_TermForm):
    term = TermField(label=gettext_lazy("skill or certificate"), own=True)


class WishLine(_TermForm):
    term = TermField(label=gettext_lazy("content or industry"), kinds=(*SKILLS, "industry"))


class LanguageLine(EntityForm):
    code = forms.ChoiceField(label=gettext_lazy("language"), choices=[("", ""), *LANGUAGES])


_STORED_MONTH = re.compile(r"^(?:(?:19[4-9]\d|20\d\d|2100)(?:-(?:0[1-9]|1[0-2]))?)?\Z")
_MONTH = re.compile(r"^(?:(\d{4})(?:-(\d{1,2}))?|(\d{1,2})[./](\d{4}))$")


def month(text: str, *, goes_on: bool = False) -> str:
    """``2021``, ``03/2021``, ``2021-03``; where something may go on also ``now`` and ``heute``."""
    text = text.strip()
    if not text:
        return ""
    if goes_on and normalise(text) in {"now", "today", "heute", "jetzt", "present"}:
        return "now"
    found = _MONTH.match(text)
    number = int(found[2] or found[3] or 1) if found else 0
    year = int(found[1] or found[4]) if found else 0
    if found is None or not 1 <= number <= 12 or not 1940 <= year <= 2100:
        raise ValidationError(_("Please give a month (“03/2021”) or a year (“2021”)."))
    return f"{year}-{number:02d}" if found[2] or found[3] else str(year)


class StationLine(EntityForm):
    def clean_first(self) -> str:
        return month(self.cleaned_data["first"])

    def clean_last(self) -> str:
        return month(self.cleaned_data["last"], goes_on=True)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and last != "now" and last[: len(first)] < first[: len(last)]:
            self.add_error("last", _("The station ends before it begins."))
        return data


def _same_wanted_twice(profile: Any, rows: list[dict[str, Any]]) -> list[str]:
    """What is wanted and not wanted at once is named."""
    seen: dict[int, set[bool]] = {}
    names: dict[int, str] = {}
    for row in rows:
        if (term := row.get("term")) is not None:
            seen.setdefault(term.pk, set()).add(bool(row.get("wanted")))
            names[term.pk] = str(term)
    return of_kinds(*SKILLS, "skill", "industry")(profile, rows) + [
        _("“%(term)s” is wanted and not wanted at the same time: keep one of the two.") % {"term": names[number]}
        for number, both in seen.items() if len(both) == 2
    ]  # fmt: skip


def of_kinds(*kinds: str) -> Callable[[Any, list[dict[str, Any]]], list[str]]:
    """Checks that the terms of lines are of these kinds (forms offer no others, the API takes any word)."""

    def check(_parent: Any, rows: list[dict[str, Any]]) -> list[str]:
        terms = [row["term"] for row in rows if row.get("term") is not None]
        wrong = sorted({str(term) for term in terms if term.kind not in kinds})
        return [_("“%(term)s” does not belong here.") % {"term": name} for name in wrong]

    return check


def known_languages(_parent: Any, rows: list[dict[str, Any]]) -> list[str]:
    known = dict(LANGUAGES)
    wrong = sorted({str(row["code"]) for row in rows if row.get("code") and row["code"] not in known})
    return [_("There is no language “%(code)s” here.") % {"code": code} for code in wrong]


def _months(_parent: Any, rows: list[dict[str, Any]]) -> list[str]:
    """As the form writes them: ``2021``, ``2021-03``, and ``now`` for what goes on."""
    told: list[str] = []
    for row in rows:
        first, last = row.get("first") or "", row.get("last") or ""
        if not _STORED_MONTH.match(first) or not (last == "now" or _STORED_MONTH.match(last)):
            told.append(_("Please give a month (“03/2021”) or a year (“2021”)."))
        elif first and last and last != "now" and last[: len(first)] < first[: len(last)]:
            told.append(_("The station ends before it begins."))
    return list(dict.fromkeys(told))


SKILL_ROWS = Rows(
    "skills", gettext_lazy("Skills, soft skills, certificates"), ProfileTerm, ("term", "level", "used", "expires", "evidence"), "profile",
    note=gettext_lazy("Evidence: where and how it was used. A level is told by yourself; conversations confirm it."), extra=3, form=SkillLine,
    check=of_kinds(*SKILLS, "skill", "own"),
)  # fmt: skip
LANGUAGE_ROWS = Rows(
    "languages", gettext_lazy("Languages"), ProfileLanguage, ("code", "level"), "profile", extra=1, form=LanguageLine,
    check=known_languages,
)  # fmt: skip
WISH_ROWS = Rows(
    "wishlist", gettext_lazy("Content and industries"), ProfileWish, ("term", "wanted"), "profile", extra=1, form=WishLine,
    note=gettext_lazy("Ticked: you want it. Not ticked: you would rather not."), check=_same_wanted_twice,
)  # fmt: skip
STATION_ROWS = Rows(
    "stations", gettext_lazy("Experience and education"), Station, ("kind", "title", "organisation", "first", "last", "text"), "profile",
    note=gettext_lazy("From and to: “03/2021”, “2021” or “today”. Gaps do not count and are not asked about."), extra=1, form=StationLine,
    check=_months,
)  # fmt: skip
ROWS = [SKILL_ROWS, LANGUAGE_ROWS, STATION_ROWS, WISH_ROWS]
for _rows in ROWS:
    register_child_table("staffing.profile", _rows.code, _rows.title, _rows.model)


register_history_field("public_texts", gettext_lazy("Texts of the public pages"))
register_history_field("terms", SKILL_ROWS.title)
register_history_field("consents", gettext_lazy("Consents"))


class ProfileForm(EntityForm):
    """``inside``: a recruiter; outside nobody chooses partner, person or organisation. ``own``: the person itself."""

    contract_forms = forms.MultipleChoiceField(
        label=gettext_lazy("contract types"),
        choices=ContractForm.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    permits = forms.MultipleChoiceField(
        label=gettext_lazy("may work in"), choices=COUNTRIES, widget=forms.CheckboxSelectMultiple, required=False
    )
    industries = forms.MultipleChoiceField(
        label=gettext_lazy("industries"), widget=forms.SelectMultiple({"data-select": ""}), required=False
    )
    links = forms.CharField(
        label=gettext_lazy("web links"), widget=forms.Textarea({"rows": 2}), required=False, max_length=2000,
        help_text=gettext_lazy("One address a line, for example of a public profile."),
    )  # fmt: skip
    agreed = forms.CharField(
        label=gettext_lazy("how and when the person agreed"), max_length=200, required=False,
        help_text=gettext_lazy("For example: “by mail on 3 March”. Without a consent the profile stays a draft."),
    )  # fmt: skip
    groups = (
        ("", ("kind", "first_name", "last_name", "email", "phone", "language", "partner", "person", "agreed")),
        (gettext_lazy("In own words"), ("headline", "years", "summary", "industries", "links")),
        (gettext_lazy("When, where, how much"), ("available", "workload_least", "workload_most", "workload_wish", "postcode", "city", "country", "radius", "remote_wish", "permits")),
        (gettext_lazy("Contract and pay"), ("contract_forms", "pay_unit", "asks", "pay_wish")),
        (gettext_lazy("Wishes"), ("team_least", "team_most", "wishes")),
    )  # fmt: skip

    class Meta:
        model = Profile
        fields = (
            "kind", "first_name", "last_name", "email", "phone", "language", "partner", "person", "headline", "years", "summary",
            "available", "workload_least", "workload_most", "workload_wish", "postcode", "city", "country", "radius", "remote_wish",
            "pay_unit", "asks", "pay_wish", "team_least", "team_most", "wishes", "contract_forms", "permits", "industries", "links",
        )  # fmt: skip

    def __init__(self, *args: Any, inside: bool = True, own: bool = False, needs_consent: bool = False, **kwargs: Any) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        here = language()
        industries = self.fields["industries"]
        assert isinstance(industries, forms.MultipleChoiceField)
        industries.choices = sorted(
            ((code, term.names[here]) for code, term in vocabulary().items() if term.kind == "industry"),
            key=lambda pair: normalise(str(pair[1])),
        )
        stored = self.instance.pk is not None
        self.initial["industries"] = (
            list(self.instance.industries.values_list("code", flat=True))
            if stored
            else self.initial.get("industries", [])
        )
        self.initial["links"] = "\n".join(self.initial.get("links") or [])
        for name in [] if inside else ["partner", "person"]:
            self.fields.pop(name, None)
        if own:
            for name in ("kind", "email"):
                self.fields.pop(name, None)
        elif not inside:
            kind = self.fields["kind"]
            assert isinstance(kind, forms.ChoiceField)
            kind.choices = [row for row in ProfileKind.choices if row[0] != ProfileKind.EMPLOYEE]
        if stored:
            self.fields.pop("agreed")
        elif needs_consent:
            self.fields["agreed"].required = True
        self.fields["asks"].help_text = _("The least that you work for: below it nobody asks you. Only we see it.")

    def clean(self) -> dict[str, Any] | None:
        """Contradictory wishes are told at the field, before the table says no in general."""
        data = super().clean() or {}
        try:
            check_wishes(self.instance if self.instance.pk else None, data)
        except Invalid as refusal:
            for name, texts in refusal.errors.items():
                self.add_error(name if name in self.fields else None, texts)
        if "city" not in self.errors:
            check_place(self, data, needed=data.get("radius") is not None)
        return data

    def clean_industries(self) -> list[Term]:
        return list(terms_for(self.cleaned_data["industries"]).values())

    def clean_links(self) -> list[str]:
        found = [line.strip() for line in self.cleaned_data["links"].splitlines() if line.strip()]
        if any(not re.match(r"https?://[^\s<>\"]{4,300}$", line) for line in found):
            raise ValidationError(_("Each line holds one address that begins with https://."))
        return found[:10]

    def values(self) -> dict[str, Any]:
        found = super().values()
        return found | {"agreed": self.cleaned_data.get("agreed", "")} if "agreed" in self.fields else found


# ── public entrances ─────────────────────────────────────────────────────────────────────────────


class JoinForm(forms.Form):
    """Three minutes: who, what, how to reach, and what is agreed to. ``website`` is a trap for programs: people do not see it."""

    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=80, widget=forms.TextInput({"autocomplete": "given-name"}))  # fmt: skip
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=80, widget=forms.TextInput({"autocomplete": "family-name"}))  # fmt: skip
    email = forms.EmailField(label=gettext_lazy("E-mail"), widget=forms.EmailInput({"autocomplete": "email"}))
    headline = forms.CharField(
        label=gettext_lazy("What do you do?"), max_length=200, required=False,
        help_text=gettext_lazy("For example: project controller, plant construction."),
    )  # fmt: skip
    skills = forms.CharField(
        label=gettext_lazy("What can you do?"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Methods and tools, separated by commas. A CV can be added afterwards."),
    )  # fmt: skip
    city = forms.CharField(label=gettext_lazy("Town"), max_length=120, required=False, widget=forms.TextInput({"autocomplete": "address-level2"}))  # fmt: skip
    process = forms.BooleanField(
        label=gettext_lazy("I agree that my details are processed to find vacancies that fit me, as the privacy notice says."),
        error_messages={"required": gettext_lazy("Without this consent we may not keep anything of you.")},
    )  # fmt: skip
    pool = forms.BooleanField(label=gettext_lazy("Keep me in the pool for a year and ask me about vacancies."), required=False)  # fmt: skip
    mail = forms.BooleanField(label=gettext_lazy("Write to me about new vacancies."), required=False)
    reference = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    website = forms.CharField(label=gettext_lazy("Leave this empty"), required=False, widget=forms.TextInput({"tabindex": "-1", "autocomplete": "off"}))  # fmt: skip

    def main_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in {"website", "reference"}]


_new_password = forms.PasswordInput(attrs={"autocomplete": "new-password"})


class ConfirmForm(forms.Form):
    password = forms.CharField(
        label=gettext_lazy("Password"),
        widget=_new_password,
        help_text=gettext_lazy("At least 12 characters."),
        max_length=128,
    )
    again = forms.CharField(label=gettext_lazy("Password once more"), widget=_new_password, max_length=128)

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password"):
            raise ValidationError(_("The two passwords differ."))
        return again


class TextForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Text of the profile"), max_length=20_000, widget=forms.Textarea({"rows": 12}),
        help_text=gettext_lazy("Copy it from your public profile or your CV. It is checked and not kept."),
    )  # fmt: skip


class PublicTextsForm(forms.Form):
    legal_de = forms.CharField(label=gettext_lazy("Legal notice (German)"), widget=forms.Textarea({"rows": 10}), max_length=20_000, required=False)  # fmt: skip
    legal_en = forms.CharField(label=gettext_lazy("Legal notice (English)"), widget=forms.Textarea({"rows": 10}), max_length=20_000, required=False)  # fmt: skip
    privacy_de = forms.CharField(label=gettext_lazy("Privacy notice (German)"), widget=forms.Textarea({"rows": 16}), max_length=40_000, required=False)  # fmt: skip
    privacy_en = forms.CharField(label=gettext_lazy("Privacy notice (English)"), widget=forms.Textarea({"rows": 16}), max_length=40_000, required=False)  # fmt: skip


class GiveConsentForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("purpose"))
    evidence = forms.CharField(label=gettext_lazy("how and when the person agreed"), max_length=200)
