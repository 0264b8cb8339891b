/** The bar above the plan: tools, search, zoom, what is drawn, which columns, which baseline. */
import { make } from "../lib/dom";
import type { Chart } from "./chart";
import { COLUMNS } from "./columns";
import type { Page } from "./page";
import type { Zoom } from "./scale";
import { w } from "./words";

export class Bar {
  constructor(
    private readonly page: Page,
    private readonly element: HTMLElement,
  ) {
    element.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-do], [data-zoom], [data-layer]") : null;
      if (!button) return;
      if (button.dataset["zoom"]) page.setZoom(button.dataset["zoom"] as Zoom);
      else if (button.dataset["layer"]) this.layer(button.dataset["layer"]);
      else page.command(button.dataset["do"] ?? "");
    });
    for (const button of element.querySelectorAll<HTMLElement>("[data-layer]")) button.setAttribute("aria-pressed", String(this.state(button.dataset["layer"] ?? "")));
    const search = element.querySelector<HTMLInputElement>('[data-pl="search"]');
    search?.addEventListener("input", () => page.filter({ text: search.value }));
    this.columns();
    this.rove();
  }

  /** The buttons are one stop of the Tab key; arrows go from one to the next (toolbar pattern of ARIA). */
  private rove(): void {
    const { element } = this;
    const buttons = (): HTMLButtonElement[] => [...element.querySelectorAll<HTMLButtonElement>(":scope > .grp > button")].filter((one) => !one.disabled && one.offsetParent !== null);
    const stop = (wanted: HTMLButtonElement | undefined): void => {
      for (const one of element.querySelectorAll<HTMLButtonElement>(":scope > .grp > button")) one.tabIndex = one === wanted ? 0 : -1;
    };
    stop(buttons()[0]);
    element.addEventListener("focusin", (event) => {
      const button = event.target instanceof HTMLButtonElement ? event.target : undefined;
      if (button && buttons().includes(button)) stop(button);
    });
    // A button that goes grey must not take the only stop with it.
    new MutationObserver(() => {
      const all = buttons();
      if (!all.some((one) => one.tabIndex === 0)) stop(all[0]);
    }).observe(element, { subtree: true, attributeFilter: ["disabled"] });
    element.addEventListener("keydown", (event) => {
      const all = buttons();
      const at = all.indexOf(event.target as HTMLButtonElement);
      if (at < 0) return;
      const steps: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 };
      const next = steps[event.key];
      if (next === undefined) return;
      event.preventDefault();
      all[(next + all.length) % all.length]?.focus();
    });
  }

  zoom(): void {
    for (const button of this.element.querySelectorAll<HTMLElement>("[data-zoom]")) button.setAttribute("aria-pressed", String(button.dataset["zoom"] === this.page.zoom));
  }

  /** What holds for the whole plan: dates of a file, must dates that win. */
  settings(): void {
    const { plan } = this.page.model;
    const { host } = this.page;
    host.querySelector('[data-pl="stale"]')?.toggleAttribute("hidden", !plan?.stale);
    host.querySelector('[data-pl="dates_win"]')?.toggleAttribute("hidden", !plan?.dates_win);
    this.element.querySelector('[data-do="dates_win"]')?.setAttribute("aria-pressed", String(plan?.dates_win ?? false));
  }

  /** The list of baselines, the drawn one chosen. */
  baselines(): void {
    const { page } = this;
    const select = this.element.querySelector<HTMLSelectElement>('[data-pl="baseline"]');
    if (!select) return;
    select.replaceChildren(make("option", { text: w("no_baseline"), attributes: { value: "" } }), ...page.model.baselines.map((one) => make("option", { text: one.label, attributes: { value: String(one.number) } })));
    select.value = page.model.baseline && page.chart.layers.baseline ? String(page.model.baseline.number) : "";
    select.hidden = !page.model.baselines.length;
    if (select.dataset["on"]) return;
    select.dataset["on"] = "1";
    select.addEventListener("change", () => {
      page.chart.layers.baseline = select.value !== "";
      page.keep();
      page.redraw(new Set());
      if (!select.value) return;
      page.model.chosen = Number(select.value);
      void page.api.load(undefined, page.model.chosen).then((data) => data && page.take(data, true));
    });
  }

  private columns(): void {
    const { page } = this;
    const choose = this.element.querySelector<HTMLElement>('[data-pl="columns"]');
    for (const column of COLUMNS) {
      const box = make("input", { attributes: { type: "checkbox", value: column.key } });
      box.checked = page.grid.columns.some((one) => one.key === column.key);
      box.addEventListener("change", () => {
        const wanted = new Set(page.grid.columns.map((one) => one.key));
        if (box.checked) wanted.add(column.key);
        else wanted.delete(column.key);
        wanted.add("name");
        page.setColumns(COLUMNS.filter((one) => wanted.has(one.key)));
      });
      choose?.append(make("label", { class: "ck" }, box, document.createTextNode(` ${w(`column_${column.key}`)}`)));
    }
  }

  private state(name: string): boolean {
    const { model, chart } = this.page;
    if (name === "preview") return this.page.previewing;
    if (name === "only_critical") return model.filter.critical;
    if (name === "only_trouble") return model.filter.trouble;
    if (name === "only_mine") return model.filter.mine !== null;
    return chart.layers[name as keyof Chart["layers"]];
  }

  private layer(name: string): void {
    const { page } = this;
    const on = !this.state(name);
    if (name === "preview") page.previewing = on;
    else if (name === "only_critical") page.filter({ critical: on });
    else if (name === "only_trouble") page.filter({ trouble: on });
    else if (name === "only_mine") page.filter({ mine: on ? Number(page.host.dataset["me"]) || null : null });
    else {
      page.chart.layers[name as keyof Chart["layers"]] = on;
      page.redraw(new Set());
    }
    for (const button of this.element.querySelectorAll<HTMLElement>(`[data-layer="${name}"]`)) button.setAttribute("aria-pressed", String(on));
    page.keep();
  }
}
