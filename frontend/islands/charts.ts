/** Charts are drawn when they come into view; the library is a separate file loaded only then. */
import { each, island } from "../lib/dom";
import { THEME_EVENT } from "./preferences";

const drawn = new Map<HTMLElement, { redraw: () => void; resize: () => void }>();

async function draw(box: HTMLElement): Promise<void> {
  const block = box.querySelector('script[type="application/json"]');
  const canvas = box.querySelector<HTMLElement>(".canvas");
  if (!block?.textContent || !canvas) return;
  const { mount } = await import("../charts/mount");
  const handle = mount(canvas, box.dataset.chart ?? "line", JSON.parse(block.textContent));
  drawn.set(box, handle);
  document.getElementById(box.dataset.chartTable ?? "")?.setAttribute("data-ready", "");
}

const seen = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      void draw(entry.target as HTMLElement);
    }
  },
  { rootMargin: "300px" },
);
const sized = new ResizeObserver((entries) => {
  for (const entry of entries) drawn.get(entry.target as HTMLElement)?.resize();
});

island((root) =>
  each<HTMLElement>(root, "[data-chart]", "chart", (box) => {
    seen.observe(box);
    sized.observe(box);
  }),
);

function redraw(): void {
  for (const [box, handle] of drawn) {
    if (box.isConnected) handle.redraw();
    else drawn.delete(box);
  }
}
document.addEventListener(THEME_EVENT, redraw);
// Printing is always light and needs every chart, also those never scrolled to.
window.addEventListener("beforeprint", () => {
  for (const box of document.querySelectorAll<HTMLElement>("[data-chart]")) if (!drawn.has(box)) void draw(box);
  redraw();
});
matchMedia("print").addEventListener("change", redraw);
