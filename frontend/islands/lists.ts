/** Lists: search while typing, copy the address. */
import { each, island } from "../lib/dom";
import { closeMenu } from "./dialogs";
import { toast } from "./toasts";

function liveSearch(input: HTMLInputElement): void {
  let timer = 0;
  let last = input.value;
  input.addEventListener("input", () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      if (input.value.trim() === last.trim() || !input.isConnected) return;
      last = input.value;
      input.form?.requestSubmit();
    }, 350);
  });
}

function copy(button: HTMLButtonElement): void {
  button.addEventListener("click", () => {
    const text = button.dataset.copyText ?? new URL(button.dataset.copy ?? "", window.location.href).href;
    void navigator.clipboard?.writeText(text).then(() => toast({ text: button.dataset.copied ?? text }));
    closeMenu(button);
  });
}

island((root) => {
  each<HTMLInputElement>(root, "input[data-live]", "live", liveSearch);
  each<HTMLButtonElement>(root, "button:is([data-copy], [data-copy-text])", "copy", copy);
});
