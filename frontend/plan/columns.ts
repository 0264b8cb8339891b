/** Columns of the grid: what stands there, how it is read back when somebody types over it. */
import { formatNumber } from "../lib/format";
import { language } from "../lib/texts";
import type { Model } from "./model";
import { predecessorsOf, readPredecessors } from "./predecessors";
import type { Operation, Row } from "./types";
import { choices, days, readDay, readNumber, shortDay, w } from "./words";

export interface Column {
  key: string;
  width: number;
  number: boolean;
  text: (row: Row, model: Model) => string;
  /** What the cell becomes when typed over: the operation's values, or null if it cannot be read. */
  read?: (text: string, row: Row) => Record<string, unknown> | null;
  /** The same where other things than the row change: the operations. */
  ops?: (text: string, row: Row, model: Model) => Operation[] | null;
  /** Code → label to choose from; `read` gets the code. */
  choose?: (model: Model, row: Row) => [string, string][];
  value?: (row: Row) => string;
  /** What a person reports without planning. */
  progress?: boolean;
  standard: boolean;
}

function dated(name: string) {
  return (text: string): Record<string, unknown> | null => {
    const day = readDay(text);
    return day === null ? null : { [name]: day || null };
  };
}

function counted(name: string, most = Infinity) {
  return (text: string): Record<string, unknown> | null => {
    const value = readNumber(text);
    return value === null || (typeof value === "number" && (value < 0 || value > most)) ? null : { [name]: value === "" ? null : value };
  };
}

/** Floats as whole days: a tenth of a day says nothing in a list. The panel tells them exactly. */
function whole(value: number | null): string {
  return value === null ? "" : days(Math.round(value));
}

/** Who may see what the activities cost: the page says so. */
export function seesCosts(): boolean {
  return Boolean(document.querySelector("[data-plan][data-costs]"));
}

function amount(value: number | null): string {
  return value === null ? "" : formatNumber(value, language(), Number.isInteger(value) ? 0 : 2);
}

/** Whom a row can be given to, and who has it: the reader may know no more of that person than this. */
export function peopleFor(model: Model, row: Row): [string, string][] {
  const found = model.people.map((one): [string, string] => [String(one.id), one.name]);
  if (row.responsible !== null && !model.people.some((one) => one.id === row.responsible)) found.unshift([String(row.responsible), row.who || "–"]);
  return found;
}

/** “15 Dec 26” is longer than “15.12.26”. */
const DATE = language() === "de" ? 72 : 80;

export const COLUMNS: Column[] = [
  { key: "wbs", width: 46, number: false, standard: true, text: (row) => row.wbs },
  { key: "name", width: 240, number: false, standard: true, text: (row) => row.name, read: (text) => ({ name: text.trim() }) },
  { key: "days", width: 46, number: true, standard: true, text: (row) => days(row.summary && row.days !== null ? Math.round(row.days) : row.days), read: counted("days") },
  { key: "start", width: DATE, number: true, standard: true, text: (row) => shortDay(row.start), read: dated("start") },
  { key: "finish", width: DATE, number: true, standard: true, text: (row) => shortDay(row.finish), read: dated("finish") },
  { key: "float_days", width: 50, number: true, standard: true, text: (row) => whole(row.float_days) },
  { key: "predecessors", width: 110, number: false, standard: false, text: predecessorsOf, ops: readPredecessors },
  { key: "percent", width: language() === "de" ? 44 : 54, number: true, standard: true, progress: true, text: (row) => days(row.summary ? Math.round(row.percent) : row.percent), read: counted("percent", 100) },
  { key: "who", width: 120, number: false, standard: false, text: (row) => row.who, value: (row) => String(row.responsible ?? ""), choose: (model, row) => [["", "–"], ...peopleFor(model, row)], read: (code) => ({ responsible: code ? Number(code) : null }) },
  { key: "work", width: 60, number: true, standard: false, text: (row) => (row.work === null ? "" : formatNumber(row.work, language(), 0)), read: counted("work") },
  { key: "units", width: 56, number: true, standard: false, text: (row) => (row.units === null ? "" : formatNumber(row.units, language(), 0)), read: counted("units") },
  ...(seesCosts() ? [{ key: "cost", width: 86, number: true, standard: false, text: (row: Row, model: Model) => amount(model.costOf(row)), read: counted("cost") }] : []),
  { key: "free_days", width: 50, number: true, standard: false, text: (row) => whole(row.free_days) },
  { key: "constraint", width: 150, number: false, standard: false, text: (row) => (row.constraint === "asap" ? "" : `${choices("constraints")[row.constraint] ?? ""} ${shortDay(row.constraint_date)}`), value: (row) => row.constraint, choose: () => Object.entries(choices("constraints")), read: (code, row) => ({ constraint: code, ...(["asap", "alap"].includes(code) || row.constraint_date ? {} : { constraint_date: (code.includes("finish") ? row.finish : row.start)?.slice(0, 10) ?? null }) }) },
  { key: "constraint_date", width: DATE, number: true, standard: false, text: (row) => shortDay(row.constraint_date), read: dated("constraint_date") },
  { key: "deadline", width: DATE, number: true, standard: false, text: (row) => shortDay(row.deadline), read: dated("deadline") },
  { key: "actual_start", width: DATE, number: true, standard: false, progress: true, text: (row) => shortDay(row.actual_start), read: dated("actual_start") },
  { key: "actual_finish", width: DATE, number: true, standard: false, progress: true, text: (row) => shortDay(row.actual_finish), read: dated("actual_finish") },
  { key: "calendar", width: 120, number: false, standard: false, text: (row, model) => model.calendars.find((one) => one.id === row.calendar)?.name ?? "", value: (row) => String(row.calendar ?? ""), choose: (model) => [["", w("calendar_of_plan")], ...model.calendars.map((one): [string, string] => [String(one.id), one.name])], read: (code) => ({ calendar: code ? Number(code) : null }) },
  { key: "ev_method", width: 110, number: false, standard: false, text: (row) => (row.summary ? "" : (choices("ev_methods")[row.ev_method] ?? "")), value: (row) => row.ev_method, choose: () => Object.entries(choices("ev_methods")), read: (code) => ({ ev_method: code }) },
  { key: "state", width: 92, number: false, standard: false, text: (row) => (row.summary ? "" : (choices("states")[row.state] ?? "")) },
  { key: "code", width: 80, number: false, standard: false, text: (row) => row.code, read: (text) => ({ code: text.trim() }) },
];

export function heading(column: Column): string {
  return w(`column_${column.key}`);
}

/** On a phone the columns share the width that is there. */
export function fitted(columns: Column[], width: number): Column[] {
  const rest = width - 2 - columns.filter((one) => one.key !== "name").reduce((sum, one) => sum + one.width, 0);
  return columns.map((one) => (one.key === "name" ? { ...one, width: Math.max(120, rest) } : one));
}
