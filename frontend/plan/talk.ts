/** What the page says back: the card after an edit, the dialogs of a preview, a conflict and the keys. */
import { icon, make } from "../lib/dom";
import { formatNumber } from "../lib/format";
import { language } from "../lib/texts";
import type { Model } from "./model";
import type { Conflict, Effect, Row } from "./types";
import { choices, days, shortDay, w } from "./words";

export function card(host: HTMLElement, title: string, effect: Effect | null, warnings: string[], actions: { undo?: () => void; details?: () => void }): void {
  const close = make("button", { class: "ib", attributes: { type: "button", "aria-label": w("close") } }, icon("x"));
  const box = make("div", { class: "pl-card" }, make("b", { text: title }), close);
  if (effect) box.append(make("span", { class: "mut", text: effect.text }));
  for (const text of warnings.slice(0, 3)) box.append(make("span", { class: "warn", text }));
  const row = make("div", { class: "row" });
  if (actions.undo) row.append(button(w("undo"), actions.undo, "p"));
  if (actions.details && effect?.changes.length) row.append(button(w("what_changes"), actions.details));
  if (row.childElementCount) box.append(row);
  close.addEventListener("click", () => box.remove());
  host.replaceChildren(box);
}

export function complain(host: HTMLElement, text: string): void {
  const close = make("button", { class: "ib", attributes: { type: "button", "aria-label": w("close") } }, icon("x"));
  const box = make("div", { class: "pl-card bad", attributes: { role: "alert" } }, make("b", { text }), close);
  close.addEventListener("click", () => box.remove());
  host.replaceChildren(box);
}

function button(text: string, action: () => void, kind = ""): HTMLButtonElement {
  const element = make("button", { class: `bt s ${kind}`, text, attributes: { type: "button" } });
  element.addEventListener("click", action);
  return element;
}

interface Asked {
  title: string;
  content: Node;
  /** Label → answer; the first one is the main one. */
  answers: [string, string][];
  wide?: boolean;
}

/** A modal dialog; resolves with the answer, "" when it was closed. The focus goes back to where it was. */
export function ask({ title, content, answers, wide }: Asked): Promise<string> {
  const before = document.activeElement as HTMLElement | null;
  const dialog = make("dialog", { class: wide ? "dlg wide" : "dlg", attributes: { "aria-labelledby": "pl-ask" } });
  const close = make("button", { class: "ib", attributes: { type: "button", "aria-label": w("close") } }, icon("x"));
  const head = make("header", {}, make("h2", { text: title, attributes: { id: "pl-ask" } }), close);
  const foot = make("footer", {});
  const body = make("div", { class: "bd" }, content);
  dialog.append(head, body, foot);
  document.body.append(dialog);
  return new Promise((resolve) => {
    const end = (answer: string): void => {
      dialog.close();
      dialog.remove();
      before?.focus();
      resolve(answer);
    };
    answers.forEach(([text, answer], number) => foot.append(button(text, () => end(answer), number === 0 ? "p" : "")));
    close.addEventListener("click", () => end(""));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      end("");
    });
    dialog.showModal();
    foot.querySelector<HTMLButtonElement>("button")?.focus();
  });
}

/** Why somebody does something that wants a reason; "" when it was left. */
export async function askReason(message: string): Promise<string> {
  const input = make("input", { attributes: { id: "pl-reason", maxlength: "500" } });
  const box = make("div", { class: "stack" }, make("p", { text: message }), make("label", { text: w("reason"), attributes: { for: "pl-reason" } }), input);
  const answer = await ask({ title: w("reason"), content: box, answers: [[w("save"), "yes"], [w("discard"), ""]] });
  return answer ? input.value.trim() : "";
}

