/** Chart data of the server to ECharts options. Pure: tokens and language come in, so that it can be tested. */
import { formatDay, formatNumber, monthName } from "../lib/format";
import { type CloudData, cloudOptions, type DistributionData, distributionOptions } from "./risk";
import type { Tokens } from "./tokens";

export type Role = "actual" | "forecast" | "plan" | "earned" | "commitment" | "remainder" | "budget" | "press" | "other";
type Point = [string, number | null];

export interface LineData {
  unit?: string;
  data_date?: string;
  /** Where the axis begins (0 where nothing is said) and ends: indices move around 1. */
  min?: number;
  max?: number;
  series: { name: string; role: Role; points: Point[]; end?: string }[];
}
export interface TrendData {
  milestones: { name: string; points: [string, string][]; delta?: string; hot?: boolean; reached?: boolean; plan?: string }[];
}
export interface BubbleData {
  x: { name: string; max?: number };
  y: { name: string; max?: number };
  corners?: string[];
  points: { x: number; y: number; size: number; name: string; label?: boolean; hot?: boolean; url?: string; note?: string }[];
}
export interface StackData {
  unit?: string;
  categories: string[];
  series: { name: string; role: Role; values: (number | null)[] }[];
  budget?: (number | null)[];
  budget_name?: string;
  horizontal?: boolean;
}
export interface SparkData {
  values: (number | null)[];
}
export interface Setting {
  tokens: Tokens;
  language: string;
  font: string;
  width: number;
  texts: { data_date: string; today: string };
}
// ECharts options are deep unions; the chart kinds below are checked by their own data types and by tests.
export type Options = Record<string, unknown>;

const SMALL = 11;

export function text(s: Setting, color: string): Options {
  return { color: s.tokens(color), fontSize: SMALL, fontFamily: s.font };
}

export function axis(s: Setting, options: Options = {}): Options {
  const { axisLabel, nameTextStyle, ...rest } = options;
  return {
    axisLine: { lineStyle: { color: s.tokens("line-strong") } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: s.tokens("line-soft") } },
    axisLabel: { ...text(s, "ink-3"), hideOverlap: true, ...(axisLabel as Options | undefined) },
    nameTextStyle: { ...text(s, "ink-3"), ...(nameTextStyle as Options | undefined) },
    ...rest,
  };
}

export function frame(s: Setting, options: Options): Options {
  return { animation: false, textStyle: { fontFamily: s.font, fontSize: SMALL, color: s.tokens("ink-2") }, tooltip: tooltip(s), ...options };
}

/** Tooltips are drawn, not written as HTML: no style attributes, nothing to escape. */
export function tooltip(s: Setting): Options {
  return {
    renderMode: "richText",
    confine: true,
    backgroundColor: s.tokens("surface"),
    borderColor: s.tokens("line-strong"),
    textStyle: { ...text(s, "ink") },
    padding: [6, 9],
  };
}

const LINES: Record<Role, { color: string; width: number; type: string | number[]; ink: string }> = {
  actual: { color: "d1", width: 2.5, type: "solid", ink: "d1" },
  forecast: { color: "d1", width: 2, type: [5, 4], ink: "d1" },
  plan: { color: "plan", width: 2, type: "solid", ink: "ink-3" },
  earned: { color: "ink", width: 2.5, type: [2, 3], ink: "ink" },
  commitment: { color: "d2", width: 2, type: "solid", ink: "ink-2" },
  remainder: { color: "d3", width: 2, type: "solid", ink: "ink-2" },
  budget: { color: "ink", width: 1.5, type: "solid", ink: "ink" },
  press: { color: "press", width: 2.5, type: "solid", ink: "press" },
  other: { color: "d2", width: 1.8, type: "solid", ink: "ink-2" },
};

