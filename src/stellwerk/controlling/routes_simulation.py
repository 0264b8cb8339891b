"""Routes of schedule and cost risk."""

from django.urls import URLPattern, path

from stellwerk.controlling.views import estimates, simulation

URLS: list[URLPattern] = [
    path("simulation/", simulation.simulation, name="simulation"),
    path("simulation/<int:pk>/", simulation.run_page, name="simulation-run"),
    path("simulation/<int:pk>/stop/", simulation.run_stop, name="simulation-stop"),
    path("simulation/<int:pk>/compare/", simulation.run_compare, name="simulation-compare"),
    path("simulation/<int:pk>/export/", simulation.run_export, name="simulation-export"),
    path("estimates/<path:key>", estimates.estimates, name="estimates"),
]
