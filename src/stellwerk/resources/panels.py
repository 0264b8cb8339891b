"""What the room shows on other rooms' pages, one module per subject."""

from stellwerk.resources import panels_demand, skill_needs  # noqa: F401
