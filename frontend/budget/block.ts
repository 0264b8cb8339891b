/** Where a pasted block goes, and what of it does not fit. Pure: no page. */

export interface Place {
  row: number;
  column: number;
  text: string;
}

export interface Laid {
  places: Place[];
  /** Rows that have to be added below the last one. */
  added: number;
  /** Columns of the block beyond the last column of the sheet that hold something. */
  beyond: number;
  /** Rows of the block (1 is its first) that would lie below the largest sheet. */
  below: number;
}

/** Lay `table` with its corner on (row, column); a single value fills the selection `height` × `width`. */
export function lay(table: string[][], row: number, column: number, rows: number, columns: number, most: number, height = 1, width = 1): Laid {
  const single = table.length === 1 && table[0]?.length === 1 && (height > 1 || width > 1);
  const block = single ? Array.from({ length: height }, () => Array.from({ length: width }, () => table[0]?.[0] ?? "")) : table;
  const found: Laid = { places: [], added: 0, beyond: 0, below: 0 };
  block.forEach((line, down) => {
    const at = row + down;
    if (at >= most) {
      if (line.some((text) => text.trim())) found.below += 1;
      return;
    }
    found.added = Math.max(found.added, at + 1 - rows);
    line.forEach((text, right) => {
      if (column + right < columns) found.places.push({ row: at, column: column + right, text });
      else if (text.trim()) found.beyond = Math.max(found.beyond, column + right + 1 - columns);
    });
  });
  return found;
}

/** The corners of a selection in order. */
export function corners(from: [number, number], to: [number, number]): { top: number; left: number; bottom: number; right: number } {
  return { top: Math.min(from[0], to[0]), left: Math.min(from[1], to[1]), bottom: Math.max(from[0], to[0]), right: Math.max(from[1], to[1]) };
}
