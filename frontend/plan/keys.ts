/** Everything that the pointer can do has a key. The grid is one stop of the Tab key; Tab leaves it. */
import { shifted } from "./drag";
import type { Page } from "./page";
import type { Row } from "./types";

export function keysOf(page: Page): void {
  page.treegrid.addEventListener("keydown", (event) => {
    if (event.target !== page.treegrid) return;
    if (handled(page, event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  });
  page.treegrid.addEventListener("paste", (event) => {
    if (event.target !== page.treegrid || !page.model.mayEdit()) return;
    event.preventDefault();
    page.paste(event.clipboardData?.getData("text/plain") ?? "");
  });
  page.treegrid.addEventListener("copy", (event) => {
    if (event.target !== page.treegrid) return;
    event.preventDefault();
    const lines = page.chosen.map((row) => page.grid.columns.map((column) => column.text(row, page.model)).join("\t"));
    event.clipboardData?.setData("text/plain", lines.join("\n"));
  });
}

function handled(page: Page, event: KeyboardEvent): boolean {
  const command = event.ctrlKey || event.metaKey;
  if (event.altKey) return withAlt(page, event);
  if (command) return withControl(page, event);
  return plain(page, event);
}

function withAlt(page: Page, event: KeyboardEvent): boolean {
  if (event.shiftKey) {
    if (event.key === "ArrowRight") page.command("indent");
    else if (event.key === "ArrowLeft") page.command("outdent");
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") reorder(page, event.key === "ArrowDown");
    else return false;
    return true;
  }
  const row = page.activeRow;
  if (!row || !event.key.startsWith("Arrow") || event.ctrlKey || event.metaKey || row.summary || !page.model.mayEdit()) return false;
  const by = event.key === "ArrowRight" || event.key === "ArrowUp" ? 1 : -1;
  // The row as it will be when the edits before this one are done: keys may come faster than answers.
  const then = (change: (now: Row) => Record<string, unknown> | null): void =>
    void page.edit(() => {
      const now = page.model.rows.get(row.id);
      const values = now ? change(now) : null;
      return now && values ? [{ op: "set", row: now.id, version: now.version, values }] : [];
    });
  if (event.key === "ArrowUp" || event.key === "ArrowDown") then((now) => (now.days === null ? null : { days: Math.max(0, now.days + by) }));
  else
    then((now) => {
      const at = now.kind === "finish_milestone" ? now.finish : now.start;
      return at ? { start: workday(page, at, by) } : null;
    });
  return true;
}

/** The next working day in that direction. */
function workday(page: Page, iso: string, by: number): string {
  const calendar = page.model.calendarOf(undefined);
  let day = iso;
  for (let step = 0; step < 40; step += 1) {
    day = shifted(day, by);
    const works = calendar?.week[(new Date(`${day}T00:00Z`).getUTCDay() + 6) % 7] ?? true;
    const free = calendar?.free.some(([first, last]) => first <= day && day <= last) ?? false;
    if (works && !free) break;
  }
  return day;
}

function reorder(page: Page, down: boolean): void {
  const row = page.activeRow;
  if (!row) return;
  const siblings = page.model.order.map((id) => page.model.rows.get(id)).filter((one) => one && one.parent === row.parent);
  const at = siblings.findIndex((one) => one?.id === row.id);
  const target = down ? siblings[at + 1] : siblings[at - 2];
  if (down && !target) return;
  if (!down && at === 0) return;
  const after = target?.id ?? row.parent;
  void page.edit([{ op: "move", rows: [row.id], after, level: row.level }]);
}

function withControl(page: Page, event: KeyboardEvent): boolean {
  const key = event.key.toLowerCase();
  if (key === "z") page.command(event.shiftKey ? "redo" : "undo");
  else if (key === "y") page.command("redo");
  else if (key === "i") page.command("add");
  else if (key === "a") {
    page.grid.selected = new Set(page.model.shown);
    page.remark();
  } else if (key === " ") {
    const row = page.activeRow;
    if (row) page.pick(row.id, page.grid.active?.column ?? 1, true);
  } else if (key === "home") page.step(-page.model.shown.length);
  else if (key === "end") page.step(page.model.shown.length);
  else return false;
  return true;
}

function plain(page: Page, event: KeyboardEvent): boolean {
  const row = page.activeRow;
  const steps: Record<string, number> = { ArrowUp: -1, ArrowDown: 1, PageUp: -15, PageDown: 15 };
  const by = steps[event.key];
  if (by !== undefined) page.step(by, event.shiftKey);
  else if (event.key === "ArrowRight" || event.key === "ArrowLeft") horizontal(page, event.key === "ArrowRight");
  else if (event.key === "Home") page.sideways(-page.grid.columns.length);
  else if (event.key === "End") page.sideways(page.grid.columns.length);
  else if (event.key === "Enter" && event.shiftKey) page.command("details");
  else if (event.key === "Enter" || event.key === "F2") page.cell.begin();
  else if (event.key === "Insert") page.command("add");
  else if (event.key === "Delete") page.command("remove");
  else if (event.key === " " && row?.summary) page.fold(row.id);
  else if (event.key === "+") page.zoomBy(-1);
  else if (event.key === "-") page.zoomBy(1);
  else if (event.key === "l") page.command("link");
  else if (event.key === "L") page.command("unlink");
  else if (event.key === "c") page.showNow(row);
  else if (event.key === "?") page.command("keys");
  else if (event.key === "Escape") {
    page.cards.replaceChildren();
    page.grid.selected = new Set(row ? [row.id] : []);
    page.remark();
  } else if (/^\d$/.test(event.key)) page.cell.begin(event.key);
  else return false;
  return true;
}

/** On the name of a summary the arrows fold and unfold first, as in every tree. */
function horizontal(page: Page, right: boolean): void {
  const row = page.activeRow;
  const column = page.grid.active ? page.grid.columns[page.grid.active.column] : undefined;
  if (row?.summary && column?.key === "name") {
    const folded = page.model.folded.has(row.id);
    if (right && folded) return page.fold(row.id, true);
    if (!right && !folded) return page.fold(row.id, false);
  }
  page.sideways(right ? 1 : -1);
}
