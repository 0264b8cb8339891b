"""Routes of capacity: heat map, skill matrix, manpower plan."""

from django.urls import URLPattern, path

from stellwerk.resources.views import capacity

URLS: list[URLPattern] = [
    path("capacity/", capacity.capacity, name="capacity"),
    path("capacity/data", capacity.capacity_data, name="capacity-data"),
    path("capacity/cell", capacity.capacity_cell, name="capacity-cell"),
    path("capacity/move", capacity.capacity_move, name="capacity-move"),
    path("capacity/vacancy/<path:key>", capacity.capacity_vacancy, name="capacity-vacancy"),
]
