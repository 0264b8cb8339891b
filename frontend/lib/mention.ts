/** What is being typed after an @ in a text, as a pure function so that it can be tested. */

export interface Started {
  /** Where the @ stands. */
  at: number;
  /** What follows it up to the caret; may hold one space, as names do. */
  query: string;
}

const BEFORE_CARET = /(?:^|[^\p{L}\p{N}_@./])@([\p{L}][\p{L}\p{N}_.'’-]*(?: [\p{L}][\p{L}\p{N}_.'’-]*)?)?$/u;

export function mentionAt(text: string, caret: number): Started | null {
  const found = BEFORE_CARET.exec(text.slice(0, caret));
  if (!found) return null;
  const query = found[1] ?? "";
  return { at: caret - query.length - 1, query };
}

/** The text with the name in place of what was typed, and where the caret then stands. */
export function withMention(text: string, started: Started, name: string): { text: string; caret: number } {
  const end = started.at + 1 + started.query.length;
  const rest = text.slice(end);
  const put = `@${name}${/^\s/.test(rest) ? "" : " "}`;
  return { text: text.slice(0, started.at) + put + rest, caret: started.at + put.length + (/^\s/.test(rest) ? 1 : 0) };
}
