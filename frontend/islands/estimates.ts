/** Three-point estimates as a spreadsheet: Enter and arrows move, a block from Excel is pasted, Ctrl S saves. Without it the form works as well. */
import { each, island } from "../lib/dom";
import { nextCell } from "../lib/hours";
import { table } from "../plan/paste";

function start(form: HTMLFormElement): void {
  const body = form.querySelector<HTMLTableSectionElement>("#est-grid tbody");
  if (!body) return;
  const lines = (): HTMLInputElement[][] => [...body.rows].map((row) => [...row.querySelectorAll<HTMLInputElement>("input:not([type='hidden'])")]);

  form.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector<HTMLButtonElement>("button[name='then'][value='save']"));
      return;
    }
    if (!(cell instanceof HTMLInputElement) || !body.contains(cell) || event.altKey || event.ctrlKey || event.metaKey) return;
    const whole = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
    if (event.key === "ArrowLeft" && !whole && cell.selectionStart !== 0) return;
    if (event.key === "ArrowRight" && !whole && cell.selectionEnd !== cell.value.length) return;
    const grid = lines();
    const row = grid.findIndex((cells) => cells.includes(cell));
    const cells = grid[row] ?? [];
    const target = nextCell(event.key, event.shiftKey, row, cells.indexOf(cell), grid.length, cells.length);
    if (event.key === "Enter") event.preventDefault(); // Enter moves; the buttons and Ctrl S save
    if (!target) return;
    event.preventDefault();
    grid[target[0]]?.[target[1]]?.focus();
  });
  form.addEventListener("focusin", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.matches("input.cell")) event.target.select();
  });
  body.addEventListener("paste", (event) => {
    const cell = event.target;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!(cell instanceof HTMLInputElement) || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    const grid = lines();
    const row = grid.findIndex((cells) => cells.includes(cell));
    const column = grid[row]?.indexOf(cell) ?? 0;
    table(text).forEach((values, down) => {
      values.forEach((value, right) => {
        const into = grid[row + down]?.[column + right];
        if (!into) return;
        into.value = value.trim();
        into.dispatchEvent(new Event("input", { bubbles: true }));
      });
    });
  });
}

island((root) => each<HTMLFormElement>(root, "[data-estimates]", "estimates", start));
