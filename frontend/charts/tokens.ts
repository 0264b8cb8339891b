/** Token values as the browser computes them: light-dark() resolves only on a real property. */

export type Tokens = (name: string) => string;

export function readTokens(host: HTMLElement): Tokens {
  const probe = document.createElement("span");
  probe.hidden = true;
  host.append(probe);
  const known = new Map<string, string>();
  const names = "ink ink-2 ink-3 line line-soft line-strong surface surface-2 accent press d1 d2 d3 d4 plan red-fill red-bg".split(" ");
  for (const name of names) {
    probe.style.color = `var(--sw-${name})`;
    known.set(name, getComputedStyle(probe).color);
  }
  probe.remove();
  return (name) => known.get(name) ?? "currentColor";
}
