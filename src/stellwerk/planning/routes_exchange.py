"""Routes of import and export of schedules; ``urls.py`` puts them before the key of a project."""

from django.urls import URLPattern, path

from stellwerk.planning.views import exchange

URLS: list[URLPattern] = [
    path("import/<uuid:uid>/", exchange.import_preview, name="import-preview"),
    path("import/<uuid:uid>/apply/", exchange.import_apply, name="import-apply"),
    path("<path:key>/import/", exchange.import_start, name="import"),
    path("<path:key>/exchange/", exchange.exchange, name="plan-exchange"),
    path("<path:key>/exchange/file/", exchange.plan_file, name="plan-file"),
]
