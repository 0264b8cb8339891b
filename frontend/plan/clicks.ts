/** The mouse in grid and chart: choose rows, fold, open a cell or all fields of a row. */
import type { Page } from "./page";

export function clicks(page: Page): void {
  const cellOf = (event: Event): { id: number; column: number; fold: boolean } | null => {
    const element = event.target instanceof Element ? event.target : null;
    const line = element?.closest<HTMLElement>("[role=row][data-id]");
    if (!line) return null;
    const cell = element?.closest<HTMLElement>("[data-column]");
    return { id: Number(line.dataset["id"]), column: Number(cell?.dataset["column"] ?? 1), fold: Boolean(element?.closest("[data-fold]")) };
  };
  page.grid.body.addEventListener("click", (event) => {
    const hit = cellOf(event);
    if (!hit) return;
    if (hit.fold) page.fold(hit.id);
    if (event.shiftKey) page.extend(hit.id, hit.column);
    else page.pick(hit.id, hit.column, event.ctrlKey || event.metaKey);
  });
  page.grid.body.addEventListener("dblclick", (event) => {
    const hit = cellOf(event);
    if (hit && !hit.fold) {
      page.pick(hit.id, hit.column, false);
      page.cell.begin();
    }
  });
  page.chart.body.addEventListener("dblclick", (event) => {
    const group = event.target instanceof Element ? event.target.closest<SVGElement>("g[data-id]") : null;
    const row = group ? page.model.rows.get(Number(group.dataset["id"])) : undefined;
    if (row) page.panel.open(row);
  });
  page.host.querySelector('[data-pl="stale"] button')?.addEventListener("click", () => void page.reschedule());
}
