/** Numbers and dates as the server writes them: true minus, "–" for no data. */

export const NO_DATA = "–";

export function formatNumber(value: number | null | undefined, language: string, decimals = 1, sign = false): string {
  if (value === null || value === undefined || Number.isNaN(value)) return NO_DATA;
  const text = new Intl.NumberFormat(language === "de" ? "de-DE" : "en-GB", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  }).format(Math.abs(value));
  const isZero = !/[1-9]/.test(text);
  if (value < 0 && !isZero) return `−${text}`;
  return sign && value > 0 && !isZero ? `+${text}` : text;
}

/** Decimals that an axis needs so that neighbouring ticks differ. */
export function axisDecimals(interval: number): number {
  if (interval >= 1 || interval <= 0) return 0;
  return Math.min(4, Math.ceil(-Math.log10(interval)));
}

export function formatDay(iso: string, language: string): string {
  const [year, month, day] = iso.slice(0, 10).split("-").map(Number);
  if (!year || !month || !day) return NO_DATA;
  if (language === "de") return `${pad(day)}.${pad(month)}.${year}`;
  const name = new Intl.DateTimeFormat("en-GB", { month: "short", timeZone: "UTC" }).format(Date.UTC(year, month - 1, 1));
  return `${day} ${name} ${year}`;
}

/** "Jan" … "Dez"; January shows the year when `years` is set. */
export function monthName(instant: number, language: string, years = false): string {
  const date = new Date(instant);
  if (years && date.getMonth() === 0) return String(date.getFullYear());
  return new Intl.DateTimeFormat(language === "de" ? "de-DE" : "en-GB", { month: "short" }).format(date).replace(".", "").slice(0, 3);
}

export function formatBytes(size: number, language: string): string {
  const units = ["B", "KB", "MB", "GB"];
  let value = size;
  let step = 0;
  while (value >= 1024 && step < units.length - 1) {
    value /= 1024;
    step += 1;
  }
  return `${formatNumber(value, language, step === 0 ? 0 : 1)} ${units[step]}`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
