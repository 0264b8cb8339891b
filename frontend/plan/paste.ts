/** Rows from Excel or another table become operations: columns by their headings, else name and duration in that order. */
import { readDay, readNumber } from "./words";
import type { Operation } from "./types";

const HEADINGS: [string, RegExp][] = [
  ["name", /^(name|vorgang(sname)?|aktivität|activity|task( name)?|bezeichnung|titel|title)$/i],
  ["days", /^(dauer|duration|at|wd|tage|days)/i],
  ["start", /^(anfang|start|beginn|begin)/i],
  ["finish", /^(ende|finish|end|fertig)/i],
  ["work", /^(arbeit|aufwand|work|effort|stunden|hours)/i],
  ["percent", /^(%|ist|fortschritt|progress|% )/i],
  ["level", /^(ebene|level|gliederungsebene|outline level)/i],
  ["wbs", /^(psp|wbs|nr\.?|gliederungsnummer)/i],
  ["notes", /^(notiz|notes|bemerkung|comment|kommentar)/i],
];

export interface Pasted {
  ops: Operation[];
  unread: number;
}

/** Rows with something in them. */
export function cells(text: string): string[][] {
  return table(text).filter((one) => one.some((value) => value.trim()));
}

/** All rows of a block of text with tabs, also empty ones: what a spreadsheet puts on the clipboard. */
export function table(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (quoted) {
      if (sign === '"' && text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else if (sign === '"') quoted = false;
      else cell += sign;
    } else if (sign === '"' && cell === "") quoted = true;
    else if (sign === "\t") {
      row.push(cell);
      cell = "";
    } else if (sign === "\n" || sign === "\r") {
      if (sign === "\r" && text[at + 1] === "\n") at += 1;
      row.push(cell);
      rows.push(row);
      row = [];
      cell = "";
    } else cell += sign;
  }
  if (cell !== "" || row.length) rows.push([...row, cell]);
  return rows;
}

/** Whether the first line names the columns. */
export function headed(first: string[]): boolean {
  const named = first.map((value) => HEADINGS.find(([, pattern]) => pattern.test(value.trim()))?.[0]);
  return named.filter(Boolean).length >= 2 || (first.length === 1 && named[0] === "name");
}

/** Operations that add the rows behind `after`, at its level or as the indentation of the names says. */
export function pasted(text: string, after: number | null, level: number): Pasted {
  const lines = cells(text);
  const first = lines[0] ?? [];
  const named = first.map((value) => HEADINGS.find(([, pattern]) => pattern.test(value.trim()))?.[0]);
  const titled = headed(first);
  const columns = titled ? named : first.map((_value, number) => ["name", "days", "start", "finish"][number]);
  const ops: Operation[] = [];
  let unread = 0;
  let before: number | string | null = after;
  const base = level;
  for (const [number, line] of lines.slice(titled ? 1 : 0).entries()) {
    const values: Record<string, unknown> = {};
    let depth = base;
    columns.forEach((name, place) => {
      const value = line[place] ?? "";
      if (!name || !value.trim()) return;
      if (name === "name") {
        const indent = /^\s*/.exec(value)?.[0].replaceAll("\t", "   ").length ?? 0;
        if (!columns.includes("level") && !columns.includes("wbs")) depth = base + Math.floor(indent / 3);
        values["name"] = value.trim();
      } else if (name === "start" || name === "finish") {
        const day = readDay(value.replace(/^(Mo|Di|Mi|Do|Fr|Sa|So|Mon|Tue|Wed|Thu|Fri|Sat|Sun)\.? /i, "").replace(/ \d\d:\d\d.*$/, ""));
        if (day) values[name] = day;
        else unread += 1;
      } else if (name === "days" || name === "work" || name === "percent") {
        const count = readNumber(value.replace(/\s*(tage?|days?|t|d|std\.?|h|hrs?)\??$/i, ""));
        if (typeof count === "number" && count >= 0) values[name] = count;
        else unread += 1;
      } else if (name === "level") {
        const count = readNumber(value);
        if (typeof count === "number" && count >= 1) depth = base + count - 1;
      } else if (name === "wbs") {
        if (!columns.includes("level")) depth = base + value.trim().split(".").filter(Boolean).length - 1;
      } else values[name] = value.trim();
    });
    if (!values["name"]) continue;
    if ("finish" in values && "days" in values) delete values["finish"];
    const ref = `p${number}`;
    ops.push({ op: "add", ref, after: before, level: depth, values });
    before = ref;
  }
  return { ops, unread };
}
