"""Input of the portfolio room: parsed and validated here, written by services."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from stellwerk.core.history import register_child_table
from stellwerk.core.models import Confidentiality
from stellwerk.core.pages import EntityForm, Rows
from stellwerk.core.pages.fields import LocalDecimalField, LocalIntegerField, MoneyField
from stellwerk.core.permissions import visible
from stellwerk.engine.scoring import weights_complete
from stellwerk.portfolio.models import (
    Criterion,
    Gate,
    Portfolio,
    PortfolioBudget,
    Programme,
    Project,
    ProjectMember,
    Proposal,
    ProposalCapacity,
    ProposalOption,
    ProposalYear,
    ScoringModel,
    Tranche,
)

OPEN = (Confidentiality.PUBLIC, Confidentiality.INTERNAL)


class PortfolioForm(EntityForm):
    groups = (
        ("", ("name", "key", "objectives")),
        (gettext_lazy("Responsible"), ("unit", "manager", "owner", "confidentiality")),
        (gettext_lazy("Method"), ("scoring_model", "currency", "cycle_days", "cycle_anchor")),
    )

    class Meta:
        model = Portfolio
        fields = (
            "name",
            "key",
            "objectives",
            "unit",
            "manager",
            "owner",
            "confidentiality",
            "scoring_model",
            "currency",
            "cycle_days",
            "cycle_anchor",
        )

    def clean_cycle_days(self) -> int:
        days: int = self.cleaned_data["cycle_days"]
        if not 1 <= days <= 400:
            raise forms.ValidationError(_("Between 1 and 400 days, please."))
        return days


BUDGET_ROWS = Rows("budgets", gettext_lazy("Yearly budgets"), PortfolioBudget, ("year", "amount"), "portfolio")


class ProgrammeForm(EntityForm):
    groups = (
        ("", ("name", "key", "portfolio", "unit", "vision")),
        (gettext_lazy("Responsible"), ("sponsor", "manager", "owner", "confidentiality")),
        (gettext_lazy("Dates"), ("start", "finish")),
    )

    class Meta:
        model = Programme
        fields = (
            "name",
            "key",
            "portfolio",
            "unit",
            "vision",
            "sponsor",
            "manager",
            "owner",
            "confidentiality",
            "start",
            "finish",
        )


TRANCHE_ROWS = Rows("tranches", gettext_lazy("Tranches"), Tranche, ("order", "name", "start", "finish"), "programme")


class ProjectForm(EntityForm):
    aliases = forms.CharField(
        label=gettext_lazy("Also known as"), required=False, max_length=4000,
        help_text=gettext_lazy("One name a line: imports recognise the project by it."),
        widget=forms.Textarea({"rows": 2, "data-autosize": ""}),
    )  # fmt: skip
    groups = (
        ("", ("name", "key", "external_key", "portfolio", "programme", "description")),
        (gettext_lazy("Responsible"), ("sponsor", "manager", "unit", "owner", "confidentiality")),
        (gettext_lazy("Classification"), ("kind", "category", "size", "priority")),
        (
            gettext_lazy("Dates"),
            ("start_baseline", "finish_baseline", "start_forecast", "finish_forecast", "start_actual", "finish_actual"),
        ),
        (gettext_lazy("Money"), ("budget", "currency")),
        (gettext_lazy("As reported"), ("sponsor_name", "manager_name", "department", "aliases")),
    )

    class Meta:
        model = Project
        fields = (
            "name", "key", "external_key", "portfolio", "programme", "description", "sponsor", "manager", "unit", "owner", "confidentiality",
            "kind", "category", "size", "priority", "start_baseline", "finish_baseline", "start_forecast", "finish_forecast",
            "start_actual", "finish_actual", "budget", "currency", "sponsor_name", "manager_name", "department",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        budget = self.fields["budget"]
        assert isinstance(budget, MoneyField)
        budget.minimum = 0
        if self.instance.pk is not None:
            names = self.instance.aliases.order_by("pk").values_list("normalised", flat=True)
            self.initial.setdefault("aliases", "\n".join(names))

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values().items() if name != "aliases"}

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()


GATE_ROWS = Rows(
    "gates", gettext_lazy("Gates"), Gate, ("order", "code", "name", "baseline", "forecast", "actual"), "project"
)
MEMBER_ROWS = Rows("members", gettext_lazy("Team"), ProjectMember, ("person", "role"), "project")


class ProposalForm(EntityForm):
    groups = (
        ("", ("name", "key", "portfolio", "programme", "problem", "benefit")),
        (gettext_lazy("Responsible"), ("requester", "sponsor", "unit", "owner", "confidentiality")),
        (
            gettext_lazy("Frame"),
            (
                "category",
                "scoring_model",
                "wanted_start",
                "duration_months",
                "currency",
                "mandatory",
                "mandatory_reason",
            ),
        ),
        (gettext_lazy("Dependencies"), ("prerequisites", "exclusions")),
    )

    class Meta:
        model = Proposal
        fields = (
            "name", "key", "portfolio", "programme", "problem", "benefit", "requester", "sponsor", "unit", "owner", "confidentiality",
            "category", "scoring_model", "wanted_start", "duration_months", "currency", "mandatory", "mandatory_reason",
            "prerequisites", "exclusions",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._drop_choiceless()
        self._open_portfolios()
        model = self.fields.get("scoring_model")
        if isinstance(model, forms.ModelChoiceField):
            model.queryset = model.queryset.filter(state="active")  # type: ignore[union-attr]
        for name in ("prerequisites", "exclusions"):
            field = self.fields.get(name)
            if isinstance(field, forms.ModelMultipleChoiceField) and self.instance.pk is not None:
                field.queryset = field.queryset.exclude(pk=self.instance.pk)  # type: ignore[union-attr]

    def _drop_choiceless(self) -> None:
        """Whoever sees no programme or scoring model is not asked for one."""
        for name, field in list(self.fields.items()):
            offered = field.widget.choices if isinstance(field, forms.ModelChoiceField) else None
            if isinstance(offered, list) and not field.required and not any(value for value, _text in offered):
                del self.fields[name]

    def _open_portfolios(self) -> None:
        """Whoever may propose needs a portfolio to propose to: the names of the open ones, also where one sees no more."""
        field = self.fields["portfolio"]
        assert isinstance(field, forms.ModelChoiceField)
        offered = Q(state="active", archived_at__isnull=True, confidentiality__in=OPEN)
        if self.user is not None:
            offered |= visible(self.user, Portfolio) & Q(archived_at__isnull=True)
        field.queryset = Portfolio.objects.filter(offered | Q(pk=self.instance.portfolio_id))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        both = set(data.get("prerequisites") or []) & set(data.get("exclusions") or [])
        if both:
            self.add_error(
                "exclusions",
                _("A proposal cannot need and exclude the same one: %(names)s.") % {"names": ", ".join(map(str, both))},
            )
        return data


def _check_options(parent: Any, rows: list[dict[str, Any]]) -> list[str]:
    if sum(1 for row in rows if row.get("recommended")) > 1:
        return [_("Only one option can be the recommended one.")]
    return []


def _count_on(parent: Any, form: EntityForm) -> None:
    """An empty line proposes its own place in the order."""
    if form.instance.pk is None:
        form.initial["order"] = int(str(form.prefix).rpartition("-")[2]) + 1


def _limit_option(parent: Any, form: EntityForm) -> None:
    field = form.fields["option"]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = ProposalOption.objects.filter(proposal=parent.pk) if parent.pk else ProposalOption.objects.none()
    form.share_choices("option")


OPTION_ROWS = Rows(
    "options", pgettext_lazy("business case", "Options"), ProposalOption, ("order", "name", "description", "do_nothing", "recommended"), "proposal",
    note=gettext_lazy("“Do nothing” is always one of them; one is recommended."), extra=2, check=_check_options, limit=_count_on,
)  # fmt: skip
YEAR_ROWS = Rows(
    "years", gettext_lazy("Cost and benefit by year"), ProposalYear, ("option", "year", "cost", "benefit"), "option__proposal",
    note=gettext_lazy("In units of the proposal's currency."), limit=_limit_option,
)  # fmt: skip
CAPACITY_ROWS = Rows(
    "capacities", gettext_lazy("Capacity needed"), ProposalCapacity, ("role", "year", "hours"), "proposal"
)


class ScoringModelForm(EntityForm):
    class Meta:
        model = ScoringModel
        fields = ("name", "key", "description", "owner", "confidentiality")


def _check_weights(parent: Any, rows: list[dict[str, Any]]) -> list[str]:
    """Only a hint here: activation demands exactly 100."""
    total = sum((row.get("weight") or Decimal(0) for row in rows), Decimal(0))
    return [_("The weights sum to more than 100.")] if total > 100 and not weights_complete([total]) else []


CRITERION_ROWS = Rows(
    "criteria", gettext_lazy("Criteria"), Criterion,
    ("order", "name", "weight", "scale_min", "scale_max", "higher_is_better", "hurdle", "anchors"), "model",
    note=gettext_lazy("The weights of all criteria sum to 100."), extra=3, check=_check_weights, limit=_count_on,
)  # fmt: skip


class ScoresForm(forms.Form):
    """One score and one reason for each criterion of a proposal's scoring model."""

    def __init__(
        self, *args: Any, criteria: list[Criterion], scores: dict[int, tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        for criterion in criteria:
            steps = [(str(n), str(n)) for n in range(criterion.scale_min, criterion.scale_max + 1)]
            value, reason = scores.get(criterion.pk, (None, ""))
            self.fields[f"score-{criterion.pk}"] = forms.ChoiceField(
                label=criterion.name,
                choices=[("", "–"), *steps],
                required=False,
                initial="" if value is None else str(value),
            )
            self.fields[f"reason-{criterion.pk}"] = forms.CharField(
                label=_("Reason"), required=False, max_length=300, initial=reason
            )

    def rows(self) -> list[dict[str, Any]]:
        return [
            {"criterion": c, "score": self[f"score-{c.pk}"], "reason": self[f"reason-{c.pk}"]} for c in self.criteria
        ]

    def scores(self) -> dict[int, tuple[int | None, str]]:
        data = self.cleaned_data
        return {
            c.pk: (int(data[f"score-{c.pk}"]) if data[f"score-{c.pk}"] else None, data[f"reason-{c.pk}"])
            for c in self.criteria
        }


CRITICALITY = ((1, gettext_lazy("low")), (2, gettext_lazy("medium")), (3, gettext_lazy("high")))


class SizeForm(forms.Form):
    """The five ratings of domain.md section 7."""

    budget = MoneyField(label=gettext_lazy("Budget"), minimum=0)
    months = LocalIntegerField(label=gettext_lazy("Duration in months"), min_value=0, max_value=600)
    fte = LocalDecimalField(label=gettext_lazy("Largest team (FTE)"), min_value=Decimal(0), max_value=Decimal(100000))
    units = LocalIntegerField(label=gettext_lazy("Units involved"), min_value=1, max_value=10000)
    criticality = forms.TypedChoiceField(label=gettext_lazy("Criticality"), choices=CRITICALITY, coerce=int)


class ThresholdsForm(forms.Form):
    """Limits of green and amber per rule; empty: the default of the method."""

    def __init__(self, *args: Any, rules: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules = rules
        for rule in rules:
            for limit in ("green", "amber"):
                if rule[limit] is not None:
                    self.fields[f"{rule['code']}-{limit}"] = LocalDecimalField(
                        label=f"{rule['label']}: {rule['words'][limit]}", required=False, max_digits=9, decimal_places=4,
                        initial=rule["set"].get(limit),
                    )  # fmt: skip

    def rows(self) -> list[dict[str, Any]]:
        return [
            rule
            | {
                "fields": [
                    self[f"{rule['code']}-{limit}"] if rule[limit] is not None else None for limit in ("green", "amber")
                ]
            }
            for rule in self.rules
        ]

    def thresholds(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for rule in self.rules:
            for limit in ("green", "amber"):
                value = self.cleaned_data.get(f"{rule['code']}-{limit}")
                if value is not None:
                    found.setdefault(rule["code"], {})[limit] = format(value.normalize(), "f")
        return found


# How the history of their parents tells of these lines.
for _entity, _rows in (
    ("portfolio.portfolio", BUDGET_ROWS), ("portfolio.programme", TRANCHE_ROWS), ("portfolio.project", GATE_ROWS),
    ("portfolio.project", MEMBER_ROWS), ("portfolio.proposal", OPTION_ROWS), ("portfolio.proposal", YEAR_ROWS),
    ("portfolio.proposal", CAPACITY_ROWS), ("portfolio.scoringmodel", CRITERION_ROWS),
):  # fmt: skip
    register_child_table(_entity, _rows.code, _rows.title, _rows.model)
