/** The left side: a treegrid that draws only the rows in sight. The focus stays on the grid; the active cell is told by `aria-activedescendant`. */
import { icon, make } from "../lib/dom";
import { type Column, heading } from "./columns";
import type { Model } from "./model";
import type { Row } from "./types";
import { w } from "./words";

export interface Active {
  id: number;
  column: number;
}

export class Grid {
  columns: Column[] = [];
  active: Active | null = null;
  selected = new Set<number>();
  private readonly pool = new Map<number, HTMLElement>();
  private readonly places = new Map<number, number>();

  constructor(
    private readonly model: Model,
    readonly head: HTMLElement,
    readonly body: HTMLElement,
    private readonly element: HTMLElement,
    public rowHeight: number,
  ) {}

  setColumns(columns: Column[]): void {
    this.columns = columns;
    this.head.replaceChildren(
      ...columns.map((column, number) =>
        make("div", {
          class: `pg-h${column.number ? " num" : ""}${column.key === "name" ? " name" : ""}`,
          text: heading(column),
          attributes: { role: "columnheader", "aria-colindex": String(number + 1), title: w(`help_${column.key}`) === `help_${column.key}` ? heading(column) : w(`help_${column.key}`) },
        }),
      ),
    );
    const template = columns.map((column) => `${column.width}px`).join(" ");
    this.element.style.setProperty("--pg-columns", template);
    // The scroller and the cards beside the grid measure with it too.
    (this.element.closest<HTMLElement>(".pl") ?? this.element).style.setProperty("--pg-width", `${this.width}px`);
    this.element.style.setProperty("--pg-name", `${columns[0]?.key === "name" ? 0 : (columns[0]?.width ?? 0)}px`);
    this.element.setAttribute("aria-colcount", String(columns.length));
    this.clear();
  }

  /** Mark a cell as refused, until it is drawn anew. */
  refuse(id: number, key: string): void {
    const number = this.columns.findIndex((one) => one.key === key);
    const cell = this.body.querySelector<HTMLElement>(`[data-id="${id}"] [data-column="${number}"]`);
    cell?.classList.add("bad");
    cell?.setAttribute("aria-invalid", "true");
  }

  /** Pixels left of a column, and of those that stay in sight when the grid scrolls sideways: code and name. */
  left(column: number): number {
    return this.columns.slice(0, column).reduce((sum, one) => sum + one.width, 0);
  }

  get frozen(): number {
    return this.left(this.columns.findIndex((one) => one.key === "name") + 1);
  }

  get width(): number {
    return this.left(this.columns.length);
  }

  clear(): void {
    this.pool.clear();
    this.places.clear();
    this.body.replaceChildren();
  }

  /** Draw the rows from one place to another; what is there already is only brought up to date. */
  draw(from: number, to: number, changed?: Set<number>): void {
    this.element.setAttribute("aria-rowcount", String(this.model.shown.length + 1));
    const keep = new Set<number>();
    const fresh: HTMLElement[] = [];
    for (let place = from; place < to; place += 1) {
      const row = this.model.row(place);
      if (!row) continue;
      keep.add(row.id);
      let line = this.pool.get(row.id);
      if (!line) {
        line = this.line(row);
        this.pool.set(row.id, line);
        fresh.push(line);
        this.mark(line, row.id);
      } else if (!changed || changed.has(row.id)) this.fill(line, row);
      if (this.places.get(row.id) === place) continue;
      this.places.set(row.id, place);
      line.style.transform = `translateY(${place * this.rowHeight}px)`;
      line.setAttribute("aria-rowindex", String(place + 2));
    }
    this.body.append(...fresh);
    for (const [id, line] of this.pool)
      if (!keep.has(id)) {
        line.remove();
        this.pool.delete(id);
        this.places.delete(id);
      }
  }

  private line(row: Row): HTMLElement {
    const cells = this.columns.map((column, number) =>
      make("div", {
        class: `pg-c${column.number ? " num" : ""}${column.key === "name" ? " name" : ""}`,
        attributes: { role: "gridcell", id: `pc-${row.id}-${number}`, "aria-colindex": String(number + 1), "data-column": String(number) },
      }),
    );
    const line = make("div", { class: "pg-r", attributes: { role: "row", "data-id": String(row.id) } }, ...cells);
    this.fill(line, row);
    return line;
  }

  private fill(line: HTMLElement, row: Row): void {
    line.classList.toggle("sum", row.summary);
    line.classList.toggle("off", !row.active || row.state === "cancelled");
    line.setAttribute("aria-level", String(row.level));
    if (row.summary) line.setAttribute("aria-expanded", String(!this.model.folded.has(row.id)));
    else line.removeAttribute("aria-expanded");
    this.columns.forEach((column, number) => {
      const cell = line.children[number] as HTMLElement;
      if (column.key === "name") this.fillName(cell, row);
      else cell.textContent = column.text(row, this.model);
      if (column.key === "float_days") cell.classList.toggle("crit", row.critical && !row.summary);
    });
  }

  private fillName(cell: HTMLElement, row: Row): void {
    cell.style.paddingLeft = `${6 + Math.max(0, row.level - 1) * 14}px`;
    const parts: Node[] = [];
    if (row.summary) {
      const open = !this.model.folded.has(row.id);
      const button = make("span", { class: "pg-t", attributes: { "data-fold": "1", title: open ? w("fold") : w("unfold") } }, icon(open ? "chevron-down" : "chevron-right"));
      parts.push(button);
    } else if (row.kind.includes("milestone")) parts.push(make("span", { class: `pg-m${row.critical ? " crit" : ""}`, attributes: { "aria-hidden": "true" } }));
    parts.push(make("span", { class: "pg-n", text: row.name, attributes: { title: row.name } }));
    if (row.findings.length) {
      const mark = make("span", { class: "pg-w", attributes: { title: row.findings.map((code) => w(`finding_${code}`)).join(", ") } }, icon("warning"));
      mark.append(make("span", { class: "vh", text: row.findings.map((code) => w(`finding_${code}`)).join(", ") }));
      parts.push(mark);
    }
    if (row.constraint !== "asap" && row.constraint_date) parts.push(make("span", { class: "pg-p", attributes: { title: w("constrained"), "aria-hidden": "true" } }));
    cell.replaceChildren(...parts);
  }

  private mark(line: HTMLElement, id: number): void {
    const selected = this.selected.has(id);
    line.classList.toggle("sel", selected);
    line.setAttribute("aria-selected", String(selected));
    const active = this.active?.id === id;
    for (const [number, cell] of [...line.children].entries()) cell.classList.toggle("act", active && number === this.active?.column);
  }

  /** After the active cell or the selection changed: no text is drawn anew. */
  remark(): void {
    for (const [id, line] of this.pool) this.mark(line, id);
    if (this.active) this.element.setAttribute("aria-activedescendant", `pc-${this.active.id}-${this.active.column}`);
    else this.element.removeAttribute("aria-activedescendant");
  }

  cell(active: Active): HTMLElement | null {
    return document.getElementById(`pc-${active.id}-${active.column}`);
  }
}
