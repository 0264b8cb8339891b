/** The plan page: grid and chart side by side, editing, undo, the other planners' changes. */
import { Api, PlanRefused } from "./api";
import { Chart } from "./chart";
import { COLUMNS, type Column } from "./columns";
import { dragging } from "./drag";
import { Grid } from "./grid";
import { keysOf } from "./keys";
import { Model } from "./model";
import { Panel } from "./panel";
import { Scale, type Zoom, ZOOMS } from "./scale";
import { ask, card, complain, conflictTable, keysTable, movesTable } from "./talk";
import { pasted } from "./paste";
import type { Data, Edited, Effect, Fault, Operation, Row } from "./types";
import { w } from "./words";
import { make } from "../lib/dom";

const POLL = 4000;
const MARGIN = 12;
const STORE = "stellwerk.plan";

interface Done {
  change: string;
  title: string;
  ops: Operation[];
  reason: string;
}

interface Kept {
  zoom: Zoom;
  columns: string[];
  layers: Record<string, boolean>;
}

function kept(): Partial<Kept> {
  try {
    return JSON.parse(localStorage.getItem(STORE) ?? "{}") as Partial<Kept>;
  } catch {
    return {};
  }
}

export class Page {
  readonly model = new Model();
  readonly api: Api;
  readonly grid: Grid;
  readonly chart: Chart;
  readonly panel: Panel;
  readonly scroller: HTMLElement;
  readonly cards: HTMLElement;
  readonly treegrid: HTMLElement;
  private done: Done[] = [];
  private undone: Done[] = [];
  private previewing = false;
  private busy: Promise<unknown> = Promise.resolve();
  private drawn = { from: -1, to: -1 };
  private input: HTMLInputElement | null = null;
  private zoom: Zoom;

  constructor(readonly host: HTMLElement) {
    const find = (name: string): HTMLElement => host.querySelector<HTMLElement>(`[data-pl="${name}"]`) as HTMLElement;
    this.api = new Api({ data: host.dataset["data"] ?? "", edit: host.dataset["edit"] ?? "", undo: host.dataset["undo"] ?? "", reschedule: host.dataset["reschedule"] ?? "" });
    this.scroller = find("scroll");
    this.treegrid = find("grid");
    this.cards = find("cards");
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
    this.listen();
    dragging(this.chart.body, {
      model: this.model,
      chart: this.chart,
      done: (ops) => void this.edit(ops),
      pick: (id, more) => this.pick(id, this.grid.active?.column ?? 1, more),
    });
    keysOf(this);
    this.bar(find("bar"));
    void this.start();
  }

