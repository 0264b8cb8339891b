"""Test set-up: a data folder of its own, before Django reads its settings."""

import os
import tempfile

os.environ.setdefault("STELLWERK_HOME", tempfile.mkdtemp(prefix="stellwerk-test-"))
os.environ.setdefault("STELLWERK_SECRET_KEY", "only-for-tests")

pytest_plugins = ["stellwerk.testing"]
