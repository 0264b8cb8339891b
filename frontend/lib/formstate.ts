/** What a form would send, as text; used to see whether anything changed. */
export function stateOf(entries: Iterable<[string, FormDataEntryValue]>): string {
  return JSON.stringify(
    [...entries].filter(([name]) => name !== "csrfmiddlewaretoken").map(([name, value]) => [name, typeof value === "string" ? value : value.name]),
  );
}
