"""Routes of reporting."""

from django.urls import path

from stellwerk.reporting.views import cycles, decks, reports

app_name = "reporting"
urlpatterns = [
    path("", reports.report_list, name="report-list"),
    path("start/<str:key>", reports.report_start, name="report-start"),
    path("cycles/", cycles.cycle_list, name="cycle-list"),
    path("cycles/plan", cycles.cycle_plan, name="cycle-plan"),
    path("cycles/<str:key>", cycles.cycle_detail, name="cycle-detail"),
    path("cycles/<str:key>/edit", cycles.cycle_edit, name="cycle-edit"),
    path("cycles/<str:key>/remind", cycles.cycle_remind, name="cycle-remind"),
    path("decks/", decks.deck_page, name="deck"),
    path("decks/<str:key>", decks.deck_page, name="deck-portfolio"),
    path("decks/files/<uuid:uid>", decks.deck_file, name="deck-file"),
    path("templates/", decks.template_list, name="template-list"),
    path("templates/<int:pk>", decks.template_switch, name="template-switch"),
    path("<str:key>", reports.report_detail, name="report-detail"),
    path("<str:key>/edit", reports.report_edit, name="report-edit"),
    path("<str:key>/light", reports.report_light, name="report-light"),
    path("<str:key>/correct", reports.report_correct, name="report-correct"),
    path("<str:key>/document", reports.report_document, name="report-document"),
    path("<str:key>/figures/<str:code>", reports.report_figure, name="report-figure"),
]
