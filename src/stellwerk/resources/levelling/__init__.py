"""Levelling of stored plans: from rows to the engine's problem, from its plan to moves with reasons in words."""
