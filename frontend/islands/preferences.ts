/** Theme, density and side bar change at once; the server keeps them. Without scripts the same forms post. */
import { island, each } from "../lib/dom";
import { post } from "../lib/http";
import { closeMenu } from "./dialogs";
import { toast } from "./toasts";

export const THEME_EVENT = "stellwerk:theme";

function apply(name: string, value: string): void {
  const root = document.documentElement;
  if (name === "theme") {
    root.dataset.bsTheme = value;
    document.dispatchEvent(new CustomEvent(THEME_EVENT));
  }
  if (name === "density") root.dataset.density = value;
  if (name === "side") root.dataset.side = value;
}

island((root) => {
  each<HTMLFormElement>(root, "form[data-pref]", "pref", (form) => {
    form.addEventListener("submit", (event) => {
      const button = event.submitter;
      if (!(button instanceof HTMLButtonElement)) return;
      event.preventDefault();
      const { name, value } = button;
      apply(name, value);
      for (const other of form.querySelectorAll("button[aria-pressed]")) other.setAttribute("aria-pressed", String(other === button));
      if (name === "side") button.value = value === "closed" ? "open" : "closed";
      closeMenu(form);
      post(form.action, { [name]: value }).catch((error: Error) => toast({ text: error.message, error: true }));
    });
  });
});

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new CustomEvent(THEME_EVENT)));
