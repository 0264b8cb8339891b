"""What the money room shows on other pages and on My day."""

from stellwerk.controlling import panels_budgets, panels_cases, panels_evm, panels_periods, panels_simulation  # noqa: F401 - they register
