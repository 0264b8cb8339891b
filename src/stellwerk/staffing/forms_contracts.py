"""Input of contracts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.core.history import register_child_table
from stellwerk.core.pages import DayField, EntityForm, Rows
from stellwerk.staffing.law_words import SIDES
from stellwerk.staffing.models import Contract, EarlierStay
from stellwerk.staffing.selectors.contracts import sides_of

EARLIER = Rows(
    "earlier", gettext_lazy("Earlier assignments to this client"), EarlierStay, ("agency", "first", "last"), "contract",
    note=gettext_lazy("As the person tells them, through any agency. They count unless more than three months lie between."), extra=1,
    editable=lambda contract, user: contract.state not in {"ended", "terminated"},
)  # fmt: skip
register_child_table("staffing.contract", EARLIER.code, EARLIER.title, EARLIER.model)


class ContractForm(EntityForm):
    """Terms of a draft. Made from a match, vacancy and person stand fast."""

    groups = (
        ("", ("form", "vacancy", "profile", "partner")),
        (gettext_lazy("When and how much"), ("first", "last", "weekly_hours", "fixed_term", "unit_of_person")),
        (gettext_lazy("Pay and rate"), ("pay", "rate", "unit", "currency")),
        (
            gettext_lazy("Temporary work"),
            ("licence", "licence_expires", "agreement", "supplement", "comparable", "left_client", "earlier_asked"),
        ),
        (gettext_lazy("Further"), ("terms",)),
    )

    class Meta:
        model = Contract
        fields = (
            "form", "vacancy", "profile", "partner", "first", "last", "weekly_hours", "fixed_term", "unit_of_person", "pay", "rate",
            "unit", "currency", "licence", "licence_expires", "agreement", "supplement", "comparable", "left_client", "earlier_asked",
            "terms",
        )  # fmt: skip

    def __init__(self, *args: Any, matched: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fixed = matched or self.instance.pk is not None
        for name in ("vacancy", "profile"):
            self.fields[name].disabled = fixed
            self.fields[name].required = True
        self.fields["pay"].help_text = _("What the person gets; through a partner: what the partner gets.")
        self.fields["rate"].help_text = _("What the client pays. Permanent at the client: the fee.")
        self.fields["unit_of_person"].help_text = _("Where the person works in our plan.")
        self.fields["last"].help_text = _("Empty: unlimited. Temporary work needs a last day.")


class SignatureForm(forms.Form):
    side = forms.ChoiceField(label=gettext_lazy("side"))
    name = forms.CharField(label=gettext_lazy("name"), max_length=160)
    way = forms.ChoiceField(
        label=gettext_lazy("form"),
        choices=[
            ("text", gettext_lazy("text form")), ("qualified", gettext_lazy("qualified electronic signature")),
            ("written", gettext_lazy("by hand")),
        ],
    )  # fmt: skip
    signed_on = DayField(label=gettext_lazy("signed on"))

    def __init__(self, contract: Contract, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        side = self.fields["side"]
        assert isinstance(side, forms.ChoiceField)
        side.choices = [(code, str(SIDES[code])) for code in sides_of(contract)]


class ExtensionForm(forms.Form):
    last = DayField(label=gettext_lazy("new last day"))
    way = forms.ChoiceField(
        label=gettext_lazy("form"),
        choices=[
            ("text", gettext_lazy("text form")), ("qualified", gettext_lazy("qualified electronic signature")),
            ("written", gettext_lazy("by hand")),
        ],
    )  # fmt: skip
