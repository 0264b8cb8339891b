"""Routes of the controlling room; each subject has its own file. Keys may hold any character, so the key stands last or before a fixed word."""

from stellwerk.controlling import (
    routes_actuals,
    routes_budgets,
    routes_cases,
    routes_evm,
    routes_rounds,
    routes_simulation,
)

app_name = "controlling"
urlpatterns = [
    *routes_budgets.URLS,
    *routes_actuals.URLS,
    *routes_evm.URLS,
    *routes_cases.URLS,
    *routes_rounds.URLS,
    *routes_simulation.URLS,
]
