"""Line items of an ERP: how a file is read, what each line means here, and where it is booked."""

from stellwerk.controlling.ledger.layout import Layout, Line, Refusal, layout_of, lines_of
from stellwerk.controlling.ledger.meaning import Meaning, Resolver

__all__ = ["Layout", "Line", "Meaning", "Refusal", "Resolver", "layout_of", "lines_of"]
