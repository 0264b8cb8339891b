"""The status report of one project on one A4 landscape page."""

from stellwerk.reporting.onepager.build import write_status_report

__all__ = ["write_status_report"]
