/** Typing in a cell of the grid: text or a list to choose from, over the cell while it lasts. */
import { make } from "../lib/dom";
import type { Column } from "./columns";
import type { Page } from "./page";
import { complain } from "./talk";
import type { Operation, Row } from "./types";
import { readNumber, w } from "./words";

const OF_SUMMARIES = new Set(["name", "code", "who"]);

type Field = HTMLInputElement | HTMLSelectElement;

export class Cell {
  private field: Field | null = null;

  constructor(private readonly page: Page) {}

  /** Open the active cell; what cannot be typed over opens the panel. `text` replaces what stands there. */
  begin(text?: string): void {
    const { grid, model } = this.page;
    const row = this.page.activeRow;
    const column = grid.active ? grid.columns[grid.active.column] : undefined;
    if (!row || !column) return;
    const may = model.mayEdit() || (column.progress && model.mayReport(row));
    if (!(column.read ?? column.ops) || !may || (row.summary && !OF_SUMMARIES.has(column.key)) || (column.choose && text !== undefined)) {
      this.page.panel.open(row);
      return;
    }
    const before = column.choose ? (column.value?.(row) ?? "") : column.text(row, model);
    const field = fieldOf(column, `${w(`column_${column.key}`)}, ${row.wbs} ${row.name}`, column.choose?.(model, row), text ?? before);
    this.field = field;
    grid.body.append(field);
    this.place();
    field.focus({ preventScroll: true });
    if (text === undefined && field instanceof HTMLInputElement) field.select();
    this.listen(field, column, row, before);
  }

  /** Over its cell again, after rows have moved. */
  place(): void {
    const { grid, model } = this.page;
    const place = grid.active ? model.place.get(grid.active.id) : undefined;
    if (!this.field || !grid.active || place === undefined) return;
    Object.assign(this.field.style, {
      transform: `translate(${grid.left(grid.active.column)}px, ${place * grid.rowHeight}px)`,
      width: `${Math.max(grid.columns[grid.active.column]?.width ?? 60, this.field instanceof HTMLSelectElement ? 180 : 0)}px`,
      height: `${grid.rowHeight}px`,
    });
  }

  private listen(field: Field, column: Column, row: Row, before: string): void {
    let over = false;
    const finish = (save: boolean, step: number): void => {
      if (over) return;
      const ops = save && field.value !== before ? this.operations(column, row, field.value) : [];
      if (!ops) {
        field.setAttribute("aria-invalid", "true");
        const wrong = column.number && typeof readNumber(field.value) === "number" ? "out_of_range" : "not_readable";
        complain(this.page.cards, w(column.ops ? "no_such_row" : wrong, { value: field.value }));
        field.focus();
        return;
      }
      over = true;
      this.field = null;
      field.remove();
      if (ops.length) void this.page.edit(ops);
      this.page.treegrid.focus({ preventScroll: true });
      if (step) this.page.step(step);
    };
    field.addEventListener("keydown", (event) => {
      const { key, shiftKey } = event as KeyboardEvent;
      event.stopPropagation();
      if (key === "Escape") finish(false, 0);
      if (key !== "Enter" && key !== "Tab") return;
      event.preventDefault();
      finish(true, key === "Enter" ? 1 : 0);
      if (key === "Tab" && over) this.page.sideways(shiftKey ? -1 : 1);
    });
    field.addEventListener("blur", () => {
      // Another window came to the front: the field keeps its place and its text.
      if (document.activeElement !== field) finish(true, 0);
    });
  }

  /** The same values for every chosen row, where several are chosen; a name or code is one row's. Null: not readable. */
  private operations(column: Column, row: Row, text: string): Operation[] | null {
    if (column.ops) return column.ops(text, row, this.page.model);
    const values = column.read?.(text, row);
    if (!values) return null;
    const { chosen, grid } = this.page;
    const several = chosen.length > 1 && grid.selected.has(row.id) && !("name" in values || "code" in values);
    const others = several ? chosen.filter((one) => one.id !== row.id && (!one.summary || OF_SUMMARIES.has(column.key))) : [];
    return [row, ...others].map((one) => ({ op: "set", row: one.id, version: one.version, values }));
  }
}

function fieldOf(column: Column, label: string, options: [string, string][] | undefined, value: string): Field {
  const attributes = { "aria-label": label, autocomplete: "off" };
  const field = options ? make("select", { class: "pg-edit", attributes }) : make("input", { class: `pg-edit${column.number ? " num" : ""}`, attributes });
  for (const [code, text] of options ?? []) field.append(make("option", { text, attributes: { value: code } }));
  field.value = value;
  return field;
}
