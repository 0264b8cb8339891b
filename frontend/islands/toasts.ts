/** Short messages and the undo card. The region is a polite live region. */
import { each, icon, island, make } from "../lib/dom";
import { csrfToken } from "../lib/http";
import { t } from "../lib/texts";

export interface Toast {
  text: string;
  detail?: string;
  undo?: string;
  link?: string;
  link_text?: string;
  error?: boolean;
}

const STAY = 6000;

export function toast(message: Toast): void {
  const region = document.getElementById("toasts");
  if (!region) return;
  const close = make("button", { class: "ib", attributes: { type: "button", "aria-label": t("close") } }, icon("x"));
  const card = make("div", { class: message.error ? "undo error" : "undo" }, make("span", { class: "h", text: message.text }), close);
  if (message.error) card.setAttribute("role", "alert");
  if (message.detail) card.append(make("span", { class: "mut", text: message.detail }));
  if (message.undo || message.link) {
    const row = make("div", { class: "row" });
    if (message.undo) row.append(undoForm(message.undo));
    if (message.link) row.append(make("a", { class: "bt s", text: message.link_text ?? message.link, attributes: { href: message.link } }));
    card.append(row);
  }
  close.addEventListener("click", () => card.remove());
  region.append(card);
  while (region.childElementCount > 4) region.firstElementChild?.remove();
  // A card with something to do stays until it is closed: people need their own time (WCAG 2.2.1).
  if (!message.undo && !message.link && !message.error) setTimeout(() => card.remove(), STAY);
}

function undoForm(url: string): HTMLFormElement {
  const form = make("form", { attributes: { method: "post", action: url } });
  form.append(
    make("input", { attributes: { type: "hidden", name: "csrfmiddlewaretoken", value: csrfToken() } }),
    make("button", { class: "bt s p", text: t("undo") }),
  );
  return form;
}

island((root) => {
  each<HTMLElement>(root, "[data-toast]", "toast", (element) =>
    element.addEventListener("click", () => toast({ text: element.dataset.toast ?? "" })),
  );
});

// The server names a message in the header HX-Trigger: {"toast": {"text": …, "undo": …}}
document.addEventListener("toast", (event) => toast((event as CustomEvent<Toast>).detail));
