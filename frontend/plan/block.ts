/** A block of cells pasted over those that are there, as in a spreadsheet: one edit, one undo; or nothing, and the cells that are wrong. */
import type { Column } from "./columns";
import type { Model } from "./model";
import type { Page } from "./page";
import { cells, headed } from "./paste";
import { complain } from "./talk";
import type { Operation, Row } from "./types";
import { w } from "./words";

export interface Wrong {
  row: Row;
  column: Column;
  value: string;
}

export interface Block {
  ops: Operation[];
  wrong: Wrong[];
  /** Lines for which there was no row. */
  beyond: number;
}

/** Columns that a summary row has of its own. */
const OF_SUMMARIES = new Set(["name", "code", "who"]);

/** Whether a text goes over cells: tables with headings and rows pasted at a name become new rows, unless several rows are chosen. */
export function goesOver(text: string, column: Column | undefined, chosen: number): boolean {
  if (!column || headed(cells(text)[0] ?? [])) return false;
  return chosen > 1 || !["name", "wbs"].includes(column.key);
}

/** `rows`: those that take the lines; one line fills all of them where several are chosen. `columns` from the active one on. */
export function over(text: string, rows: Row[], columns: Column[], model: Model, fill: boolean): Block {
  const table = cells(text);
  const lines = fill && table.length === 1 ? rows.map(() => table[0] ?? []) : table;
  const block: Block = { ops: [], wrong: [], beyond: Math.max(0, lines.length - rows.length) };
  const links: Operation[] = [];
  lines.slice(0, rows.length).forEach((line, number) => {
    const row = rows[number] as Row;
    const values: Record<string, unknown> = {};
    line.slice(0, columns.length).forEach((cell, place) => {
      const column = columns[place] as Column;
      const value = cell.trim();
      if (value === column.text(row, model).trim()) return;
      const wrong = (): void => void block.wrong.push({ row, column, value });
      if (!(column.read ?? column.ops) || (row.summary && !OF_SUMMARIES.has(column.key))) return wrong();
      if (column.ops) {
        const found = column.ops(value, row, model);
        return found ? void links.push(...found) : wrong();
      }
      const chosen = column.choose ? column.choose(model, row).find(([code, label]) => label.toLocaleLowerCase() === value.toLocaleLowerCase() || code === value || (!value && !code))?.[0] : value;
      const read = chosen === undefined ? null : column.read?.(chosen, row);
      if (read && !("name" in read && !read["name"])) Object.assign(values, read);
      else wrong();
    });
    if ("days" in values) delete values["finish"]; // both together say one thing too many
    if (Object.keys(values).length) block.ops.push({ op: "set", row: row.id, version: row.version, values });
  });
  block.ops.push(...links);
  return block;
}

/** Over the cells from the active one on: the chosen rows where there are several, else as many as the text has lines. */
export function pasteOver(page: Page, text: string, row: Row, column: number): void {
  const several = page.chosen.length > 1;
  const place = page.model.place.get(row.id) ?? 0;
  const rows = several ? page.chosen : page.model.shown.slice(place).map((id) => page.model.rows.get(id) as Row);
  const { ops, wrong, beyond } = over(text, rows, page.grid.columns.slice(column), page.model, several);
  if (wrong.length) {
    const told = wrong.slice(0, 5).map((one) => `${one.row.wbs || one.row.name} · ${w(`column_${one.column.key}`)} “${one.value}”`);
    complain(page.cards, `${w("paste_wrong")} ${told.join("; ")}${wrong.length > told.length ? " …" : ""}`);
    for (const one of wrong) page.grid.refuse(one.row.id, one.column.key);
    return;
  }
  if (!ops.length) return;
  void page.edit(ops).then((ok) => {
    if (ok && beyond) complain(page.cards, w("paste_beyond", { count: beyond }));
  });
}
