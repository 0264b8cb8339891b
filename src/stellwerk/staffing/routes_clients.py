"""Routes of clients, partners and the entrance of companies."""

from django.urls import URLPattern, path

from stellwerk.staffing.views import clients

URLS: list[URLPattern] = [
    path("join/company", clients.company_join, name="company-join"),
    path("join/company/<str:token>", clients.company_confirm, name="company-confirm"),
    path("clients/", clients.client_list, name="client-list"),
    path("clients/new", clients.client_create, name="client-create"),
    path("clients/<path:key>/edit", clients.client_edit, name="client-edit"),
    path("clients/<path:key>/accept", clients.client_accept, name="client-accept"),
    path("clients/<path:key>", clients.client_detail, name="client-detail"),
    path("partners/", clients.partner_list, name="partner-list"),
    path("partners/new", clients.partner_create, name="partner-create"),
    path("partners/<path:key>/edit", clients.partner_edit, name="partner-edit"),
    path("partners/<path:key>", clients.partner_detail, name="partner-detail"),
]
