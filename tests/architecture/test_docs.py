"""The documentation, held against the code and against itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {".venv", ".tools", "node_modules", ".git", "dist", ".stellwerk"}
_CODE = re.compile(r"^(`{3,}|~{3,}).*?^\1\s*$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)


def pages() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.md") if not SKIPPED & set(path.relative_to(ROOT).parts))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and Forgejo make them."""
    found: set[str] = set()
    for heading in _HEADING.findall(
        _CODE.sub(lambda match: match.group().strip("`"), page.read_text(encoding="utf-8"))
    ):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_relative_link_and_picture_leads_somewhere(page: Path) -> None:
    missing = []
    for target in _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists():
            missing.append(target)
        elif anchor and file.suffix == ".md" and anchor not in anchors(file):
            missing.append(f"{target} (no such heading)")
    assert not missing, f"{page.relative_to(ROOT)} points to nothing: {', '.join(missing)}"


def test_both_languages_of_the_user_guide_have_the_same_chapters() -> None:
    german, english = ({path.name for path in (ROOT / "docs/user-guide" / code).glob("*.md")} for code in ("de", "en"))
    assert german == english != set()


def test_every_room_says_what_it_is_for() -> None:
    rooms = [path.parent for path in (ROOT / "src/stellwerk").glob("*/__init__.py") if path.parent.name != "config"]
    assert not [room.name for room in rooms if not (room / "README.md").is_file()]


def test_pages_made_from_code_are_up_to_date(tmp_path: Path) -> None:
    """In a process of its own: other tests may have registered entities that do not belong to Stellwerk."""
    environment = {**os.environ, "STELLWERK_HOME": str(tmp_path), "DATABASE_URL": "", "LC_ALL": "de_DE.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-m", "stellwerk", "docs", "--check"],
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _first_small(text: str) -> str:
    """Labels of fields begin with a capital letter on the screen, whatever the message does."""
    return text[:1].lower() + text[1:]


def texts_on_screen() -> dict[str, set[str]]:
    """Every text of the interface in both languages."""
    found: dict[str, set[str]] = {"de": set(), "en": set()}
    for path in sorted((ROOT / "src/stellwerk").glob("*/locale/de/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                pairs = (
                    [(message.id, message.string)]
                    if isinstance(message.id, str)
                    else zip(message.id, message.string, strict=False)
                )
                for english, german in pairs:
                    found["en"].add(_first_small(english))
                    found["de"].add(_first_small(german))
    return found


@pytest.mark.parametrize("code", ["de", "en"])
def test_names_in_bold_are_texts_of_the_interface(code: str) -> None:
    known = texts_on_screen()[code]
    unknown = []
    for page in sorted((ROOT / "docs/user-guide" / code).glob("*.md")):
        names = re.findall(r"\*\*(.+?)\*\*", _CODE.sub("", page.read_text(encoding="utf-8")), re.DOTALL)
        unknown += [
            f"{page.name}: {' '.join(name.split())}"
            for name in names
            if _first_small(" ".join(name.split())) not in known
        ]
    assert not unknown, f"not on the screen under this name: {'; '.join(unknown)}"