/** Vertical places of end labels so that none covers another (pixels from the top, same order as given). */
export function spread(wanted: number[], height: number, gap: number): number[] {
  const order = wanted.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  let last = -Infinity;
  for (const entry of order) {
    entry.value = Math.max(entry.value, last + gap);
    last = entry.value;
  }
  let limit = height;
  for (const entry of order.toReversed()) {
    entry.value = Math.min(entry.value, limit);
    limit = entry.value - gap;
  }
  const placed = new Array<number>(wanted.length).fill(0);
  for (const entry of order) placed[entry.index] = entry.value;
  return placed;
}

function lastPoint(points: Point[]): Point | undefined {
  return points.findLast((point) => point[1] !== null);
}

/** A round upper end of an axis above the largest value. */
export function niceMax(largest: number): number {
  if (largest <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  for (const step of [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]) if (largest <= step * power) return step * power;
  return 10 * power;
}

export function lineOptions(data: LineData, s: Setting, height = 240): Options {
  const right = labelRoom(data, s.width);
  const top = 22;
  const bottom = 26;
  const values = data.series.flatMap((row) => row.points.map((point) => point[1] ?? 0));
  const largest = data.max ?? niceMax(Math.max(...values, 0));
  const inner = height - top - bottom;
  const low = data.min ?? 0;
  const above = (value: number): number => inner - ((value - low) / (largest - low)) * inner;
  const days = data.series.flatMap((row) => row.points.map((point) => point[0])).sort();
  const latest = days.at(-1) ?? "";
  // Lines that end at the right edge are labelled there, apart from each other; those that end earlier beside their last point.
  const ends = data.series.map((row) => lastPoint(row.points));
  const placed = spread(
    ends.map((point) => above(point?.[1] ?? 0)),
    inner,
    30,
  );
  const inside = data.series.map((_row, place) => place).filter((place) => isInside(ends[place]?.[0], days[0] ?? "", latest));
  return frame(s, {
    grid: { left: 40, right, top, bottom },
    tooltip: { ...tooltip(s), trigger: "axis", valueFormatter: (value: unknown) => formatNumber(value as number, s.language, 2) },
    xAxis: axis(s, {
      type: "time",
      splitLine: { show: false },
      axisLabel: { formatter: (value: number) => quarterLabel(value, s.language) },
    }),
    yAxis: axis(s, {
      type: "value",
      ...(data.min === undefined ? {} : { min: data.min }),
      max: largest,
      splitNumber: 4,
      name: data.unit ?? "",
      nameLocation: "end",
      nameGap: 8,
      nameTextStyle: { align: "right", padding: [0, 6, 0, 0] },
      axisLabel: { formatter: (value: number) => formatNumber(value, s.language, largest < 4 ? 1 : 0) },
    }),
    series: data.series.map((row, place) => {
      const look = LINES[row.role] ?? LINES.other;
      const end = ends[place];
      const early = inside.indexOf(place);
      const natural = above(end?.[1] ?? 0);
      return {
        type: "line",
        name: row.name,
        data: row.points.map((point) => (point === end ? endPoint(point, row.name, row.end, look.ink, early, (placed[place] ?? 0) - natural, s) : { value: point, symbol: "none" })),
        showAllSymbol: true,
        symbol: "none",
        connectNulls: false,
        lineStyle: { color: s.tokens(look.color), width: look.width, type: look.type },
        itemStyle: { color: s.tokens(look.color) },
        emphasis: { disabled: true },
        ...(place === 0 && data.data_date ? { markLine: dataDateLine(data.data_date, s) } : {}),
      };
    }),
  });
}

/** Pixels that the widest label at the right edge needs, at most two fifths of the chart. */
export function labelRoom(data: LineData, width: number): number {
  const longest = Math.max(8, ...data.series.flatMap((row) => [row.name.length, row.end?.length ?? 0]));
  return Math.round(Math.min(longest * 6.3 + 14, width * 0.4));
}

function isInside(day: string | undefined, first: string, last: string): boolean {
  if (!day) return false;
  const whole = Date.parse(last) - Date.parse(first);
  return whole > 0 && (Date.parse(day) - Date.parse(first)) / whole < 0.8;
}

function endPoint(value: Point, name: string, end: string | undefined, ink: string, early: number, shift: number, s: Setting): Options {
  const formatter = early >= 0 ? `${name}${end ? ` ${end}` : ""}` : `${name}${end ? `\n${end}` : ""}`;
  const before = early === 0;
  return {
    value,
    symbol: "circle",
    symbolSize: 7,
    label: {
      show: true,
      formatter,
      ...text(s, ink),
      lineHeight: 14,
      fontWeight: 600,
      position: before ? "left" : "right",
      offset: early >= 0 ? [before ? -2 : 2, before ? -8 : 10 + (early - 1) * 14] : [2, shift],
    },
  };
}

function dataDateLine(day: string, s: Setting): Options {
  return {
    silent: true,
    symbol: "none",
    data: [
      {
        xAxis: day,
        label: { formatter: `${s.texts.data_date} ${formatDay(day, s.language)}`, position: "end", ...text(s, "ink-2") },
        lineStyle: { color: s.tokens("accent"), type: "solid", width: 1.5 },
      },
    ],
  };
}

function quarterLabel(value: number, language: string): string {
  const month = new Date(value).getMonth();
  return month % 3 ? "" : monthName(value, language, true);
}

export function trendOptions(data: TrendData, s: Setting, height = 316): Options {
  const reports = data.milestones.flatMap((row) => row.points.map((point) => point[0])).sort();
  const plans = data.milestones.flatMap((row) => [...row.points.map((point) => point[1]), ...(row.plan ? [row.plan] : [])]).sort();
  const first = reports[0] ?? "2000-01-01";
  const last = reports.at(-1) ?? first;
  const low = shiftMonths([first, plans[0] ?? first].sort()[0] ?? first, -1);
  const high = shiftMonths([last, plans.at(-1) ?? last].sort()[1] ?? last, 2);
  const inner = height - 40;
  const span = Date.parse(high) - Date.parse(low);
  const natural = data.milestones.map((row) => inner - ((Date.parse(row.points.at(-1)?.[1] ?? low) - Date.parse(low)) / span) * inner);
  const placed = spread(natural, inner, 14);
  // Labels stand at the right end of their lines: names give way where there is little room, deltas do not.
  const most = s.width < 420 ? 11 : 24;
  const label = (row: TrendData["milestones"][number]): string => (row.name.length > most ? `${row.name.slice(0, most - 1).trimEnd()}…` : row.name);
  const longest = Math.max(0, ...data.milestones.map((row) => label(row).length + (row.delta ? row.delta.length + 1 : 0)));
  const right = Math.min(Math.max(s.width < 420 ? 64 : 136, longest * 6 + 10), s.width * 0.42);
  return frame(s, {
    grid: { left: 48, right, top: 14, bottom: 26 },
    tooltip: { ...tooltip(s), trigger: "item", formatter: (point: { seriesName: string; value: [string, string] }) => `${point.seriesName}\n${formatDay(point.value[0], s.language)}: ${formatDay(point.value[1], s.language)}` },
    xAxis: axis(s, { type: "time", min: shiftMonths(first, -1), max: shiftMonths(last, 1), minInterval: 27 * 86_400_000, splitLine: { show: false }, axisLabel: { formatter: (value: number) => monthName(value, s.language) } }),
    yAxis: axis(s, {
      type: "time",
      min: low,
      max: high,
      axisLabel: { formatter: (value: number) => (new Date(value).getMonth() % 3 ? "" : `${monthName(value, s.language)} ${String(new Date(value).getFullYear()).slice(2)}`) },
    }),
    series: [
      {
        type: "line",
        data: [
          [low, low],
          [high, high],
        ],
        symbol: "none",
        silent: true,
        clip: true,
        lineStyle: { color: s.tokens("line-strong"), width: 1 },
        areaStyle: { color: s.tokens("surface-2"), origin: "start" },
        tooltip: { show: false },
      },
      ...data.milestones.filter((row) => row.plan).map((row) => planLine(row.plan ?? "", first, last, s)),
      ...data.milestones.map((row, place) => {
        const color = s.tokens(row.hot ? "press" : "d2");
        return {
          type: "line",
          name: row.name,
          data: row.points.map((point, index) => {
            const end = index === row.points.length - 1;
            const diamond = end && row.reached;
            return { value: point, symbol: diamond ? "diamond" : "circle", symbolSize: diamond ? 11 : 5 };
          }),
          lineStyle: { color, width: row.hot ? 2.5 : 1.8 },
          itemStyle: { color },
          emphasis: { disabled: true },
          endLabel: {
            show: true,
            distance: 6,
            offset: [0, (placed[place] ?? 0) - (natural[place] ?? 0)],
            ...text(s, "ink-2"),
            lineHeight: 13,
            formatter: row.delta ? `${label(row)} {b|${row.delta}}` : label(row),
            rich: { b: { fontWeight: 700, color: s.tokens(row.hot ? "press" : "ink"), fontSize: SMALL, fontFamily: s.font } },
          },
        };
      }),
    ],
  });
}

/** What was approved first (B0): a dashed line at its date, behind the forecasts. */
function planLine(day: string, first: string, last: string, s: Setting): Options {
  return {
    type: "line",
    data: [
      [first, day],
      [last, day],
    ],
    symbol: "none",
    silent: true,
    lineStyle: { color: s.tokens("plan"), width: 1, type: [4, 4] },
    tooltip: { show: false },
  };
}

export function shiftMonths(iso: string, months: number): string {
  const [year = 2000, month = 1] = iso.split("-").map(Number);
  const date = new Date(Date.UTC(year, month - 1 + months, 1));
  return date.toISOString().slice(0, 10);
}

/** Bubble diameter so that the area, not the diameter, is proportional to the size. */
export function diameter(size: number, largest: number, widest = 34): number {
  return Math.max(5, Math.sqrt(Math.max(size, 0) / (largest || 1)) * widest);
}

const BUBBLE_GRID = { left: 48, right: 14, top: 10, bottom: 42 };
type Side = "right" | "left" | "top" | "bottom";
type Box = [left: number, top: number, right: number, bottom: number];

/** The side of each bubble on which its name covers no other name and stays inside; none where there is no room (the tooltip has it). */
export function labelSides(points: { x: number; y: number; radius: number; name: string }[], width: number, height: number, taken: Box[] = []): (Side | undefined)[] {
  const used = [...taken];
  return points.map((point) => {
    const wide = point.name.length * 6.1;
    const gap = point.radius + 5;
    const places: [Side, Box][] = [
      ["right", [point.x + gap, point.y - 7, point.x + gap + wide, point.y + 7]],
      ["left", [point.x - gap - wide, point.y - 7, point.x - gap, point.y + 7]],
      ["top", [point.x - wide / 2, point.y - gap - 14, point.x + wide / 2, point.y - gap]],
      ["bottom", [point.x - wide / 2, point.y + gap, point.x + wide / 2, point.y + gap + 14]],
    ];
    const free = places.find(([, box]) => box[0] >= 0 && box[2] <= width && box[1] >= -8 && box[3] <= height && !used.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]));
    if (free) used.push(free[1]);
    return free?.[0];
  });
}

