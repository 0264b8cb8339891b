"""One browser window that notices everything that should not happen on a page."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import stellwerk

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
OWN_NAMES = {"English", "Deutsch"}  # languages are called by their own names
RAW = re.compile(r"\{\{|\}\}|\{%|%\}|%\(\w+\)|\bNone\b|\bundefined\b|\bNaN\b|\[object \w+\]|&(?:amp|lt|gt|quot|#\d+);")
LISTEN = """
window.__faults = [];
document.addEventListener("securitypolicyviolation", e => window.__faults.push(`CSP ${e.violatedDirective}: ${e.blockedURI}`));
"""
# Every text that a reader sees or hears, except code, user's own words marked with data-raw, and other languages.
TEXTS = """() => {
  const found = new Set();
  const skip = e => e.closest("script,style,code,pre,kbd,textarea,template,[data-raw],[lang]:not(html)");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement && !skip(node.parentElement)) found.add(node.textContent.replace(/\\s+/g, " ").trim());
  }
  for (const e of document.querySelectorAll("[aria-label],[title],[placeholder],[alt]")) {
    if (skip(e)) continue;
    for (const name of ["aria-label", "title", "placeholder", "alt"]) {
      const value = e.getAttribute(name);
      if (value) found.add(value.replace(/\\s+/g, " ").trim());
    }
  }
  found.delete("");
  return [...found];
}"""
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules of axe among these standards that look at colours."""
# What a rule that is blind to colours can see: elements, whether they are visible, what names and describes them.
OUTLINE = """() => [...document.body.querySelectorAll("*")].map(e => {
  const names = e.getAttributeNames().filter(n => n.startsWith("aria-") || ["role", "alt", "title", "href", "for", "lang", "tabindex", "id"].includes(n));
  return `${e.tagName} ${e.checkVisibility({visibilityProperty: true})} ${names.map(n => n + "=" + e.getAttribute(n)).join(" ")}`;
}).join("\\n")"""
DRAWN = """() => [...document.querySelectorAll("[data-chart]")].every(box => {
  const {top, bottom} = box.getBoundingClientRect();
  return top > innerHeight || bottom < 0 || box.querySelector(".canvas svg, .canvas canvas");
})"""


@cache
def axe_source() -> str:
    """Installed with the front end's tools."""
    return AXE.read_text(encoding="utf-8")


