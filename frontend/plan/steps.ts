/** What this page has done, to be taken back and done again; and what keeps quick edits in a row from meeting themselves. */
import { PlanRefused } from "./api";
import type { Model } from "./model";
import type { Page } from "./page";
import { card, complain } from "./talk";
import type { Edited, Operation } from "./types";
import { w } from "./words";

/** Stands in the list of steps for “the whole plan was computed anew”, which is no operation of an edit. */
export const RESCHEDULE: Operation = { op: "reschedule" };

export interface Done {
  change: string;
  title: string;
  ops: Operation[];
  reason: string;
  refs: Record<string, number>;
}

export class Steps {
  private done: Done[] = [];
  private undone: Done[] = [];
  /** “row:version” → the version that an edit of this page made of it. */
  private readonly own = new Map<string, number>();

  constructor(private readonly page: Page) {}

  /** An edit went through; a new one leaves nothing to redo. */
  note(edited: Edited, ops: Operation[], reason: string, again = false): void {
    if (!again) this.undone = [];
    if (edited.change) this.done.push({ change: edited.change, title: edited.title, ops, reason, refs: edited.refs });
    for (const one of ops) {
      const key = keyOf(one);
      const now = versionOf(one, this.page.model);
      if (key && now !== undefined && now !== one["version"]) this.own.set(key, now);
    }
    this.show();
  }

  /** Operations that were begun before an own edit came back stand on what that edit made, not on what it replaced. */
  follow(ops: Operation[]): Operation[] {
    return ops.map((one) => {
      let made = one;
      for (let key = keyOf(made); key !== null; key = keyOf(made)) {
        const next = this.own.get(key);
        if (next === undefined || next === made["version"]) break;
        made = { ...made, version: next };
      }
      return made;
    });
  }

  async undo(): Promise<void> {
    const last = this.done.pop();
    if (!last) return;
    try {
      this.page.take(await this.page.api.undo(last.change, this.page.model.revision));
      this.undone.push(last);
      card(this.page.cards, w("undone", { what: last.title }), null, [], {});
    } catch (error) {
      // Refused for good (somebody built on it): the step before may still go. Not reached: try again.
      if (!(error instanceof PlanRefused)) this.done.push(last);
      complain(this.page.cards, error instanceof Error ? error.message : String(error));
    }
    this.show();
  }

  async redo(): Promise<void> {
    const last = this.undone.pop();
    if (!last) return;
    try {
      const { api, model } = this.page;
      const edited = await (last.ops[0] === RESCHEDULE ? api.reschedule(model.revision, false) : api.edit(upToDate(last.ops, model), model.revision, last.reason));
      // Rows that come back have new numbers; what was done to them later follows.
      const numbers = new Map(Object.entries(last.refs).map(([ref, id]) => [id, edited.refs[ref] ?? id]));
      for (const one of this.undone) one.ops = renumbered(one.ops, numbers);
      this.page.applied(edited, last.ops, last.reason, true);
    } catch (error) {
      if (!(error instanceof PlanRefused)) this.undone.push(last);
      complain(this.page.cards, error instanceof Error ? error.message : String(error));
    }
    this.show();
  }

  show(): void {
    const set = (name: string, on: boolean): void => void this.page.host.querySelector<HTMLButtonElement>(`[data-do="${name}"]`)?.toggleAttribute("disabled", !on);
    set("undo", this.done.length > 0);
    set("redo", this.undone.length > 0);
  }
}

function keyOf(one: Operation): string | null {
  const { row, link, version } = one as { row?: unknown; link?: unknown; version?: unknown };
  if (typeof version !== "number") return null;
  return typeof row === "number" ? `row ${row}:${version}` : typeof link === "number" ? `link ${link}:${version}` : null;
}

function versionOf(one: Operation, model: Model): number | undefined {
  if (typeof one["row"] === "number") return model.rows.get(one["row"])?.version;
  return typeof one["link"] === "number" ? model.links.get(one["link"])?.version : undefined;
}

/** Operations again, on the versions of rows and links that are here now. */
export function upToDate(ops: Operation[], model: Model): Operation[] {
  return ops.map((one) => ("version" in one && keyOf(one) ? { ...one, version: versionOf(one, model) } : one));
}

/** Operations with other numbers of rows. */
export function renumbered(ops: Operation[], numbers: Map<number, number>): Operation[] {
  const other = (value: unknown): unknown => (typeof value === "number" ? (numbers.get(value) ?? value) : value);
  return ops.map((one) => {
    if (one === RESCHEDULE) return one;
    const made: Operation = { ...one };
    for (const name of ["row", "from", "to", "after"]) if (name in made) made[name] = other(made[name]);
    if (Array.isArray(made["rows"])) made["rows"] = made["rows"].map(other);
    return made;
  });
}
