"""What search engines may read: at the root, where they look for it."""

from django.urls import path

from stellwerk.staffing.views import board_feeds

app_name = "robots"
urlpatterns = [path("", board_feeds.robots, name="robots")]
