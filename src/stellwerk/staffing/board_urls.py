"""The public job board lies under an address of its own."""

from stellwerk.staffing import routes_board

app_name = "board"
urlpatterns = [*routes_board.URLS]
