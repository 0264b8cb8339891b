"""The lists of the room, one module per subject."""

from stellwerk.resources import lists_demand  # noqa: F401
