/** The heat map on the page: scrolling, keys, the panel of a cell, hours that are dragged to another person or period. */
import { toast, type Toast } from "../islands/toasts";
import { make } from "../lib/dom";
import { csrfToken, getJson, reasonOf } from "../lib/http";
import { fill, language } from "../lib/texts";
import { change, hoursText, loadAt, gapAt, percentText, shownLines, spanOf, SOFT, value, type Data, type Line, type Shown } from "./model";
import { paint, palette, type Palette, type Sizes } from "./paint";

interface Load {
  booking: string;
  version: number;
  minutes: number;
  hours: string;
  text: string;
}

interface Drag {
  row: number;
  column: number;
  x: number;
  y: number;
  pointer: number;
  moving: boolean;
  load: Load | null;
  asked: boolean;
}

const MOVED = 6;

export class CapacityMap {
  private data: Data;
  private lines: Shown[];
  private sizes: Sizes;
  private colours: Palette;
  private active = { row: 0, column: 0 };
  private drag: Drag | null = null;
  private target: { row: number; column: number } | null = null;
  private pending = 0;
  private values: string;
  private readonly texts: Record<string, string>;
  private readonly scroll: HTMLElement;
  private readonly size: HTMLElement;
  private readonly canvas: HTMLCanvasElement;
  private readonly panel: HTMLElement;
  private readonly live: HTMLElement;
  private readonly ghost = make("div", { class: "cap-ghost", attributes: { hidden: "", "aria-hidden": "true" } });

  constructor(private readonly root: HTMLElement) {
    const began = performance.now();
    const part = <E extends HTMLElement>(name: string): E => root.querySelector<E>(`[data-cap=${name}]`) as E;
    this.scroll = part("scroll");
    this.size = part("size");
    this.canvas = part<HTMLCanvasElement>("canvas");
    this.panel = part("panel");
    this.live = part("live");
    this.data = JSON.parse(document.getElementById("capacity-data")?.textContent ?? "{}") as Data;
    this.texts = JSON.parse(document.getElementById("capacity-texts")?.textContent ?? "{}") as Record<string, string>;
    this.values = root.dataset["values"] ?? "percent";
    this.lines = shownLines(this.data);
    this.sizes = this.measured();
    this.colours = palette(this.size);
    document.body.append(this.ghost);
    this.active = { row: this.sizes.fixed + (this.data.groups.length ? 1 : 0), column: Math.max(0, this.data.today) };
    this.listen();
    this.resize();
    root.dataset["paint"] = String(Math.round(performance.now() - began));
    root.dataset["ready"] = "1";
  }

  private measured(): Sizes {
    const narrow = window.innerWidth <= 720;
    const row = parseInt(getComputedStyle(this.root).getPropertyValue("--row"), 10) || 28;
    const label = narrow ? 132 : 224;
    // Few periods share the width; many scroll.
    const least = Math.max({ day: 34, week: 48, month: 58 }[this.data.by], this.values === "hours" ? 48 : 0);
    const share = Math.floor((this.scroll.clientWidth - label - 1) / Math.max(1, this.data.columns.length));
    return { label, head: 48, row, column: Math.min(Math.max(least, share), 160), fixed: narrow ? 1 : 3 };
  }

  private resize(): void {
    this.sizes = this.measured();
    const lines = shownLines(this.data);
    // On a phone only hours stay in sight: FTE and heads stand in the sentence.
    this.lines = this.sizes.fixed === 1 ? [lines[0] as Shown, ...lines.slice(3)] : lines;
    const total = this.sizes.head + this.lines.length * this.sizes.row;
    const wide = this.sizes.label + this.data.columns.length * this.sizes.column;
    this.size.style.width = `${wide}px`;
    this.size.style.height = `${total}px`;
    this.scroll.style.height = `min(${total + 18}px, max(320px, calc(100dvh - 260px)))`;
    this.draw(true);
  }

  private draw(now = false): void {
    if (now) {
      this.paintNow();
      return;
    }
    if (!this.pending) this.pending = requestAnimationFrame(() => this.paintNow());
  }

