/** What the server sends and takes (docs/planning-protocol.md). Dates are local time without a zone. */

export interface Row {
  id: number;
  uid: number;
  version: number;
  parent: number | null;
  level: number;
  place?: number;
  summary: boolean;
  wbs: string;
  code: string;
  name: string;
  kind: string;
  state: string;
  start: string | null;
  finish: string | null;
  duration: number | null;
  days: number | null;
  elapsed: boolean;
  percent: number;
  remaining_days: number | null;
  actual_start: string | null;
  actual_finish: string | null;
  calendar: number | null;
  constraint: string;
  constraint_date: string | null;
  deadline: string | null;
  manual: boolean;
  active: boolean;
  type: string;
  effort_driven: boolean;
  work: number | null;
  units: number | null;
  /** In units of the project's currency; missing where the reader may not see it. */
  cost?: number | null;
  ev_method: string;
  weight: number | null;
  priority: number | null;
  responsible: number | null;
  who: string;
  float_days: number | null;
  free_days: number | null;
  total_float: number | null;
  critical: boolean;
  late_finish: string | null;
  reason: string | null;
  driver: number | null;
  findings: string[];
  notes: string;
}

export interface Link {
  id: number;
  version: number;
  from: number;
  to: number;
  type: string;
  lag: number;
  lag_days: number;
  lag_elapsed: boolean;
}

export interface Outer {
  id: number;
  from: number;
  to: number;
  type: string;
  direction: "in" | "out";
  project: string;
  name: string;
  finish: string | null;
}

export interface Calendar {
  id: number;
  name: string;
  day: number;
  week: boolean[];
  free: [string, string, string][];
}

export interface PlanInfo {
  key: string;
  name: string;
  version: number;
  start: string;
  finish: string | null;
  data_date: string | null;
  must_finish: string | null;
  calendar: number | null;
  stale: boolean;
  dates_win: boolean;
  may_edit: boolean;
  may_progress: number[];
  day: number;
  near: number;
}

export interface Baseline {
  number: number;
  rows: Record<string, [string | null, string | null]>;
}

export interface Data {
  revision: number;
  reset: boolean;
  plan: PlanInfo;
  rows: Row[];
  links: Link[];
  outer: Outer[];
  calendars?: Calendar[];
  people?: { id: number; name: string }[];
  baseline?: Baseline | null;
  baselines?: { number: number; label: string; state: string }[];
}

export interface Change {
  row: number;
  wbs: string;
  name: string;
  start: [string, string];
  finish: [string, string];
  days: number;
  why: string;
}

export interface Effect {
  text: string;
  moved: number;
  finish: [string | null, string | null, number];
  changes: Change[];
}

export interface Edited extends Data {
  effect: Effect;
  warnings: string[];
  removed: { rows: number[]; links: number[] };
  refs: Record<string, number>;
  change: string | null;
  title: string;
}

export type Operation = { op: string } & Record<string, unknown>;

export interface Fault {
  op: number;
  row: number | null;
  field: string;
  message: string;
}

export interface Conflict {
  row: number;
  field: string;
  label: string;
  yours: unknown;
  theirs: unknown;
}

export interface Problem {
  title: string;
  detail?: string;
  errors?: Fault[];
  cycle?: number[];
  conflicts?: Conflict[];
  changed_by?: string;
  data?: Data | null;
}
