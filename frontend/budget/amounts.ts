/** Amounts as people type and paste them: the same reading as `core/pages/inputs.py` and `controlling/services/grid.py`. */

const SPACE = /[\s\u00a0\u202f'’€$£]/g;
const NUMBER = /^[+-]?[\d.,]*\d[.,]?$/;

export type Wrong = "number" | "decimals";

function grouped(plain: string, group: string): boolean {
  const sign = group === "." ? "\\." : group;
  return new RegExp(`^[+-]?([1-9]\\d{0,2}(${sign}\\d{3})+|\\d+)$`).test(plain);
}

/** The same number without group signs and with a point; null where it cannot be read. */
function withPoint(plain: string, language: string): string | null {
  const dot = plain.lastIndexOf(".");
  const comma = plain.lastIndexOf(",");
  if (dot >= 0 && comma >= 0) {
    const decimal = dot > comma ? "." : ",";
    const group = decimal === "." ? "," : ".";
    if (plain.split(decimal).length > 2 || !grouped(plain.split(decimal)[0] ?? "", group)) return null;
    return plain.replaceAll(group, "").replace(decimal, ".");
  }
  const only = dot >= 0 ? "." : comma >= 0 ? "," : "";
  if (!only) return plain;
  const count = plain.split(only).length - 1;
  const ownGroup = language === "de" ? "." : ",";
  if (count > 1 || (only === ownGroup && grouped(plain, only))) return grouped(plain, only) ? plain.replaceAll(only, "") : null;
  return plain.replace(only, ".");
}

/** Minor units of a typed amount, 0 for an empty text; else what is wrong with it. */
export function readAmount(text: string, language: string, digits: number, currency = ""): number | Wrong {
  let typed = text.replaceAll("−", "-").replaceAll("–", "-");
  if (currency) typed = typed.replaceAll(currency, "");
  typed = typed.replace(SPACE, "");
  // SAP and German exports write the sign behind the number, Excel's accounting format in brackets.
  const behind = /^(.+)-$/.exec(typed) ?? /^\((.+)\)$/.exec(typed);
  if (behind) typed = `-${behind[1]}`;
  if (!typed || typed === "-") return 0;
  if (!NUMBER.test(typed)) return "number";
  const plain = withPoint(typed, language);
  if (plain === null) return "number";
  const [whole = "", rest = ""] = plain.replace(/^[+-]/, "").split(".");
  if (rest.replace(/0+$/, "").length > digits) return "decimals";
  const minor = Number(whole + rest.slice(0, digits).padEnd(digits, "0"));
  if (!Number.isSafeInteger(minor)) return "number";
  return plain.startsWith("-") ? -minor : minor;
}

/** An amount as the sheet shows it: decimals only where there are some; empty for 0. */
export function amountText(minor: number, language: string, digits: number): string {
  if (!minor) return "";
  const whole = minor % 10 ** digits === 0;
  const text = new Intl.NumberFormat(language === "de" ? "de-DE" : "en-GB", {
    minimumFractionDigits: whole ? 0 : digits,
    maximumFractionDigits: whole ? 0 : digits,
  }).format(Math.abs(minor) / 10 ** digits);
  return minor < 0 ? `-${text}` : text;
}
