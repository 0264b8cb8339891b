/** The right side: the axis, the ground (free time, today) and the bars and links of the rows in sight. Scrolling adds and removes rows; it draws nothing twice. */
import { language } from "../lib/texts";
import { arrowOf } from "./arrows";
import { barOf, frameOf, type Layers, svg } from "./bars";
import type { Model } from "./model";
import { DAY, instant, Scale, type Tick } from "./scale";
import type { Link, Row } from "./types";
import { shortDay, w } from "./words";

/** A date named in the axis, with the room that it takes. */
interface Flag {
  from: number;
  to: number;
  parts: SVGElement[];
}

/** Where the name of a tick begins: beside a flag that would cover it, or nowhere (null) if it has no room there. */
export function beside(tick: Tick, flag: { from: number; to: number } | null): number | null {
  const x = Math.max(4, tick.x + 5);
  const width = tick.text.length * 8 + 4;
  if (!flag || x > flag.to || x + width < flag.from) return x;
  return flag.to + 5 + width <= tick.x + tick.width ? flag.to + 5 : null;
}

export class Chart {
  scale: Scale;
  layers: Layers = { baseline: true, critical: true, float: true, links: true };
  private readonly drawn = new Map<number, SVGElement[]>();
  private readonly linked = new Map<number, SVGElement[]>();
  private stripes = svg("g", {});
  private arrows = svg("g", {});
  private bars = svg("g", {});
  private active: number | null = null;
  /** A bar is under the pointer: nothing may be drawn anew below it. */
  dragging = false;
  private axis = { from: 1, to: 0 };

  constructor(
    readonly model: Model,
    readonly head: HTMLElement,
    readonly body: HTMLElement,
    public rowHeight: number,
  ) {
    this.scale = new Scale("2026-01-01", "2026-12-31", "month", 800);
  }

  /** A new zoom or span: the ground at once, the axis for what is in sight. */
  begin(left: number, room: number): void {
    this.head.style.width = `${this.scale.width}px`;
    this.body.style.width = `${this.scale.width}px`;
    this.drawGround();
    this.axis = { from: 1, to: 0 };
    this.drawAxis(left, room);
  }

  /** The time axis around what is in sight; scrolling sideways draws it anew only when it leaves that. */
  drawAxis(left: number, room: number): void {
    if (left >= this.axis.from && left + room <= this.axis.to) return;
    this.axis = { from: left - room, to: left + 2 * room };
    const picture = svg("svg", { width: this.scale.width, height: 44, class: "pc-axis", "aria-hidden": "true" });
    const today = new Date();
    const now = `${today.getFullYear()}-${String(today.getMonth() + 1).padStart(2, "0")}-${String(today.getDate()).padStart(2, "0")}`;
    const status = this.model.plan?.data_date;
    const above = this.flag(now, "today", w("today"));
    const below = status && status.slice(0, 10) !== now ? this.flag(status, "status", w("data_date")) : null; // often near today: each has a line of its own
    const near = (tick: Tick): boolean => tick.x + tick.width >= Math.max(0, this.axis.from) && tick.x <= this.axis.to;
    for (const tick of this.scale.upper(language()).filter(near)) {
      picture.append(svg("line", { x1: tick.x, x2: tick.x, y1: 0, y2: 22, class: "tick" }));
      const x = beside(tick, above);
      if (x !== null) picture.append(svg("text", { x, y: 15, class: "up" }, tick.text));
    }
    for (const tick of this.scale.lower(language()).filter(near)) {
      picture.append(svg("line", { x1: tick.x, x2: tick.x, y1: 22, y2: 44, class: "tick" }));
      const x = beside(tick, below);
      if (tick.width > 13 && x !== null) picture.append(svg("text", { x, y: 36 }, tick.text));
    }
    for (const flag of [above, below]) if (flag) picture.append(...flag.parts);
    this.head.replaceChildren(picture);
  }

  private flag(iso: string, kind: string, label: string): Flag | null {
    const x = this.scale.x(iso);
    if (x < 0 || x > this.scale.width) return null;
    const text = `${label} ${shortDay(iso)}`;
    const width = text.length * 6 + 10;
    const y = kind === "status" ? 25 : 3;
    const parts = [svg("rect", { x: x - width / 2, y, width, height: 16, rx: 3, class: `flag ${kind}` }), svg("text", { x, y: y + 12, class: `flagged ${kind}`, "text-anchor": "middle" }, text)];
    return { from: x - width / 2, to: x + width / 2, parts };
  }

  /** What does not depend on the rows: free time, the lines of the axis, today and the data date. Once per zoom or span. */
  private drawGround(): void {
    const { scale } = this;
    const ground = svg("svg", { width: scale.width, height: "100%", class: "pc-ground", "aria-hidden": "true" });
    const calendar = this.model.calendarOf(undefined);
    ground.append(hatching());
    if (scale.perDay >= 5) ground.append(...weekends(scale, calendar?.week));
    for (const [start, finish] of calendar?.free ?? []) {
      const x = scale.x(start);
      const wide = scale.at(instant(finish) + DAY) - x;
      if (wide >= 3) ground.append(svg("rect", { x, y: 0, width: wide, height: "100%", fill: "url(#pc-hatch)" }));
    }
    for (const tick of scale.upper(language())) ground.append(svg("line", { x1: tick.x, x2: tick.x, y1: 0, y2: "100%", class: tick.strong ? "year" : "grid" }));
    const now = scale.at(Date.now() - new Date().getTimezoneOffset() * 60_000);
    if (now > 0 && now < scale.width) ground.append(svg("line", { x1: now, x2: now, y1: 0, y2: "100%", class: "now" }));
    const status = this.model.plan?.data_date;
    if (status) ground.append(svg("line", { x1: scale.x(status), x2: scale.x(status), y1: 0, y2: "100%", class: "status" }));
    this.stripes = svg("g", {});
    this.arrows = svg("g", {});
    this.bars = svg("g", {});
    const under = svg("svg", { width: scale.width, height: "100%", class: "pc-ground", "aria-hidden": "true" });
    under.append(this.stripes);
    const picture = svg("svg", { width: scale.width, height: "100%", class: "pc-svg", role: "presentation" });
    picture.append(this.arrows, this.bars);
    this.body.replaceChildren(under, ground, picture);
    this.forget();
  }

