"""Routes of contracts."""

from django.urls import URLPattern, path

from stellwerk.staffing.views import contracts

URLS: list[URLPattern] = [
    path("contracts/", contracts.contract_list, name="contract-list"),
    path("contracts/new", contracts.contract_create, name="contract-create"),
    path(
        "contracts/paper/<str:reader>/<str:language>/<str:kind>/<path:key>",
        contracts.contract_paper,
        name="contract-paper",
    ),
    path("contracts/<path:key>/edit", contracts.contract_edit, name="contract-edit"),
    path("contracts/<path:key>/act", contracts.contract_act, name="contract-act"),
    path("contracts/<path:key>", contracts.contract_detail, name="contract-detail"),
]
