/** Whoever works by keyboard keeps their place: the control that led to a new view of the same page has the focus there again. */

const KEY = "stellwerk:place";
const FRESH = 20_000; // milliseconds that a remembered place is good for
// In this order: a menu itself, what is chosen now, and else the first control.
const TARGETS = ["summary", '[aria-current="true"]', 'a[href], button, input:not([type="hidden"]), select, textarea'];

let byKeyboard = false;
document.addEventListener("keydown", () => (byKeyboard = true), true);
document.addEventListener("pointerdown", () => (byKeyboard = false), true);

function remember(source: Element | null, address: string): void {
  const name = source?.closest<HTMLElement>("[data-keep]")?.dataset.keep;
  if (!name || !byKeyboard) return;
  const path = new URL(address, window.location.href).pathname;
  sessionStorage.setItem(KEY, JSON.stringify({ name, path, at: Date.now() }));
}

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
  if (link && !link.hasAttribute("download") && !event.defaultPrevented) remember(link, link.href);
});
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (event.defaultPrevented) return;
  // A form that posts comes back to the page that it names, or to this one.
  const back = form.method === "post" ? (new FormData(form).get("next") ?? window.location.pathname) : form.action;
  remember(event.submitter ?? form, String(back));
});

/** Put the focus back, once, where this page was reached from. */
export function restore(): void {
  const text = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  if (!text || (document.activeElement && document.activeElement !== document.body)) return;
  const place = JSON.parse(text) as { name: string; path: string; at: number };
  if (place.path !== window.location.pathname || Date.now() - place.at > FRESH) return;
  const box = document.querySelector<HTMLElement>(`[data-keep="${CSS.escape(place.name)}"]`);
  if (!box) return;
  const inside = TARGETS.map((target) => box.querySelector<HTMLElement>(target)).find((element) => element !== null);
  (inside ?? box).focus();
}
