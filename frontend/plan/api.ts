/** Requests of the plan page. A refusal comes back with its places: operation, row, field; a stale edit with both values. */
import { csrfToken, reasonOf, Refused } from "../lib/http";
import type { Data, Edited, Effect, Operation, Problem } from "./types";

export class PlanRefused extends Refused {
  constructor(
    readonly problem: Problem,
    status: number,
  ) {
    super([problem.title, problem.detail].filter(Boolean).join(" "), status);
  }
}

export interface Addresses {
  data: string;
  edit: string;
  undo: string;
  reschedule: string;
}

export class Api {
  constructor(private readonly at: Addresses) {}

  async load(since?: number, baseline?: number): Promise<Data | null> {
    const query = new URLSearchParams();
    if (since !== undefined) query.set("since", String(since));
    if (baseline !== undefined) query.set("baseline", String(baseline));
    const response = await ask(`${this.at.data}?${query}`, { headers: { Accept: "application/json" } });
    return response.status === 204 ? null : ((await response.json()) as Data);
  }

  async edit(ops: Operation[], since: number, reason = ""): Promise<Edited> {
    return this.send<Edited>(`${this.at.edit}?since=${since}`, { ops, reason });
  }

  async preview(ops: Operation[]): Promise<{ effect: Effect; warnings: string[] }> {
    return this.send(this.at.edit, { ops, preview: true, reason: "preview" });
  }

  async undo(change: string, since: number): Promise<Edited> {
    return this.send<Edited>(`${this.at.undo}?since=${since}`, { change });
  }

  async reschedule(since: number, preview: boolean): Promise<Edited> {
    return this.send<Edited>(`${this.at.reschedule}?since=${since}`, { preview });
  }

  private async send<T>(url: string, body: unknown): Promise<T> {
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken() };
    const response = await ask(url, { method: "POST", body: JSON.stringify(body), headers });
    return (await response.json()) as T;
  }
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...init });
  } catch {
    throw new Refused(reasonOf(0), 0);
  }
  const kind = response.headers.get("Content-Type") ?? "";
  if (!response.ok) {
    if (kind.includes("json")) throw new PlanRefused((await response.json()) as Problem, response.status);
    throw new Refused(reasonOf(response.status), response.status);
  }
  // A redirect to the sign-in page is an answer in HTML: the session has ended.
  if (response.status !== 204 && !kind.includes("json")) throw new Refused(reasonOf(401), 401);
  return response;
}
