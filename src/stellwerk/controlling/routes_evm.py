"""Routes of earned value."""

from django.urls import URLPattern, path

from stellwerk.controlling.views import evm

URLS: list[URLPattern] = [
    path("earned-value/project/<path:key>", evm.project, name="ev-project"),
    path("earned-value/programme/<path:key>", evm.programme, name="ev-programme"),
    path("earned-value/portfolio/<path:key>", evm.portfolio, name="ev-portfolio"),
    path("earned-value/project-figure/<str:code>/<path:key>", evm.project_figure, name="ev-project-figure"),
    path("earned-value/programme-figure/<str:code>/<path:key>", evm.programme_figure, name="ev-programme-figure"),
    path("earned-value/portfolio-figure/<str:code>/<path:key>", evm.portfolio_figure, name="ev-portfolio-figure"),
    path("earned-value/package/<int:pk>/<path:key>", evm.package, name="ev-package"),
]
