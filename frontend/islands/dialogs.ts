/** Native dialogs, menus that close themselves, questions before dangerous steps, printing. */
import { each, island, make } from "../lib/dom";
import { t } from "../lib/texts";

island((root) => {
  each<HTMLElement>(root, "[data-open]", "open", (element) =>
    element.addEventListener("click", (event) => {
      const dialog = document.getElementById(element.dataset.open ?? "");
      if (!(dialog instanceof HTMLDialogElement)) return;
      event.preventDefault();
      dialog.showModal();
      // A form begins with its first field, not with the button that closes it.
      const fields = [...dialog.querySelectorAll<HTMLElement>('.bd :is(input:not([type="hidden"]), select, textarea)')];
      fields.find((field) => field.checkVisibility())?.focus();
    }),
  );
  each<HTMLElement>(root, "dialog [data-close]", "close", (element) =>
    element.addEventListener("click", () => element.closest("dialog")?.close()),
  );
  each<HTMLDialogElement>(root, "dialog", "dialog", (dialog) =>
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog && !dialog.querySelector("form[data-dirty]")) dialog.close();
    }),
  );
  each<HTMLElement>(root, "[data-print]", "print", (element) => element.addEventListener("click", () => window.print()));
});

// Menus: one at a time, Esc and a click elsewhere close them.
document.addEventListener("click", (event) => {
  const inside = event.target instanceof Element ? event.target.closest("details.menu") : null;
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== inside) menu.removeAttribute("open");
});
document.addEventListener("focusin", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (!target || target.closest("dialog")) return;
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(target)) menu.removeAttribute("open");
});
document.addEventListener("keydown", (event) => {
  // In a dialog that a menu opened, Esc closes the dialog; the focus goes back into the menu.
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
    const menu = document.querySelector<HTMLDetailsElement>("details.menu[open]");
    if (!menu) return;
    menu.removeAttribute("open");
    menu.querySelector("summary")?.focus();
  }
  if (event.key === "ArrowDown" || event.key === "ArrowUp") moveInMenu(event);
});

function moveInMenu(event: KeyboardEvent): void {
  const menu = event.target instanceof Element ? event.target.closest("details.menu[open]") : null;
  if (!menu) return;
  const items = [...menu.querySelectorAll<HTMLElement>(".list :is(a, button)")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const next = items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** Close the menu around an element that did its work there; the focus stays on the menu. */
export function closeMenu(inside: Element): void {
  const menu = inside.closest("details");
  if (!menu) return;
  const focused = menu.contains(document.activeElement);
  menu.removeAttribute("open");
  if (focused) menu.querySelector("summary")?.focus();
}

/** Ask in our own dialog; resolves true when the reader goes on. */
export function ask(question: string, go: string): Promise<boolean> {
  return new Promise((resolve) => {
    const yes = make("button", { class: "bt p", text: go, attributes: { type: "button" } });
    const no = make("button", { class: "bt", text: t("cancel"), attributes: { type: "button" } });
    const dialog = make(
      "dialog",
      { class: "dlg", attributes: { "aria-label": question } },
      make("div", { class: "bd" }, make("p", { text: question })),
      make("footer", {}, no, yes),
    );
    let answer = false;
    yes.addEventListener("click", () => {
      answer = true;
      dialog.close();
    });
    no.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
    no.focus();
  });
}

const confirmed = new WeakSet<Event | HTMLElement>();
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target as HTMLFormElement;
    const submitter = event.submitter as HTMLElement | null;
    const question = submitter?.dataset.confirm ?? form.dataset.confirm;
    if (!question || confirmed.has(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void ask(question, submitter?.textContent?.trim() || "OK").then((yes) => {
      if (!yes) return;
      confirmed.add(form);
      form.requestSubmit(submitter as HTMLButtonElement | null);
      confirmed.delete(form);
    });
  },
  true,
);