  private paintNow(): void {
    this.pending = 0;
    const width = Math.min(this.scroll.clientWidth, parseInt(this.size.style.width, 10));
    const height = Math.min(this.scroll.clientHeight, parseInt(this.size.style.height, 10));
    if (!width || !height) return;
    const scale = window.devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(width * scale) || this.canvas.height !== Math.round(height * scale)) {
      this.canvas.width = Math.round(width * scale);
      this.canvas.height = Math.round(height * scale);
      this.canvas.style.width = `${width}px`;
      this.canvas.style.height = `${height}px`;
    }
    const context = this.canvas.getContext("2d");
    if (!context) return;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    paint(
      context,
      {
        data: this.data, lines: this.lines, sizes: this.sizes, values: this.values, language: language(), texts: this.texts, active: this.active,
        focused: document.activeElement === this.scroll, target: this.target, left: this.scroll.scrollLeft, top: this.scroll.scrollTop, width, height,
      },
      this.colours,
    );
  }

  private listen(): void {
    this.scroll.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.resize()).observe(this.scroll.parentElement ?? this.scroll);
    const recolour = (): void => {
      this.colours = palette(this.size);
      this.draw();
    };
    new MutationObserver(recolour).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme", "data-density"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
    void document.fonts?.ready.then(() => this.draw());
    for (const name of ["focus", "blur"]) this.scroll.addEventListener(name, () => this.draw());
    this.scroll.addEventListener("keydown", (event) => this.key(event));
    this.scroll.addEventListener("pointerdown", (event) => this.down(event));
    this.scroll.addEventListener("pointermove", (event) => this.hover(event));
    document.addEventListener("pointermove", (event) => this.move(event));
    document.addEventListener("pointerup", (event) => void this.up(event));
    document.addEventListener("pointercancel", () => this.stop());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.drag) this.stop();
    });
    this.panel.addEventListener("pointerdown", (event) => this.downInPanel(event));
    this.root.addEventListener("click", (event) => {
      if (event.target instanceof Element && event.target.closest("[data-cap-close]")) this.close();
    });
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    document.addEventListener("capacity", () => void this.reload());
    for (const button of this.root.querySelectorAll<HTMLElement>("[data-cap-values]")) {
      button.addEventListener("click", () => {
        this.values = button.dataset["capValues"] ?? "percent";
        for (const other of this.root.querySelectorAll("[data-cap-values]")) other.setAttribute("aria-pressed", String(other === button));
        this.resize();
      });
    }
    for (const card of document.querySelectorAll<HTMLElement>("[data-cap-go]")) {
      card.addEventListener("click", () => {
        const row = this.lines.findIndex((shown) => shown.line?.id === card.dataset["capGo"]);
        if (row < 0) return;
        this.go(row, Number(card.dataset["capAt"]));
        void this.open();
      });
    }
  }

  // ── the active cell ────────────────────────────────────────────────────────────────────────────

  private line(row: number): Line | null {
    return this.lines[row]?.line ?? null;
  }

  private key(event: KeyboardEvent): void {
    if (event.target !== this.scroll || event.altKey) return;
    const page = Math.max(1, Math.floor(this.scroll.clientHeight / this.sizes.row) - 5);
    const { row, column } = this.active;
    const end = this.lines.length - 1;
    const wide = this.data.columns.length - 1;
    const whole = event.ctrlKey || event.metaKey;
    const goals: Record<string, [number, number]> = {
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
      Home: [whole ? 0 : row, 0], End: [whole ? end : row, wide], PageUp: [row - page, column], PageDown: [row + page, column],
    };
    const goal = goals[event.key];
    if (goal) {
      event.preventDefault();
      this.go(goal[0], goal[1]);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      void this.open(true);
    } else if (event.key === "Escape") this.close();
  }

  private go(row: number, column: number): void {
    this.active = { row: clamp(row, 0, this.lines.length - 1), column: clamp(column, 0, this.data.columns.length - 1) };
    const { label, head, fixed } = this.sizes;
    const x = this.active.column * this.sizes.column;
    const room = this.scroll.clientWidth - label;
    if (x < this.scroll.scrollLeft) this.scroll.scrollLeft = x;
    if (x + this.sizes.column > this.scroll.scrollLeft + room) this.scroll.scrollLeft = x + this.sizes.column - room;
    if (this.active.row >= fixed) {
      const y = (this.active.row - fixed) * this.sizes.row;
      const tall = this.scroll.clientHeight - head - fixed * this.sizes.row;
      if (y < this.scroll.scrollTop) this.scroll.scrollTop = y;
      if (y + this.sizes.row > this.scroll.scrollTop + tall) this.scroll.scrollTop = y + this.sizes.row - tall;
    }
    this.live.textContent = this.words(this.active.row, this.active.column);
    this.draw();
  }

  /** A cell in a sentence, for screen readers and as a tip. */
  private words(row: number, column: number): string {
    const shown = this.lines[row];
    const at = this.data.columns[column]?.long ?? "";
    if (!shown) return "";
    const name = shown.line?.name ?? this.texts[{ hours: "short_h", fte: "short_fte", heads: "short_heads", group: "", row: "" }[shown.kind]] ?? "";
    if (!shown.line) return `${name}, ${at}`;
    const net = value(shown.line.net, column);
    const load = loadAt(this.data, shown.line, column);
    const hours = (minutes: number, sign = false): string => `${hoursText(minutes, language(), sign)} h`;
    if (shown.kind === "group") return this.say("gap_cell", { row: name, column: at, gap: hours(gapAt(this.data, shown.line, column), true) });
    const percent = net > 0 ? `${percentText(load, net)} %` : (this.texts["none"] ?? "");
    const parts = [this.say("cell", { row: name, column: at, load: hours(load), net: hours(net), percent })];
    if (load > net) parts.push(this.say("over", { hours: hours(load - net) }));
    const soft = value(shown.line.load[SOFT], column);
    if (soft && this.data.load !== "firm") parts.push(this.say("soft", { hours: hours(soft) }));
    return parts.join(", ");
  }

  private say(key: string, values: Record<string, string>): string {
    return fill(this.texts[key] ?? "", values);
  }

  private at(event: { clientX: number; clientY: number }): { row: number; column: number } | null {
    const box = this.scroll.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    if (x < this.sizes.label || y < this.sizes.head || x > this.scroll.clientWidth || y > this.scroll.clientHeight) return null;
    const column = Math.floor((x - this.sizes.label + this.scroll.scrollLeft) / this.sizes.column);
    const fixed = this.sizes.head + this.sizes.fixed * this.sizes.row;
    const row = y < fixed ? Math.floor((y - this.sizes.head) / this.sizes.row) : this.sizes.fixed + Math.floor((y - fixed + this.scroll.scrollTop) / this.sizes.row);
    return row < this.lines.length && column < this.data.columns.length ? { row, column } : null;
  }

  private hover(event: PointerEvent): void {
    if (this.drag?.moving) return;
    const found = this.at(event);
    this.scroll.title = found ? this.words(found.row, found.column) : "";
  }

  // ── the panel of a cell ────────────────────────────────────────────────────────────────────────

  private query(row: number, column: number): string | null {
    const line = this.line(row);
    if (!line) return null;
    return String(new URLSearchParams({ row: line.id, ...spanOf(this.data, column), load: this.data.load }));
  }

  private async open(focus = false): Promise<void> {
    const query = this.query(this.active.row, this.active.column);
    if (!query) return;
    this.panel.hidden = false;
    this.panel.textContent = this.texts["loading"] ?? "";
    try {
      const response = await fetch(`${this.root.dataset["cell"]}?${query}`, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (!response.ok) throw new Error(reasonOf(response.status));
      this.panel.innerHTML = await response.text();
      document.dispatchEvent(new CustomEvent("stellwerk:replaced", { detail: this.panel }));
      if (focus) this.panel.querySelector<HTMLElement>("select, a, button")?.focus();
    } catch (error) {
      this.panel.hidden = true;
      toast({ text: error instanceof Error ? error.message : reasonOf(0), error: true });
    }
  }

  private close(): void {
    if (this.panel.hidden) return;
    this.panel.hidden = true;
    this.panel.textContent = "";
    this.scroll.focus();
  }

  private async reload(): Promise<void> {
    try {
      this.data = await getJson<Data>(this.root.dataset["data"] ?? "");
      this.resize();
    } catch {
      toast({ text: reasonOf(0), error: true });
    }
  }

  // ── dragging ───────────────────────────────────────────────────────────────────────────────────

  private down(event: PointerEvent): void {
    const found = this.at(event);
    if (!found || event.button !== 0) return;
    this.active = found;
    this.draw();
    const person = this.line(found.row)?.id.startsWith("p") && this.lines[found.row]?.kind === "row";
    // A finger scrolls; hours are dragged with a mouse or pen, moved on a phone with the form of the cell.
    if (event.pointerType === "touch" || !person) {
      this.drag = { ...found, x: event.clientX, y: event.clientY, pointer: event.pointerId, moving: false, load: null, asked: true };
      return;
    }
    this.drag = { ...found, x: event.clientX, y: event.clientY, pointer: event.pointerId, moving: false, load: null, asked: false };
  }

  private downInPanel(event: PointerEvent): void {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-cap-booking]") : null;
    if (!row || event.button !== 0 || event.pointerType === "touch" || (event.target as Element).closest("a")) return;
    const minutes = Number(row.dataset["capMinutes"]);
    const load: Load = {
      booking: row.dataset["capBooking"] ?? "", version: Number(row.dataset["capVersion"]), minutes, hours: `${hoursText(minutes, language())} h`,
      text: row.dataset["capText"] ?? "",
    };
    event.preventDefault();
    this.drag = { ...this.active, x: event.clientX, y: event.clientY, pointer: event.pointerId, moving: false, load, asked: true };
  }

  private move(event: PointerEvent): void {
    const drag = this.drag;
    if (!drag || event.pointerId !== drag.pointer) return;
    if (!drag.moving) {
      if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < MOVED) return;
      if (drag.asked && !drag.load) {
        this.drag = null; // a finger that scrolls, or a line without bookings
        return;
      }
      drag.moving = true;
      document.documentElement.classList.add("cap-dragging");
      if (!drag.load) void this.fetchLoad(drag);
    }
    this.target = this.at(event);
    this.ghost.hidden = false;
    this.ghost.style.left = `${Math.min(event.clientX + 14, window.innerWidth - 300)}px`;
    this.ghost.style.top = `${Math.min(event.clientY + 16, window.innerHeight - 90)}px`;
    this.tell();
    this.draw();
  }

  private async fetchLoad(drag: Drag): Promise<void> {
    drag.asked = true;
    try {
      const found = await getJson<Partial<Load>>(`${this.root.dataset["cell"]}?${this.query(drag.row, drag.column)}`);
      if (this.drag !== drag) return;
      if (!found.booking) {
        this.stop();
        toast({ text: this.texts["nothing"] ?? "" });
        return;
      }
      drag.load = found as Load;
      this.tell();
    } catch (error) {
      this.stop();
      toast({ text: error instanceof Error ? error.message : reasonOf(0), error: true });
    }
  }

  /** The effect beside the pointer, before the button is released. */
  private tell(): void {
    const drag = this.drag;
    if (!drag) return;
    const rows = [make("b", { text: drag.load ? drag.load.text : (this.texts["loading"] ?? "") })];
    const from = this.line(drag.row);
    const to = this.target ? this.line(this.target.row) : null;
    if (drag.load && from && to && this.target && this.fits(drag)) {
      const minutes = drag.load.minutes;
      for (const [line, at, sign] of [[from, drag.column, -1], [to, this.target.column, 1]] as const) {
        const effect = change(this.data, line, at, sign * minutes);
        rows.push(make("span", { text: `${line.name}, ${this.data.columns[at]?.long}: ${effect.before} → ${effect.after}` }));
      }
    } else if (drag.load) rows.push(make("span", { class: "mut", text: this.texts["not_here"] ?? "" }));
    this.ghost.replaceChildren(...rows);
  }

  private fits(drag: Drag): boolean {
    const target = this.target;
    if (!target || this.lines[target.row]?.kind !== "row" || !this.line(target.row)?.id.startsWith("p")) return false;
    return target.row !== drag.row || target.column !== drag.column;
  }

  private async up(event: PointerEvent): Promise<void> {
    const drag = this.drag;
    if (!drag || event.pointerId !== drag.pointer) return;
    const target = this.target;
    const fits = drag.moving && this.fits(drag);
    const wasPanel = Boolean(drag.load) && !drag.moving;
    this.stop();
    if (!drag.moving) {
      if (!wasPanel) {
        this.scroll.focus({ preventScroll: true });
        this.live.textContent = this.words(drag.row, drag.column);
        void this.open();
      }
      return;
    }
    if (fits && drag.load && target) await this.drop(drag, drag.load, target);
  }

  private async drop(drag: Drag, load: Load, target: { row: number; column: number }): Promise<void> {
    const to = spanOf(this.data, target.column);
    const fields = {
      booking: load.booking, version: String(load.version), hours: `${Math.floor(load.minutes / 60)}:${String(load.minutes % 60).padStart(2, "0")}`,
      person: this.line(target.row)?.id ?? "", ...spanOf(this.data, drag.column), target: `${to.from}/${to.to}`,
    };
    try {
      const response = await fetch(this.root.dataset["move"] ?? "", {
        method: "POST", body: new URLSearchParams(fields), credentials: "same-origin", headers: { Accept: "application/json", "X-CSRFToken": csrfToken() },
      });
      const kind = response.headers.get("Content-Type") ?? "";
      const answer = kind.includes("json") ? ((await response.json()) as { toast?: Toast; detail?: string }) : {};
      if (!response.ok || !answer.toast) {
        toast({ text: answer.detail ?? reasonOf(response.status), error: true });
        this.active = { row: drag.row, column: drag.column };
        await this.open();
        return;
      }
      toast(answer.toast);
      this.panel.hidden = true;
      await this.reload();
    } catch {
      toast({ text: reasonOf(0), error: true });
    }
  }

  private stop(): void {
    this.drag = null;
    this.target = null;
    this.ghost.hidden = true;
    document.documentElement.classList.remove("cap-dragging");
    this.draw();
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
