/** The line of a link from bar to bar, and its head. */

export interface Ends {
  type: string;
  /** Start and finish of both bars in pixels, and the middle of their rows. */
  before: { start: number; finish: number; y: number };
  after: { start: number; finish: number; y: number };
  rowHeight: number;
}

export function arrowOf({ type, before, after, rowHeight }: Ends): { line: string; head: string } {
  const fromEnd = type[0] === "F";
  const toEnd = type[1] === "F";
  const [x1, y1, y2] = [fromEnd ? before.finish : before.start, before.y, after.y];
  const x2 = toEnd ? after.finish : after.start;
  const down = y2 > y1;
  if (fromEnd && !toEnd && x2 >= x1 - 1) {
    const land = y2 + (down ? -6 : 6);
    return { line: `M${x1} ${y1}H${x2 + 3}V${land}`, head: `M${x2 + 3} ${land + (down ? 3 : -3)}l-3 ${down ? -5 : 5}h6z` };
  }
  if (toEnd) {
    const side = fromEnd ? Math.max(x1, x2) + 8 : x2 + 8;
    const begin = fromEnd ? `M${x1} ${y1}H${side}` : `M${x1} ${y1}h-6V${y1 + (down ? rowHeight / 2 : -rowHeight / 2)}H${side}`;
    return { line: `${begin}V${y2}H${x2 + 4}`, head: `M${x2 + 1} ${y2}l5 -3v6z` };
  }
  const half = y1 + (down ? rowHeight / 2 : -rowHeight / 2);
  const head = `M${x2 - 1} ${y2}l-5 -3v6z`;
  if (!fromEnd) {
    const side = Math.min(x1, x2) - 8;
    return { line: `M${x1} ${y1}H${side}V${y2}H${x2 - 3}`, head };
  }
  return { line: `M${x1} ${y1}h5V${half}H${x2 - 8}V${y2}H${x2 - 3}`, head };
}