/** Where the names of the largest bubbles go, by point. */
function namedSides(data: BubbleData, top: { x: number; y: number }, largest: number, s: Setting, height: number): Map<unknown, Side | undefined> {
  const inner = { width: Math.max(s.width - BUBBLE_GRID.left - BUBBLE_GRID.right, 60), height: Math.max(height - BUBBLE_GRID.top - BUBBLE_GRID.bottom, 60) };
  const place = (point: BubbleData["points"][number]) => ({
    x: (point.x / top.x) * inner.width,
    y: inner.height - (point.y / top.y) * inner.height,
    radius: diameter(point.size, largest) / 2,
    name: point.name,
  });
  const [a, b, c, d] = (data.corners ?? []).map((name) => name.length * 6.1 + 8);
  const corners: Box[] = [
    [0, 0, a ?? 0, 18],
    [inner.width - (b ?? 0), 0, inner.width, 18],
    [0, inner.height - 18, c ?? 0, inner.height],
    [inner.width - (d ?? 0), inner.height - 18, inner.width, inner.height],
  ];
  const bubbles = data.points.filter((point) => point.hot).map(place).map(({ x, y, radius }): Box => [x - radius, y - radius, x + radius, y + radius]);
  const named = data.points.filter((point) => point.label);
  const sides = labelSides(named.map(place), inner.width, inner.height, [...corners, ...bubbles]);
  return new Map(named.map((point, index) => [point, sides[index]]));
}