  /** Rows, links or their places have changed: draw all that is in sight anew with the next `draw`. */
  forget(): void {
    this.drawn.clear();
    this.linked.clear();
    for (const layer of [this.stripes, this.arrows, this.bars]) layer.replaceChildren();
  }

  /** Draw the rows from one place to another; what stands there from the draw before stays. */
  draw(from: number, to: number): void {
    const keep = new Set<number>();
    const wanted = new Map<number, Link>();
    for (let place = from; place < to; place += 1) {
      const row = this.model.row(place);
      if (!row) continue;
      keep.add(row.id);
      if (!this.drawn.has(row.id)) this.drawn.set(row.id, this.place(row, place));
      if (!this.layers.links) continue;
      for (const link of this.model.incoming.get(row.id) ?? []) wanted.set(link.id, link);
      for (const link of this.model.outgoing.get(row.id) ?? []) wanted.set(link.id, link);
    }
    for (const [id, parts] of this.drawn)
      if (!keep.has(id)) {
        for (const part of parts) part.remove();
        this.drawn.delete(id);
      }
    for (const [id, parts] of this.linked)
      if (!wanted.has(id)) {
        for (const part of parts) part.remove();
        this.linked.delete(id);
      }
    for (const [id, link] of wanted) if (!this.linked.has(id)) this.linked.set(id, this.arrow(link));
  }

  /** Frame the bar of the active row. */
  mark(id: number | null): void {
    this.bars.querySelector(".fr")?.remove();
    this.active = id;
    const row = id === null ? undefined : this.model.rows.get(id);
    const frame = row && this.drawn.has(row.id) ? frameOf(row, this) : null;
    if (frame) this.bars.querySelector(`g[data-id="${id}"]`)?.append(frame);
  }

  private place(row: Row, place: number): SVGElement[] {
    const y = place * this.rowHeight;
    const bar = barOf(row, this);
    bar.setAttribute("transform", `translate(0 ${y})`);
    if (row.id === this.active) {
      const frame = frameOf(row, this);
      if (frame) bar.append(frame);
    }
    this.bars.append(bar);
    if (!row.summary) return [bar];
    const stripe = svg("rect", { x: 0, y, width: "100%", height: this.rowHeight - 1, class: "stripe" });
    this.stripes.append(stripe);
    return [bar, stripe];
  }

  private arrow(link: Link): SVGElement[] {
    const { model, scale, rowHeight } = this;
    const before = model.rows.get(link.from);
    const after = model.rows.get(link.to);
    const one = model.place.get(link.from);
    const other = model.place.get(link.to);
    if (!before?.start || !before.finish || !after?.start || !after.finish || one === undefined || other === undefined) return [];
    const { line, head } = arrowOf({
      type: link.type,
      before: { start: scale.x(before.start), finish: scale.x(before.finish), y: (one + 0.5) * rowHeight - 1 },
      after: { start: scale.x(after.start), finish: scale.x(after.finish), y: (other + 0.5) * rowHeight - 1 },
      rowHeight,
    });
    const critical = this.layers.critical && before.critical && after.critical && after.driver === link.id;
    const parts = [svg("path", { d: line, class: critical ? "ln crit" : "ln", "data-link": link.id }), svg("path", { d: head, class: critical ? "lh crit" : "lh" })];
    this.arrows.append(...parts);
    return parts;
  }
}

/** Slanted lines for shutdowns, as in the legend. */
function hatching(): SVGElement {
  const pattern = svg("pattern", { id: "pc-hatch", width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
  pattern.append(svg("line", { x1: 0, x2: 0, y1: 0, y2: 5, class: "hatch" }));
  const defs = svg("defs", {});
  defs.append(pattern);
  return defs;
}

/** One pattern for all free weekdays: a rectangle for each week of many years would be thousands. */
function weekends(scale: Scale, week = [true, true, true, true, true, false, false]): SVGElement[] {
  const monday = scale.first - ((new Date(scale.first).getUTCDay() + 6) % 7) * DAY;
  const pattern = svg("pattern", { id: "pc-week", x: scale.at(monday), width: scale.perDay * 7, height: 32, patternUnits: "userSpaceOnUse" });
  week.forEach((works, day) => {
    if (!works) pattern.append(svg("rect", { x: day * scale.perDay, y: 0, width: scale.perDay, height: 32, class: "free" }));
  });
  const defs = svg("defs", {});
  defs.append(pattern);
  return [defs, svg("rect", { x: 0, y: 0, width: "100%", height: "100%", fill: "url(#pc-week)" })];
}
