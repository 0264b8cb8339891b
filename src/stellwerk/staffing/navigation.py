"""Pages of the staffing room in the side bar: each subject has its own file, named here so that the registry loads it."""
