"""Every template compiles (a wrong tag is found here, not by a reader) and can be read by people."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

import stellwerk

SOURCE = Path(stellwerk.__file__).parent
TEMPLATES = sorted(
    {path.relative_to(path.parents[len(path.relative_to(folder).parts) - 1]).as_posix()
     for folder in SOURCE.glob("*/templates") for path in folder.rglob("*.html")}
)  # fmt: skip


def source_of(name: str) -> str:
    return next(SOURCE.glob(f"*/templates/{name}")).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_template_compiles(name):
    assert get_template(name)


# SVG paths and the configuration of htmx stand on one line each.
LONG_LINES = {"web/_symbols.html", "web/_head.html"}
LONGEST = 140
TEXT_BLOCK = re.compile(r"{%\s*blocktranslate\b([^%]*)%}(.*?){%\s*endblocktranslate", re.DOTALL)


@pytest.mark.parametrize("name", sorted(set(TEMPLATES) - LONG_LINES))
def test_no_line_of_a_template_is_longer_than_a_reader_can_take_in(name):
    lines = source_of(name).splitlines()

    assert [(number, len(line)) for number, line in enumerate(lines, 1) if len(line) > LONGEST] == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_translated_text_of_several_lines_is_trimmed(name):
    """Its line breaks and indentation would belong to the text, and the loader takes the indentation away."""
    texts = TEXT_BLOCK.findall(source_of(name))

    assert [text for options, text in texts if "\n" in text and "trimmed" not in options.split()] == []


def test_the_indentation_of_templates_does_not_reach_the_browser():
    assert "\n  " in source_of("base.html")

    assert not re.search(r"\n[ \t]", get_template("base.html").template.source)
