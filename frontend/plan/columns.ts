/** Columns of the grid: what stands there, how it is read back when somebody types over it. */
import { formatNumber } from "../lib/format";
import { language } from "../lib/texts";
import type { Row } from "./types";
import { choices, days, readDay, readNumber, shortDay, w } from "./words";

export interface Column {
  key: string;
  width: number;
  number: boolean;
  text: (row: Row) => string;
  /** What the cell becomes when typed over: the operation's values, or null if it cannot be read. */
  read?: (text: string, row: Row) => Record<string, unknown> | null;
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

/** “15 Dec 26” is longer than “15.12.26”. */
const DATE = language() === "de" ? 72 : 80;

export const COLUMNS: Column[] = [
  { key: "wbs", width: 46, number: false, standard: true, text: (row) => row.wbs },
  { key: "name", width: 240, number: false, standard: true, text: (row) => row.name, read: (text) => ({ name: text.trim() }) },
  { key: "days", width: 46, number: true, standard: true, text: (row) => days(row.summary && row.days !== null ? Math.round(row.days) : row.days), read: counted("days") },
  { key: "start", width: DATE, number: true, standard: true, text: (row) => shortDay(row.start), read: dated("start") },
  { key: "finish", width: DATE, number: true, standard: true, text: (row) => shortDay(row.finish), read: dated("finish") },
  { key: "float_days", width: 50, number: true, standard: true, text: (row) => whole(row.float_days) },
  { key: "percent", width: language() === "de" ? 44 : 54, number: true, standard: true, progress: true, text: (row) => days(row.summary ? Math.round(row.percent) : row.percent), read: counted("percent", 100) },
  { key: "who", width: 120, number: false, standard: false, text: (row) => row.who },
  { key: "work", width: 60, number: true, standard: false, text: (row) => (row.work === null ? "" : formatNumber(row.work, language(), 0)), read: counted("work") },
  { key: "units", width: 56, number: true, standard: false, text: (row) => (row.units === null ? "" : formatNumber(row.units, language(), 0)), read: counted("units") },
  { key: "free_days", width: 50, number: true, standard: false, text: (row) => whole(row.free_days) },
  { key: "constraint", width: 150, number: false, standard: false, text: (row) => (row.constraint === "asap" ? "" : `${choices("constraints")[row.constraint] ?? ""} ${shortDay(row.constraint_date)}`) },
  { key: "deadline", width: DATE, number: true, standard: false, text: (row) => shortDay(row.deadline), read: dated("deadline") },
  { key: "actual_start", width: DATE, number: true, standard: false, progress: true, text: (row) => shortDay(row.actual_start), read: dated("actual_start") },
  { key: "actual_finish", width: DATE, number: true, standard: false, progress: true, text: (row) => shortDay(row.actual_finish), read: dated("actual_finish") },
  { key: "ev_method", width: 110, number: false, standard: false, text: (row) => (row.summary ? "" : (choices("ev_methods")[row.ev_method] ?? "")) },
  { key: "state", width: 92, number: false, standard: false, text: (row) => (row.summary ? "" : (choices("states")[row.state] ?? "")) },
  { key: "code", width: 80, number: false, standard: false, text: (row) => row.code, read: (text) => ({ code: text.trim() }) },
];

export function heading(column: Column): string {
  return w(`column_${column.key}`);
}
