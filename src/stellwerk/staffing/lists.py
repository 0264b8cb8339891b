"""Lists of the staffing room: each subject has its own file, named here so that the registry loads it."""
