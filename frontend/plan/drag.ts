/** Bars follow the pointer: move, resize, draw a link. The server decides what comes of it. */
import type { Chart } from "./chart";
import type { Model } from "./model";
import { DAY, instant } from "./scale";
import type { Operation } from "./types";
import { shortDay } from "./words";

const NS = "http://www.w3.org/2000/svg";

export interface Drags {
  model: Model;
  chart: Chart;
  /** Operations of a finished drag. */
  done: (ops: Operation[]) => void;
  /** A bar was only clicked. */
  pick: (id: number, more: boolean) => void;
}

export function dragging(body: HTMLElement, { model, chart, done, pick }: Drags): void {
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
    const begin = { x: event.clientX, y: event.clientY };
    const picture = group.ownerSVGElement;
    let moved = false;
    let line: SVGElement | null = null;
    const bar = group.querySelector<SVGElement>(".br");
    const width = Number(bar?.getAttribute("width") ?? 0);
    const y = (model.place.get(row.id) ?? 0) * chart.rowHeight;
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
      const shift = next.clientX - begin.x;
      if (Math.abs(shift) > 3 || Math.abs(next.clientY - begin.y) > 3) moved = true;
      if (!moved) return;
      group.classList.add("drag");
      if (kind !== "link") tell(shift);
      if (kind === "move") group.style.transform = `translate(${shift}px, ${y}px)`;
      else if (kind === "resize") bar?.setAttribute("width", String(Math.max(2, width + shift)));
      else if (picture) {
        line ??= picture.appendChild(document.createElementNS(NS, "line"));
        const box = picture.getBoundingClientRect();
        line.setAttribute("class", "draw");
        for (const [name, value] of [["x1", begin.x - box.left], ["y1", begin.y - box.top], ["x2", next.clientX - box.left], ["y2", next.clientY - box.top]] as const) line.setAttribute(name, String(value));
      }
    };
    const stop = (next: PointerEvent | null): void => {
      body.removeEventListener("pointermove", move);
      body.removeEventListener("pointerup", up);
      body.removeEventListener("pointercancel", cancel);
      document.removeEventListener("keydown", escape);
      group.classList.remove("drag");
      group.style.transform = "";
      bar?.setAttribute("width", String(width));
      line?.remove();
      told?.remove();
      chart.dragging = false;
      if (!next) return;
      if (!moved) {
        pick(row.id, event.shiftKey || event.ctrlKey || event.metaKey);
        return;
      }
      const shiftDays = Math.round((next.clientX - begin.x) / chart.scale.perDay);
      if (kind === "link") linkTo(next);
      else if (shiftDays && row.start && row.finish) {
        const name = kind === "move" ? (row.kind.includes("milestone") && row.kind !== "start_milestone" ? "finish" : "start") : "finish";
        const field = kind === "move" ? "start" : "finish";
        done([{ op: "set", row: row.id, version: row.version, values: { [field]: shifted(name === "start" ? row.start : row.finish, shiftDays) } }]);
      }
    };
    const linkTo = (next: PointerEvent): void => {
      const target = document.elementsFromPoint(next.clientX, next.clientY).map((one) => one.closest<SVGElement>("g[data-id]")).find((one) => one && one !== group);
      const other = target ? model.rows.get(Number(target.dataset["id"])) : rowUnder(next);
      if (!other || other.id === row.id) return;
      const box = picture?.getBoundingClientRect();
      const x = next.clientX - (box?.left ?? 0);
      const middle = other.start && other.finish ? (chart.scale.x(other.start) + chart.scale.x(other.finish)) / 2 : 0;
      done([{ op: "link", from: row.id, to: other.id, type: x > middle && !other.kind.includes("milestone") ? "FF" : "FS", days: 0 }]);
    };
    const rowUnder = (next: PointerEvent) => {
      const top = body.getBoundingClientRect().top;
      return model.row(Math.floor((next.clientY - top) / chart.rowHeight));
    };
    const up = (next: PointerEvent): void => stop(next);
    const cancel = (): void => stop(null);
    const escape = (key: KeyboardEvent): void => {
      if (key.key === "Escape") stop(null);
    };
    body.addEventListener("pointermove", move);
    body.addEventListener("pointerup", up);
    body.addEventListener("pointercancel", cancel);
    document.addEventListener("keydown", escape);
    try {
      body.setPointerCapture(event.pointerId);
    } catch {
      // a pointer that is gone already
    }
  });
}

/** A date some days later, as an ISO date. */
export function shifted(iso: string, by: number): string {
  return new Date(instant(iso.slice(0, 10)) + by * DAY).toISOString().slice(0, 10);
}