  private async start(): Promise<void> {
    try {
      const data = await this.api.load();
      if (data) {
        this.model.take(data);
        if (!kept().zoom) this.zoom = this.fitting();
        this.take(data, true);
        this.zoomState();
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
    const before = this.model.span().join();
    const changed = this.model.take(data);
    if (rescale || before !== this.model.span().join()) this.rescale();
    this.redraw(changed);
    if (data.reset) this.baselines();
    this.stale();
    return changed;
  }

  /** The closest zoom at which nearly the whole plan is in sight. */
  private fitting(): Zoom {
    const [first, last] = this.model.span();
    const room = this.room * 1.35;
    return ZOOMS.find((zoom) => zoom !== "day" && new Scale(first, last, zoom, 0).width <= room) ?? "year";
  }

  private zoomState(): void {
    for (const button of this.host.querySelectorAll<HTMLElement>("[data-zoom]")) button.setAttribute("aria-pressed", String(button.dataset["zoom"] === this.zoom));
  }

  private rescale(): void {
    const [first, last] = this.model.span();
    this.chart.scale = new Scale(first, last, this.zoom, this.room);
    this.chart.begin(this.scroller.scrollLeft, this.room);
  }

  /** Pixels that the chart has. */
  private get room(): number {
    return Math.max(300, this.scroller.clientWidth - this.grid.width);
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
    this.chart.drawAxis(this.scroller.scrollLeft, this.room);
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

  setZoom(zoom: Zoom): void {
    const middle = this.chart.scale.day(this.scroller.scrollLeft + (this.scroller.clientWidth - this.grid.width) / 2);
    this.zoom = zoom;
    this.rescale();
    this.redraw(new Set());
    this.scroller.scrollLeft = this.chart.scale.x(middle) - this.room / 2;
    this.chart.drawAxis(this.scroller.scrollLeft, this.room);
    this.zoomState();
    this.keep();
  }

  zoomBy(step: number): void {
    const next = ZOOMS[Math.max(0, Math.min(ZOOMS.length - 1, ZOOMS.indexOf(this.zoom) + step))];
    if (next) this.setZoom(next);
  }

  /** Bring today, or where the active row lies, into sight. */
  showNow(row?: Row): void {
    const at = row?.start ?? new Date().toISOString().slice(0, 10);
    this.scroller.scrollLeft = Math.max(0, this.chart.scale.x(at) - this.room / 3);
    this.chart.drawAxis(this.scroller.scrollLeft, this.room);
  }

  private keep(): void {
    const layers = { ...this.chart.layers, preview: this.previewing };
    try {
      if (!matchMedia("(max-width: 720px)").matches) localStorage.setItem(STORE, JSON.stringify({ zoom: this.zoom, columns: this.grid.columns.map((one) => one.key), layers }));
    } catch {
      // a full or forbidden storage: the page works without it
    }
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
    this.grid.active = { id, column };
    this.remark();
    this.treegrid.focus({ preventScroll: true });
  }

  intoSight(id: number): void {
    const place = this.model.place.get(id);
    if (place === undefined) return;
    const top = place * this.grid.rowHeight;
    const room = this.scroller.clientHeight - 44 - this.grid.rowHeight;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    else if (top > this.scroller.scrollTop + room) this.scroller.scrollTop = top - room;
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

  /** Send operations; true when they were done. With the preview switch on, what follows is shown first. */
  edit(ops: Operation[], reason = "", fromPanel = false): Promise<boolean> {
    const work = this.busy.then(() => this.editNow(ops, reason, fromPanel));
    this.busy = work.catch(() => false);
    return work;
  }

  private async editNow(ops: Operation[], reason: string, fromPanel: boolean): Promise<boolean> {
    try {
      if (this.previewing && ops.some((one) => !["indent", "outdent"].includes(one.op))) {
        const told = await this.api.preview(ops);
        const answer = await ask({ title: w("preview_title"), content: movesTable(told.effect, told.warnings), answers: [[w("apply"), "yes"], [w("discard"), ""]], wide: true });
        if (!answer) return false;
      }
      const edited = await this.api.edit(ops, this.model.revision, reason);
      this.undone = [];
      this.applied(edited, ops, reason);
      return true;
    } catch (error) {
      await this.refused(error, ops, reason, fromPanel);
      return false;
    }
  }

  private applied(edited: Edited, ops: Operation[], reason: string): void {
    this.take(edited);
    if (edited.change) this.done.push({ change: edited.change, title: edited.title, ops, reason });
    const added = Object.values(edited.refs)[0];
    if (added !== undefined && this.model.place.has(added)) this.activate(added, 1);
    this.told(edited.title || w("saved"), edited.effect, edited.warnings, true);
    this.undoState();
  }

  private told(title: string, effect: Effect, warnings: string[], undoable: boolean): void {
    card(this.cards, title, effect, warnings, {
      ...(undoable ? { undo: () => void this.undo() } : {}),
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
      const answer = await ask({ title: problem.title, content: conflictTable(problem.conflicts), answers: [[w("keep_theirs"), ""], [w("take_mine"), "mine"]] });
      if (answer === "mine") {
        const again = ops.map((one) => ("version" in one && typeof one["row"] === "number" ? { ...one, version: this.model.rows.get(one["row"])?.version } : "version" in one && typeof one["link"] === "number" ? { ...one, version: this.model.links.get(one["link"])?.version } : one));
        await this.editNow(again as Operation[], reason, fromPanel);
      }
      return;
    }
    const fault = problem.errors?.[0];
    if (fault && fromPanel && this.panel.refuse(fault.field, fault.message)) return;
    if (fault?.field === "percent" && /reason|Begründung/i.test(fault.message) && !reason) {
      const given = await this.askReason(fault);
      if (given) await this.editNow(ops, given, fromPanel);
      return;
    }
    if (problem.cycle?.length) {
      for (const id of problem.cycle) this.grid.selected.add(id);
      this.remark();
    }
    complain(this.cards, problem.errors?.map((one) => one.message).join(" ") || error.message);
  }

  private async askReason(fault: Fault): Promise<string> {
    const input = make("input", { attributes: { id: "pl-reason", maxlength: "500" } });
    const box = make("div", { class: "stack" }, make("p", { text: fault.message }), make("label", { text: w("reason"), attributes: { for: "pl-reason" } }), input);
    const answer = await ask({ title: w("reason"), content: box, answers: [[w("save"), "yes"], [w("discard"), ""]] });
    return answer ? input.value.trim() : "";
  }

  async undo(): Promise<void> {
    const last = this.done.pop();
    if (!last) return;
    try {
      this.take(await this.api.undo(last.change));
      this.undone.push(last);
      card(this.cards, w("undone", { what: last.title }), null, [], {});
    } catch (error) {
      complain(this.cards, error instanceof Error ? error.message : String(error));
    }
    this.undoState();
  }

  async redo(): Promise<void> {
    const last = this.undone.pop();
    if (!last) return;
    try {
      const ops = last.ops.map((one) => ("version" in one && typeof one["row"] === "number" ? { ...one, version: this.model.rows.get(one["row"])?.version } : one)) as Operation[];
      const left = this.undone;
      this.applied(await this.api.edit(ops, this.model.revision, last.reason), last.ops, last.reason);
      this.undone = left;
    } catch (error) {
      complain(this.cards, error instanceof Error ? error.message : String(error));
    }
    this.undoState();
  }

  private undoState(): void {
    const set = (name: string, on: boolean): void => void this.host.querySelector<HTMLButtonElement>(`[data-do="${name}"]`)?.toggleAttribute("disabled", !on);
    set("undo", this.done.length > 0);
    set("redo", this.undone.length > 0);
  }

  private async poll(): Promise<void> {
    if (document.hidden || this.input) return;
    await this.busy;
    try {
      const data = await this.api.load(this.model.revision, this.model.baseline?.number);
      if (data) {
        const changed = this.take(data);
        for (const id of changed) this.grid.body.querySelector(`[data-id="${id}"]`)?.classList.add("fresh");
      }
    } catch {
      // offline for a moment: the next turn tries again
    }
  }

  // ── the cell under the cursor ──────────────────────────────────────────────────────────────────

  beginEdit(text?: string): void {
    const active = this.grid.active;
    const row = this.activeRow;
    const column = active ? this.grid.columns[active.column] : undefined;
    if (!active || !row || !column) return;
    if (!column.read || !(this.model.mayEdit() || (column.progress && this.model.mayReport(row))) || (row.summary && column.key !== "name" && column.key !== "code")) {
      this.panel.open(row);
      return;
    }
    const input = make("input", { class: `pg-edit${column.number ? " num" : ""}`, attributes: { "aria-label": `${w(`column_${column.key}`)}, ${row.wbs} ${row.name}`, autocomplete: "off" } });
    input.value = text ?? column.text(row);
    this.input = input;
    this.grid.body.append(input);
    this.placeInput();
    input.focus({ preventScroll: true });
    if (text === undefined) input.select();
    let over = false;
    const finish = (save: boolean, step: number): void => {
      if (over) return;
      if (save) {
        const values = input.value === column.text(row) ? {} : column.read?.(input.value, row);
        if (!values) {
          input.setAttribute("aria-invalid", "true");
          complain(this.cards, w(column.key === "days" || column.key === "percent" || column.number ? "not_readable" : "not_readable", { value: input.value }));
          input.focus();
          return;
        }
        over = true;
        this.endEdit();
        if (Object.keys(values).length) void this.set(row, values);
      } else {
        over = true;
        this.endEdit();
      }
      this.treegrid.focus({ preventScroll: true });
      if (step) this.step(step);
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") finish(true, 1);
      else if (event.key === "Escape") finish(false, 0);
      else if (event.key === "Tab") {
        event.preventDefault();
        finish(true, 0);
        if (!this.input) this.sideways(event.shiftKey ? -1 : 1);
      }
    });
    input.addEventListener("blur", () => finish(true, 0));
  }

  private async set(row: Row, values: Record<string, unknown>): Promise<void> {
    const chosen = this.chosen.length > 1 && this.grid.selected.has(row.id) && !("name" in values || "code" in values) ? this.chosen : [row];
    const ops = chosen.filter((one) => !one.summary || one.id === row.id).map((one) => ({ op: "set", row: one.id, version: one.version, values }));
    await this.edit(ops);
  }

  private endEdit(): void {
    const input = this.input;
    this.input = null;
    input?.remove();
  }

  private placeInput(): void {
    const active = this.grid.active;
    const place = active ? this.model.place.get(active.id) : undefined;
    if (!this.input || !active || place === undefined) return;
    const left = this.grid.columns.slice(0, active.column).reduce((sum, one) => sum + one.width, 0);
    Object.assign(this.input.style, { transform: `translate(${left}px, ${place * this.grid.rowHeight}px)`, width: `${this.grid.columns[active.column]?.width ?? 60}px`, height: `${this.grid.rowHeight}px` });
  }

  step(by: number, extend = false): void {
    const active = this.grid.active;
    const place = active ? (this.model.place.get(active.id) ?? 0) : 0;
    const id = this.model.shown[Math.max(0, Math.min(this.model.shown.length - 1, place + by))];
    if (id === undefined) return;
    if (extend) this.grid.selected.add(id);
    else this.grid.selected = new Set([id]);
    this.activate(id, active?.column ?? 1);
  }

  sideways(by: number): void {
    const active = this.grid.active;
    if (active) this.activate(active.id, active.column + by);
  }

  addRow(): void {
    const row = this.activeRow;
    void this.edit([{ op: "add", ref: "new", after: row?.id ?? null, level: row?.level ?? 1, values: { name: w("new_row") } }]).then((ok) => {
      if (ok) this.beginEdit();
    });
  }

  removeRows(): void {
    const rows = this.chosen;
    if (rows.length) void this.edit([{ op: "remove", rows: rows.map((row) => row.id) }]);
  }

  paste(text: string): void {
    const row = this.activeRow;
    const { ops, unread } = pasted(text, row?.id ?? null, row?.level ?? 1);
    if (!ops.length) return;
    void this.edit(ops).then((ok) => {
      if (ok && unread) complain(this.cards, w("unread_cells", { count: unread }));
    });
  }

  async centreDialog(): Promise<void> {
    await ask({ title: w("keys"), content: keysTable(), answers: [[w("close"), ""]] });
  }

  // ── the bar above ──────────────────────────────────────────────────────────────────────────────

  private bar(bar: HTMLElement): void {
    bar.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-do], [data-zoom], [data-layer]") : null;
      if (!button) return;
      if (button.dataset["zoom"]) this.setZoom(button.dataset["zoom"] as Zoom);
      else if (button.dataset["layer"]) this.layer(button.dataset["layer"]);
      else this.command(button.dataset["do"] ?? "");
    });
    this.zoomState();
    for (const button of bar.querySelectorAll<HTMLElement>("[data-layer]")) button.setAttribute("aria-pressed", String(this.layerState(button.dataset["layer"] ?? "")));
    const search = bar.querySelector<HTMLInputElement>('[data-pl="search"]');
    search?.addEventListener("input", () => this.filter({ text: search.value }));
    const choose = bar.querySelector<HTMLElement>('[data-pl="columns"]');
    for (const column of COLUMNS) {
      const box = make("input", { attributes: { type: "checkbox", value: column.key } });
      box.checked = this.grid.columns.includes(column);
      box.addEventListener("change", () => {
        const wanted = new Set(this.grid.columns.map((one) => one.key));
        if (box.checked) wanted.add(column.key);
        else wanted.delete(column.key);
        wanted.add("name");
        this.grid.setColumns(COLUMNS.filter((one) => wanted.has(one.key)));
        this.rescale();
        this.redraw();
        this.keep();
      });
      choose?.append(make("label", { class: "ck" }, box, document.createTextNode(` ${w(`column_${column.key}`)}`)));
    }
    this.undoState();
  }

  private layerState(name: string): boolean {
    if (name === "preview") return this.previewing;
    if (name === "only_critical") return this.model.filter.critical;
    if (name === "only_trouble") return this.model.filter.trouble;
    if (name === "only_mine") return this.model.filter.mine !== null;
    return this.chart.layers[name as keyof Chart["layers"]];
  }

  private layer(name: string): void {
    const on = !this.layerState(name);
    if (name === "preview") this.previewing = on;
    else if (name === "only_critical") this.filter({ critical: on });
    else if (name === "only_trouble") this.filter({ trouble: on });
    else if (name === "only_mine") this.filter({ mine: on ? Number(this.host.dataset["me"]) || null : null });
    else {
      this.chart.layers[name as keyof Chart["layers"]] = on;
      this.redraw(new Set());
    }
    for (const button of this.host.querySelectorAll<HTMLElement>(`[data-layer="${name}"]`)) button.setAttribute("aria-pressed", String(on));
    this.keep();
  }

  private filter(part: Partial<Model["filter"]>): void {
    this.model.filter = { ...this.model.filter, ...part };
    this.model.show();
    this.scroller.scrollTop = 0;
    this.redraw(new Set());
  }

  command(name: string): void {
    const rows = this.chosen.map((row) => row.id);
    if (name === "undo") void this.undo();
    else if (name === "redo") void this.redo();
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

  private async reschedule(): Promise<void> {
    try {
      const told = await this.api.reschedule(true);
      const answer = await ask({ title: w("reschedule"), content: movesTable(told.effect, told.warnings), answers: [[w("apply"), "yes"], [w("discard"), ""]], wide: true });
      if (!answer) return;
      const edited = await this.api.reschedule(false);
      this.take(edited);
      this.told(w("rescheduled"), edited.effect, edited.warnings, false);
    } catch (error) {
      complain(this.cards, error instanceof Error ? error.message : String(error));
    }
  }

  private stale(): void {
    const note = this.host.querySelector<HTMLElement>('[data-pl="stale"]');
    if (note) note.hidden = !this.model.plan?.stale;
  }

  private baselines(): void {
    const select = this.host.querySelector<HTMLSelectElement>('[data-pl="baseline"]');
    if (!select) return;
    select.replaceChildren(make("option", { text: w("no_baseline"), attributes: { value: "" } }), ...this.model.baselines.map((one) => make("option", { text: one.label, attributes: { value: String(one.number) } })));
    select.value = this.model.baseline ? String(this.model.baseline.number) : "";
    select.hidden = !this.model.baselines.length;
    if (select.dataset["on"]) return;
    select.dataset["on"] = "1";
    select.addEventListener("change", () => {
      if (!select.value) {
        this.model.baseline = null;
        this.redraw(new Set());
        return;
      }
      void this.api.load(undefined, Number(select.value)).then((data) => data && this.take(data, true));
    });
  }

  private listen(): void {
    const cellOf = (event: Event): { id: number; column: number; fold: boolean } | null => {
      const element = event.target instanceof Element ? event.target : null;
      const line = element?.closest<HTMLElement>("[role=row][data-id]");
      if (!line) return null;
      const cell = element?.closest<HTMLElement>("[data-column]");
      return { id: Number(line.dataset["id"]), column: Number(cell?.dataset["column"] ?? 1), fold: Boolean(element?.closest("[data-fold]")) };
    };
    this.grid.body.addEventListener("click", (event) => {
      const hit = cellOf(event);
      if (!hit) return;
      if (hit.fold) this.fold(hit.id);
      if (event.shiftKey && this.grid.active) {
        const [one, other] = [this.model.place.get(this.grid.active.id) ?? 0, this.model.place.get(hit.id) ?? 0].sort((a, b) => a - b) as [number, number];
        for (const id of this.model.shown.slice(one, other + 1)) this.grid.selected.add(id);
      }
      this.pick(hit.id, hit.column, event.ctrlKey || event.metaKey || (event.shiftKey && !this.grid.selected.has(hit.id)));
    });
    this.grid.body.addEventListener("dblclick", (event) => {
      const hit = cellOf(event);
      if (hit && !hit.fold) {
        this.pick(hit.id, hit.column, false);
        this.beginEdit();
      }
    });
    this.chart.body.addEventListener("dblclick", (event) => {
      const group = event.target instanceof Element ? event.target.closest<SVGElement>("g[data-id]") : null;
      const row = group ? this.model.rows.get(Number(group.dataset["id"])) : undefined;
      if (row) this.panel.open(row);
    });
    this.host.querySelector('[data-pl="stale"] button')?.addEventListener("click", () => void this.reschedule());
  }
}

/** On a phone the columns share the width that is there. */
function fitted(columns: Column[], width: number): Column[] {
  const rest = width - 2 - columns.filter((one) => one.key !== "name").reduce((sum, one) => sum + one.width, 0);
  return columns.map((one) => (one.key === "name" ? { ...one, width: Math.max(120, rest) } : one));
}

