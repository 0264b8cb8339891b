/** Lists: keyboard rows, bulk selection with Shift, edit in the cell, column chooser, table view of charts. */
import htmx from "htmx.org";
import { each, island } from "../lib/dom";
import { t } from "../lib/texts";
import { range, rowAfter } from "../lib/selection";

function keyboard(table: HTMLTableElement): void {
  const rows = (): HTMLTableRowElement[] => [...table.querySelectorAll<HTMLTableRowElement>("tbody > tr:not(.grp)")];
  const first = rows()[0];
  if (first) first.tabIndex = 0;
  table.addEventListener("focusin", (event) => {
    const row = event.target instanceof Element ? event.target.closest("tr") : null;
    if (!row || !rows().includes(row)) return;
    for (const other of table.querySelectorAll<HTMLTableRowElement>("tbody > tr[tabindex='0']")) other.tabIndex = -1;
    row.tabIndex = 0;
  });
  table.addEventListener("keydown", (event) => {
    const row = event.target;
    if (!(row instanceof HTMLTableRowElement)) return;
    const list = rows();
    const next = rowAfter(event.key, list.indexOf(row), list.length);
    if (next !== null) {
      event.preventDefault();
      const target = list[next];
      if (!target) return;
      target.tabIndex = 0; // only a row in the tab order can take the focus
      target.focus();
    } else if (event.key === "Enter") {
      row.querySelector<HTMLAnchorElement>("a[href]")?.click();
    } else if (event.key === " ") {
      const box = row.querySelector<HTMLInputElement>("input[data-select-row]");
      if (!box) return;
      event.preventDefault();
      box.click();
    } else if (event.key === "F2") {
      const cell = row.querySelector<HTMLElement>("td[data-edit]");
      if (cell) openCell(cell);
    }
  });
}

function bulk(scope: HTMLElement): void {
  const boxes = (): HTMLInputElement[] => [...scope.querySelectorAll<HTMLInputElement>("input[data-select-row]")];
  const whole = scope.querySelector<HTMLInputElement>("input[data-select-all]");
  let last: number | null = null;
  let shift = false;
  const show = (): void => {
    const list = boxes();
    const picked = list.filter((box) => box.checked);
    for (const box of list) box.closest("tr")?.setAttribute("aria-selected", String(box.checked));
    if (whole) {
      whole.checked = list.length > 0 && picked.length === list.length;
      whole.indeterminate = picked.length > 0 && picked.length < list.length;
    }
    const bar = scope.querySelector<HTMLElement>("[data-bulk]") ?? document.querySelector<HTMLElement>(`[data-bulk="${scope.id}"]`);
    if (!bar) return;
    bar.hidden = picked.length === 0;
    const count = bar.querySelector("[data-bulk-count]");
    if (count) count.textContent = t("selected", { count: picked.length });
  };
  scope.addEventListener("click", (event) => {
    shift = event.shiftKey;
  });
  scope.addEventListener("change", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement)) return;
    if (box === whole) for (const other of boxes()) other.checked = box.checked;
    if (box.matches("[data-select-row]")) {
      const list = boxes();
      const at = list.indexOf(box);
      if (shift) for (const place of range(last, at)) if (list[place]) list[place].checked = box.checked;
      last = at;
    }
    show();
  });
  show();
}

// ── edit in the cell: the server sends the form, htmx posts it, Esc restores ────────────────────

function openCell(cell: HTMLElement): void {
  const url = cell.dataset.edit;
  if (!url || cell.classList.contains("editing")) return;
  const before = [...cell.childNodes].map((node) => node.cloneNode(true));
  cell.classList.add("editing");
  const restore = (): void => {
    cell.replaceChildren(...before);
    cell.classList.remove("editing");
    cell.focus();
  };
  cell.addEventListener("keydown", function leave(event) {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    cell.removeEventListener("keydown", leave);
    restore();
  });
  void htmx.ajax("get", url, { target: cell, swap: "innerHTML" }).then(
    () => {
      const control = cell.querySelector<HTMLInputElement>("input:not([type=hidden]), select, textarea");
      if (!control) {
        cell.classList.remove("editing");
        return;
      }
      control.focus();
      if (control instanceof HTMLInputElement && control.type === "text") control.select();
    },
    () => restore(),
  );
}

function editable(cell: HTMLElement): void {
  cell.classList.add("edit");
  if (!cell.hasAttribute("tabindex")) cell.tabIndex = 0;
  cell.addEventListener("dblclick", () => openCell(cell));
  cell.addEventListener("keydown", (event) => {
    if (event.target === cell && (event.key === "Enter" || event.key === "F2")) {
      event.preventDefault();
      event.stopPropagation();
      openCell(cell);
    }
  });
  cell.addEventListener("htmx:afterSwap", () => {
    if (!cell.querySelector("form")) cell.classList.remove("editing");
  });
}

async function columns(form: HTMLFormElement): Promise<void> {
  const list = form.querySelector<HTMLElement>("[data-column-list]") ?? form;
  form.addEventListener("keydown", (event) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    const item = (event.target as Element).closest<HTMLElement>("label, li");
    if (!item || item.parentElement !== list) return;
    event.preventDefault();
    if (event.key === "ArrowUp") item.previousElementSibling?.before(item);
    else item.nextElementSibling?.after(item);
    item.querySelector("input")?.focus();
  });
  const { default: Sortable } = await import("sortablejs");
  Sortable.create(list, { handle: "[data-grip]", animation: 0, forceFallback: true });
}

function tableToggle(button: HTMLButtonElement): void {
  button.addEventListener("click", () => {
    const data = document.getElementById(button.dataset.tableToggle ?? "");
    if (!data) return;
    const open = !data.hasAttribute("data-open");
    data.toggleAttribute("data-open", open);
    const chart = document.querySelector<HTMLElement>(`[data-chart-table="${data.id}"]`);
    if (chart) chart.hidden = open;
    button.setAttribute("aria-pressed", String(open));
    button.setAttribute("aria-label", t(open ? "show_chart" : "show_table"));
    if (open) data.focus();
    else document.dispatchEvent(new CustomEvent("stellwerk:shown"));
  });
}

/** A table wider than its panel scrolls sideways; only one that fits keeps its head below the top bar. */
const fitted = new ResizeObserver((entries) => {
  for (const { target } of entries) target.classList.toggle("wide", (target.firstElementChild as HTMLElement).offsetWidth > target.clientWidth);
});

island((root) => {
  each<HTMLTableElement>(root, "table[data-rows]", "rows", keyboard);
  each<HTMLElement>(root, "[data-bulk-scope], form:has(input[data-select-row])", "bulkScope", bulk);
  each<HTMLElement>(root, "td[data-edit]", "editable", editable);
  each<HTMLFormElement>(root, "form[data-columns]", "columns", (form) => void columns(form));
  each<HTMLButtonElement>(root, "button[data-table-toggle]", "toggle", tableToggle);
  each<HTMLElement>(root, ".tw:has(> table.sticky)", "fit", (box) => fitted.observe(box));
});
