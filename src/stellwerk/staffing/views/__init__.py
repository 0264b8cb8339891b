"""Pages of the staffing room."""
