/** All fields of one row, its links with type and lag; one save is one edit. */
import { icon, make } from "../lib/dom";
import { peopleFor, seesCosts } from "./columns";
import type { Model } from "./model";
import type { Link, Operation, Row } from "./types";
import { choices, days, readDay, readNumber, shortDay, w } from "./words";

type Kind = "text" | "number" | "date" | "choice" | "flag" | "long" | "person" | "calendar";

const FIELDS: [string, [string, Kind][]][] = [
  ["group_row", [["name", "text"], ["wbs", "text"], ["code", "text"], ["kind", "choice"], ["responsible", "person"]]],
  ["group_dates", [["days", "number"], ["elapsed", "flag"], ["calendar", "calendar"], ["constraint", "choice"], ["constraint_date", "date"], ["deadline", "date"], ["manual", "flag"], ["active", "flag"]]],
  ["group_effort", [["type", "choice"], ["work", "number"], ["units", "number"], ["cost", "number"], ["effort_driven", "flag"], ["ev_method", "choice"], ["weight", "number"]]],
  ["group_progress", [["percent", "number"], ["remaining_days", "number"], ["actual_start", "date"], ["actual_finish", "date"]]],
  ["group_notes", [["notes", "long"]]],
];
const PROGRESS = new Set(["percent", "remaining_days", "actual_start", "actual_finish", "notes"]);
const OF_SUMMARIES = new Set(["name", "wbs", "code", "notes", "responsible", "weight"]);
const LISTS: Record<string, string> = { kind: "kinds", constraint: "constraints", type: "types", ev_method: "ev_methods" };

export class Panel {
  private inputs = new Map<string, { element: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement; kind: Kind; before: string }>();
  private row: Row | null = null;
  private before: HTMLElement | null = null;

