"""What this room blanks of an erased account, registered when Stellwerk starts (also for the command ``restore``)."""

from stellwerk.people.services import erasing

__all__ = ["erasing"]
