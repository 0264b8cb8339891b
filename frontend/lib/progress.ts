/** Rules of job progress without a browser. */

export interface JobState {
  state: "waiting" | "running" | "done" | "failed" | "cancelled";
  done: number;
  total: number;
  message: string;
  result_url: string | null;
}

export const FINAL = new Set(["done", "failed", "cancelled"]);

/** Milliseconds until the next look: quick at first, then every three seconds. */
export function pause(looks: number): number {
  return Math.min(3000, 400 * 1.35 ** looks);
}

export function share(job: Pick<JobState, "done" | "total" | "state">): number {
  if (job.state === "done") return 100;
  return job.total > 0 ? Math.min(100, (job.done / job.total) * 100) : 0;
}
