/** The right side: one SVG with the bars, links and marks of the rows in sight. */
import { language } from "../lib/texts";
import type { Model } from "./model";
import { DAY, instant, Scale } from "./scale";
import type { Link, Row } from "./types";
import { days, shortDay, w } from "./words";

const NS = "http://www.w3.org/2000/svg";

export interface Layers {
  baseline: boolean;
  critical: boolean;
  float: boolean;
  links: boolean;
}

function svg(tag: string, attributes: Record<string, string | number>, text?: string): SVGElement {
  const element = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

export class Chart {
  scale: Scale;
  layers: Layers = { baseline: true, critical: true, float: true, links: true };

  constructor(
    private readonly model: Model,
    readonly head: HTMLElement,
    readonly body: HTMLElement,
    public rowHeight: number,
  ) {
    this.scale = new Scale("2026-01-01", "2026-12-31", "month", 800);
  }

  /** The time axis; once per zoom or span, not per scroll. */
  drawHead(): void {
    const picture = svg("svg", { width: this.scale.width, height: 44, class: "pc-axis", "aria-hidden": "true" });
    for (const tick of this.scale.upper(language())) {
      if (tick.x + tick.width < 0) continue;
      picture.append(svg("line", { x1: tick.x, x2: tick.x, y1: 0, y2: 22, class: "tick" }), svg("text", { x: Math.max(4, tick.x + 5), y: 15, class: "up" }, tick.text));
    }
    for (const tick of this.scale.lower(language())) {
      picture.append(svg("line", { x1: tick.x, x2: tick.x, y1: 22, y2: 44, class: "tick" }));
      if (tick.width > 13) picture.append(svg("text", { x: tick.x + 5, y: 36 }, tick.text));
    }
    const today = new Date();
    const now = `${today.getFullYear()}-${String(today.getMonth() + 1).padStart(2, "0")}-${String(today.getDate()).padStart(2, "0")}`;
    this.flag(picture, now, "today", w("today"));
    const status = this.model.plan?.data_date;
    if (status && status.slice(0, 10) !== now) this.flag(picture, status, "status", w("data_date"));
    this.head.replaceChildren(picture);
    this.head.style.width = `${this.scale.width}px`;
    this.body.style.width = `${this.scale.width}px`;
  }

  private flag(picture: SVGElement, iso: string, kind: string, label: string): void {
    const x = this.scale.x(iso);
    if (x < 0 || x > this.scale.width) return;
    const text = `${label} ${shortDay(iso)}`;
    const width = text.length * 6 + 10;
    const y = kind === "status" ? 25 : 3; // the data date is often near today: each has a line of its own
    picture.append(svg("rect", { x: x - width / 2, y, width, height: 16, rx: 3, class: `flag ${kind}` }), svg("text", { x, y: y + 12, class: `flagged ${kind}`, "text-anchor": "middle" }, text));
  }

  draw(from: number, to: number): void {
    const top = from * this.rowHeight;
    const height = Math.max(0, to - from) * this.rowHeight;
    const picture = svg("svg", { width: this.scale.width, height, class: "pc-svg", role: "presentation" });
    (picture as SVGSVGElement).style.transform = `translateY(${top}px)`;
    this.ground(picture, from, to, height);
    if (this.layers.links) this.drawLinks(picture, from, to);
    for (let place = from; place < to; place += 1) {
      const row = this.model.row(place);
      if (row) picture.append(this.bar(row, (place - from) * this.rowHeight));
    }
    this.body.replaceChildren(picture);
  }

  /** Stripes of rows, free time, today and the data date. */
  private ground(picture: SVGElement, from: number, to: number, height: number): void {
    const width = this.scale.width;
    for (let place = from; place < to; place += 1) {
      const row = this.model.row(place);
      const y = (place - from) * this.rowHeight;
      if (row?.summary) picture.append(svg("rect", { x: 0, y, width, height: this.rowHeight, class: "stripe" }));
      picture.append(svg("line", { x1: 0, x2: width, y1: y + this.rowHeight - 0.5, y2: y + this.rowHeight - 0.5, class: "rule" }));
    }
    const calendar = this.model.calendarOf(undefined);
    for (const [start, finish] of calendar?.free ?? []) {
      const x = this.scale.x(start);
      const wide = this.scale.at(instant(finish) + DAY) - x;
      if (wide >= 3) picture.append(svg("rect", { x, y: 0, width: wide, height, class: "free" }));
    }
    if (this.scale.perDay >= 10) this.weekends(picture, height, calendar?.week);
    for (const tick of this.scale.upper(language())) picture.append(svg("line", { x1: tick.x, x2: tick.x, y1: 0, y2: height, class: tick.strong ? "year" : "grid" }));
    const now = this.scale.at(Date.now() - new Date().getTimezoneOffset() * 60_000);
    if (now > 0 && now < width) picture.append(svg("line", { x1: now, x2: now, y1: 0, y2: height, class: "now" }));
    const status = this.model.plan?.data_date;
    if (status) picture.append(svg("line", { x1: this.scale.x(status), x2: this.scale.x(status), y1: 0, y2: height, class: "status" }));
  }

  private weekends(picture: SVGElement, height: number, week = [true, true, true, true, true, false, false]): void {
    for (let day = this.scale.first; day < this.scale.last; day += DAY) {
      const number = (new Date(day).getUTCDay() + 6) % 7;
      if (!week[number]) picture.append(svg("rect", { x: this.scale.at(day), y: 0, width: this.scale.perDay, height, class: "off" }));
    }
  }

  private bar(row: Row, y: number): SVGElement {
    const group = svg("g", { "data-id": row.id, class: `b${row.critical && this.layers.critical ? " crit" : ""}${row.active ? "" : " off"}` });
    if (!row.start || !row.finish) return group;
    const middle = y + this.rowHeight / 2;
    if (this.layers.baseline) this.ghost(group, row, middle);
    const x = this.scale.x(row.start);
    const right = Math.max(x + 2, this.scale.x(row.finish));
    const title = svg("title", {}, `${row.wbs} ${row.name}: ${shortDay(row.start)} – ${shortDay(row.finish)}`);
    if (row.kind.includes("milestone") && !row.summary) {
      const size = 6;
      const at = this.scale.x(row.kind === "start_milestone" ? row.start : row.finish);
      group.append(svg("path", { d: `M${at} ${middle - size}L${at + size} ${middle}L${at} ${middle + size}L${at - size} ${middle}Z`, class: "ms", "data-part": "move" }));
      group.append(svg("text", { x: at + 11, y: middle + 4, class: "ml" }, this.label(row)));
      group.append(svg("rect", { x: at + 6, y: middle - 4, width: 6, height: 8, class: "hd", "data-part": "link" }));
    } else if (row.summary) {
      group.append(svg("path", { d: `M${x} ${middle + 5}V${middle - 3}H${right}V${middle + 5}L${right - 5} ${middle}H${x + 5}Z`, class: "sm" }));
    } else {
      const height = 10;
      group.append(svg("rect", { x, y: middle - 6, width: right - x, height, rx: 1.5, class: "br", "data-part": "move" }));
      const done = ((right - x) * Math.min(100, row.percent)) / 100;
      if (done > 0) group.append(svg("rect", { x, y: middle - 6, width: done, height, rx: 1.5, class: "dn", "data-part": "move" }));
      if (this.layers.float && row.float_days && row.float_days > 0 && row.late_finish && row.percent < 100) {
        const end = this.scale.x(row.late_finish);
        if (end > right + 2) group.append(svg("path", { d: `M${right} ${middle - 1}H${end}M${end} ${middle - 4}v6`, class: "fl" }));
      }
      group.append(svg("rect", { x: right - 5, y: middle - 7, width: 7, height: 12, class: "hd rs", "data-part": "resize" }));
      group.append(svg("circle", { cx: right + 8, cy: middle - 1, r: 4, class: "hd lk", "data-part": "link" }));
    }
    if (row.deadline) {
      const at = this.scale.x(row.deadline);
      group.append(svg("path", { d: `M${at} ${middle + 6}l-4 -7h8z`, class: row.findings.includes("deadline_missed") ? "dl bad" : "dl" }, ""));
    }
    group.append(title);
    return group;
  }

  /** “08.12. +5 WD” beside a milestone: the date, and how late it is. */
  private label(row: Row): string {
    const date = shortDay(row.finish);
    const frozen = this.model.baseline?.rows[String(row.id)]?.[1];
    if (!frozen || !row.finish) return date;
    const calendarDays = Math.round((instant(row.finish.slice(0, 10)) - instant(frozen.slice(0, 10))) / DAY);
    if (!calendarDays) return date;
    const working = workingDays(frozen.slice(0, 10), row.finish.slice(0, 10), this.model);
    return `${date} ${working > 0 ? "+" : "−"}${days(Math.abs(working))} ${w("unit_days")}`;
  }

  private ghost(group: SVGElement, row: Row, middle: number): void {
    const frozen = this.model.baseline?.rows[String(row.id)];
    if (!frozen?.[0] || !frozen[1] || row.summary) return;
    if (row.kind.includes("milestone")) {
      const at = this.scale.x(frozen[1]);
      group.append(svg("path", { d: `M${at} ${middle - 4}L${at + 5} ${middle + 1}L${at} ${middle + 6}L${at - 5} ${middle + 1}Z`, class: "gm" }));
      return;
    }
    const x = this.scale.x(frozen[0]);
    group.append(svg("rect", { x, y: middle + 6, width: Math.max(2, this.scale.x(frozen[1]) - x), height: 3, class: "gh" }));
  }

  private drawLinks(picture: SVGElement, from: number, to: number): void {
    const seen = new Set<number>();
    for (let place = from; place < to; place += 1) {
      const id = this.model.shown[place];
      if (id === undefined) continue;
      for (const link of [...(this.model.incoming.get(id) ?? []), ...(this.model.outgoing.get(id) ?? [])]) {
        if (seen.has(link.id)) continue;
        seen.add(link.id);
        this.drawLink(picture, link, from);
      }
    }
  }

  private drawLink(picture: SVGElement, link: Link, from: number): void {
    const before = this.model.rows.get(link.from);
    const after = this.model.rows.get(link.to);
    const one = this.model.place.get(link.from);
    const other = this.model.place.get(link.to);
    if (!before?.start || !before.finish || !after?.start || !after.finish || one === undefined || other === undefined) return;
    const y1 = (one - from + 0.5) * this.rowHeight - 1;
    const y2 = (other - from + 0.5) * this.rowHeight - 1;
    const fromEnd = link.type[0] === "F";
    const toEnd = link.type[1] === "F";
    const x1 = this.scale.x(fromEnd ? before.finish : before.start);
    const x2 = this.scale.x(toEnd ? after.finish : after.start);
    const down = y2 > y1;
    const land = y2 + (down ? -6 : 6);
    const out = fromEnd ? 5 : -5;
    let path: string;
    if (!toEnd && fromEnd && x2 >= x1 - 1) path = `M${x1} ${y1}H${x2 + 3}V${land}`;
    else if (toEnd) path = `M${x1} ${y1}H${Math.max(x1, x2) + 8}V${y2}H${x2 + 4}`;
    else {
      const half = y1 + (down ? this.rowHeight / 2 : -this.rowHeight / 2);
      path = `M${x1} ${y1}h${out}V${half}H${x2 - 6}V${y2}H${x2 - 3}`;
    }
    const critical = this.layers.critical && before.critical && after.critical && after.driver === link.id;
    picture.append(svg("path", { d: path, class: critical ? "ln crit" : "ln", "data-link": link.id }));
    const head = toEnd
      ? `M${x2 + 1} ${y2}l5 -3v6z`
      : !fromEnd || x2 < x1 - 1
        ? `M${x2 - 1} ${y2}l-5 -3v6z`
        : `M${x2 + 3} ${land + (down ? 3 : -3)}l-3 ${down ? -5 : 5}h6z`;
    picture.append(svg("path", { d: head, class: critical ? "lh crit" : "lh" }));
  }
}

/** Working days from one day to another after the plan's usual week and free days; negative: earlier. */
export function workingDays(from: string, to: string, model: Model): number {
  const calendar = model.calendarOf(undefined);
  const week = calendar?.week ?? [true, true, true, true, true, false, false];
  const [start, end, sign] = from <= to ? [from, to, 1] : [to, from, -1];
  let count = 0;
  for (let day = instant(start) + DAY; day <= instant(end); day += DAY) {
    const iso = new Date(day).toISOString().slice(0, 10);
    const free = calendar?.free.some(([first, last]) => first <= iso && iso <= last) ?? false;
    if (week[(new Date(day).getUTCDay() + 6) % 7] && !free) count += 1;
  }
  return count * sign;
}
