"""Input of budgets, forecasts, exceptions, benefits and of what money is counted by."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stellwerk.controlling import models
from stellwerk.controlling.choices import BudgetKind
from stellwerk.controlling.months import month_of
from stellwerk.core.pages import DayField, EntityForm
from stellwerk.core.permissions import ROLES
from stellwerk.planning.models import Baseline
from stellwerk.portfolio.models import Project

SOURCE_CHOICES = (
    ("previous", gettext_lazy("Copy of the version before")),
    ("budget", gettext_lazy("The open months of the approved budget")),
    ("baseline", gettext_lazy("Costs of the plan's approved baseline; effort × rates of the roles")),
    ("proposal", gettext_lazy("Costs of the proposal")),
    ("empty", gettext_lazy("Nothing: an empty sheet")),
)


def currency_code(text: str) -> str:
    """``eur `` to ``EUR``. Raises ``ValidationError`` for what is no code of three letters."""
    code = text.strip().upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise ValidationError(_("A currency has three letters, such as EUR."))
    return code


class _WithCurrency(EntityForm):
    def clean_currency(self) -> str:
        return currency_code(self.cleaned_data["currency"])


# ── budgets and forecasts ────────────────────────────────────────────────────────────────────────


class NewBudgetForm(EntityForm):
    """The next version of a project: what it is, and where its lines come from."""

    source = forms.ChoiceField(
        label=gettext_lazy("Where the lines come from"), choices=SOURCE_CHOICES, widget=forms.RadioSelect
    )
    first_open = DayField(
        label=gettext_lazy("First forecast month"), required=False,
        help_text=gettext_lazy("Months before it are actuals. Empty: the month after the last closed one."),
    )  # fmt: skip

    class Meta:
        model = models.Budget
        fields = ("name", "reason")

    groups = (("", ("source", "first_open", "name", "reason")),)

    def __init__(self, *args: Any, project: Project, kind: str, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {})
        super().__init__(*args, **kwargs)
        self.kind = kind
        field = self.fields["source"]
        assert isinstance(field, forms.ChoiceField)
        left_out = set()
        if kind == BudgetKind.PLAN:
            del self.fields["first_open"]
            left_out.add("budget")
        if project.proposal_id is None:
            left_out.add("proposal")
        versions = set(models.Budget.objects.filter(project=project, archived_at=None).values_list("kind", "state"))
        if not any(kind == one for one, _state in versions):
            left_out.add("previous")
        if (BudgetKind.PLAN, "approved") not in versions:
            left_out.add("budget")
        if not Baseline.objects.filter(plan__project=project, state="approved").exists():
            left_out.add("baseline")
        field.choices = [row for row in SOURCE_CHOICES if row[0] not in left_out]
        best = ("budget", "previous", "baseline", "proposal", "empty")
        self.initial.setdefault("source", next(one for one in best if one not in left_out))
        self.fields["name"].help_text = _("Empty: type and version.")

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {name: self.cleaned_data.get(name) for name in ("source", "name", "reason", "first_open")}


class BudgetForm(EntityForm):
    """Name, reason and what a draft stands on; its lines stand in the grid."""

    groups = (("", ("name", "reason")), (gettext_lazy("Stands on"), ("baseline", "rate_date", "first_open")))

    class Meta:
        model = models.Budget
        fields = ("name", "reason", "baseline", "rate_date", "first_open")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        budget = self.instance
        if budget.kind == BudgetKind.PLAN:
            del self.fields["first_open"]
        else:
            del self.fields["baseline"]
        self.fields["name"].help_text = _("Empty: type and version.")

    def _limit(self) -> None:
        field = self.fields.get("baseline")
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Baseline.objects.filter(plan__project=self.instance.project_id, state="approved")
        super()._limit()
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Baseline.objects.filter(plan__project=self.instance.project_id, state="approved")
            field.widget = forms.Select({"data-select": ""})
            field.widget.choices = [("", "–"), *((row.pk, f"{row} {row.name}".strip()) for row in field.queryset)]

    def clean_first_open(self) -> dt.date | None:
        day = self.cleaned_data.get("first_open")
        if day is None:
            raise ValidationError(_("A forecast needs its first month."))
        return month_of(day)


class ExceptionForm(EntityForm):
    class Meta:
        model = models.ForecastException
        fields = ("cause", "options", "decision", "due")


# ── benefits ─────────────────────────────────────────────────────────────────────────────────────


class BenefitForm(_WithCurrency):
    groups = (
        ("", ("project", "name", "holder")),
        (gettext_lazy("How it is measured"), ("measure", "unit", "cash", "disbenefit", "currency", "baseline", "target")),
        (gettext_lazy("When"), ("starts", "ends", "note")),
    )  # fmt: skip

    class Meta:
        model = models.Benefit
        fields = (
            "project", "name", "holder", "measure", "unit", "cash", "disbenefit", "currency", "baseline", "target",
            "starts", "ends", "note",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["holder"].help_text = _("Answers for the benefit, also after the project is closed.")
        self.fields["target"].help_text = _("Money: units of the currency in a year.")
        if self.instance.pk is not None:
            self.fields["project"].disabled = True


# ── what money is counted by ─────────────────────────────────────────────────────────────────────


class CostTypeForm(EntityForm):
    groups = (
        ("", ("key", "name", "name_en", "spending", "order")),
        (gettext_lazy("Actuals"), ("accounts", "labour", "labour_source")),
    )

    class Meta:
        model = models.CostType
        fields = ("key", "name", "name_en", "spending", "order", "accounts", "labour", "labour_source")


class CostCentreForm(EntityForm):
    class Meta:
        model = models.CostCentre
        fields = ("organisation", "number", "name", "unit")

    def clean_number(self) -> str:
        return str(self.cleaned_data["number"]).strip()


class RateForm(_WithCurrency):
    class Meta:
        model = models.ExchangeRate
        fields = ("currency", "into", "valid_from", "rate", "source")
        error_messages: ClassVar = {"rate": {"min_value": gettext_lazy("An exchange rate is greater than 0.")}}

    def clean_into(self) -> str:
        return currency_code(self.cleaned_data["into"])


class LimitForm(_WithCurrency):
    role = forms.ChoiceField(label=gettext_lazy("Role"))

    class Meta:
        model = models.AuthorityLimit
        fields = ("organisation", "role", "amount", "currency")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, str(ROLES[code].label)) for code in APPROVERS]
        self.fields["amount"].required = False
        self.fields["amount"].help_text = _("Empty: without a limit.")


APPROVERS = ("sponsor", "executive")
"""The roles that approve budgets (``permissions.py``)."""


class MoneyRulesForm(EntityForm):
    class Meta:
        model = models.MoneyRules
        fields = ("eac_variant", "percent_cap", "cost_tolerance", "time_tolerance")
