/** Pure rules of row selection and movement, so that they can be tested without a browser. */

/** Rows that change when `to` is clicked with Shift after `from`. */
export function range(from: number | null, to: number): number[] {
  const start = from ?? to;
  const [low, high] = start < to ? [start, to] : [to, start];
  return Array.from({ length: high - low + 1 }, (_unused, place) => low + place);
}

/** The row that a key leads to, or null where the key does not move. */
export function rowAfter(key: string, at: number, count: number, page = 10): number | null {
  if (count === 0) return null;
  const last = count - 1;
  switch (key) {
    case "ArrowDown":
      return Math.min(at + 1, last);
    case "ArrowUp":
      return Math.max(at - 1, 0);
    case "PageDown":
      return Math.min(at + page, last);
    case "PageUp":
      return Math.max(at - page, 0);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}
