/** Texts and addresses that the server printed into the page; scripts hold no wording of their own. */

interface Texts {
  language: string;
  urls: Record<string, string>;
  [key: string]: string | Record<string, string>;
}

let loaded: Texts | undefined;

function texts(): Texts {
  if (!loaded) {
    const block = document.getElementById("i18n");
    loaded = block?.textContent ? (JSON.parse(block.textContent) as Texts) : { language: "en", urls: {} };
  }
  return loaded;
}

/** Fill `%(name)s` places of a text. */
export function fill(text: string, values: Record<string, string | number> = {}): string {
  return text.replace(/%\((\w+)\)s/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** The text of a key in the page's language; the key itself where the server sent none. */
export function t(key: string, values: Record<string, string | number> = {}): string {
  const found = texts()[key];
  return typeof found === "string" ? fill(found, values) : key;
}

export function address(key: string): string {
  return texts().urls[key] ?? "";
}

export function language(): string {
  return texts().language;
}