export function bubbleOptions(data: BubbleData, s: Setting, height = 316): Options {
  const largest = Math.max(...data.points.map((point) => point.size), 1);
  const top = { x: data.x.max ?? niceMax(Math.max(...data.points.map((point) => point.x), 0)), y: data.y.max ?? niceMax(Math.max(...data.points.map((point) => point.y), 0)) };
  const corners = data.corners ?? [];
  const sides = namedSides(data, top, largest, s, height);
  const corner = (place: number, x: number, y: number, align: string): Options[] =>
    corners[place]
      ? [{ value: [x, y], symbolSize: 0, label: { show: true, formatter: corners[place], ...text(s, "ink-3"), fontStyle: "italic", position: "inside", align, offset: [align === "left" ? 6 : -6, y ? 9 : -9] } }]
      : [];
  return frame(s, {
    grid: BUBBLE_GRID,
    tooltip: {
      ...tooltip(s),
      trigger: "item",
      formatter: (point: { data: { name: string; value: number[]; note?: string } }) =>
        [point.data.name, `${data.y.name}: ${formatNumber(point.data.value[1], s.language, 0)}`, `${data.x.name}: ${formatNumber(point.data.value[0], s.language, 0)}`, ...(point.data.note ? [point.data.note] : [])].join("\n"),
    },
    xAxis: axis(s, { type: "value", min: 0, max: top.x, splitNumber: 4, interval: top.x / 4, name: data.x.name, nameLocation: "middle", nameGap: 24, axisLabel: { formatter: (value: number) => formatNumber(value, s.language, 0) } }),
    yAxis: axis(s, { type: "value", min: 0, max: top.y, splitNumber: 4, interval: top.y / 4, name: data.y.name, nameLocation: "middle", nameGap: 34, axisLabel: { formatter: (value: number) => formatNumber(value, s.language, 0) } }),
    series: [
      {
        type: "scatter",
        clip: false,
        emphasis: { disabled: true },
        data: data.points
          .toSorted((a, b) => b.size - a.size)
          .map((point) => ({
            name: point.name,
            url: point.url,
            note: point.note,
            value: [point.x, point.y, point.size],
            symbolSize: diameter(point.size, largest),
            itemStyle: point.hot
              ? { color: s.tokens("red-bg"), borderColor: s.tokens("red-fill"), borderWidth: 2, opacity: 1 }
              : { color: s.tokens("d3"), borderColor: s.tokens(point.label ? "d1" : "d2"), borderWidth: 1, opacity: 0.82 },
            label: sides.get(point) ? { show: true, formatter: point.name, position: sides.get(point), ...text(s, "ink-2") } : { show: false },
          })),
        markLine: {
          silent: true,
          symbol: "none",
          label: { show: false },
          lineStyle: { color: s.tokens("line-strong"), type: "solid", width: 1 },
          data: [{ xAxis: top.x / 2 }, { yAxis: top.y / 2 }],
        },
      },
      {
        type: "scatter",
        silent: true,
        tooltip: { show: false },
        data: [...corner(0, 0, top.y, "left"), ...corner(1, top.x, top.y, "right"), ...corner(2, 0, 0, "left"), ...corner(3, top.x, 0, "right")],
      },
    ],
  });
}

