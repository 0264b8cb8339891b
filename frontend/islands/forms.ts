/** Input is kept: leave warning, no double submit, growing text areas with a counter, filters that submit themselves. */
import { each, island, make } from "../lib/dom";
import { language, t } from "../lib/texts";
import { stateOf } from "../lib/formstate";
import { formatNumber } from "../lib/format";

const dirty = new Set<HTMLFormElement>();

function guard(form: HTMLFormElement): void {
  const initial = stateOf(new FormData(form));
  const look = (): void => {
    const changed = stateOf(new FormData(form)) !== initial;
    form.toggleAttribute("data-dirty", changed);
    if (changed) dirty.add(form);
    else dirty.delete(form);
  };
  form.addEventListener("input", look);
  form.addEventListener("change", look);
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    dirty.delete(form);
    form.dataset.sent = "1";
    event.submitter?.setAttribute("aria-busy", "true");
    // A download or a failed request leaves the page where it is: the form may be sent again.
    setTimeout(() => release(form), 4000);
  });
  form.addEventListener("htmx:afterRequest", () => release(form));
}

function release(form: HTMLFormElement): void {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}

window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.querySelectorAll<HTMLFormElement>("form[data-guard]")) release(form);
});
window.addEventListener("beforeunload", (event) => {
  for (const form of dirty) if (form.isConnected) event.preventDefault();
});

function grow(area: HTMLTextAreaElement): void {
  const fit = (): void => {
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight + 2, window.innerHeight * 0.7)}px`;
  };
  area.addEventListener("input", fit);
  if (area.value) fit();
  if (area.maxLength <= 0) return;
  const count = make("span", { class: "count", attributes: { "aria-live": "off" } });
  area.after(count);
  const show = (): void => {
    const left = area.maxLength - area.value.length;
    count.textContent = t("chars_left", { count: formatNumber(left, language(), 0) });
    // Only the last stretch is announced, otherwise each key would speak.
    count.setAttribute("aria-live", left < 50 ? "polite" : "off");
  };
  area.addEventListener("input", show);
  show();
}

/** Ctrl/⌘ Enter sends the form that is being filled in, as its main button does. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.defaultPrevented || event.isComposing) return;
  const form = event.target instanceof Element ? event.target.closest<HTMLFormElement>("form[method='post' i]") : null;
  const buttons = form ? ([...form.elements].filter((element) => element instanceof HTMLButtonElement && element.type === "submit") as HTMLButtonElement[]) : [];
  const main = buttons.length === 1 ? buttons[0] : buttons.find((button) => button.classList.contains("p"));
  if (!main || main.disabled) return;
  event.preventDefault();
  main.click();
});

/** What was refused is where the reader goes on: the first wrong field, else the note that says why. */
function refused(): boolean {
  const [page] = performance.getEntriesByType("navigation") as (PerformanceNavigationTiming & { responseStatus?: number })[];
  return (page?.responseStatus ?? 200) >= 400;
}

island((root) => {
  each<HTMLFormElement>(root, "form[data-guard]", "guard", guard);
  each<HTMLTextAreaElement>(root, "textarea[data-autosize]", "autosize", grow);
  each<HTMLElement>(root, "[data-autosubmit]", "autosubmit", (element) =>
    element.addEventListener("change", () => (element instanceof HTMLFormElement ? element : element.closest("form"))?.requestSubmit()),
  );
  const wrong = root.querySelector<HTMLElement>('[aria-invalid="true"]');
  const form = wrong?.closest("form")?.dataset;
  if (wrong && form && (form.focusError !== undefined || form.guard !== undefined)) return wrong.focus();
  const note = root === document && refused() ? document.querySelector<HTMLElement>("main .note.error") : null;
  if (note && document.activeElement === document.body) {
    note.tabIndex = -1;
    note.focus();
  }
});
