"""Input of the people room."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core.models import Grant, Scope, User
from stellwerk.core.pages.entityform import EntityForm
from stellwerk.core.pages.fields import DayField
from stellwerk.core.permissions import ROLES, roles_of
from stellwerk.people.models import Location, Organisation, Person, Role, Unit
from stellwerk.people.selectors import scope_choices


class OrganisationForm(EntityForm):
    groups = (
        ("", ("name", "legal_name", "key", "confidentiality")),
        (gettext_lazy("Calendar and money"), ("currency", "fiscal_year_start", "time_zone", "country", "subdivision")),
    )

    class Meta:
        model = Organisation
        fields = (
            "name",
            "legal_name",
            "key",
            "currency",
            "fiscal_year_start",
            "time_zone",
            "country",
            "subdivision",
            "confidentiality",
            "owner",
        )


class UnitForm(EntityForm):
    class Meta:
        model = Unit
        fields = ("name", "organisation", "parent", "manager", "cost_centre", "key", "confidentiality", "owner")


class LocationForm(EntityForm):
    class Meta:
        model = Location
        fields = ("organisation", "name", "country", "subdivision")


class RoleForm(EntityForm):
    class Meta:
        model = Role
        fields = ("name", "name_en", "description", "is_key_role", "key", "confidentiality")


class PersonForm(EntityForm):
    groups = (
        ("", ("title", "first_name", "last_name", "email", "phone")),
        (gettext_lazy("Where and as what"), ("unit", "manager", "role", "location")),
        (gettext_lazy("Employment"), ("employment_type", "fte", "weekly_hours", "entry_date", "exit_date")),
        (gettext_lazy("In Stellwerk"), ("key", "user", "confidentiality")),
    )

    class Meta:
        model = Person
        fields = (
            "title", "first_name", "last_name", "email", "phone", "unit", "manager", "role", "location", "employment_type", "fte",
            "weekly_hours", "entry_date", "exit_date", "key", "user", "confidentiality",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].help_text = _("The account with which this person signs in, if any.")


class AccountForm(EntityForm):
    """An account; ``person`` and ``invite`` only when it is new."""

    person = forms.ModelChoiceField(
        Person.objects.filter(user__isnull=True, archived_at__isnull=True),
        required=False,
        label=gettext_lazy("Person"),
        help_text=gettext_lazy("Who signs in with this account, if the person is known already."),
    )
    invite = forms.BooleanField(
        required=False,
        initial=True,
        label=gettext_lazy("Send an invitation by mail with a link that sets the password"),
    )

    class Meta:
        model = User
        fields = ("name", "email", "language")

    def __init__(self, *args: Any, new: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = settings.LANGUAGE_CODE
        if not new:
            del self.fields["person"], self.fields["invite"]
        elif not self.fields["person"].queryset.exists():  # type: ignore[attr-defined]
            del self.fields["person"]


class ProfileForm(EntityForm):
    class Meta:
        model = User
        fields = ("name", "language", "theme", "digest")


class GrantForm(forms.Form):
    """A role for somebody: which, for what, how long, in whose place."""

    role = forms.ChoiceField(label=gettext_lazy("Role"))
    where = forms.ChoiceField(
        label=gettext_lazy("For"),
        widget=forms.Select(attrs={"data-select": ""}),
        help_text=gettext_lazy("How far the role reaches."),
    )
    valid_from = DayField(label=gettext_lazy("Valid from"), required=False)
    valid_to = DayField(label=gettext_lazy("Valid to"), required=False)
    deputy_for = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Deputy for"),
        required=False,
        empty_label="",
        widget=forms.Select(attrs={"data-select": ""}),
        help_text=gettext_lazy("Only for a deputy: who has this role and is away. Then the end is required."),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=500)

    def __init__(self, *args: Any, by: User, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        administers = "administrator" in roles_of(by)
        roles = [(role.code, role.label) for role in ROLES.values() if administers or role.code != "administrator"]
        self.fields["role"].choices = roles  # type: ignore[attr-defined]
        self.fields["where"].choices = scope_choices(by)  # type: ignore[attr-defined]
        others = User.objects.filter(is_active=True, grants__isnull=False).exclude(pk=user.pk).distinct()
        self.fields["deputy_for"].queryset = others  # type: ignore[attr-defined]

    def clean_where(self) -> tuple[str, int | None]:
        scope, _sep, number = self.cleaned_data["where"].partition(":")
        if scope not in Scope.values:
            raise ValidationError(_("Please choose for what."))
        return scope, int(number) if number else None


class PeriodForm(forms.Form):
    """Another period of a role assignment."""

    valid_from = DayField(label=gettext_lazy("Valid from"), required=False)
    valid_to = DayField(label=gettext_lazy("Valid to"), required=False)
    reason = forms.CharField(label=gettext_lazy("Reason"), required=False, max_length=500)

    @classmethod
    def of(cls, grant: Grant) -> PeriodForm:
        return cls(initial={"valid_from": grant.valid_from, "valid_to": grant.valid_to})


class EraseForm(forms.Form):
    """Erasing asks for the key again: it cannot be taken back."""

    confirm = forms.CharField(label=gettext_lazy("Repeat the key"), max_length=60)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=500)

    def __init__(self, *args: Any, key: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.key = key
        self.fields["confirm"].help_text = _("Write %(key)s") % {"key": key}

    def clean_confirm(self) -> str:
        text: str = self.cleaned_data["confirm"].strip()
        if text != self.key:
            raise ValidationError(_("This is not the key of this entry."))
        return text
