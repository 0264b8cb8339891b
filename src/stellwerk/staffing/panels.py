"""Panels of the staffing room on pages of other rooms: each subject has its own file, named here so that the registry loads it."""
