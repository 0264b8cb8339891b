"""Routes of the resources room; each subject has its own file. Keys may hold any character, so the key stands last or before a fixed word."""

from stellwerk.resources import (
    routes_agency,
    routes_capacity,
    routes_demand,
    routes_levelling,
    routes_manpower,
    routes_timesheets,
    routes_utilisation,
)

app_name = "resources"
urlpatterns = [
    *routes_agency.URLS,
    *routes_capacity.URLS,
    *routes_demand.URLS,
    *routes_timesheets.URLS,
    *routes_levelling.URLS,
    *routes_manpower.URLS,
    *routes_utilisation.URLS,
]
