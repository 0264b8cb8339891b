"""Routes of all rooms."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("stellwerk.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("stellwerk.core.auth_urls")),
    path("background/jobs/", include("stellwerk.core.jobs.urls")),
    path("notifications/", include("stellwerk.core.notification_urls")),
    path("profile/tokens/", include("stellwerk.api.token_urls")),
    path("lists/", include("stellwerk.core.lists.urls")),
    path("people/", include("stellwerk.people.urls")),
    path("portfolio/", include("stellwerk.portfolio.urls")),
    path("plans/", include("stellwerk.planning.urls")),
    path("resources/", include("stellwerk.resources.urls")),
    path("money/", include("stellwerk.controlling.urls")),
    path("staffing/", include("stellwerk.staffing.urls")),
    path("jobs/", include("stellwerk.staffing.board_urls")),
    path("robots.txt", include("stellwerk.staffing.robots_urls")),
    path("reports/", include("stellwerk.reporting.urls")),
    path("demo/", include("stellwerk.demo.urls")),
    path("", include("stellwerk.web.urls")),
    path("", include("stellwerk.core.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]

handler400 = "stellwerk.web.views.bad_request"
handler403 = "stellwerk.web.views.permission_denied"
handler404 = "stellwerk.web.views.page_not_found"
handler500 = "stellwerk.web.views.server_error"
