/** A table of inputs like a spreadsheet: blocks from Excel are pasted from the cell on, Enter and arrows up and down move. */
import { each, island } from "../lib/dom";
import { cells } from "../plan/paste";

type Cell = HTMLInputElement | HTMLSelectElement;

/** The value of the choice that a pasted word means: its text or its code, in any case. */
export function choice(options: { value: string; text: string }[], pasted: string): string | undefined {
  const word = pasted.trim().toLowerCase();
  return options.find((option) => option.text.trim().toLowerCase() === word || option.value.toLowerCase() === word)?.value;
}

function lines(table: HTMLTableElement): Cell[][] {
  return [...table.tBodies[0]?.rows ?? []].map((row) =>
    [...row.querySelectorAll<Cell>("input:not([type=hidden]):not([type=checkbox]), select")],
  );
}

function put(cell: Cell, text: string): void {
  if (cell instanceof HTMLSelectElement) {
    const found = choice([...cell.options], text);
    if (found !== undefined) cell.value = found;
  } else if (!cell.readOnly) cell.value = text.trim().slice(0, cell.maxLength > 0 ? cell.maxLength : undefined);
  cell.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Names of a copied row: `f-3-2027` becomes `f-4-2027`. */
export function renumbered(name: string, number: number): string {
  return name.replace(/^([a-z]+-)\d+(-|$)/, `$1${number}$2`);
}

/** One more row below the last, empty, where the table may grow. */
function grow(table: HTMLTableElement): void {
  const last = table.tBodies[0]?.rows[table.tBodies[0].rows.length - 1];
  if (!last || table.dataset["sheetGrid"] !== "grow" || !last.querySelector("input.cell")) return;
  const copy = last.cloneNode(true) as HTMLTableRowElement;
  const number = (table.tBodies[0]?.rows.length ?? 0) + 1;
  for (const cell of copy.querySelectorAll<Cell>("input, select")) {
    cell.name = renumbered(cell.name, number);
    cell.removeAttribute("aria-invalid");
    cell.setAttribute("aria-label", (cell.getAttribute("aria-label") ?? "").replace(/\d+$/, cell.classList.contains("cell") ? "$&" : String(number)));
    if (cell instanceof HTMLInputElement && cell.type !== "hidden" && cell.type !== "checkbox") cell.value = "";
  }
  for (const error of copy.querySelectorAll(".err")) error.remove();
  const head = copy.querySelector("th");
  if (head) head.textContent = String(number);
  last.after(copy);
}

function start(table: HTMLTableElement): void {
  const place = (target: EventTarget | null): [number, number] | null => {
    const rows = lines(table);
    for (const [at, row] of rows.entries()) {
      const column = row.indexOf(target as Cell);
      if (column >= 0) return [at, column];
    }
    return null;
  };
  table.addEventListener("paste", (event) => {
    const block = cells(event.clipboardData?.getData("text/plain") ?? "");
    const from = place(event.target);
    if (!from || (block.length < 2 && (block[0]?.length ?? 0) < 2)) return;
    event.preventDefault();
    for (let missing = from[0] + block.length - lines(table).length; missing > 0; missing -= 1) grow(table);
    const rows = lines(table);
    block.forEach((row, down) => {
      row.forEach((text, right) => {
        const cell = rows[from[0] + down]?.[from[1] + right];
        if (cell) put(cell, text);
      });
    });
  });
  table.addEventListener("keydown", (event) => {
    if (event.target instanceof HTMLSelectElement || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = event.key === "ArrowDown" || event.key === "Enter" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const from = step ? place(event.target) : null;
    const next = from ? lines(table)[from[0] + step]?.[from[1]] : undefined;
    if (event.key === "Enter") event.preventDefault();
    if (!next) return;
    event.preventDefault();
    next.focus();
    if (next instanceof HTMLInputElement) next.select();
  });
}

island((root) => each<HTMLTableElement>(root, "table[data-sheet-grid]", "sheet", start));
