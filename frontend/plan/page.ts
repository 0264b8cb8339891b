/** The plan page: grid and chart side by side, editing, undo, the other planners' changes. */
import { answerSoon } from "./answer";
import { Api, PlanRefused } from "./api";
import { Chart } from "./chart";
import { Bar } from "./bar";
import { Cell } from "./cell";
import { clicks } from "./clicks";
import { COLUMNS, type Column, fitted } from "./columns";
import { dragging } from "./drag";
import { Grid } from "./grid";
import { keysOf } from "./keys";
import { kept, remember } from "./memory";
import { Model } from "./model";
import { Panel } from "./panel";
import { Scale, type Zoom, ZOOMS } from "./scale";
import { goesOver, pasteOver } from "./block";
import { pasted } from "./paste";
import { RESCHEDULE, Steps, upToDate } from "./steps";
import { ask, askReason, card, complain, conflictTable, keysTable, movesTable } from "./talk";
import type { Data, Edited, Effect, Operation, Row } from "./types";
import { w } from "./words";

const POLL = 4000;
const MARGIN = 12;
const PLANNING = new Set(["add", "remove", "indent", "outdent", "link", "unlink", "reschedule", "dates_win"]);

export class Page {
  readonly model = new Model();
  readonly api: Api;
  readonly grid: Grid;
  readonly chart: Chart;
  readonly panel: Panel;
  readonly scroller: HTMLElement;
  readonly cards: HTMLElement;
  private readonly live: HTMLElement | null;
  readonly treegrid: HTMLElement;
  readonly steps: Steps;
  readonly cell: Cell;
  /** Show what an edit moves before it is done. */
  previewing = false;
  zoom: Zoom;
  private readonly toolbar: Bar;
  private busy: Promise<unknown> = Promise.resolve();
  private drawn = { from: -1, to: -1 };
  private span = "";
  /** The row where a choice of several begins. */
  private anchor: number | null = null;

  constructor(readonly host: HTMLElement) {
    const find = (name: string): HTMLElement => host.querySelector<HTMLElement>(`[data-pl="${name}"]`) as HTMLElement;
    this.api = new Api({ data: host.dataset["data"] ?? "", edit: host.dataset["edit"] ?? "", undo: host.dataset["undo"] ?? "", reschedule: host.dataset["reschedule"] ?? "" });
    this.scroller = find("scroll");
    this.treegrid = find("grid");
    this.cards = find("cards");
    this.live = host.querySelector('[data-pl="live"]');
    const rowHeight = Number.parseFloat(getComputedStyle(host).getPropertyValue("--pl-row")) || 28;
    this.grid = new Grid(this.model, find("head"), find("body"), this.treegrid, rowHeight);
    this.chart = new Chart(this.model, find("axis"), find("chart"), rowHeight);
    this.panel = new Panel(find("panel"), this.model, (ops, reason) => this.edit(ops, reason, true));
    const memory = kept();
    this.zoom = ZOOMS.find((one) => one === memory.zoom) ?? "month";
    this.previewing = memory.layers?.["preview"] ?? false;
    Object.assign(this.chart.layers, Object.fromEntries(Object.entries(memory.layers ?? {}).filter(([name]) => name in this.chart.layers)));
    const narrow = matchMedia("(max-width: 720px)").matches;
    const standard = COLUMNS.filter((column) => (narrow ? ["name", "start", "finish", "percent"].includes(column.key) : memory.columns ? memory.columns.includes(column.key) : column.standard));
    this.grid.setColumns(narrow ? fitted(standard, host.clientWidth) : standard);
    this.scroller.addEventListener("scroll", () => this.onScroll(), { passive: true });
    new ResizeObserver(() => this.redraw()).observe(this.scroller);
    clicks(this);
    dragging(this.chart.body, {
      model: this.model,
      chart: this.chart,
      done: (ops) => void this.edit(ops),
      chosen: () => this.chosen,
      pick: (id, more) => this.pick(id, this.grid.active?.column ?? 1, more),
    });
    keysOf(this);
    this.steps = new Steps(this);
    this.cell = new Cell(this);
    this.toolbar = new Bar(this, find("bar"));
    this.toolbar.zoom();
    void this.start();
  }

