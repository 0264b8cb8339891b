"""What the room shows on other rooms' pages, one module per subject."""

from stellwerk.resources import panels_agency, panels_demand, skill_needs  # noqa: F401
