/** Hours as people type them in a time sheet: the same reading as `resources/worktime.py`. */
import { formatNumber } from "./format";

const CLOCK = /^(\d{1,3})\s*(?::|h)\s*([0-5]?\d)\s*(?:m|min)?$/i;
const DECIMAL = /^(\d{1,3})?(?:[.,](\d{1,4}))?\s*h?$/i;

/** Minutes of a typed duration, 0 for an empty text, null when it cannot be read. */
export function parseMinutes(text: string): number | null {
  const typed = text.trim();
  if (!typed || typed === "-" || typed === "–") return 0;
  const clock = CLOCK.exec(typed);
  if (clock) return Number(clock[1]) * 60 + Number(clock[2]);
  const decimal = DECIMAL.exec(typed);
  if (!decimal || !(decimal[1] || decimal[2])) return null;
  return Math.round(Number(`${decimal[1] ?? 0}.${decimal[2] ?? 0}`) * 60);
}

/** `7,5` where quarter hours say it exactly, else `7:20`; empty for 0. */
export function minutesText(minutes: number, language: string): string {
  if (!minutes) return "";
  if (minutes % 15) return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  const decimals = minutes % 60 === 0 ? 0 : minutes % 30 === 0 ? 1 : 2;
  return formatNumber(minutes / 60, language, decimals);
}

/** Where a key leads from the cell (row, column) of a grid; null: the key is not ours. */
export function nextCell(key: string, shift: boolean, row: number, column: number, rows: number, columns: number): [number, number] | null {
  if (key === "ArrowUp" || (key === "Enter" && shift)) return row > 0 ? [row - 1, column] : null;
  if (key === "ArrowDown" || key === "Enter") return row < rows - 1 ? [row + 1, column] : null;
  if (key === "ArrowLeft") return column > 0 ? [row, column - 1] : null;
  if (key === "ArrowRight") return column < columns - 1 ? [row, column + 1] : null;
  return null;
}
