/** The predecessors of a row as one text (“3.1; 3.2SS+2”), written and read in the reader's language. */
import { language } from "../lib/texts";
import type { Model } from "./model";
import type { Link, Operation, Row } from "./types";
import { days, readNumber } from "./words";

const GERMAN: Record<string, string> = { FS: "EA", SS: "AA", FF: "EE", SF: "AE" };
const CODES: Record<string, string> = { ...Object.fromEntries(Object.entries(GERMAN).map(([code, word]) => [word, code])), FS: "FS", SS: "SS", FF: "FF", SF: "SF" };
const TOKEN = /^(.+?)\s*(EA|AA|EE|AE|FS|SS|FF|SF)?\s*([+−-]\s*\d+(?:[.,]\d+)?)?\s*(fT|ed)?(?:AT|WD)?$/i;

export function predecessorsOf(row: Row, model: Model): string {
  const inner = (model.incoming.get(row.id) ?? []).map((link) => {
    const before = model.rows.get(link.from);
    return before ? `${nameOf(before)}${tail(link)}` : "";
  });
  const outer = model.outer.filter((one) => one.direction === "in" && one.to === row.id).map((one) => `${one.project || "…"}${one.type === "FS" ? "" : word(one.type)}`);
  return [...inner.filter(Boolean), ...outer].join("; ");
}

/** Operations that make the links what was typed; null where something cannot be read. Links to other projects stay. */
export function readPredecessors(text: string, row: Row, model: Model): Operation[] | null {
  const before = model.incoming.get(row.id) ?? [];
  const outer = new Set(model.outer.filter((one) => one.direction === "in" && one.to === row.id).map((one) => one.project || "…"));
  const ops: Operation[] = [];
  const kept = new Set<number>();
  for (const part of text.split(";").map((one) => one.trim()).filter(Boolean)) {
    const wanted = read(part, row, model);
    if (!wanted) {
      if ([...outer].some((project) => part.startsWith(project))) continue;
      return null;
    }
    const free = before.filter((one) => one.from === wanted.from && !kept.has(one.id));
    const link = free.find((one) => one.type === wanted.type) ?? free[0];
    if (!link) ops.push({ op: "link", from: wanted.from, to: row.id, type: wanted.type, days: wanted.days, lag_elapsed: wanted.elapsed });
    else {
      kept.add(link.id);
      if (link.type !== wanted.type || link.lag_days !== wanted.days || link.lag_elapsed !== wanted.elapsed)
        ops.push({ op: "set_link", link: link.id, version: link.version, values: { type: wanted.type, days: wanted.days, lag_elapsed: wanted.elapsed } });
    }
  }
  const gone = before.filter((one) => !kept.has(one.id));
  if (gone.length) ops.unshift({ op: "unlink", links: gone.map((one) => one.id) });
  return ops;
}

function nameOf(row: Row): string {
  return row.wbs || row.code || row.name;
}

function word(type: string): string {
  return language() === "de" ? (GERMAN[type] ?? type) : type;
}

function tail(link: Link): string {
  const lag = link.lag_days ? `${link.lag_days > 0 ? "+" : "−"}${days(Math.abs(link.lag_days))}${link.lag_elapsed ? (language() === "de" ? "fT" : "ed") : ""}` : "";
  return link.type === "FS" && !lag ? "" : `${word(link.type)}${lag}`;
}

function read(part: string, row: Row, model: Model): { from: number; type: string; days: number; elapsed: boolean } | null {
  const whole = find(part, row, model);
  if (whole !== null) return { from: whole, type: "FS", days: 0, elapsed: false };
  const match = TOKEN.exec(part);
  const from = match?.[1] ? find(match[1], row, model) : null;
  if (!match || from === null) return null;
  const lag = match[3] ? readNumber(match[3].replace(/\s|\+/g, "")) : 0;
  if (lag === null) return null;
  return { from, type: CODES[(match[2] ?? "FS").toUpperCase()] ?? "FS", days: lag || 0, elapsed: Boolean(match[4]) };
}

function find(text: string, row: Row, model: Model): number | null {
  const wanted = text.trim().toLocaleLowerCase();
  for (const one of model.rows.values())
    if (one.id !== row.id && (one.wbs.toLocaleLowerCase() === wanted || (one.code && one.code.toLocaleLowerCase() === wanted) || one.name.toLocaleLowerCase() === wanted)) return one.id;
  return null;
}