  private async start(): Promise<void> {
    try {
      const data = await this.api.load();
      if (data) {
        this.model.take(data);
        if (!kept().zoom) this.zoom = this.fitting();
        this.take(data, true);
        this.toolbar.zoom();
      }
    } catch (error) {
      complain(this.cards, error instanceof Error ? error.message : String(error));
      return;
    }
    const wanted = /^#row-(\d+)$/.exec(location.hash)?.[1];
    const first = wanted && this.model.place.has(Number(wanted)) ? Number(wanted) : this.model.shown[0];
    if (first !== undefined) this.activate(first, 1, false);
    const today = this.chart.scale.x(new Date().toISOString().slice(0, 10));
    if (today > this.room * 0.7) this.showNow();
    this.host.dataset["ready"] = "1";
    setInterval(() => void this.poll(), POLL);
    document.addEventListener("visibilitychange", () => void this.poll());
  }

  // ── drawing ────────────────────────────────────────────────────────────────────────────────────

  take(data: Data | Edited, rescale = false): Set<number> {
    const active = this.grid.active;
    const place = active ? this.model.place.get(active.id) : undefined;
    const changed = this.model.take(data);
    const span = this.model.span().join();
    if (rescale || this.span !== span) this.rescale();
    this.span = span;
    if (active && place !== undefined && !this.model.rows.has(active.id)) {
      // The active row is gone: the one that stands in its place now.
      const next = this.model.shown[Math.min(place, this.model.shown.length - 1)];
      this.grid.selected = new Set(next === undefined ? [] : [next]);
      this.grid.active = next === undefined ? null : { id: next, column: active.column };
    }
    this.redraw(changed);
    if (data.reset) this.toolbar.baselines();
    this.toolbar.settings();
    if (this.host.dataset["ready"]) answerSoon();
    return changed;
  }

  /** The closest zoom at which nearly the whole plan is in sight. */
  private fitting(): Zoom {
    const [first, last] = this.model.span();
    const room = this.room * 1.35;
    return ZOOMS.find((zoom) => zoom !== "day" && new Scale(first, last, zoom, 0).width <= room) ?? "year";
  }

  private rescale(): void {
    const [first, last] = this.model.span();
    this.chart.scale = new Scale(first, last, this.zoom, this.room);
    this.treegrid.style.left = `${-this.over}px`;
    this.treegrid.classList.toggle("wide", this.over > 0);
    this.chart.begin(this.scroller.scrollLeft - this.over, this.room + this.over);
  }

  /** Pixels of the grid that scroll away: with many columns the chart keeps two fifths of the page. */
  private get over(): number {
    return Math.max(0, this.grid.width - Math.round(this.scroller.clientWidth * 0.6));
  }

  /** Pixels that the chart has. */
  private get room(): number {
    return Math.max(300, this.scroller.clientWidth - this.grid.width + this.over);
  }

  /** Put a place of the chart a part of its room from its left edge. */
  private scrollTo(x: number, part: number): void {
    this.scroller.scrollLeft = Math.max(0, x - this.room * part) + (x > this.room * part ? this.over : 0);
    this.chart.drawAxis(this.scroller.scrollLeft - this.over, this.room + this.over);
  }

  redraw(changed?: Set<number>): void {
    this.chart.forget();
    const height = Math.max(1, this.model.shown.length) * this.grid.rowHeight;
    this.grid.body.style.height = `${height}px`;
    this.chart.body.style.height = `${height}px`;
    this.drawn = { from: -1, to: -1 };
    this.paint(changed);
    this.remark();
    const empty = this.host.querySelector<HTMLElement>('[data-pl="empty"]');
    if (empty) {
      empty.hidden = this.model.shown.length > 0;
      empty.textContent = this.model.rows.size ? w("nothing_found") : w("empty");
    }
  }

  private onScroll(): void {
    const { from, to } = this.inSight();
    if (from < this.drawn.from || to > this.drawn.to) this.paint(new Set());
    if (this.over) this.grid.head.style.setProperty("--pg-shift", `${Math.min(this.scroller.scrollLeft, this.over)}px`);
    this.chart.drawAxis(this.scroller.scrollLeft - this.over, this.room + this.over);
  }

  private inSight(): { from: number; to: number } {
    const top = Math.max(0, this.scroller.scrollTop);
    const from = Math.floor(top / this.grid.rowHeight);
    return { from, to: Math.min(this.model.shown.length, from + Math.ceil(this.scroller.clientHeight / this.grid.rowHeight) + 1) };
  }

