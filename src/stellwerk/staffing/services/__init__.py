"""Every write of the staffing room."""
