/** Numbers of the heat map: what a cell says, how dark it is, what a move would change. Minutes everywhere. */
import { formatNumber, NO_DATA } from "../lib/format";

export interface Line {
  id: string;
  name: string;
  sub: string;
  key: string;
  group: number;
  people: number;
  plain: boolean;
  net: number[] | 0;
  load: (number[] | 0)[];
}

export interface Column {
  group: string;
  name: string;
  note: string;
  long: string;
}

export interface Data {
  by: "day" | "week" | "month";
  load: "firm" | "reserved" | "all";
  starts: string[];
  last: string;
  days: number[];
  full: number[];
  groups: Line[];
  rows: Line[];
  columns: Column[];
  today: number;
}

export type Kind = "hours" | "fte" | "heads" | "group" | "row";
export interface Shown {
  kind: Kind;
  line: Line | null;
}

const COUNTED = { firm: 1, reserved: 2, all: 4 };
const FULL_DAY = 480;
export const SOFT = 1;

export function value(numbers: number[] | 0 | undefined, at: number): number {
  return numbers ? (numbers[at] ?? 0) : 0;
}

export function loadAt(data: Data, line: Line, at: number): number {
  let sum = 0;
  for (let kind = 0; kind < COUNTED[data.load]; kind += 1) sum += value(line.load[kind], at);
  return sum;
}

export function gapAt(data: Data, line: Line, at: number): number {
  return value(line.net, at) - loadAt(data, line, at);
}

/** What groups lack in a period, negative: the surplus of one fills no other. */
export function shortageAt(data: Data, at: number): number {
  const groups = data.groups.length ? data.groups : data.rows;
  return groups.reduce((sum, line) => sum + Math.min(0, gapAt(data, line, at)), 0);
}

/** The lines from top to bottom; the first three stay in sight. */
export function shownLines(data: Data): Shown[] {
  const found: Shown[] = [
    { kind: "hours", line: null },
    { kind: "fte", line: null },
    { kind: "heads", line: null },
  ];
  if (!data.groups.length) return [...found, ...data.rows.map((line): Shown => ({ kind: "row", line }))];
  data.groups.forEach((group, number) => {
    found.push({ kind: "group", line: group });
    for (const line of data.rows) if (line.group === number) found.push({ kind: "row", line });
  });
  return found;
}

/** 0 to 3 up to full, 4 and 5 above; -1: nobody is there. */
export function level(load: number, net: number): number {
  if (net <= 0) return load > 0 ? 5 : -1;
  const ratio = load / net;
  if (ratio < 0.4) return 0;
  if (ratio < 0.7) return 1;
  if (ratio < 0.9) return 2;
  if (load <= net) return 3;
  return ratio <= 1.15 ? 4 : 5;
}

export function percentText(load: number, net: number): string {
  return net > 0 ? String(Math.round((load / net) * 100)) : load > 0 ? "!" : "";
}

export function hoursText(minutes: number, language: string, sign = false): string {
  return formatNumber(minutes / 60, language, Math.abs(minutes) >= 6000 || minutes % 60 === 0 ? 0 : 1, sign);
}

export function cellText(data: Data, shown: Shown, at: number, values: string, language: string): string {
  const { line, kind } = shown;
  if (!line) {
    const missing = shortageAt(data, at);
    if (kind === "hours") return missing ? hoursText(missing, language) : "0";
    const whole = kind === "fte" ? (data.days[at] ?? 0) * FULL_DAY : (data.full[at] ?? 0);
    if (!whole) return missing ? NO_DATA : "";
    const ratio = missing / whole;
    return missing ? formatNumber(kind === "fte" ? ratio : -ratio, language, 1) : "0";
  }
  const net = value(line.net, at);
  const load = loadAt(data, line, at);
  if (kind === "group") return net || load ? hoursText(net - load, language, true) : "";
  if (!net && !load) return "";
  if (values === "percent") return percentText(load, net);
  return line.id.startsWith("p") ? hoursText(load, language) : hoursText(net - load, language, true);
}

/** Periods in which a person has too much. */
export function conflicts(data: Data, line: Line): number {
  let count = 0;
  for (let at = 0; at < data.columns.length; at += 1) if (gapAt(data, line, at) < 0) count += 1;
  return count;
}

/** First and last day of a column, as the server reads them. */
export function spanOf(data: Data, at: number): { from: string; to: string } {
  const from = data.starts[at] ?? data.last;
  const next = data.starts[at + 1];
  if (!next) return { from, to: data.last };
  const day = new Date(`${next}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - 1);
  return { from, to: day.toISOString().slice(0, 10) };
}

/** Utilisation before and after some minutes come (or go, negative). */
export function change(data: Data, line: Line, at: number, minutes: number): { before: string; after: string } {
  const net = value(line.net, at);
  const load = loadAt(data, line, at);
  return { before: ratioText(load, net), after: ratioText(Math.max(0, load + minutes), net) };
}

function ratioText(load: number, net: number): string {
  return net > 0 ? `${Math.round((load / net) * 100)} %` : `${Math.round(load / 6) / 10} h`;
}
