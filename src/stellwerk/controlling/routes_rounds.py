"""Routes of investment rounds and their selections."""

from django.urls import URLPattern, path

from stellwerk.controlling.views import rounds, selections

URLS: list[URLPattern] = [
    path("rounds/", rounds.round_list, name="round-list"),
    path("rounds/new", rounds.round_create, name="round-create"),
    path("rounds/<path:key>/edit", rounds.round_edit, name="round-edit"),
    path("rounds/<path:key>/limits", rounds.round_limits, name="round-limits"),
    path("rounds/<path:key>/submit", rounds.round_submit, name="round-submit"),
    path("rounds/<path:key>/remove", rounds.round_remove, name="round-remove"),
    path("rounds/<path:key>/decide", rounds.round_decide, name="round-decide"),
    path("rounds/<path:key>/select", selections.round_select, name="round-select"),
    path("selections/<int:pk>/stop", selections.run_stop, name="selection-stop"),
    path("selections/<int:pk>/take", selections.run_take, name="selection-take"),
    path("selections/<int:pk>", selections.run_page, name="selection"),
    path("rounds/<path:key>", rounds.round_detail, name="round-detail"),
    path("round-proposal/<path:key>", rounds.proposal_submit, name="round-proposal"),
]
