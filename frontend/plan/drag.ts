/** Bars follow the pointer: move, resize, draw a link. The server decides what comes of it. */
import type { Chart } from "./chart";
import type { Model } from "./model";
import { DAY, instant } from "./scale";
import type { Operation, Row } from "./types";
import { shortDay } from "./words";

const NS = "http://www.w3.org/2000/svg";
const EDGE = 18;
const STEP = 9;

export interface Drags {
  model: Model;
  chart: Chart;
  /** Operations of a finished drag. */
  done: (ops: Operation[]) => void;
  /** Rows that are chosen: their bars move together. */
  chosen: () => Row[];
  /** A bar was only clicked. */
  pick: (id: number, more: boolean) => void;
}

export function dragging(body: HTMLElement, { model, chart, done, chosen, pick }: Drags): void {
  body.addEventListener("pointerdown", (event) => {
    const part = event.target instanceof SVGElement ? event.target : null;
    const group = part?.closest<SVGElement>("g[data-id]");
    const row = group ? model.rows.get(Number(group.dataset["id"])) : undefined;
    if (!part || !group || !row || event.button !== 0) return;
    const kind = part.dataset["part"] ?? "";
    if (!kind || !model.mayEdit() || row.summary) {
      pick(row.id, event.shiftKey || event.ctrlKey || event.metaKey);
      return;
    }
    event.preventDefault();
    const picture = group.ownerSVGElement as SVGSVGElement;
    /** Where the pointer is in the picture, however far that is scrolled meanwhile. */
    const inside = (at: PointerEvent): { x: number; y: number } => {
      const box = picture.getBoundingClientRect();
      return { x: at.clientX - box.left, y: at.clientY - box.top };
    };
    const begin = inside(event);
    let moved = false;
    let line: SVGElement | null = null;
    const bar = group.querySelector<SVGElement>(".br");
    const width = Number(bar?.getAttribute("width") ?? 0);
    const top = (id: number): number => (model.place.get(id) ?? 0) * chart.rowHeight;
    const selected = chosen();
    /** The other chosen rows, which a moved bar takes along; summaries follow by themselves. */
    const along = kind === "move" && selected.some((one) => one.id === row.id) ? selected.filter((one) => one.id !== row.id && !one.summary && one.start && one.finish) : [];
    const bars = [row, ...along].map((one): [SVGElement | null, number] => [picture.querySelector<SVGElement>(`g[data-id="${one.id}"]`), top(one.id)]);
    let told: SVGElement | null = null;
    chart.dragging = true;

    /** The date that the bar would get, beside it. */
    const tell = (shift: number): void => {
      const by = Math.round(shift / chart.scale.perDay);
      const end = row.kind.includes("milestone") || kind === "resize" ? row.finish : row.start;
      if (!end) return;
      const x = chart.scale.x(end) + (kind === "resize" ? shift + 16 : -8);
      told ??= group.appendChild(document.createElementNS(NS, "text"));
      told.setAttribute("class", "ml");
      told.setAttribute("text-anchor", kind === "resize" ? "start" : "end");
      told.setAttribute("x", String(x));
      told.setAttribute("y", String(chart.rowHeight / 2 + 4));
      told.textContent = shortDay(shifted(end, by));
    };

    const move = (next: PointerEvent): void => {
      const here = inside(next);
      const shift = here.x - begin.x;
      if (Math.abs(shift) > 3 || Math.abs(here.y - begin.y) > 3) moved = true;
      if (!moved) return;
      drift.follow(next);
      group.classList.add("drag");
      if (kind !== "link") tell(shift);
      if (kind === "move") for (const [one, y] of bars) one?.style.setProperty("transform", `translate(${shift}px, ${y}px)`);
      else if (kind === "resize") bar?.setAttribute("width", String(Math.max(2, width + shift)));
      else {
        line ??= picture.appendChild(document.createElementNS(NS, "line"));
        line.setAttribute("class", "draw");
        for (const [name, value] of [["x1", begin.x], ["y1", begin.y], ["x2", here.x], ["y2", here.y]] as const) line.setAttribute(name, String(value));
      }
    };
    const drift = new Drift(body.parentElement as HTMLElement, kind === "link", move);
    const stop = (next: PointerEvent | null): void => {
      drift.end();
      body.removeEventListener("pointermove", move);
      body.removeEventListener("pointerup", up);
      body.removeEventListener("pointercancel", cancel);
      document.removeEventListener("keydown", escape, true);
      group.classList.remove("drag");
      for (const [one] of bars) one?.style.removeProperty("transform");
      bar?.setAttribute("width", String(width));
      line?.remove();
      told?.remove();
      chart.dragging = false;
      if (!next) return;
      if (!moved) {
        pick(row.id, event.shiftKey || event.ctrlKey || event.metaKey);
        return;
      }
      const shiftDays = Math.round((inside(next).x - begin.x) / chart.scale.perDay);
      if (kind === "link") linkTo(next);
      else if (shiftDays && row.start && row.finish) {
        done([row, ...along].map((one) => ({ op: "set", row: one.id, version: one.version, values: placed(one, kind, shiftDays) })));
      }
    };
    const linkTo = (next: PointerEvent): void => {
      const target = document.elementsFromPoint(next.clientX, next.clientY).map((one) => one.closest<SVGElement>("g[data-id]")).find((one) => one && one !== group);
      const other = target ? model.rows.get(Number(target.dataset["id"])) : rowUnder(next);
      if (!other || other.id === row.id) return;
      const x = inside(next).x;
      const middle = other.start && other.finish ? (chart.scale.x(other.start) + chart.scale.x(other.finish)) / 2 : 0;
      const to = x > middle && !other.kind.includes("milestone") ? "F" : "S";
      done([{ op: "link", from: row.id, to: other.id, type: `${part.dataset["end"] === "start" ? "S" : "F"}${to}`, days: 0 }]);
    };
    const rowUnder = (next: PointerEvent) => {
      const top = body.getBoundingClientRect().top;
      return model.row(Math.floor((next.clientY - top) / chart.rowHeight));
    };
    const up = (next: PointerEvent): void => stop(next);
    const cancel = (): void => stop(null);
    const escape = (key: KeyboardEvent): void => {
      if (key.key !== "Escape") return;
      key.stopPropagation();
      stop(null);
    };
    body.addEventListener("pointermove", move);
    body.addEventListener("pointerup", up);
    body.addEventListener("pointercancel", cancel);
    document.addEventListener("keydown", escape, true); // before the grid, which keeps its keys to itself
    try {
      body.setPointerCapture(event.pointerId);
    } catch {
      // a pointer that is gone already
    }
  });
}

