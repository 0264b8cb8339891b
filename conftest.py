"""The known cast is at hand in every test."""

pytest_plugins = ["stellwerk.testing"]
