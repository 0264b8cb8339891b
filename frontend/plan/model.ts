/** The plan as the page knows it: rows in the order of the outline, what is folded, what a filter leaves. */
import type { Baseline, Calendar, Data, Edited, Link, Operation, Outer, PlanInfo, Row } from "./types";

export interface Filter {
  text: string;
  critical: boolean;
  trouble: boolean;
  mine: number | null;
}

export const NO_FILTER: Filter = { text: "", critical: false, trouble: false, mine: null };

export class Model {
  revision = 0;
  plan: PlanInfo | undefined;
  rows = new Map<number, Row>();
  order: number[] = [];
  links = new Map<number, Link>();
  outer: Outer[] = [];
  calendars: Calendar[] = [];
  people: { id: number; name: string }[] = [];
  baseline: Baseline | null = null;
  baselines: { number: number; label: string; state: string }[] = [];
  /** Number of the baseline that the reader wants; null: the last approved one. */
  chosen: number | null = null;
  folded = new Set<number>();
  filter: Filter = { ...NO_FILTER };
  shown: number[] = [];
  place = new Map<number, number>();
  incoming = new Map<number, Link[]>();
  outgoing = new Map<number, Link[]>();

  /** Take what the server sent; answers which rows changed. */
  take(data: Data | Edited): Set<number> {
    const changed = new Set<number>();
    const before = this.rows;
    if (data.reset) {
      this.rows = new Map();
      this.links = new Map();
      this.order = data.rows.map((row) => row.id);
    }
    for (const row of data.rows) {
      // What is only newer holds changed rows alone, and of rows that only moved what was computed; everything is compared.
      const old = before.get(row.id);
      if (!data.reset || !old || JSON.stringify(old) !== JSON.stringify(row)) changed.add(row.id);
      this.rows.set(row.id, data.reset || !old ? row : { ...old, ...row });
    }
    for (const link of data.links) this.links.set(link.id, link);
    if ("removed" in data && data.removed) {
      for (const id of data.removed.rows) this.rows.delete(id);
      for (const id of data.removed.links) this.links.delete(id);
      this.order = this.order.filter((id) => this.rows.has(id));
    }
    if (!data.reset) this.reorder(data.rows);
    this.revision = data.revision;
    if (data.plan) this.plan = data.plan;
    this.outer = data.outer ?? this.outer;
    this.calendars = data.calendars ?? this.calendars;
    this.people = data.people ?? this.people;
    if (data.baselines) {
      this.baselines = data.baselines;
      // Answers to edits bring the usual one: what the reader has chosen stays, while it is there.
      const chosen = this.chosen !== null && this.chosen !== data.baseline?.number && this.baselines.some((one) => one.number === this.chosen);
      if (!chosen || this.baseline?.number !== this.chosen) this.baseline = data.baseline ?? null;
    }
    this.index();
    this.show();
    return changed;
  }

  /** Changed rows tell their place among all; the others keep their order between them. */
  private reorder(changed: Row[]): void {
    const moved = changed.filter((row) => this.order[row.place ?? -1] !== row.id);
    if (!moved.length) return;
    const ids = new Set(moved.map((row) => row.id));
    const rest = this.order.filter((id) => !ids.has(id));
    for (const row of [...moved].sort((one, other) => (one.place ?? 0) - (other.place ?? 0))) rest.splice(row.place ?? rest.length, 0, row.id);
    this.order = rest;
  }

  private index(): void {
    this.incoming = new Map();
    this.outgoing = new Map();
    for (const link of this.links.values()) {
      push(this.incoming, link.to, link);
      push(this.outgoing, link.from, link);
    }
  }

  /** Which rows stand in the list: not below a folded one, and left by the filter with the rows above them. */
  show(): void {
    const wanted = this.wanted();
    const shown: number[] = [];
    let hiddenBelow = Infinity;
    for (const id of this.order) {
      const row = this.rows.get(id);
      if (!row) continue;
      if (row.level > hiddenBelow) continue;
      hiddenBelow = Infinity;
      if (wanted && !wanted.has(id)) continue;
      shown.push(id);
      if (this.folded.has(id) && row.summary && !wanted) hiddenBelow = row.level;
    }
    this.shown = shown;
    this.place = new Map(shown.map((id, number) => [id, number]));
  }

  private wanted(): Set<number> | null {
    const { text, critical, trouble, mine } = this.filter;
    if (!text && !critical && !trouble && mine === null) return null;
    const needle = text.toLocaleLowerCase();
    const found = new Set<number>();
    for (const row of this.rows.values()) {
      const words = `${row.wbs} ${row.code} ${row.name} ${row.who}`.toLocaleLowerCase();
      if (needle && !words.includes(needle)) continue;
      if (critical && !(row.critical && !row.summary)) continue;
      if (trouble && !(row.findings.length || this.late(row))) continue;
      if (mine !== null && row.responsible !== mine) continue;
      for (let at: number | null = row.id; at !== null; at = this.rows.get(at)?.parent ?? null) found.add(at);
    }
    return found;
  }

  /** Later than the baseline that is drawn. */
  late(row: Row): boolean {
    const frozen = this.baseline?.rows[String(row.id)]?.[1];
    return Boolean(frozen && row.finish && row.finish > frozen && !row.summary);
  }

  /** Planned cost of a row, of a summary that of the rows below it; null where none is known. */
  costOf(row: Row): number | null {
    if (!row.summary) return row.cost ?? null;
    let sum: number | null = null;
    for (let at = this.order.indexOf(row.id) + 1; at < this.order.length; at++) {
      const below = this.rows.get(this.order[at] ?? -1);
      if (!below || below.level <= row.level) break;
      if (!below.summary && typeof below.cost === "number") sum = (sum ?? 0) + below.cost;
    }
    return sum;
  }

  row(place: number): Row | undefined {
    const id = this.shown[place];
    return id === undefined ? undefined : this.rows.get(id);
  }

  mayEdit(): boolean {
    return this.plan?.may_edit ?? false;
  }

  mayReport(row: Row): boolean {
    return this.mayEdit() || (this.plan?.may_progress.includes(row.id) ?? false);
  }

  /** Readers plan nothing, and who reports progress changes only rows that are theirs: the server says so too. */
  may(ops: Operation[]): boolean {
    const reports = (one: Operation): boolean => one.op === "set" && (this.plan?.may_progress.includes(Number(one["row"])) ?? false);
    return this.mayEdit() || ops.every(reports);
  }

  calendarOf(row: Row | undefined): Calendar | undefined {
    const number = row?.calendar ?? this.plan?.calendar;
    return this.calendars.find((one) => one.id === number);
  }

  /** First start and last finish of everything that is drawn, as ISO texts. */
  span(): [string, string] {
    let first = this.plan?.start ?? "2026-01-01T00:00";
    let last = this.plan?.finish ?? first;
    for (const row of this.rows.values()) {
      if (row.start && row.start < first) first = row.start;
      if (row.finish && row.finish > last) last = row.finish;
    }
    for (const [start, finish] of Object.values(this.baseline?.rows ?? {})) {
      if (start && start < first) first = start;
      if (finish && finish > last) last = finish;
    }
    return [first, last];
  }
}

function push<V>(map: Map<number, V[]>, key: number, value: V): void {
  const found = map.get(key);
  if (found) found.push(value);
  else map.set(key, [value]);
}
