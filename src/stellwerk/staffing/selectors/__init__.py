"""Every read of the staffing room that spans tables or depends on the user."""
