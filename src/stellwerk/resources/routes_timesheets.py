"""Routes of time sheets."""

from django.urls import URLPattern, path

from stellwerk.resources.views import (
    timesheets,
    timesheets_correct,
    timesheets_hours,
    timesheets_import,
    timesheets_inbox,
)

URLS: list[URLPattern] = [
    path("time/", timesheets.timesheet_now, name="timesheet"),
    path("time/week/<str:week>/", timesheets.timesheet_week, name="timesheet-week"),
    path("time/sheets/<int:pk>/", timesheets.timesheet_detail, name="timesheet-detail"),
    path("time/sheets/<int:pk>/correct/", timesheets_correct.timesheet_correct, name="timesheet-correct"),
    path("time/approve/", timesheets_inbox.timesheet_inbox, name="timesheet-inbox"),
    path("time/close/", timesheets_inbox.timesheet_close, name="timesheet-close"),
    path("time/import/", timesheets_import.timesheet_import, name="timesheet-import"),
    path("time/hours/", timesheets_hours.hours, name="hours"),
    path("time/agreements/", timesheets_hours.agreements, name="agreements"),
    path("time/agreements/new/", timesheets_hours.agreement_create, name="agreement-create"),
    path("time/agreements/<int:pk>/", timesheets_hours.agreement, name="agreement"),
    path("time/agreements/<int:pk>/edit/", timesheets_hours.agreement_edit, name="agreement-edit"),
]