/** What moves, by how much, why. */
export function movesTable(effect: Effect, warnings: string[]): HTMLElement {
  const box = make("div", { class: "stack" }, make("p", { text: effect.text }));
  for (const text of warnings) box.append(make("p", { class: "warn", text }));
  if (!effect.changes.length) return box;
  const table = make("table", { class: "t" });
  const head = make("tr", {}, ...["activity", "start", "finish", "shift", "why"].map((name) => make("th", { text: w(`moves_${name}`), attributes: { scope: "col", ...(name === "shift" ? { class: "num" } : {}) } })));
  const rows = effect.changes.map((one) =>
    make(
      "tr",
      {},
      make("th", { text: `${one.wbs} ${one.name}`, attributes: { scope: "row", class: "wrap" } }),
      make("td", { text: one.start[0] === one.start[1] ? shortDay(one.start[1]) : `${shortDay(one.start[0])} → ${shortDay(one.start[1])}` }),
      make("td", { text: one.finish[0] === one.finish[1] ? shortDay(one.finish[1]) : `${shortDay(one.finish[0])} → ${shortDay(one.finish[1])}` }),
      make("td", { class: "num", text: formatNumber(one.days, language(), Number.isInteger(one.days) ? 0 : 1, true) }),
      make("td", { class: "wrap", text: one.why }),
    ),
  );
  table.append(make("thead", {}, head), make("tbody", {}, ...rows));
  box.append(make("div", { class: "tw", attributes: { tabindex: "0", role: "region", "aria-label": w("what_changes") } }, table));
  if (effect.moved > effect.changes.length) box.append(make("p", { class: "mut", text: w("and_more", { count: effect.moved - effect.changes.length }) }));
  return box;
}

const NUMBERS = new Set(["percent", "work", "units", "weight", "remaining_work", "actual_work", "cost"]);

/** A stored value as the grid shows it: durations in days, choices and persons by name. */
function stored(field: string, value: unknown, row: Row | undefined, model: Model): string {
  if (value === null || value === undefined || value === "") return "–";
  if (field === "duration" || field === "remaining") return `${days(Number(value) / (model.calendarOf(row)?.day || 480))} ${w("unit_days")}`;
  if (field === "responsible") return model.people.find((one) => one.id === Number(value))?.name ?? String(value);
  if (field === "calendar") return model.calendars.find((one) => one.id === Number(value))?.name ?? String(value);
  const list = { constraint: "constraints", kind: "kinds", type: "types", ev_method: "ev_methods", state: "states" }[field];
  if (list) return choices(list)[String(value)] ?? String(value);
  if (NUMBERS.has(field)) return days(Math.round(Number(value) * 10) / 10);
  if (typeof value === "string" && /^\d{4}-\d\d-\d\d/.test(value)) return shortDay(value);
  return typeof value === "number" ? days(value) : typeof value === "boolean" ? (value ? "✓" : "–") : String(value);
}

/** Both values of each field, and whose the stored one is. */
export function conflictTable(conflicts: Conflict[], changedBy: string, model: Model): HTMLElement {
  const table = make("table", { class: "t" });
  const head = make("tr", {}, ...["field", "yours", "theirs"].map((name) => make("th", { text: name === "theirs" && changedBy ? w("conflict_of", { name: changedBy }) : w(`conflict_${name}`), attributes: { scope: "col" } })));
  const rows = conflicts.map((one) => {
    const row = model.rows.get(one.row);
    const shown = (value: unknown): string => stored(one.field, value, row, model);
    return make("tr", {}, make("th", { text: row ? `${row.wbs} ${row.name}: ${one.label}` : one.label, attributes: { scope: "row" } }), make("td", { text: shown(one.yours) }), make("td", { text: shown(one.theirs) }));
  });
  table.append(make("thead", {}, head), make("tbody", {}, ...rows));
  return table;
}

export function keysTable(): HTMLElement {
  const rows: [string, string][] = [
    ["↑ ↓ ← →", "key_move"], ["Enter, F2", "key_edit"], ["Tab", "key_tab"], ["Shift+Enter", "key_details"], ["Insert, Ctrl+I", "key_add"], ["Delete", "key_remove"],
    ["Alt+Shift+→ / ←", "key_indent"], ["Alt+Shift+↑ / ↓", "key_reorder"], ["Shift+↑ ↓, Ctrl+Space", "key_select"], ["L", "key_link"], ["Shift+L", "key_unlink"],
    ["Alt+← / →", "key_bar"], ["Alt+↑ / ↓", "key_resize"], ["Ctrl+Z, Ctrl+Y", "key_undo"], ["Ctrl+C, Ctrl+V", "key_paste"], ["Space", "key_fold"],
    ["+ / −", "key_zoom"], ["C", "key_centre"], ["?", "key_help"],
  ];
  const named = (keys: string): string => keys.replace(/Ctrl|Shift|Insert|Delete|Space/g, (key) => w(`kbd_${key.toLowerCase()}`));
  const table = make("table", { class: "t" });
  table.append(make("tbody", {}, ...rows.map(([keys, text]) => make("tr", {}, make("th", { attributes: { scope: "row" } }, make("kbd", { text: named(keys) })), make("td", { class: "wrap", text: w(text) })))));
  return table;
}
