/** Whether a file name fits an accept list of endings (".csv,.xlsx"); media types are left to the server. */
export function accepted(name: string, accept: string): boolean {
  const endings = accept.split(",").map((part) => part.trim().toLowerCase()).filter((part) => part.startsWith("."));
  return endings.length === 0 || endings.some((ending) => name.toLowerCase().endsWith(ending));
}
