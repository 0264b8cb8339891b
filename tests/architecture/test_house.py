"""The plan of the house, held against the code."""

from __future__ import annotations

import ast
import io
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

import stellwerk
from stellwerk.core.access import Access
from stellwerk.core.models import Entity
from stellwerk.core.permissions import ROLES, TABLE
from stellwerk.core.registry import ACTS, EFFECTS, ENTITIES, GUARDS, MACHINES

SOURCE = Path(stellwerk.__file__).parent
ROOMS = ("core", "people", "portfolio", "reporting")
FOREIGN = ("allauth.", "django.")


# Names and terms that read the same in German and English.
SAME_IN_BOTH = {
    *("Stellwerk", "Markdown", "XLSX", "CSV", "PDF", "PPTX", "Strg", "Ctrl", "OpenAPI 3.1", "Deutsch", "English"),
    *("EAC", "EAC Δ&nbsp;%", "Δ&nbsp;%"),
}


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("stellwerk.")]


def routes(resolver: URLResolver | None = None, prefix: str = "") -> list[tuple[str, URLPattern]]:
    found = []
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            found += routes(entry, path)
        else:
            found.append((path, entry))
    return found


def our_routes() -> list[tuple[str, URLPattern]]:
    return [
        (path, entry)
        for path, entry in routes()
        if getattr(entry.callback, "__module__", "").startswith("stellwerk.") and "/api/" not in f"/{path}"
    ]


