/** Names for @ in a comment: suggested by the server, chosen with arrows and Enter; the text field keeps the focus. */
import { each, island, make } from "../lib/dom";
import { getJson } from "../lib/http";
import { mentionAt, withMention, type Started } from "../lib/mention";

interface Person {
  value: string;
  label: string;
}

let lists = 0;

function suggest(area: HTMLTextAreaElement): void {
  const box = make("div", { class: "mentions", attributes: { role: "listbox", id: `mentions-${lists++}` } });
  box.hidden = true;
  area.after(box);
  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-haspopup", "listbox");
  area.setAttribute("aria-controls", box.id);
  let started: Started | null = null;
  let at = 0;
  let running: AbortController | undefined;

  const options = (): HTMLElement[] => [...box.children] as HTMLElement[];
  const close = (): void => {
    running?.abort();
    box.hidden = true;
    started = null;
    area.removeAttribute("aria-activedescendant");
  };
  const choose = (place: number): void => {
    const list = options();
    at = (place + list.length) % list.length;
    list.forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    const chosen = list[at];
    if (chosen) area.setAttribute("aria-activedescendant", chosen.id);
  };
  const put = (name: string): void => {
    if (!started) return;
    const next = withMention(area.value, started, name);
    area.value = next.text;
    close();
    area.focus();
    area.setSelectionRange(next.caret, next.caret);
    area.dispatchEvent(new Event("input", { bubbles: true }));
    close();
  };
  const draw = (people: Person[]): void => {
    box.replaceChildren(
      ...people.map((person, number) => {
        const option = make("div", { text: person.label, attributes: { role: "option", id: `${box.id}-${number}`, "aria-selected": "false" } });
        option.addEventListener("mousedown", (event) => {
          event.preventDefault(); // the text field keeps the focus
          put(person.value);
        });
        return option;
      }),
    );
    box.hidden = people.length === 0;
    if (people.length > 0) choose(0);
  };
  const search = async (): Promise<void> => {
    started = mentionAt(area.value, area.selectionStart);
    if (!started) return close();
    running?.abort();
    running = new AbortController();
    try {
      draw((await getJson<{ results: Person[] }>(`${area.dataset.mention ?? ""}${encodeURIComponent(started.query)}`, running.signal)).results);
    } catch (error) {
      if (!(error instanceof DOMException)) close(); // without suggestions a name can still be typed
    }
  };

  area.addEventListener("input", () => void search());
  area.addEventListener("blur", close);
  area.addEventListener("keydown", (event) => {
    if (box.hidden || event.isComposing) return;
    if (event.key === "ArrowDown") choose(at + 1);
    else if (event.key === "ArrowUp") choose(at - 1);
    else if (event.key === "Enter" || event.key === "Tab") put(options()[at]?.textContent ?? "");
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

island((root) => each<HTMLTextAreaElement>(root, "textarea[data-mention]", "mention", suggest));
