/** What one row shows in the chart: bar, diamond or bracket, what is done, float, deadline and the ghost of the baseline. */
import { DAY, instant, type Scale } from "./scale";
import type { Model } from "./model";
import type { Row } from "./types";
import { days, shortDay, w } from "./words";

const NS = "http://www.w3.org/2000/svg";

export interface Layers {
  baseline: boolean;
  critical: boolean;
  float: boolean;
  links: boolean;
}

export interface Drawing {
  model: Model;
  scale: Scale;
  layers: Layers;
  rowHeight: number;
}

export function svg(tag: string, attributes: Record<string, string | number>, text?: string): SVGElement {
  const element = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

/** The drawing of a row around y = 0 at its upper edge; the caller moves it to its place. */
export function barOf(row: Row, drawing: Drawing): SVGElement {
  const { scale, layers, rowHeight } = drawing;
  const group = svg("g", { "data-id": row.id, class: `b${row.critical && layers.critical ? " crit" : ""}${row.active ? "" : " off"}` });
  if (!row.start || !row.finish) return group;
  const middle = rowHeight / 2;
  if (layers.baseline) ghost(group, row, middle, drawing);
  const x = scale.x(row.start);
  const right = Math.max(x + 2, scale.x(row.finish));
  if (row.kind.includes("milestone") && !row.summary) milestone(group, row, middle, drawing);
  else if (row.summary) group.append(svg("path", { d: `M${x} ${middle + 5}V${middle - 3}H${right}V${middle + 5}L${right - 5} ${middle}H${x + 5}Z`, class: "sm" }));
  else task(group, row, middle, x, right, drawing);
  if (row.deadline) {
    const at = scale.x(row.deadline);
    group.append(svg("path", { d: `M${at} ${middle + 6}l-4 -7h8z`, class: row.findings.includes("deadline_missed") ? "dl bad" : "dl" }));
  }
  group.append(svg("title", {}, `${row.wbs} ${row.name}: ${shortDay(row.start)} – ${shortDay(row.finish)}`));
  return group;
}

/** The frame around the bar of the active row; null where there is no bar. */
export function frameOf(row: Row, { scale, rowHeight }: Drawing): SVGElement | null {
  if (!row.start || !row.finish) return null;
  const point = row.kind.includes("milestone") && !row.summary;
  const left = scale.x(point && row.kind !== "start_milestone" ? row.finish : row.start) - (point ? 9 : 3);
  const right = point ? left + 18 : Math.max(left + 8, scale.x(row.finish) + 3);
  return svg("rect", { x: left, y: rowHeight / 2 - 10, width: right - left, height: 18, rx: 3, class: "fr" });
}

function task(group: SVGElement, row: Row, middle: number, x: number, right: number, { scale, layers }: Drawing): void {
  const height = 10;
  group.append(svg("rect", { x, y: middle - 6, width: right - x, height, rx: 1.5, class: "br", "data-part": "move" }));
  const done = ((right - x) * Math.min(100, row.percent)) / 100;
  if (done > 0) group.append(svg("rect", { x, y: middle - 6, width: done, height, rx: 1.5, class: "dn", "data-part": "move" }));
  if (layers.float && row.float_days && row.float_days > 0 && row.late_finish && row.percent < 100) {
    const end = scale.x(row.late_finish);
    if (end > right + 2) group.append(svg("path", { d: `M${right} ${middle - 1}H${end}M${end} ${middle - 4}v6`, class: "fl" }));
  }
  group.append(svg("rect", { x: right - 5, y: middle - 7, width: 7, height: 12, class: "hd rs", "data-part": "resize" }));
  group.append(svg("circle", { cx: x - 8, cy: middle - 1, r: 4, class: "hd lk", "data-part": "link", "data-end": "start" }));
  group.append(svg("circle", { cx: right + 8, cy: middle - 1, r: 4, class: "hd lk", "data-part": "link" }));
}

function milestone(group: SVGElement, row: Row, middle: number, drawing: Drawing): void {
  const size = 6;
  const at = drawing.scale.x((row.kind === "start_milestone" ? row.start : row.finish) ?? "");
  group.append(svg("path", { d: `M${at} ${middle - size}L${at + size} ${middle}L${at} ${middle + size}L${at - size} ${middle}Z`, class: "ms", "data-part": "move" }));
  const label = svg("text", { x: at + 14, y: middle + 4, class: "ml" }, shortDay(row.finish));
  const late = drawing.layers.baseline ? slip(row, drawing.model) : 0;
  if (late) label.append(svg("tspan", { class: "dv", dx: 4 }, `${late > 0 ? "+" : "−"}${days(Math.abs(late))} ${w("unit_days")}`));
  group.append(label);
  group.append(svg("rect", { x: at + 6, y: middle - 4, width: 6, height: 8, class: "hd lk", "data-part": "link" }));
}

/** Working days that a row ends after its baseline (negative: before). */
export function slip(row: Row, model: Model): number {
  const frozen = model.baseline?.rows[String(row.id)]?.[1]?.slice(0, 10);
  const now = row.finish?.slice(0, 10);
  return frozen && now && frozen !== now ? workingDays(frozen, now, model) : 0;
}

function ghost(group: SVGElement, row: Row, middle: number, { model, scale }: Drawing): void {
  const frozen = model.baseline?.rows[String(row.id)];
  if (!frozen?.[0] || !frozen[1] || row.summary) return;
  if (row.kind.includes("milestone")) {
    const at = scale.x(frozen[1]);
    group.append(svg("path", { d: `M${at} ${middle - 4}L${at + 5} ${middle + 1}L${at} ${middle + 6}L${at - 5} ${middle + 1}Z`, class: "gm" }));
    return;
  }
  const x = scale.x(frozen[0]);
  group.append(svg("rect", { x, y: middle + 6, width: Math.max(2, scale.x(frozen[1]) - x), height: 3, class: "gh" }));
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
