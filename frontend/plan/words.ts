/** Texts of the plan page, printed by the server; numbers and dates in the reader's form. */
import { formatNumber } from "../lib/format";
import { fill, language } from "../lib/texts";

interface Words {
  [key: string]: string | Record<string, string>;
}

let loaded: Words | undefined;

function words(): Words {
  if (!loaded) loaded = JSON.parse(document.getElementById("plan-texts")?.textContent ?? "{}") as Words;
  return loaded;
}

export function w(key: string, values: Record<string, string | number> = {}): string {
  const found = words()[key];
  return typeof found === "string" ? fill(found, values) : key;
}

/** Code → label of a list of choices, in its order. */
export function choices(name: string): Record<string, string> {
  const found = words()[name];
  return typeof found === "object" ? found : {};
}

export function days(value: number | null | undefined): string {
  if (value === null || value === undefined) return "";
  return formatNumber(value, language(), Number.isInteger(value) ? 0 : 1);
}

/** 01.07.26 or 1 Jul 26: the grid has little room. */
export function shortDay(iso: string | null | undefined): string {
  if (!iso) return "";
  const [year, month, day] = iso.slice(0, 10).split("-");
  if (language() === "de") return `${day}.${month}.${year?.slice(2)}`;
  const name = new Intl.DateTimeFormat("en-GB", { month: "short", timeZone: "UTC" }).format(Date.UTC(Number(year), Number(month) - 1, 1)).slice(0, 3);
  return `${Number(day)} ${name} ${year?.slice(2)}`;
}

/** What a person types as a date: 1.7.26, 01.07.2026, 2026-07-01, 1 Jul 2026; an ISO date, or null if it is none. */
export function readDay(text: string): string | null {
  const clean = text.trim();
  if (!clean) return "";
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})/.exec(clean);
  if (iso) return valid(iso[1], iso[2], iso[3]);
  const german = /^(\d{1,2})[./](\d{1,2})[./](\d{2}|\d{4})$/.exec(clean);
  if (german) return valid(german[3], german[2], german[1]);
  const named = /^(\d{1,2})\.? ([A-Za-zäÄ]{3,})\.? (\d{2}|\d{4})$/.exec(clean);
  if (named) {
    const month = ["jan", "feb", "mar|mär", "apr", "may|mai", "jun", "jul", "aug", "sep", "oct|okt", "nov", "dec|dez"].findIndex((name) =>
      name.split("|").some((one) => named[2]?.toLowerCase().startsWith(one)),
    );
    if (month >= 0) return valid(named[3], String(month + 1), named[1]);
  }
  return null;
}

function valid(year = "", month = "", day = ""): string | null {
  const full = year.length === 2 ? 2000 + Number(year) : Number(year);
  const date = new Date(Date.UTC(full, Number(month) - 1, Number(day)));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return null;
  return date.toISOString().slice(0, 10);
}

/** A number with a decimal comma or point; null if it is none, "" if nothing was typed. */
export function readNumber(text: string): number | "" | null {
  const clean = text.trim().replace(/\s|%|AT|WD/gi, "");
  if (!clean) return "";
  const plain = clean.includes(",") ? clean.replaceAll(".", "").replace(",", ".") : clean;
  return /^[-−]?\d+(\.\d+)?$/.test(plain) ? Number(plain.replace("−", "-")) : null;
}
