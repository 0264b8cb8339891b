"""Tables that are created together are those that would be created one after the other."""

from __future__ import annotations

import pytest
from django.db import connection, models
from django.db.migrations import AddField, CreateModel, Migration
from django.db.migrations.state import ProjectState

from stellwerk.core.migrating import together


def operations():
    key = ("id", models.BigAutoField(primary_key=True))
    once = models.UniqueConstraint(fields=["track", "number"], name="signal_once")
    return [
        CreateModel("Track", [key, ("name", models.CharField(max_length=9))], {"indexes": [models.Index("name", name="track_name")]}),
        CreateModel(
            "Signal",
            [key, ("number", models.IntegerField()), ("track", models.ForeignKey("core.Track", models.CASCADE))],
            {"constraints": [once]},
        ),
        AddField("Track", "entry", models.ForeignKey("core.Signal", models.SET_NULL, null=True)),
        CreateModel("Train", [key, ("tracks", models.ManyToManyField("core.Track"))]),
    ]  # fmt: skip


def applied(operations, *, backwards=False):
    """The statements of a migration and what Django knows after it; all models are rendered before, as in a first start."""
    migration = Migration("0001", "core")
    migration.operations = operations
    state = ProjectState()
    assert state.apps
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        if backwards:
            migration.unapply(state, editor, collect_sql=True)
        else:
            state = migration.apply(state, editor, collect_sql=True)
    return [line for line in editor.collected_sql if not line.startswith("--")], state


@pytest.mark.parametrize("backwards", [False, True])
def test_the_statements_and_the_outcome_are_the_same(db, backwards, monkeypatch):
    for name in ("disable_constraint_checking", "enable_constraint_checking"):  # statements are only collected
        monkeypatch.setattr(connection, name, lambda: True)
    alone, before = applied(operations(), backwards=backwards)
    grouped, after = applied(together(operations()), backwards=backwards)
    assert grouped == alone != []
    assert after == before
    assert {model.__name__ for model in after.apps.get_models()} == {
        model.__name__ for model in before.apps.get_models()
    }


def test_only_neighbours_are_joined():
    kinds = [type(operation).__name__ for operation in together(operations())]
    assert kinds == ["CreateModels", "AddField", "CreateModels"]