  constructor(
    readonly host: HTMLElement,
    private readonly model: Model,
    private readonly save: (ops: Operation[], reason: string) => Promise<boolean>,
  ) {
    host.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        this.close();
      }
    });
  }

  get openFor(): number | null {
    return this.row?.id ?? null;
  }

  open(row: Row, focus = true): void {
    if (focus) this.before = document.activeElement as HTMLElement | null;
    this.row = row;
    this.inputs.clear();
    const close = make("button", { class: "ib", attributes: { type: "button", "aria-label": w("close") } }, icon("x"));
    close.addEventListener("click", () => this.close());
    const form = make("form", { class: "pl-form", attributes: { novalidate: "" } });
    const head = make("header", {}, make("h2", { text: `${row.wbs} ${row.name}` }), close);
    for (const [title, fields] of FIELDS) {
      const usable = fields.filter(([name]) => (!row.summary || OF_SUMMARIES.has(name)) && (name !== "cost" || seesCosts()));
      if (!usable.length) continue;
      const group = make("fieldset", {}, make("legend", { text: w(title) }));
      for (const [name, kind] of usable) group.append(this.field(row, name, kind));
      form.append(group);
    }
    form.append(this.facts(row));
    if (!row.summary) form.append(this.links(row));
    const reason = make("input", { attributes: { name: "reason", maxlength: "500", id: "pf-reason" } });
    const open = make("a", { class: "bt", text: w("open_page"), attributes: { href: w("activity_url").replace("0", String(row.id)) } });
    if (this.model.mayReport(row)) form.append(make("div", { class: "pf" }, make("label", { text: w("reason"), attributes: { for: "pf-reason" } }), reason));
    form.append(make("div", { class: "row" }, ...(this.model.mayReport(row) ? [make("button", { class: "bt p", text: w("save"), attributes: { type: "submit" } })] : []), open));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit(reason.value);
    });
    this.host.replaceChildren(head, form);
    this.host.hidden = false;
    if (focus) (form.querySelector<HTMLElement>("input:not([disabled]), select:not([disabled])") ?? close).focus();
  }

  close(): void {
    this.host.hidden = true;
    this.host.replaceChildren();
    this.row = null;
    this.before?.focus();
  }

  /** Marks a field that the server refused; the input stays. */
  refuse(field: string, message: string): boolean {
    const input = this.inputs.get(field)?.element ?? this.inputs.get(field.replace("duration", "days"))?.element;
    if (!input) return false;
    const wrap = input.closest(".pf");
    wrap?.querySelector(".err")?.remove();
    input.setAttribute("aria-invalid", "true");
    wrap?.append(make("span", { class: "err", text: message }));
    input.focus();
    return true;
  }

  private field(row: Row, name: string, kind: Kind): HTMLElement {
    const value = row[name as keyof Row];
    const may = this.model.mayEdit() || (PROGRESS.has(name) && this.model.mayReport(row));
    const attributes: Record<string, string> = { id: `pf-${name}`, name, ...(may ? {} : { disabled: "" }) };
    let element: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
    if (kind === "choice" || kind === "person" || kind === "calendar") {
      element = make("select", { attributes });
      const list: [string, string][] =
        kind === "person" ? [["", "–"], ...peopleFor(this.model, row)]
        : kind === "calendar" ? [["", w("calendar_of_plan")], ...this.model.calendars.map((one): [string, string] => [String(one.id), one.name])]
        : Object.entries(choices(LISTS[name] ?? ""));
      if (name === "type" && !value) list.unshift(["", "–"]);
      for (const [code, label] of list) element.append(make("option", { text: label, attributes: { value: code } }));
      element.value = String(value ?? "");
    } else if (kind === "flag") {
      element = make("input", { attributes: { ...attributes, type: "checkbox" } });
      element.checked = Boolean(value);
    } else if (kind === "long") {
      element = make("textarea", { attributes: { ...attributes, rows: "3" } });
      element.value = String(value ?? "");
    } else {
      element = make("input", { attributes: { ...attributes, autocomplete: "off", ...(kind === "number" ? { inputmode: "decimal" } : {}) } });
      element.value = kind === "date" ? shortDay(value as string | null) : kind === "number" ? days(value as number | null) : String(value ?? "");
    }
    this.inputs.set(name, { element, kind, before: current(element) });
    const label = make("label", { text: w(`field_${name}`), attributes: { for: `pf-${name}` } });
    return make("div", { class: `pf${kind === "flag" ? " flag" : ""}` }, ...(kind === "flag" ? [element, label] : [label, element]));
  }

  private facts(row: Row): HTMLElement {
    const list = make("dl", { class: "dl" });
    const add = (name: string, text: string): void => void list.append(make("dt", { text: w(name) }), make("dd", { text: text || "–" }));
    add("column_start", shortDay(row.start));
    add("column_finish", shortDay(row.finish));
    add("column_float_days", days(row.float_days));
    add("column_free_days", days(row.free_days));
    const link = row.driver === null ? undefined : this.model.links.get(row.driver);
    const giver = link ? this.model.rows.get(link.from) : undefined;
    const outer = row.driver === null ? undefined : this.model.outer.find((one) => one.id === row.driver);
    add("why", giver ? `${link?.type} ${giver.wbs} ${giver.name}` : outer ? `${outer.type} ${outer.project} ${outer.name || w("other_project")}` : row.reason ? w(`reason_${row.reason}`) : "");
    for (const code of row.findings) add("finding", w(`finding_${code}`));
    return list;
  }

  private links(row: Row): HTMLElement {
    const box = make("fieldset", {}, make("legend", { text: w("group_links") }));
    const part = (title: string, links: Link[], end: "from" | "to"): void => {
      for (const link of links) {
        const other = this.model.rows.get(link[end]);
        if (other) box.append(this.linkLine(title, link, other));
      }
    };
    part(w("predecessor"), this.model.incoming.get(row.id) ?? [], "from");
    part(w("successor"), this.model.outgoing.get(row.id) ?? [], "to");
    for (const one of this.model.outer.filter((outer) => (outer.direction === "in" ? outer.to : outer.from) === row.id))
      box.append(make("p", { class: "sm", text: `${w(one.direction === "in" ? "predecessor" : "successor")}: ${one.project} ${one.name || w("other_project")} ${one.type} ${shortDay(one.finish)}` }));
    if (this.model.mayEdit()) box.append(this.newLink(row));
    return box;
  }

  private linkLine(title: string, link: Link, other: Row): HTMLElement {
    const label = `${title} ${other.wbs} ${other.name}`;
    const kind = make("select", { attributes: { "aria-label": `${w("link_type")}: ${label}` } });
    for (const code of ["FS", "SS", "FF", "SF"]) kind.append(make("option", { text: choices("link_types")[code] ?? code, attributes: { value: code } }));
    kind.value = link.type;
    const lag = make("input", { attributes: { "aria-label": `${w("lag")}: ${label}`, inputmode: "decimal", size: "4" } });
    lag.value = days(link.lag_days);
    const drop = make("button", { class: "ib", attributes: { type: "button", "aria-label": `${w("remove_link")}: ${label}` } }, icon("trash"));
    const enabled = this.model.mayEdit();
    for (const one of [kind, lag, drop]) one.disabled = !enabled;
    const change = (): void => {
      const value = readNumber(lag.value);
      if (value === null) return;
      void this.save([{ op: "set_link", link: link.id, version: link.version, values: { type: kind.value, days: value || 0 } }], "").then((ok) => ok && this.again());
    };
    kind.addEventListener("change", change);
    lag.addEventListener("change", change);
    drop.addEventListener("click", () => void this.save([{ op: "unlink", links: [link.id] }], "").then((ok) => ok && this.again()));
    return make("div", { class: "pf-link" }, make("span", { text: label, class: "sm" }), kind, lag, make("span", { class: "mut sm", text: w("unit_days") }), drop);
  }

  private newLink(row: Row): HTMLElement {
    const input = make("input", { attributes: { id: "pf-newlink", placeholder: w("new_link_hint"), autocomplete: "off" } });
    const add = make("button", { class: "bt s", text: w("add_link"), attributes: { type: "button" } });
    const go = (): void => {
      const wanted = input.value.trim().toLocaleLowerCase();
      const rows = [...this.model.rows.values()];
      const other = rows.find((one) => one.wbs.toLocaleLowerCase() === wanted || one.code.toLocaleLowerCase() === wanted) ?? rows.find((one) => wanted && one.name.toLocaleLowerCase().includes(wanted));
      input.toggleAttribute("aria-invalid", !other);
      if (other) void this.save([{ op: "link", from: other.id, to: row.id, type: "FS", days: 0 }], "").then((ok) => ok && this.again());
    };
    add.addEventListener("click", go);
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      go();
    });
    return make("div", { class: "pf" }, make("label", { text: w("new_predecessor"), attributes: { for: "pf-newlink" } }), make("div", { class: "row" }, input, add));
  }

  /** Draw the panel anew with what the row has become. */
  again(): void {
    const row = this.row ? this.model.rows.get(this.row.id) : undefined;
    if (row) this.open(row, false);
    else this.close();
  }

  private async submit(reason: string): Promise<void> {
    const row = this.row;
    if (!row) return;
    const values: Record<string, unknown> = {};
    for (const [name, { element, kind, before }] of this.inputs) {
      element.removeAttribute("aria-invalid");
      element.closest(".pf")?.querySelector(".err")?.remove();
      if (element.disabled || current(element) === before) continue;
      const value = read(element, kind);
      if (value === undefined) {
        this.refuse(name, w(kind === "date" ? "not_a_date" : "not_a_number"));
        return;
      }
      values[name] = value;
    }
    if (!Object.keys(values).length) {
      this.close();
      return;
    }
    if (await this.save([{ op: "set", row: row.id, version: row.version, values }], reason)) this.close();
  }
}

function current(element: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement): string {
  return element instanceof HTMLInputElement && element.type === "checkbox" ? String(element.checked) : element.value;
}

/** The value for the server; undefined where it cannot be read. */
function read(element: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement, kind: Kind): unknown {
  if (kind === "flag") return (element as HTMLInputElement).checked;
  if (kind === "person" || kind === "calendar") return element.value ? Number(element.value) : null;
  if (kind === "date") {
    const day = readDay(element.value);
    return day === null ? undefined : day || null;
  }
  if (kind === "number") {
    const value = readNumber(element.value);
    return value === null ? undefined : value === "" ? null : value;
  }
  return element.value;
}