@cache
def foreign_texts() -> tuple[frozenset[str], tuple[str, ...]]:
    """English texts whose German differs: whole ones, and the longest piece of those with gaps."""
    from babel.messages.pofile import read_po

    english: set[str] = set()
    german: set[str] = set()
    for path in sorted(Path(stellwerk.__file__).parent.glob("*/locale/de/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                ids = message.id if isinstance(message.id, tuple) else (message.id,)
                strings = message.string if isinstance(message.string, tuple) else (message.string,)
                english.update(" ".join(text.split()) for text in ids if text)
                german.update(" ".join(text.split()) for text in strings if text)
    whole = {text for text in english - german if "%(" not in text and len(text) > 2}
    pieces = set()
    for text in english:
        if "%(" in text:
            longest = max((part.strip() for part in re.split(r"%\(\w+\)s", text)), key=len)
            if len(longest) >= 14 and " " in longest and not any(longest in other for other in german):
                pieces.add(longest)
    return frozenset(whole), tuple(sorted(pieces))


def press(button: Any) -> None:
    """Press, and wait for the page that answers: a network that is still quiet says nothing yet."""
    with button.page.expect_navigation():
        button.click()


def take_step(page: Any, label: str) -> None:
    """The button of a step, then the button of its question."""
    page.locator(f'a.bt[data-open]:has-text("{label}")').first.click()
    press(page.locator("dialog[open] button.p"))


class Visit:
    """A window of one person. ``page`` is Playwright's; ``faults`` lists what went wrong so far."""

    def __init__(self, browser: Any, server: str, *, width: int, height: int, **options: Any) -> None:
        self.server = server
        self.size = {"width": width, "height": height}
        self.faults: list[str] = []
        self.context = browser.new_context(
            viewport=self.size, base_url=server, reduced_motion="reduce",
            locale="de-DE", timezone_id="Europe/Berlin", accept_downloads=True, **options,
        )  # fmt: skip
        self.context.set_default_timeout(20_000)
        self.context.add_init_script(LISTEN)
        self.page = self.context.new_page()
        self.expected: set[int] = set()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        self.page.on("response", self._response)

    def close(self) -> None:
        self.context.close()

    def afresh(self) -> Visit:
        """The same window for another page: nothing open, nothing noticed, as wide as at first.

        A page of the server, so that the browser keeps its process and what it has compiled.
        """
        self.page.goto("/robots.txt")
        self.page.set_viewport_size(self.size)
        self.faults.clear()
        self.expected.clear()
        return self

    def _console(self, message: Any) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"console: {message.text}")

    def _response(self, response: Any) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.faults.append(f"{response.status} {response.request.method} {response.url}")

    def expecting(self, *statuses: int) -> Visit:
        """Answers with these statuses are part of the journey."""
        self.expected.update(statuses)
        return self

    def sign_in(self, code: str) -> Visit:
        """One click on the demo's sign-in page."""
        self.page.goto("/accounts/login/")
        self.page.locator(f"form[action$='/sign-in/{code}'] button").click()
        self.page.wait_for_url(lambda url: "/accounts/login" not in url)
        return self

    def open(self, path: str) -> Visit:
        self.page.goto(path, wait_until="load")
        self.settle()
        return self

    def settle(self) -> None:
        """Until the charts in sight are drawn and the fonts are there."""
        self.page.wait_for_function(DRAWN)
        self.page.evaluate("() => document.fonts.ready.then(() => true)")

    def theme(self, name: str) -> None:
        """Switch as the user's switch does, for this window only."""
        self.page.evaluate(
            "name => { document.documentElement.dataset.bsTheme = name;"
            " document.dispatchEvent(new CustomEvent('stellwerk:theme')); }",
            name,
        )

    # ── what must hold on every page ─────────────────────────────────────────────────────────────

    def outline(self) -> str:
        """What is on the page apart from its colours."""
        return str(self.page.evaluate(OUTLINE))

    def accessibility(self, theme: str = "", *, colours_only: bool = False) -> list[str]:
        """Violations of WCAG 2.2 AA that axe finds, one line per element; ``colours_only``: of the rules about colours."""
        if not self.page.evaluate("() => Boolean(window.axe)"):
            self.page.evaluate(axe_source())
        rules = {"type": "rule", "values": COLOURS} if colours_only else {"type": "tag", "values": STANDARDS}
        options = {"runOnly": rules, "resultTypes": ["violations"]}
        result = self.page.evaluate(f"() => axe.run(document, {json.dumps(options)})")
        lines = []
        for violation in result["violations"]:
            for node in violation["nodes"][:4]:
                why = (node.get("failureSummary") or "").replace("\n", " ")
                lines.append(f"axe {theme} {violation['id']}: {' '.join(map(str, node['target']))} — {why}")
        return lines

    def wrong_texts(self) -> list[str]:
        """Texts left in English on a German page, and raw values that nobody should see."""
        whole, pieces = foreign_texts()
        texts = self.page.evaluate(TEXTS)
        wrong = [f"not translated: {text!r}" for text in texts if text in whole - OWN_NAMES]
        wrong += [f"not translated: {text!r}" for text in texts if any(piece in text for piece in pieces)]
        return wrong + [f"raw value: {text[:120]!r}" for text in texts if RAW.search(text)]

    def sideways(self) -> list[str]:
        """The page scrolls sideways: by how much, and what reaches out."""
        return list(
            self.page.evaluate(
                """() => {
          const room = document.documentElement.clientWidth;
          const width = document.documentElement.scrollWidth;
          if (width <= room + 1) return [];
          const out = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > room + 1);
          const name = e => `${e.tagName.toLowerCase()}.${e.getAttribute("class") ?? ""}`;
          return [`sideways: ${width} px on ${room} px: ${[...new Set(out.map(name))].slice(0, 5).join(", ")}`];
        }"""
            )
        )

    def menus_outside(self) -> list[str]:
        """Menus that reach out of the window, or make the page scroll sideways, once they are open."""
        return list(
            self.page.evaluate(
                """() => {
          const room = document.documentElement.clientWidth, out = [];
          for (const menu of document.querySelectorAll("details.menu:not([open])")) {
            const button = menu.querySelector("summary"), list = menu.querySelector(":scope > .list");
            if (!list || !button.getClientRects().length) continue;
            menu.open = true;
            const { left, right } = list.getBoundingClientRect();
            if (left < -1 || right > room + 1 || document.documentElement.scrollWidth > room + 1)
              out.push(`menu ${button.ariaLabel ?? button.textContent.trim()}: ${left} to ${right} of ${room} px`);
            menu.open = false;
          }
          return out;
        }"""
            )
        )

    def all_faults(self) -> list[str]:
        """Everything noticed so far: scripts, console, answers, content security policy."""
        return [*self.faults, *self.page.evaluate("() => window.__faults ?? []")]