function fillOf(role: Role, s: Setting): Options {
  if (role === "commitment") {
    return { color: s.tokens("d4"), borderColor: s.tokens("d2"), borderWidth: 0.5, decal: { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 3], rotation: -Math.PI / 4, color: s.tokens("d2") } };
  }
  if (role === "remainder" || role === "forecast") return { color: s.tokens("d4"), borderColor: s.tokens("d2"), borderWidth: 1 };
  const look = LINES[role] ?? LINES.other;
  return { color: s.tokens(look.color) };
}

export function stackOptions(data: StackData, s: Setting): Options {
  const category = axis(s, { type: "category", data: data.categories, splitLine: { show: false }, ...(data.horizontal ? { inverse: true } : {}) });
  const value = axis(s, { type: "value", splitNumber: 4, name: data.unit ?? "", nameGap: 8, nameTextStyle: { align: "right", padding: [0, 6, 0, 0] }, axisLabel: { formatter: (v: number) => formatNumber(v, s.language, 0) } });
  const last = data.series.length - 1;
  return frame(s, {
    grid: { left: data.horizontal ? 8 : 44, right: 14, top: data.unit && !data.horizontal ? 26 : 12, bottom: 50, containLabel: Boolean(data.horizontal) },
    tooltip: { ...tooltip(s), trigger: "axis", axisPointer: { type: "none" }, valueFormatter: (v: unknown) => formatNumber(v as number, s.language, 1) },
    legend: { show: true, bottom: 0, left: data.horizontal ? 8 : 40, itemWidth: 12, itemHeight: 9, textStyle: text(s, "ink-2"), selectedMode: false },
    xAxis: data.horizontal ? value : category,
    yAxis: data.horizontal ? category : value,
    series: [
      ...data.series.map((row, place) => ({
        type: "bar",
        name: row.name,
        stack: "all",
        barMaxWidth: 34,
        data: row.values,
        itemStyle: fillOf(row.role, s),
        emphasis: { disabled: true },
        z: place === last ? 2 : 3,
      })),
      ...(data.budget
        ? [
            {
              type: "scatter",
              name: data.budget_name ?? "Budget",
              symbol: "rect",
              symbolSize: data.horizontal ? [2, 26] : [40, 2],
              data: data.budget.map((amount, place) => (data.horizontal ? [amount, place] : [place, amount])),
              itemStyle: { color: s.tokens("ink"), opacity: 1 },
              emphasis: { disabled: true },
              z: 5,
            },
          ]
        : []),
    ],
  });
}

