"""What the money room shows on other pages and on My day."""

from stellwerk.controlling import panels_cases  # noqa: F401 - registers
