/** Time as pixels: a day has a width, the axis has two rows of ticks. All dates are taken as UTC, so that no clock change moves a bar. */
import { monthName } from "../lib/format";

export const ZOOMS = ["day", "week", "month", "quarter", "year"] as const;
export type Zoom = (typeof ZOOMS)[number];
export const DAY = 86_400_000;
const WIDTH: Record<Zoom, number> = { day: 24, week: 6, month: 1.5, quarter: 0.6, year: 0.22 };

export interface Tick {
  x: number;
  width: number;
  text: string;
  strong: boolean;
}

export function instant(iso: string): number {
  return Date.parse(iso.length > 10 ? `${iso}Z` : `${iso}T00:00Z`);
}

export class Scale {
  readonly first: number;
  readonly last: number;
  readonly perDay: number;

  constructor(
    start: string,
    finish: string,
    readonly zoom: Zoom,
    least: number,
  ) {
    this.perDay = WIDTH[zoom];
    const margin = Math.max(4, Math.round(16 / this.perDay));
    this.first = monthStart(instant(start) - margin * DAY);
    this.last = Math.max(instant(finish) + margin * 5 * DAY, this.first + (least / this.perDay) * DAY);
  }

  get width(): number {
    return Math.ceil(((this.last - this.first) / DAY) * this.perDay);
  }

  x(iso: string): number {
    return this.at(instant(iso));
  }

  at(time: number): number {
    return ((time - this.first) / DAY) * this.perDay;
  }

  /** The day under a pixel, as an ISO date. */
  day(x: number): string {
    return new Date(this.first + Math.floor(x / this.perDay) * DAY).toISOString().slice(0, 10);
  }

  upper(language: string): Tick[] {
    const byMonth = this.zoom === "day" || this.zoom === "week";
    return this.ticks(byMonth ? "month" : "year", (date) =>
      byMonth ? `${monthName(localLike(date), language)} ${date.getUTCFullYear()}` : String(date.getUTCFullYear()),
    );
  }

  lower(language: string): Tick[] {
    if (this.zoom === "day") return this.ticks("day", (date) => String(date.getUTCDate()));
    if (this.zoom === "week") return this.ticks("week", (date) => String(isoWeek(date)));
    if (this.zoom === "month") return this.ticks("month", (date) => monthName(localLike(date), language));
    return this.ticks("quarter", (date) => (this.zoom === "year" ? "" : `Q${Math.floor(date.getUTCMonth() / 3) + 1}`));
  }

  private ticks(step: "day" | "week" | "month" | "quarter" | "year", label: (date: Date) => string): Tick[] {
    const found: Tick[] = [];
    let date = new Date(this.first);
    if (step === "week") date = new Date(this.first - ((date.getUTCDay() + 6) % 7) * DAY);
    if (step === "quarter") date = new Date(Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / 3) * 3, 1));
    if (step === "year") date = new Date(Date.UTC(date.getUTCFullYear(), 0, 1));
    while (date.getTime() < this.last) {
      const next = nextTick(date, step);
      const x = this.at(date.getTime());
      found.push({ x, width: this.at(next.getTime()) - x, text: label(date), strong: date.getUTCMonth() === 0 && date.getUTCDate() === 1 });
      date = next;
    }
    return found;
  }
}

function nextTick(date: Date, step: string): Date {
  if (step === "day") return new Date(date.getTime() + DAY);
  if (step === "week") return new Date(date.getTime() + 7 * DAY);
  const months = step === "month" ? 1 : step === "quarter" ? 3 : 12;
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
}

function monthStart(time: number): number {
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

/** `monthName` reads local time: give it noon of the first of that month. */
function localLike(date: Date): number {
  return new Date(date.getUTCFullYear(), date.getUTCMonth(), 1, 12).getTime();
}

export function isoWeek(date: Date): number {
  const thursday = new Date(date.getTime() + (3 - ((date.getUTCDay() + 6) % 7)) * DAY);
  return 1 + Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / DAY / 7);
}
