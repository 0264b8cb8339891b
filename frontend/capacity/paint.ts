/** The canvas of the heat map: only what is in sight is painted, so that a thousand lines cost as little as twenty. */
import { cellText, conflicts, gapAt, level, loadAt, shortageAt, SOFT, value, type Data, type Shown } from "./model";

export interface Sizes {
  label: number;
  head: number;
  row: number;
  column: number;
  fixed: number;
}

export interface Scene {
  data: Data;
  lines: Shown[];
  sizes: Sizes;
  values: string;
  language: string;
  texts: Record<string, string>;
  active: { row: number; column: number };
  focused: boolean;
  target: { row: number; column: number } | null;
  left: number;
  top: number;
  width: number;
  height: number;
}

const TOKENS = ["surface", "surface-2", "line", "line-soft", "ink", "ink-2", "ink-3", "accent", "press", "l0", "l1", "l2", "l3", "o1", "o2"] as const;
type Token = (typeof TOKENS)[number];
export type Palette = Record<Token, string> & { dark: boolean };

/** Tokens as colours of the present theme: the browser resolves light-dark() on a probe. */
export function palette(probe: HTMLElement): Palette {
  const found: Record<string, string> = {};
  for (const token of TOKENS) {
    probe.style.color = `var(--sw-${token})`;
    found[token] = getComputedStyle(probe).color;
  }
  probe.style.color = "";
  const channels = (found["surface"] ?? "").match(/\d+/g)?.map(Number) ?? [255];
  return { ...(found as Record<Token, string>), dark: (channels[0] ?? 255) < 128 };
}

const FILLS: Token[] = ["l0", "l1", "l2", "l3", "o1", "o2"];

export function paint(context: CanvasRenderingContext2D, scene: Scene, colours: Palette): void {
  const { sizes, data, lines, left, top, width, height } = scene;
  const family = getComputedStyle(context.canvas).fontFamily;
  context.textBaseline = "middle";
  context.fillStyle = colours.surface;
  context.fillRect(0, 0, width, height);
  const first = Math.max(0, Math.floor(left / sizes.column));
  const last = Math.min(data.columns.length - 1, Math.ceil((left + width - sizes.label) / sizes.column));
  const fixed = sizes.head + sizes.fixed * sizes.row;
  const from = sizes.fixed + Math.max(0, Math.floor(top / sizes.row));
  const to = Math.min(lines.length - 1, sizes.fixed + Math.ceil((top + height - fixed) / sizes.row));

  const band = (begin: number, end: number, yOf: (row: number) => number, clip: [number, number]): void => {
    context.save();
    context.beginPath();
    context.rect(0, clip[0], width, clip[1]);
    context.clip();
    for (let row = begin; row <= end; row += 1) {
      const shown = lines[row];
      if (shown) paintLine(context, scene, colours, shown, row, yOf(row), first, last, family);
    }
    context.restore();
  };
  band(from, to, (row) => fixed + (row - sizes.fixed) * sizes.row - top, [fixed, height - fixed]);
  band(0, sizes.fixed - 1, (row) => sizes.head + row * sizes.row, [sizes.head, sizes.fixed * sizes.row]);
  paintHead(context, scene, colours, first, last, family);
  context.fillStyle = colours.line;
  context.fillRect(0, fixed - 1, width, 1);
  context.fillRect(sizes.label - 1, 0, 1, height);
  context.fillRect(0, sizes.head - 1, width, 1);
}

function paintLine(
  context: CanvasRenderingContext2D, scene: Scene, colours: Palette, shown: Shown, row: number, y: number, first: number, last: number, family: string,
): void {
  const { sizes, data, left, language } = scene;
  const h = sizes.row;
  const plain = shown.kind !== "row";
  if (plain) {
    context.fillStyle = colours["surface-2"];
    context.fillRect(0, y, scene.width, h);
  }
  context.save();
  context.beginPath();
  context.rect(sizes.label, y, scene.width - sizes.label, h);
  context.clip();
  context.textAlign = "center";
  for (let at = first; at <= last; at += 1) {
    const x = sizes.label + at * sizes.column - left;
    if (plain) paintGap(context, scene, colours, shown, at, x, y, family);
    else paintCell(context, scene, colours, shown, at, x, y, family);
    const chosen = scene.active.row === row && scene.active.column === at;
    const aimed = scene.target?.row === row && scene.target.column === at;
    if (chosen || aimed) {
      context.strokeStyle = aimed ? colours.accent : scene.focused ? colours.accent : colours["ink-2"];
      context.lineWidth = 2;
      if (aimed) context.setLineDash([4, 2]);
      context.strokeRect(x + 1, y + 1, sizes.column - 2, h - 2);
      context.setLineDash([]);
    }
  }
  context.restore();
  context.textAlign = "left";
  const line = shown.line;
  const name = line ? line.name : (scene.texts[{ hours: "short_h", fte: "short_fte", heads: "short_heads", group: "", row: "" }[shown.kind]] ?? "");
  context.font = `${shown.kind === "group" ? "600 " : ""}12px ${family}`;
  context.fillStyle = shown.kind === "row" || shown.kind === "group" ? colours.ink : colours["ink-2"];
  const count = line && shown.kind === "row" && line.id.startsWith("p") ? conflicts(data, line) : 0;
  const note = shown.kind === "group" ? String(line?.people ?? "") : count ? String(count) : "";
  const room = sizes.label - 20 - (note ? 22 : 0);
  context.fillText(cut(context, name, room), shown.kind === "row" && data.groups.length ? 14 : 10, y + h / 2 + 0.5);
  if (note) {
    context.textAlign = "right";
    context.font = `${count ? "700 " : ""}12px ${family}`;
    context.fillStyle = count ? colours.press : colours["ink-3"];
    context.fillText(language && note, sizes.label - 10, y + h / 2 + 0.5);
  }
}

