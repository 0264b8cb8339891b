"""Selectors of the resources room, one module per subject."""
