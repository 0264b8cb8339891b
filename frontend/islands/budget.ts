/** The sheet of a budget as a spreadsheet: keys, selection, paste from Excel, fill, undo, live sums. Without it the form works as well. */
import { amountText, readAmount, type Wrong } from "../budget/amounts";
import { corners, lay } from "../budget/block";
import { Steps, type Change } from "../budget/undo";
import { each, island, make } from "../lib/dom";
import { nextCell } from "../lib/hours";
import { fill, language } from "../lib/texts";
import { table as tableOf } from "../plan/paste";

type Control = HTMLInputElement | HTMLSelectElement;

const WORDS = ["wbs", "text", "cost_type", "cost_centre", "spending", "reserve", "currency"];
const MOST = 2000;
const SHOWN = 8;
const digitsOf = new Map<string, number>();

function digits(currency: string): number {
  let found = digitsOf.get(currency);
  if (found === undefined) {
    try {
      found = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
    } catch {
      found = 2; // no currency at all: the server names it with its row
    }
    digitsOf.set(currency, found);
  }
  return found;
}

class Sheet {
  private readonly body: HTMLTableSectionElement;
  private readonly steps = new Steps<Control>();
  private readonly known = new WeakMap<Control, { text: string; value: number | Wrong }>();
  private lines: Control[][] = [];
  private anchor: [number, number] | null = null;
  private head: [number, number] | null = null;
  private before = "";
  private waiting = false;