function paintGap(
  context: CanvasRenderingContext2D, scene: Scene, colours: Palette, shown: Shown, at: number, x: number, y: number, family: string,
): void {
  const missing = shown.line ? gapAt(scene.data, shown.line, at) < 0 : shortageAt(scene.data, at) < 0;
  context.font = `${missing ? "700 " : ""}11px ${family}`;
  context.fillStyle = missing ? colours.press : colours["ink-3"];
  context.fillText(cellText(scene.data, shown, at, scene.values, scene.language), x + scene.sizes.column / 2, y + scene.sizes.row / 2 + 0.5);
}

function paintCell(
  context: CanvasRenderingContext2D, scene: Scene, colours: Palette, shown: Shown, at: number, x: number, y: number, family: string,
): void {
  const line = shown.line;
  if (!line) return;
  const w = scene.sizes.column;
  const h = scene.sizes.row;
  const net = value(line.net, at);
  const load = loadAt(scene.data, line, at);
  const step = level(load, net);
  if (step < 0) {
    hatch(context, colours, x, y, w, h);
    return;
  }
  context.fillStyle = colours[FILLS[step] ?? "l0"];
  context.fillRect(x, y, w - 1, h - 1);
  if (net <= 0) hatch(context, colours, x, y, w, h, true);
  const over = step >= 4;
  // On the darkest step the text takes the surface colour; tokens keep the contrast in both themes.
  context.fillStyle = step === 5 ? colours.surface : step === 4 ? colours.ink : step === 3 ? colours.ink : colours["ink-2"];
  context.font = `${over ? "700 " : ""}11px ${family}`;
  context.fillText(cellText(scene.data, shown, at, scene.values, scene.language), x + w / 2, y + h / 2 + 0.5);
  if (over) {
    context.fillStyle = step === 5 ? colours.surface : colours.press;
    context.beginPath();
    context.moveTo(x + w - 9, y);
    context.lineTo(x + w - 1, y);
    context.lineTo(x + w - 1, y + 8);
    context.fill();
  }
  if (scene.data.load !== "firm" && value(line.load[SOFT], at) > 0) {
    context.strokeStyle = step === 5 ? colours.surface : colours["ink-2"];
    context.lineWidth = 1;
    context.setLineDash([1.5, 1.5]);
    context.beginPath();
    context.moveTo(x + 5, y + h - 4.5);
    context.lineTo(x + w - 6, y + h - 4.5);
    context.stroke();
    context.setLineDash([]);
  }
}

function hatch(context: CanvasRenderingContext2D, colours: Palette, x: number, y: number, w: number, h: number, over = false): void {
  context.save();
  context.beginPath();
  context.rect(x, y, w - 1, h - 1);
  context.clip();
  context.strokeStyle = over ? colours["o1"] : colours.line;
  context.lineWidth = 1;
  context.beginPath();
  for (let at = -h; at < w; at += 6) {
    context.moveTo(x + at, y + h);
    context.lineTo(x + at + h, y);
  }
  context.stroke();
  context.restore();
}

function paintHead(context: CanvasRenderingContext2D, scene: Scene, colours: Palette, first: number, last: number, family: string): void {
  const { sizes, data, left, width } = scene;
  context.fillStyle = colours.surface;
  context.fillRect(0, 0, width, sizes.head);
  context.save();
  context.beginPath();
  context.rect(sizes.label, 0, width - sizes.label, sizes.head);
  context.clip();
  for (let at = first; at <= last; at += 1) {
    const column = data.columns[at];
    if (!column) continue;
    const x = sizes.label + at * sizes.column - left;
    const today = at === data.today;
    const middle = x + sizes.column / 2;
    context.textAlign = "center";
    context.fillStyle = today ? colours.accent : colours["ink-2"];
    context.font = `600 11px ${family}`;
    context.fillText(column.name, middle, column.note ? 27 : 34);
    if (column.note) {
      context.fillStyle = colours["ink-3"];
      context.font = `10px ${family}`;
      context.fillText(column.note, middle, 40);
    }
    if (today) {
      context.fillStyle = colours.accent;
      context.fillRect(x, sizes.head - 3, sizes.column - 1, 2);
    }
    if (at === 0 || data.columns[at - 1]?.group !== column.group || at === first) {
      const start = Math.max(x, sizes.label);
      context.textAlign = "left";
      context.fillStyle = colours["ink-3"];
      context.font = `600 11px ${family}`;
      if (at === 0 || data.columns[at - 1]?.group !== column.group) {
        context.fillStyle = colours.line;
        context.fillRect(x, 2, 1, sizes.head - 2);
        context.fillStyle = colours["ink-3"];
      }
      let run = at;
      while (data.columns[run + 1]?.group === column.group) run += 1;
      const end = sizes.label + (run + 1) * sizes.column - left;
      if (end - start > 26) context.fillText(cut(context, column.group, end - start - 8), start + 5, 10);
    }
  }
  context.restore();
  context.textAlign = "left";
  context.fillStyle = colours["ink-3"];
  context.font = `600 11px ${family}`;
  const kind = { p: "person", r: "role", u: "unit", s: "skill" }[data.rows[0]?.id[0] ?? "p"] ?? "person";
  context.fillText(scene.texts[kind] ?? "", 10, 34);
}

const widths = new Map<string, string>();

function cut(context: CanvasRenderingContext2D, text: string, room: number): string {
  const key = `${context.font}|${room}|${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  let found = text;
  if (context.measureText(text).width > room) {
    let end = text.length;
    while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > room) end -= 1;
    found = `${text.slice(0, end)}…`;
  }
  if (widths.size > 4000) widths.clear();
  widths.set(key, found);
  return found;
}
