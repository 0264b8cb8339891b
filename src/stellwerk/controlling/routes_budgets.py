"""Routes of budgets, forecasts, exceptions and benefits."""

from django.urls import URLPattern, path

from stellwerk.controlling.choices import BudgetKind
from stellwerk.controlling.views import benefits, budgets, catalogues, exceptions, forecasts, rates

URLS: list[URLPattern] = [
    path("budgets/", budgets.budget_list, name="budget-list"),
    path("budgets/<path:key>/edit", budgets.budget_edit, name="budget-edit"),
    path("budgets/<path:key>/lines", budgets.budget_lines, name="budget-lines"),
    path("budgets/<path:key>", budgets.budget_detail, name="budget-detail"),
    path("project-budgets/<path:key>", budgets.project_budgets, name="project-budgets"),
    path("new-budget/<path:key>", budgets.budget_create, {"kind": BudgetKind.PLAN.value}, name="budget-create"),
    path("new-forecast/<path:key>", budgets.budget_create, {"kind": BudgetKind.FORECAST.value}, name="forecast-create"),
    path("forecasts", forecasts.forecasts, name="forecasts"),
    path("exceptions/", exceptions.exception_list, name="exception-list"),
    path("exceptions/<path:key>/edit", exceptions.exception_edit, name="exception-edit"),
    path("exceptions/<path:key>", exceptions.exception_detail, name="exception-detail"),
    path("benefits/", benefits.benefit_list, name="benefit-list"),
    path("benefits/new", benefits.benefit_create, name="benefit-create"),
    path("benefits/<path:key>/edit", benefits.benefit_edit, name="benefit-edit"),
    path("benefits/<path:key>/values", benefits.benefit_values, name="benefit-values"),
    path("benefits/<path:key>", benefits.benefit_detail, name="benefit-detail"),
    path("cost-types/", catalogues.cost_type_list, name="cost-type-list"),
    path("cost-types/new", catalogues.cost_type_create, name="cost-type-create"),
    path("cost-types/<path:key>/edit", catalogues.cost_type_edit, name="cost-type-edit"),
    path("cost-types/<path:key>", catalogues.cost_type_detail, name="cost-type-detail"),
    path("cost-centres/", catalogues.cost_centre_list, name="cost-centre-list"),
    path("cost-centres/new", catalogues.cost_centre_create, name="cost-centre-create"),
    path("cost-centres/<path:key>/edit", catalogues.cost_centre_edit, name="cost-centre-edit"),
    path("cost-centres/<path:key>", catalogues.cost_centre_detail, name="cost-centre-detail"),
    path("rates/", rates.rate_list, name="rate-list"),
    path("rates/new", rates.rate_create, name="rate-create"),
    path("rates/<int:pk>", rates.rate_edit, name="rate-detail"),
    path("authority-limits/", catalogues.limit_list, name="limit-list"),
    path("authority-limits/new", catalogues.limit_create, name="limit-create"),
    path("authority-limits/<int:pk>", catalogues.limit_edit, name="limit-detail"),
    path("money-rules/<path:key>", catalogues.money_rules, name="money-rules"),
]
