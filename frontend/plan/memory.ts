/** What this browser remembers of the plan page: zoom, columns, layers. */
import type { Zoom } from "./scale";

const STORE = "stellwerk.plan";

interface Kept {
  zoom: Zoom;
  columns: string[];
  layers: Record<string, boolean>;
}

export function kept(): Partial<Kept> {
  try {
    return JSON.parse(localStorage.getItem(STORE) ?? "{}") as Partial<Kept>;
  } catch {
    return {};
  }
}

export function remember(what: Kept): void {
  try {
    localStorage.setItem(STORE, JSON.stringify(what));
  } catch {
    // a full or forbidden storage: the page works without it
  }
}