  /** The active cell or the selection has changed. */
  remark(): void {
    this.grid.remark();
    this.chart.mark(this.grid.active?.id ?? null);
  }

  private paint(changed?: Set<number>): void {
    const sight = this.inSight();
    const from = Math.max(0, sight.from - MARGIN);
    const to = Math.min(this.model.shown.length, sight.to + MARGIN);
    this.drawn = { from, to };
    this.grid.draw(from, to, changed);
    this.chart.draw(from, to);
  }

  setColumns(columns: Column[]): void {
    this.grid.setColumns(columns);
    this.rescale();
    this.redraw();
    this.keep();
  }

  setZoom(zoom: Zoom): void {
    const middle = this.chart.scale.day(this.scroller.scrollLeft - this.over + this.room / 2);
    this.zoom = zoom;
    this.rescale();
    this.redraw(new Set());
    this.scrollTo(this.chart.scale.x(middle), 0.5);
    this.toolbar.zoom();
    this.keep();
  }

  zoomBy(step: number): void {
    const next = ZOOMS[Math.max(0, Math.min(ZOOMS.length - 1, ZOOMS.indexOf(this.zoom) + step))];
    if (next) this.setZoom(next);
  }

  /** Bring today, or where the active row lies, into sight. */
  showNow(row?: Row): void {
    const at = row?.start ?? new Date().toISOString().slice(0, 10);
    this.scrollTo(this.chart.scale.x(at), 1 / 3);
  }

  /** Remember zoom, columns and layers in this browser. */
  keep(): void {
    if (!matchMedia("(max-width: 720px)").matches) remember({ zoom: this.zoom, columns: this.grid.columns.map((one) => one.key), layers: { ...this.chart.layers, preview: this.previewing } });
  }

  // ── what is active and selected ────────────────────────────────────────────────────────────────

  activate(id: number, column: number, scroll = true): void {
    this.grid.active = { id, column: Math.max(0, Math.min(this.grid.columns.length - 1, column)) };
    if (!this.grid.selected.size || !this.grid.selected.has(id)) this.grid.selected = new Set([id]);
    if (scroll) this.intoSight(id);
    this.remark();
    if (this.panel.openFor !== null && this.panel.openFor !== id) {
      const row = this.model.rows.get(id);
      if (row) this.panel.open(row, false);
    }
  }

  pick(id: number, column: number, more: boolean): void {
    if (more) {
      if (this.grid.selected.has(id)) this.grid.selected.delete(id);
      else this.grid.selected.add(id);
    } else this.grid.selected = new Set([id]);
    this.anchor = id;
    this.grid.active = { id, column };
    this.remark();
    this.treegrid.focus({ preventScroll: true });
  }

  /** Choose all rows from where the choice began to this one. */
  extend(id: number, column: number): void {
    const places = [this.model.place.get(this.anchor ?? id) ?? 0, this.model.place.get(id) ?? 0];
    this.grid.selected = new Set(this.model.shown.slice(Math.min(...places), Math.max(...places) + 1));
    this.activate(id, column);
    this.treegrid.focus({ preventScroll: true });
  }

  intoSight(id: number): void {
    const place = this.model.place.get(id);
    if (place === undefined) return;
    const top = place * this.grid.rowHeight;
    const room = this.scroller.clientHeight - 44 - this.grid.rowHeight;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    else if (top > this.scroller.scrollTop + room) this.scroller.scrollTop = top - room;
    const column = this.grid.active?.column ?? 0;
    const left = this.grid.left(column) - this.grid.frozen;
    if (left >= 0 && left < Math.min(this.scroller.scrollLeft, this.over)) this.scroller.scrollLeft = left;
    const { from, to } = this.inSight();
    if (from < this.drawn.from || to > this.drawn.to) this.paint(new Set());
  }

  get activeRow(): Row | undefined {
    return this.grid.active ? this.model.rows.get(this.grid.active.id) : undefined;
  }

  /** Selected rows in the order of the list. */
  get chosen(): Row[] {
    return this.model.shown.filter((id) => this.grid.selected.has(id)).map((id) => this.model.rows.get(id) as Row);
  }

  fold(id: number, open?: boolean): void {
    const folded = this.model.folded.has(id);
    if (open ?? folded) this.model.folded.delete(id);
    else this.model.folded.add(id);
    this.model.show();
    this.redraw(new Set([id]));
  }

