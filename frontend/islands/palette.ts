/** Command palette (Ctrl/⌘ K): groups from the server, chosen by keyboard. */
import { icon, make } from "../lib/dom";
import { getJson } from "../lib/http";
import { address, t } from "../lib/texts";

interface Item {
  label: string;
  hint?: string;
  url: string;
  icon?: string;
}
interface Answer {
  groups: { label: string; items: Item[] }[];
}

function start(dialog: HTMLDialogElement): void {
  const input = dialog.querySelector<HTMLInputElement>("input[type=search]");
  const results = dialog.querySelector<HTMLElement>("[role=listbox]");
  if (!input || !results) return;
  let at = 0;
  let running: AbortController | undefined;
  let timer = 0;
  let drawn = ""; // the words that the shown results answer
  let hurried = false; // Enter was pressed before they came

  const options = (): HTMLAnchorElement[] => [...results.querySelectorAll<HTMLAnchorElement>("[role=option]")];
  const choose = (place: number): void => {
    const list = options();
    if (list.length === 0) return input.removeAttribute("aria-activedescendant");
    at = (place + list.length) % list.length;
    list.forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    const chosen = list[at];
    if (!chosen) return;
    input.setAttribute("aria-activedescendant", chosen.id);
    chosen.scrollIntoView({ block: "nearest" });
  };
  const draw = (answer: Answer): void => {
    results.replaceChildren();
    let number = 0;
    for (const group of answer.groups) {
      const caption = make("div", { class: "cap", text: group.label, attributes: { id: `pal-g${number}` } });
      const box = make("div", { attributes: { role: "group", "aria-labelledby": caption.id } }, caption);
      for (const item of group.items) {
        const option = make("a", { class: "opt", attributes: { role: "option", href: item.url, id: `pal-${number++}`, tabindex: "-1", "aria-selected": "false" } });
        option.append(icon(item.icon || "file"), make("span", { class: "el", text: item.label }));
        if (item.hint) option.append(make("span", { class: "mut", text: item.hint }));
        box.append(option);
      }
      results.append(box);
    }
    if (number === 0) results.append(make("div", { class: "cap", text: t("none_found") }));
    choose(0);
  };
  const search = async (): Promise<void> => {
    running?.abort();
    running = new AbortController();
    const asked = input.value;
    try {
      draw(await getJson<Answer>(`${address("palette")}?q=${encodeURIComponent(asked)}`, running.signal));
      drawn = asked;
      if (hurried && dialog.open) options()[at]?.click();
      hurried = false;
    } catch (error) {
      if (error instanceof DOMException) return;
      hurried = false;
      results.replaceChildren(make("div", { class: "cap", text: (error as Error).message, attributes: { role: "alert" } }));
    }
  };

  const enter = (): void => {
    // Whoever types fast means what they typed, not what still stands there from before.
    if (input.value === drawn) return options()[at]?.click();
    hurried = true;
    clearTimeout(timer);
    void search();
  };

  input.addEventListener("input", () => {
    hurried = false;
    clearTimeout(timer);
    timer = window.setTimeout(() => void search(), 120);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") choose(at + 1);
    else if (event.key === "ArrowUp") choose(at - 1);
    else if (event.key === "Enter") enter();
    else if (event.key === "Escape") dialog.close(); // a search field would only clear itself
    else return;
    event.preventDefault();
  });
  const open = (): void => {
    if (dialog.open) return;
    input.value = drawn = "";
    hurried = false;
    results.replaceChildren();
    dialog.showModal();
    void search();
  };
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  for (const button of document.querySelectorAll("[data-palette]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      open();
    });
  }
}

const dialog = document.getElementById("palette");
if (dialog instanceof HTMLDialogElement) start(dialog);