export function sparkOptions(data: SparkData, s: Setting): Options {
  const known = data.values.filter((value): value is number => value !== null);
  const last = data.values.findLastIndex((value) => value !== null);
  return frame(s, {
    grid: { left: 2, right: 4, top: 3, bottom: 3 },
    tooltip: { show: false },
    xAxis: { type: "category", show: false, data: data.values.map((_value, place) => place) },
    yAxis: { type: "value", show: false, min: Math.min(...known), max: Math.max(...known, Math.min(...known) + 1e-9) },
    series: [{ type: "line", silent: true, data: data.values.map((value, place) => ({ value, symbol: place === last ? "circle" : "none", symbolSize: 4 })), showAllSymbol: true, lineStyle: { color: s.tokens("d1"), width: 1.5 }, itemStyle: { color: s.tokens("d1") } }],
  });
}

export function optionsFor(kind: string, data: unknown, s: Setting, height: number): Options {
  switch (kind) {
    case "mta":
      return trendOptions(data as TrendData, s, height);
    case "bubble":
      return bubbleOptions(data as BubbleData, s, height);
    case "stacked-bar":
      return stackOptions(data as StackData, s);
    case "distribution":
      return distributionOptions(data as DistributionData, s);
    case "cloud":
      return cloudOptions(data as CloudData, s);
    case "sparkline":
      return sparkOptions(data as SparkData, s);
    default:
      return lineOptions(data as LineData, s, height);
  }
}
