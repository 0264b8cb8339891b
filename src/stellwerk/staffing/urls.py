"""Routes of the staffing room; each subject has its own file. Keys may hold any character, so the key stands last or before a fixed word."""

from stellwerk.staffing import (
    routes_clients,
    routes_contracts,
    routes_fairness,
    routes_matching,
    routes_pay,
    routes_profiles,
    routes_vacancies,
)

app_name = "staffing"
urlpatterns = [
    *routes_vacancies.URLS,
    *routes_clients.URLS,
    *routes_profiles.URLS,
    *routes_matching.URLS,
    *routes_contracts.URLS,
    *routes_pay.URLS,
    *routes_fairness.URLS,
]