/** What a bar that was moved or drawn longer gets: milestones are dated by the day that they mark. */
function placed(row: Row, kind: string, days: number): Record<string, string> {
  if (kind !== "move") return { finish: shifted(row.finish ?? "", days) };
  const at = row.kind.includes("milestone") && row.kind !== "start_milestone" ? row.finish : row.start;
  return { start: shifted(at ?? "", days) };
}

/** A pointer at the edge of the chart scrolls it, for as long as it stays there. */
class Drift {
  private last: PointerEvent | null = null;
  private frame = 0;

  constructor(
    private readonly scroller: HTMLElement,
    /** Up and down too: a link may lead to any row, a bar stays in its own. */
    private readonly upright: boolean,
    private readonly moved: (at: PointerEvent) => void,
  ) {}

  follow(at: PointerEvent): void {
    this.last = at;
    if (!this.frame && this.speed().some(Boolean)) this.frame = requestAnimationFrame(() => this.step());
  }

  end(): void {
    cancelAnimationFrame(this.frame);
    this.last = null;
  }

  private step(): void {
    this.frame = 0;
    const [x, y] = this.speed();
    if (!this.last || (!x && !y)) return;
    this.scroller.scrollBy({ left: x, top: y, behavior: "instant" });
    this.moved(this.last);
  }

  private speed(): [number, number] {
    if (!this.last) return [0, 0];
    const box = this.scroller.getBoundingClientRect();
    const left = this.scroller.querySelector('[data-pl="grid"]')?.getBoundingClientRect().right ?? box.left;
    const of = (at: number, low: number, high: number): number => (at < low + EDGE ? -STEP : at > high - EDGE ? STEP : 0);
    return [of(this.last.clientX, left, box.right), this.upright ? of(this.last.clientY, box.top + 44, box.bottom) : 0];
  }
}

/** A date some days later, as an ISO date. */
export function shifted(iso: string, by: number): string {
  return new Date(instant(iso.slice(0, 10)) + by * DAY).toISOString().slice(0, 10);
}