  // ── editing ────────────────────────────────────────────────────────────────────────────────────

  /** Send operations; true when they were done. With the preview switch on, what follows is shown first.
   * Edits go one after the other: a function is asked for its operations when those before it are done. */
  edit(ops: Operation[] | (() => Operation[]), reason = "", fromPanel = false): Promise<boolean> {
    return this.queue(() => this.editNow(typeof ops === "function" ? ops() : this.steps.follow(ops), reason, fromPanel));
  }

  /** What goes to the server goes one after the other. */
  queue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.busy.then(work);
    this.busy = done.catch(() => undefined);
    return done;
  }

  private async editNow(ops: Operation[], reason: string, fromPanel: boolean): Promise<boolean> {
    if (!ops.length || !this.model.may(ops)) return false;
    try {
      if (this.previewing && ops.some((one) => !["indent", "outdent"].includes(one.op))) {
        const told = await this.api.preview(ops);
        const answer = await ask({ title: w("preview_title"), content: movesTable(told.effect, told.warnings), answers: [[w("apply"), "yes"], [w("discard"), ""]], wide: true });
        if (!answer) return false;
      }
      const edited = await this.api.edit(ops, this.model.revision, reason);
      this.applied(edited, ops, reason);
      return true;
    } catch (error) {
      await this.refused(error, ops, reason, fromPanel);
      return false;
    }
  }

  applied(edited: Edited, ops: Operation[], reason: string, again = false): void {
    this.take(edited);
    this.steps.note(edited, ops, reason, again);
    const added = Object.values(edited.refs)[0];
    if (added !== undefined && this.model.place.has(added)) this.activate(added, 1);
    this.told(edited.title || w("saved"), edited.effect, edited.warnings, edited.change !== null);
  }

  private told(title: string, effect: Effect, warnings: string[], undoable: boolean): void {
    card(this.cards, title, effect, warnings, {
      ...(undoable ? { undo: () => this.command("undo") } : {}),
      details: () => void ask({ title: w("what_changes"), content: movesTable(effect, warnings), answers: [[w("close"), ""]], wide: true }),
    });
  }

  private async refused(error: unknown, ops: Operation[], reason: string, fromPanel: boolean): Promise<void> {
    if (!(error instanceof PlanRefused)) {
      complain(this.cards, error instanceof Error ? error.message : String(error));
      return;
    }
    const { problem } = error;
    if (problem.conflicts?.length) {
      if (problem.data) this.take(problem.data);
      const answer = await ask({ title: problem.title, content: conflictTable(problem.conflicts, problem.changed_by ?? "", this.model), answers: [[w("keep_theirs"), ""], [w("take_mine"), "mine"]] });
      if (answer === "mine") {
        await this.editNow(upToDate(ops, this.model), reason, fromPanel);
      }
      return;
    }
    const fault = problem.errors?.[0];
    if (fault && fromPanel && this.panel.refuse(fault.field, fault.message)) return;
    if (fault?.field === "percent" && /reason|Begründung/i.test(fault.message) && !reason) {
      const given = await askReason(fault.message);
      if (given) await this.editNow(ops, given, fromPanel);
      return;
    }
    if (problem.cycle?.length) {
      for (const id of problem.cycle) this.grid.selected.add(id);
      this.remark();
    }
    for (const one of problem.errors ?? []) if (one.row !== null) this.grid.refuse(one.row, CELL_OF[one.field] ?? one.field);
    complain(this.cards, problem.errors?.map((one) => one.message).join(" ") || error.message);
  }

  private async poll(): Promise<void> {
    if (document.hidden || this.chart.dragging) return;
    await this.busy;
    try {
      const data = await this.api.load(this.model.revision, this.model.baseline?.number);
      if (data) {
        const changed = this.take(data);
        this.cell.place();
        if (this.live && changed.size) this.live.textContent = w("others_changed", { count: changed.size });
        for (const id of changed) this.grid.body.querySelector(`[data-id="${id}"]`)?.classList.add("fresh");
      }
    } catch {
      // offline for a moment: the next turn tries again
    }
  }

  step(by: number, extend = false): void {
    const active = this.grid.active;
    const place = active ? (this.model.place.get(active.id) ?? 0) : 0;
    const id = this.model.shown[Math.max(0, Math.min(this.model.shown.length - 1, place + by))];
    if (id === undefined) return;
    if (extend) {
      this.extend(id, active?.column ?? 1);
      return;
    }
    this.grid.selected = new Set([id]);
    this.anchor = id;
    this.activate(id, active?.column ?? 1);
  }

  sideways(by: number): void {
    const active = this.grid.active;
    if (active) this.activate(active.id, active.column + by);
  }

  addRow(): void {
    const row = this.activeRow;
    void this.edit([{ op: "add", ref: "new", after: row?.id ?? null, level: row?.level ?? 1, values: { name: w("new_row") } }]).then((ok) => {
      if (ok) this.cell.begin();
    });
  }

  removeRows(): void {
    const rows = this.chosen;
    if (rows.length) void this.edit([{ op: "remove", rows: rows.map((row) => row.id) }]);
  }

  paste(text: string): void {
    const row = this.activeRow;
    const column = this.grid.active?.column ?? 0;
    if (row && goesOver(text, this.grid.columns[column], this.chosen.length)) {
      pasteOver(this, text, row, column);
      return;
    }
    const { ops, unread } = pasted(text, row?.id ?? null, row?.level ?? 1);
    if (!ops.length) return;
    void this.edit(ops).then((ok) => {
      if (ok && unread) complain(this.cards, w("unread_cells", { count: unread }));
    });
  }

  async centreDialog(): Promise<void> {
    await ask({ title: w("keys"), content: keysTable(), answers: [[w("close"), ""]] });
  }

  // ── commands of the bar and of keys ────────────────────────────────────────────────────────────

  filter(part: Partial<Model["filter"]>): void {
    this.model.filter = { ...this.model.filter, ...part };
    this.model.show();
    this.scroller.scrollTop = 0;
    this.redraw(new Set());
  }

  command(name: string): void {
    const rows = this.chosen.map((row) => row.id);
    if (PLANNING.has(name) && !this.model.mayEdit()) return;
    if (name === "undo") void this.queue(() => this.steps.undo());
    else if (name === "redo") void this.queue(() => this.steps.redo());
    else if (name === "add") this.addRow();
    else if (name === "remove") this.removeRows();
    else if (name === "indent" || name === "outdent") {
      if (rows.length) void this.edit([{ op: name, rows }]);
    } else if (name === "link") this.linkChosen();
    else if (name === "unlink") this.unlinkChosen();
    else if (name === "details" && this.activeRow) this.panel.open(this.activeRow);
    else if (name === "keys") void this.centreDialog();
    else if (name === "now") this.showNow();
    else if (name === "fold_all" || name === "unfold_all") {
      this.model.folded = new Set(name === "fold_all" ? this.model.order.filter((id) => this.model.rows.get(id)?.summary) : []);
      this.model.show();
      this.redraw();
    } else if (name === "reschedule") void this.reschedule();
    else if (name === "dates_win") void this.edit([{ op: "plan", values: { dates_win: !this.model.plan?.dates_win } }]);
  }

  private linkChosen(): void {
    const rows = this.chosen.filter((row) => !row.summary);
    const ops = rows.slice(1).map((row, number) => ({ op: "link", from: (rows[number] as Row).id, to: row.id, type: "FS", days: 0 }));
    if (ops.length) void this.edit(ops);
    else complain(this.cards, w("choose_two"));
  }

  private unlinkChosen(): void {
    const ids = new Set(this.chosen.map((row) => row.id));
    const links = [...this.model.links.values()].filter((link) => (ids.size > 1 ? ids.has(link.from) && ids.has(link.to) : ids.has(link.to)));
    if (links.length) void this.edit([{ op: "unlink", links: links.map((link) => link.id) }]);
  }

  async reschedule(): Promise<void> {
    try {
      const told = await this.api.reschedule(this.model.revision, true);
      const answer = await ask({ title: w("reschedule"), content: movesTable(told.effect, told.warnings), answers: [[w("apply"), "yes"], [w("discard"), ""]], wide: true });
      if (!answer) return;
      await this.queue(async () => this.applied(await this.api.reschedule(this.model.revision, false), [RESCHEDULE], ""));
    } catch (error) {
      complain(this.cards, error instanceof Error ? error.message : String(error));
    }
  }

}

/** Field of a refusal → column whose cell it means, where they are called differently. */
const CELL_OF: Record<string, string> = { duration: "days", responsible: "who", start_date: "start" };
