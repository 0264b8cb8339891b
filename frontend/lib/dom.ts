/** Islands start on the page and on every fragment that htmx brings in. */

type Start = (root: ParentNode) => void;
const starts: Start[] = [];

export function island(start: Start): void {
  starts.push(start);
}

export function startAll(root: ParentNode): void {
  for (const start of starts) start(root);
}

/** All matches below and including `root`. */
export function all<E extends Element>(root: ParentNode, selector: string): E[] {
  const own = root instanceof Element && root.matches(selector) ? [root as unknown as E] : [];
  return [...own, ...root.querySelectorAll<E>(selector)];
}

/** Run once per element. */
export function each<E extends HTMLElement>(root: ParentNode, selector: string, name: string, start: (element: E) => void): void {
  for (const element of all<E>(root, selector)) {
    const mark = `on${name[0]?.toUpperCase()}${name.slice(1)}`;
    if (element.dataset[mark]) continue;
    element.dataset[mark] = "1";
    start(element);
  }
}

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  options: { class?: string; text?: string; attributes?: Record<string, string> } = {},
  ...children: Node[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (options.class) element.className = options.class;
  if (options.text !== undefined) element.textContent = options.text;
  for (const [name, value] of Object.entries(options.attributes ?? {})) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** An icon of the sprite, addressed like the ones that the server drew. */
export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  const sample = document.querySelector<SVGUseElement>('use[href*="icons"]')?.getAttribute("href") ?? "";
  use.setAttribute("href", `${sample.split("#")[0]}#${name}`);
  svg.append(use);
  return svg;
}
