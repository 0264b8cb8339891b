"""Documents of the staffing room."""