  constructor(private readonly form: HTMLFormElement, grid: HTMLTableElement) {
    this.body = grid.tBodies[0] as HTMLTableSectionElement;
    this.collect();
    form.addEventListener("formdata", (event) => this.pack(event.formData));
    form.addEventListener("input", () => this.later());
    form.addEventListener("click", (event) => this.click(event));
    this.body.addEventListener("focusin", (event) => this.enter(event.target));
    this.body.addEventListener("focusout", (event) => this.leave(event.target));
    this.body.addEventListener("change", (event) => this.changed(event.target));
    this.body.addEventListener("keydown", (event) => this.key(event));
    this.body.addEventListener("pointerdown", (event) => this.point(event));
    this.body.addEventListener("paste", (event) => this.paste(event));
    this.body.addEventListener("copy", (event) => this.copy(event));
    form.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
      form.requestSubmit(form.querySelector<HTMLButtonElement>(".ts-acts button[value='save']"));
    });
  }

  // ── rows and cells ─────────────────────────────────────────────────────────────────────────────

  private collect(): void {
    this.lines = [...this.body.rows]
      .filter((row) => row.dataset["row"])
      .map((row) => [...row.querySelectorAll<Control>("input.word-in, td > select, input.cell")]);
  }

  private at(target: EventTarget | null): [number, number] | null {
    if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return null;
    const row = target.closest("tr");
    const number = this.lines.findIndex((line) => line[0]?.closest("tr") === row);
    const column = this.lines[number]?.indexOf(target) ?? -1;
    return number >= 0 && column >= 0 ? [number, column] : null;
  }

  private cell(row: number, column: number): Control | undefined {
    return this.lines[row]?.[column];
  }

  private rowName(row: number): string {
    return this.lines[row]?.[0]?.closest("tr")?.dataset["row"] ?? String(row + 1);
  }

  /** The columns that are shown, by their place in a row: cost type and the like can be put away. */
  private shown(): number[] {
    return (this.lines[0] ?? []).map((cell, column) => (cell.closest("td")?.offsetParent ? column : -1)).filter((column) => column >= 0);
  }

  private next(name: string, shift: boolean, place: [number, number]): [number, number] | null {
    const shown = this.shown();
    const found = nextCell(name, shift, place[0], shown.indexOf(place[1]), this.lines.length, shown.length);
    return found ? [found[0], shown[found[1]] ?? place[1]] : null;
  }

  private month(column: number): string {
    return /\d{4}-\d{2}$/.exec(this.cell(0, column)?.name ?? "")?.[0] ?? "";
  }

  private currency(row: number): string {
    return (this.cell(row, WORDS.indexOf("currency"))?.value.trim() || this.form.dataset["currency"] || "EUR").toUpperCase();
  }

  private value(cell: Control, currency: string): number | Wrong {
    const had = this.known.get(cell);
    if (had?.text === `${currency}${cell.value}`) return had.value;
    const value = readAmount(cell.value, language(), digits(currency), currency);
    this.known.set(cell, { text: `${currency}${cell.value}`, value });
    return value;
  }

  private add(count: number): void {
    const pattern = this.form.querySelector<HTMLTemplateElement>("#bs-row");
    if (!pattern) return;
    this.body.querySelector("tr:not([data-row])")?.remove();
    let last = Math.max(0, ...[...this.body.rows].map((row) => Number(row.dataset["row"] ?? 0)));
    for (let done = 0; done < count; done += 1) {
      last += 1;
      const row = (pattern.content.cloneNode(true) as DocumentFragment).querySelector("tr");
      if (!row) return;
      row.dataset["row"] = String(last);
      row.querySelector("th")?.prepend(String(last));
      for (const control of row.querySelectorAll<Control>("[name]")) {
        control.name = control.name.replace("-0-", `-${last}-`);
        control.setAttribute("aria-label", `${control.getAttribute("aria-label") ?? ""} ${last}`);
      }
      this.body.append(row);
    }
    this.collect();
    this.later();
  }

  /** One field instead of some thousand; the row to spread is counted among the rows that are sent. */
  private pack(data: FormData): void {
    const rows: Record<string, unknown>[] = [];
    let wanted = "";
    for (const line of this.lines) {
      const row = line[0]?.closest("tr");
      if (!row || row.querySelector<HTMLInputElement>("input[name$='-remove']")?.checked) continue;
      const months: Record<string, string> = {};
      const plain: Record<string, unknown> = { id: row.querySelector<HTMLInputElement>("input[name$='-id']")?.value ?? "", months };
      line.forEach((cell, column) => {
        const word = WORDS[column];
        if (word) plain[word] = cell.value;
        else if (cell.value.trim()) months[/\d{4}-\d{2}$/.exec(cell.name)?.[0] ?? ""] = cell.value;
      });
      const empty = !plain["id"] && !plain["wbs"] && !plain["text"] && !Object.keys(months).length;
      if (!empty) {
        rows.push(plain);
        if (row.dataset["row"] === data.get("phase_row")) wanted = String(rows.length);
      }
    }
    for (const name of [...data.keys()]) if (/^(line|cell)-/.test(name)) data.delete(name);
    data.set("grid", JSON.stringify({ rows }));
    if (data.get("phase_row")) data.set("phase_row", wanted);
  }

  // ── sums ───────────────────────────────────────────────────────────────────────────────────────

  private later(): void {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.sums();
    });
  }

  private sums(): void {
    const own = this.form.dataset["currency"] ?? "EUR";
    const columns: number[] = [];
    let all = 0;
    this.lines.forEach((line, row) => {
      const tr = line[0]?.closest("tr");
      const gone = tr?.querySelector<HTMLInputElement>("input[name$='-remove']")?.checked ?? false;
      tr?.classList.toggle("gone", gone);
      const currency = this.currency(row);
      let total = 0;
      for (let column = WORDS.length; column < line.length; column += 1) {
        const cell = line[column] as Control;
        const value = this.value(cell, currency);
        if (typeof value === "number") {
          total += value;
          if (currency === own && !gone) columns[column - WORDS.length] = (columns[column - WORDS.length] ?? 0) + value;
          if (cell.hasAttribute("aria-invalid") && value >= 0) cell.removeAttribute("aria-invalid");
        }
      }
      const place = tr?.querySelector("[data-row-total]");
      if (place) place.textContent = amountText(total, language(), digits(currency)) || "0";
      if (currency === own && !gone) all += total;
    });
    for (const place of this.form.querySelectorAll<HTMLElement>("[data-sum]")) {
      place.textContent = amountText(columns[Number(place.dataset["sum"])] ?? 0, language(), digits(own));
    }
    const total = this.form.querySelector("[data-total]");
    if (total) total.textContent = amountText(all, language(), digits(own)) || "0";
  }

  // ── focus, selection, keys ─────────────────────────────────────────────────────────────────────

  private enter(target: EventTarget | null): void {
    const place = this.at(target);
    if (!place) return;
    const cell = target as Control;
    this.before = cell.value;
    if (cell instanceof HTMLInputElement) cell.select();
    this.select(place, place);
    const field = this.form.querySelector<HTMLInputElement>("input[name='phase_row']");
    if (field) field.value = this.rowName(place[0]);
  }

  private leave(target: EventTarget | null): void {
    const place = this.at(target);
    if (!place || !(target instanceof HTMLInputElement) || !target.matches("input.cell") || target.readOnly) return;
    const currency = this.currency(place[0]);
    const value = this.value(target, currency);
    if (typeof value === "number") target.value = amountText(value, language(), digits(currency));
    if (typeof value !== "number" || value < 0) target.setAttribute("aria-invalid", "true");
    this.changed(target);
    this.later();
  }

  /** A cell was typed into: one step to undo. */
  private changed(target: EventTarget | null): void {
    if (!this.at(target)) return;
    const cell = target as Control;
    this.steps.push([{ cell, before: this.before, after: cell.value }]);
    this.before = cell.value;
  }

  private select(from: [number, number], to: [number, number]): void {
    for (const cell of this.body.querySelectorAll(".sel")) cell.classList.remove("sel");
    this.anchor = from;
    this.head = to;
    const box = corners(from, to);
    if (box.top === box.bottom && box.left === box.right) return;
    for (let row = box.top; row <= box.bottom; row += 1) {
      for (let column = box.left; column <= box.right; column += 1) this.cell(row, column)?.closest("td")?.classList.add("sel");
    }
  }

  private box(): { top: number; left: number; bottom: number; right: number } | null {
    return this.anchor && this.head ? corners(this.anchor, this.head) : null;
  }

  private many(): boolean {
    const box = this.box();
    return box !== null && (box.top !== box.bottom || box.left !== box.right);
  }

  private point(event: PointerEvent): void {
    const place = this.at(event.target);
    if (!place || !event.shiftKey || !this.anchor) return;
    event.preventDefault();
    this.select(this.anchor, place);
  }

  private key(event: KeyboardEvent): void {
    const place = this.at(event.target);
    if (!place) return;
    const cell = event.target as Control;
    const command = event.ctrlKey || event.metaKey;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (command && !event.altKey) {
      if (name === "z" && !event.shiftKey && cell.value === this.before) this.step(event, this.steps.back());
      else if (name === "y" || (name === "z" && event.shiftKey)) this.step(event, this.steps.forth());
      else if (name === "r") this.copyOn(event, place, true);
      else if (name === "d") this.copyOn(event, place, false);
      else if (name === "Home" || name === "End") this.go(event, name === "Home" ? [0, WORDS.length] : [this.lines.length - 1, (this.lines[0]?.length ?? 1) - 1]);
      return;
    }
    if (event.altKey) return;
    if (event.key === "Escape") {
      cell.value = this.before;
      if (cell instanceof HTMLInputElement) cell.select();
      this.later();
      return;
    }
    if ((event.key === "Delete" || event.key === "Backspace") && this.many()) {
      event.preventDefault();
      this.clear();
      return;
    }
    if (event.shiftKey && event.key.startsWith("Arrow") && cell.matches("input.cell")) {
      const to = this.head ?? place;
      const next = this.next(event.key, false, to);
      event.preventDefault();
      if (next && next[1] >= WORDS.length) this.select(this.anchor ?? place, next);
      return;
    }
    if (cell instanceof HTMLSelectElement && event.key !== "ArrowLeft" && event.key !== "ArrowRight" && event.key !== "Enter") return;
    if (cell instanceof HTMLInputElement) {
      const whole = cell.selectionStart === 0 && cell.selectionEnd === cell.value.length;
      if (event.key === "ArrowLeft" && !whole && cell.selectionStart !== 0) return;
      if (event.key === "ArrowRight" && !whole && cell.selectionEnd !== cell.value.length) return;
      if (cell.list && (event.key === "ArrowUp" || event.key === "ArrowDown")) return; // the browser's own list
    }
    const next = this.next(event.key, event.shiftKey, place);
    if (event.key === "Enter") event.preventDefault(); // Enter moves; the buttons and Ctrl S save
    if (next) this.go(event, next);
  }

  private go(event: Event, place: [number, number]): void {
    event.preventDefault();
    this.cell(place[0], place[1])?.focus();
  }

  private step(event: Event, writes: { cell: Control; text: string }[]): void {
    event.preventDefault();
    for (const { cell, text } of writes) cell.value = text;
    if (writes.length) this.said([]);
    if (document.activeElement instanceof HTMLInputElement) this.before = document.activeElement.value;
    this.tell();
  }

  /** The form and the sums learn of what was written by a script. */
  private tell(): void {
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  private write(changes: { cell: Control; text: string }[]): void {
    const step: Change<Control>[] = changes.map(({ cell, text }) => ({ cell, before: cell.value, after: text }));
    for (const change of step) change.cell.value = change.after;
    this.steps.push(step);
    if (document.activeElement instanceof HTMLInputElement) this.before = document.activeElement.value;
    this.tell();
  }

  private clear(): void {
    const box = this.box();
    if (!box) return;
    const changes: { cell: Control; text: string }[] = [];
    for (let row = box.top; row <= box.bottom; row += 1) {
      for (let column = box.left; column <= box.right; column += 1) {
        const cell = this.cell(row, column);
        if (cell instanceof HTMLInputElement && !cell.readOnly) changes.push({ cell, text: "" });
      }
    }
    this.write(changes);
  }

  /** Ctrl R and Ctrl D: the first column or row of the selection into the rest; without one, to the end of the row or one down. */
  private copyOn(event: KeyboardEvent, place: [number, number], right: boolean): void {
    event.preventDefault();
    const box = this.box() ?? { top: place[0], left: place[1], bottom: place[0], right: place[1] };
    if (!this.many()) {
      if (right) box.right = (this.lines[place[0]]?.length ?? 1) - 1;
      else box.bottom = Math.min(place[0] + 1, this.lines.length - 1);
    }
    const changes: { cell: Control; text: string }[] = [];
    for (let row = box.top; row <= box.bottom; row += 1) {
      for (let column = box.left; column <= box.right; column += 1) {
        const source = right ? this.cell(row, box.left) : this.cell(box.top, column);
        const cell = this.cell(row, column);
        if (!source || !cell || cell === source || (cell instanceof HTMLInputElement && cell.readOnly)) continue;
        if (cell.matches("input.cell") === source.matches("input.cell")) changes.push({ cell, text: source.value });
      }
    }
    this.write(changes);
  }

  // ── clipboard ──────────────────────────────────────────────────────────────────────────────────

  private copy(event: ClipboardEvent): void {
    const box = this.box();
    if (!box || !this.many()) return;
    const rows: string[] = [];
    for (let row = box.top; row <= box.bottom; row += 1) {
      const cells: string[] = [];
      for (let column = box.left; column <= box.right; column += 1) {
        const cell = this.cell(row, column);
        cells.push(cell instanceof HTMLSelectElement ? (cell.selectedOptions[0]?.text ?? "") : (cell?.value ?? ""));
      }
      rows.push(cells.join("\t"));
    }
    event.clipboardData?.setData("text/plain", rows.join("\r\n"));
    event.preventDefault();
  }

  private paste(event: ClipboardEvent): void {
    const place = this.at(event.target);
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!place || (!/[\t\n\r]/.test(text) && !this.many())) return;
    event.preventDefault();
    const box = this.box() ?? { top: place[0], left: place[1], bottom: place[0], right: place[1] };
    const shown = this.shown();
    const laid = lay(tableOf(text), box.top, shown.indexOf(box.left), this.lines.length, shown.length, MOST, box.bottom - box.top + 1, box.right - box.left + 1);
    if (laid.added) this.add(laid.added);
    const words: string[] = [];
    const changes: { cell: Control; text: string }[] = [];
    for (const one of laid.places) {
      const column = shown[one.column] ?? 0;
      const cell = this.cell(one.row, column);
      if (!cell) continue;
      const said = this.fit(cell, one.row, column, one.text.trim(), changes);
      if (said) words.push(said);
    }
    this.write(changes);
    for (const change of changes) if (change.cell.matches("input.cell")) this.mark(change.cell);
    const month = this.month((this.lines[0]?.length ?? 1) - 1);
    if (laid.beyond) words.push(fill(this.form.dataset["tBeyond"] ?? "", { count: laid.beyond, month }));
    if (laid.below) words.push(fill(this.form.dataset["tBelow"] ?? "", { count: laid.below }));
    this.said([fill(this.form.dataset["tPasted"] ?? "", { count: changes.length }), ...words], words.length > 0);
  }

  /** Put a pasted text into its cell, or say why not. */
  private fit(cell: Control, row: number, column: number, text: string, changes: { cell: Control; text: string }[]): string {
    const names = { row: this.rowName(row), month: this.month(column), text: text.slice(0, 40) };
    if (cell instanceof HTMLSelectElement) {
      const wanted = text.toLowerCase();
      const option = [...cell.options].find((one) => one.value.toLowerCase() === wanted || one.text.trim().toLowerCase() === wanted);
      if (!option) return fill(this.form.dataset["tChoice"] ?? "", names);
      changes.push({ cell, text: option.value });
      return "";
    }
    if (!cell.matches("input.cell")) {
      changes.push({ cell, text: text.slice(0, cell.maxLength > 0 ? cell.maxLength : 300) });
      return "";
    }
    const currency = this.currency(row);
    const value = readAmount(text, language(), digits(currency), currency);
    if (cell.readOnly) return text && value !== this.value(cell, currency) ? fill(this.form.dataset["tClosed"] ?? "", names) : "";
    changes.push({ cell, text: typeof value === "number" ? amountText(value, language(), digits(currency)) : text.slice(0, 30) });
    if (value === "number") return fill(this.form.dataset["tNumber"] ?? "", names);
    if (value === "decimals") return fill(this.form.dataset["tDecimals"] ?? "", { ...names, digits: digits(currency) });
    return value < 0 ? fill(this.form.dataset["tNegative"] ?? "", names) : "";
  }

  private mark(cell: Control): void {
    const place = this.at(cell);
    if (!place) return;
    const value = this.value(cell, this.currency(place[0]));
    if (typeof value !== "number" || value < 0) cell.setAttribute("aria-invalid", "true");
  }

  private said(texts: string[], problem = false): void {
    const box = this.form.querySelector<HTMLElement>("#bs-said");
    if (!box) return;
    box.replaceChildren();
    box.hidden = !texts.length;
    box.classList.toggle("warn", problem);
    const list = make("ul");
    for (const text of texts.slice(0, SHOWN)) list.append(make("li", { text }));
    if (texts.length > SHOWN) list.append(make("li", { text: fill(this.form.dataset["tMore"] ?? "", { count: texts.length - SHOWN }) }));
    if (texts.length) box.append(list);
  }

  private click(event: Event): void {
    const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>("button[name='then'][value='row']") : null;
    if (button) {
      event.preventDefault();
      this.add(1);
      this.cell(this.lines.length - 1, 0)?.focus();
    }
  }
}

island((root) =>
  each<HTMLFormElement>(root, "form[data-budget-grid]", "budget", (form) => {
    const grid = form.querySelector<HTMLTableElement>("#bs-grid");
    if (grid && form.querySelector("#bs-row")) new Sheet(form, grid);
  }),
);
