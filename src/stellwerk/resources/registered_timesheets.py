"""What time sheets register with the core: loaded when Django starts."""

from importlib import import_module

MODULES = ("guards_timesheets", "jobs_timesheets", "panels_timesheets", "navigation_timesheets")


def load_timesheets() -> None:
    for module in MODULES:
        import_module(f"stellwerk.resources.{module}")
