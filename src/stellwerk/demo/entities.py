"""Offers the demo's cast on the sign-in page (in demo mode only)."""

from stellwerk.core.auth import DEMO_CAST, DemoPerson
from stellwerk.demo.cast import CAST

DEMO_CAST[:] = [DemoPerson(member.code, member.name, member.label, member.email) for member in CAST]