def test_no_foreign_key_hides_an_import_in_a_string():
    allowed = {
        "self",
        "people.Person",
        "planning.Plan",
        "portfolio.ScoringModel",
    }  # within the same room, defined further down
    for path in SOURCE.rglob("models*/**/*.py"):
        room = path.relative_to(SOURCE).parts[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {
                "ForeignKey",
                "OneToOneField",
                "ManyToManyField",
            }:
                target = node.args[0] if node.args else None
                if isinstance(target, ast.Constant) and isinstance(target.value, str):
                    assert target.value in allowed and target.value.split(".")[0].lower() in {"self", room}, (
                        path.name,
                        target.value,
                    )


@pytest.mark.parametrize("model", [model for model in our_models() if issubclass(model, Entity)], ids=str)
def test_every_entity_is_registered_and_has_a_page(model):
    assert model._meta.label_lower in ENTITIES
    assert ENTITIES[model._meta.label_lower].url_name


@pytest.mark.parametrize("label", sorted(ENTITIES))
def test_every_registered_entity_is_in_the_permission_table(label):
    asked = label
    while (whole := ENTITIES[asked].whole) is not None:  # the rows of a project count for its gates, and their parts
        asked = str(whole._meta.label_lower)
    assert any(row.entity == asked and "view" in row.verbs for row in TABLE)


def test_the_permission_table_names_only_known_roles_and_entities():
    assert {row.role for row in TABLE} <= set(ROLES)
    without_page = {"staffing.scorelog", "staffing.disclosure"}  # read as a log and as a report, never row by row
    assert {row.entity for row in TABLE} <= set(ENTITIES) | without_page


@pytest.mark.parametrize("label", sorted(MACHINES))
def test_the_states_of_a_machine_are_the_choices_of_its_field(label):
    machine = MACHINES[label]
    field = apps.get_model(label)._meta.get_field(machine.field)
    assert [code for code, _ in field.choices] == [state.code for state in machine.states]
    assert field.default == machine.initial


@pytest.mark.parametrize("label", sorted(MACHINES))
def test_every_state_can_be_reached_and_every_open_state_left(label):
    machine = MACHINES[label]
    reached, front = {machine.initial}, [machine.initial]
    while front:
        for transition in machine.from_state(front.pop()):
            if transition.target not in reached:
                reached.add(transition.target)
                front.append(transition.target)
    assert reached == {state.code for state in machine.states}
    for state in machine.states:
        assert state.final or machine.from_state(state.code), f"{state.code} is a dead end"


def test_guards_and_effects_name_existing_transitions():
    for label, step in {*GUARDS, *EFFECTS} - ACTS:
        assert label in MACHINES
        assert step == "*" or MACHINES[label].transition(step)


@pytest.mark.parametrize(("path", "route"), our_routes(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_page_says_who_may_call_it(path, route):
    needed = getattr(route.callback, "access", None)
    assert isinstance(needed, Access), f"{path}: decorate the view with @public, @signed_in or @access"
    if needed.kind == "table":
        assert any(row.entity == needed.entity and needed.verb in row.verbs for row in TABLE), f"{path}: nobody may"


@pytest.mark.parametrize("room", [path.name for path in SOURCE.iterdir() if (path / "apps.py").exists()])
def test_every_room_introduces_itself(room):
    readme = SOURCE / room / "README.md"
    assert readme.exists(), f"{room} has no README.md"
    assert len(readme.read_text(encoding="utf-8").splitlines()) >= 5


def test_every_text_has_its_german():
    call_command("messages", "--check", stdout=io.StringIO())


def test_no_text_in_a_template_escapes_translation():
    """Words between tags must come from a translate tag, a variable or a component."""
    offenders = []
    for path in sorted(SOURCE.rglob("templates/**/*.html")):
        if "/web/components" in path.as_posix():
            continue
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"{%\s*(comment|blocktrans|blocktranslate|language)\b.*?{%\s*end\1\s*%}", "", text, flags=re.S)
        text = re.sub(r"<(script|style|svg|code|kbd|pre)\b.*?</\1>", "", text, flags=re.S | re.I)
        text = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}|<!--.*?-->", "", text, flags=re.S)
        text = re.sub(r"<[^>]*>", "\n", text)
        words = [line.strip(" ·–") for line in text.splitlines() if re.search(r"[A-Za-zÄÖÜäöüß]{3,}", line)]
        words = [word for word in words if word not in SAME_IN_BOTH]
        if words:
            offenders.append(f"{path.relative_to(SOURCE)}: {words[:3]}")
    assert not offenders, "\n".join(offenders)


def test_no_template_runs_inline_script_or_style():
    for path in SOURCE.rglob("templates/**/*.html"):
        text = path.read_text(encoding="utf-8")
        text = re.sub(
            r"{#.*?#}|{%\s*comment\s*%}.*?{%\s*endcomment\s*%}|<code\b.*?</code>|<pre\b.*?</pre>", "", text, flags=re.S
        )
        assert not re.search(r"\son[a-z]+=[\"']", text), path
        assert not re.search(r"\sstyle=[\"']", text), path
        assert "<style" not in text, path
        for script in re.findall(r"<script\b[^>]*>", text):
            assert "src=" in script or "application/json" in script or "application/ld+json" in script, (path, script)


def test_one_text_has_one_german_word():
    """Django merges all catalogues: two rooms that translate the same text differently would surprise each other."""
    from babel.messages.pofile import read_po

    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    for path in sorted(SOURCE.glob("*/locale/de/LC_MESSAGES/django.po")):
        with path.open("rb") as source:
            for message in read_po(source, locale="de"):
                if message.id and isinstance(message.id, str):
                    words = found.setdefault((message.context or "", message.id), {})
                    words.setdefault(str(message.string), []).append(path.parts[-5])
    assert {key: words for key, words in found.items() if len(words) > 1} == {}


def test_every_verb_that_is_audited_has_words_for_the_history() -> None:
    """``write(…, verb="score_edit")`` reads as a text in the trail, never as the raw code."""
    from stellwerk.core.history import VERBS
    from stellwerk.core.registry import MACHINES

    known = set(VERBS) | {step.code for machine in MACHINES.values() for step in machine.transitions}
    bare = set()
    for path in SOURCE.rglob("*.py"):
        if "tests" in path.parts or path.name == "states.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in {
                "record",
                "write",
            }:
                for word in node.keywords:
                    if word.arg == "verb":
                        codes = {leaf.value for leaf in ast.walk(word.value) if isinstance(leaf, ast.Constant)}
                        bare |= {f"{path.name}: {code}" for code in codes - known if isinstance(code, str)}
    assert not bare, bare


def test_no_two_schemas_of_the_api_share_a_name():
    """In the document the last one of a name would stand for both."""
    from ninja import Schema

    from stellwerk.api.urls import api

    api.get_openapi_schema()
    homes: dict[str, set[str]] = {}
    waiting = [Schema]
    while waiting:
        found = waiting.pop().__subclasses__()
        waiting += found
        for schema in found:
            if schema.__module__.startswith("stellwerk."):
                homes.setdefault(schema.__name__, set()).add(schema.__module__)
    assert not {name: sorted(modules) for name, modules in homes.items() if len(modules) > 1}
