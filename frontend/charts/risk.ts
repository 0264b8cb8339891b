/** How probable finishes and costs are: bars with the S-curve above them, and the cloud of both together. Pure, like options.ts. */
import { formatDay, formatNumber } from "../lib/format";
import { axis, frame, niceMax, type Options, type Setting, text, tooltip } from "./options";

type Place = string | number;
export interface DistributionData {
  /** "day": places are ISO days; "number": amounts in ``unit``. */
  axis: "day" | "number";
  unit?: string;
  name: string;
  curve_name: string;
  /** Where each bar begins and how many iterations it holds; the last row only ends the last bar. */
  bars: [Place, number][];
  /** Place and probability (0 to 1) to keep it. */
  curve: [Place, number][];
  marks: { at: Place; name: string; role: "share" | "approved" }[];
}
export interface CloudData {
  unit?: string;
  name: string;
  /** Day of the finish and amount of the cost. */
  dots: [string, number][];
  frontier: [string, number][];
  frontier_name: string;
  marks: { x?: string; y?: number; name: string }[];
}

function shown(value: Place, kind: "day" | "number", s: Setting): string {
  return kind === "day" ? formatDay(typeof value === "number" ? new Date(value).toISOString().slice(0, 10) : value, s.language) : formatNumber(Number(value), s.language, 2);
}

export function percent(share: number, language: string): string {
  return `${formatNumber(share * 100, language, 0)}${language.startsWith("de") ? "\u00a0%" : "%"}`;
}

function placeAxis(kind: "day" | "number", s: Setting, low?: number, high?: number): Options {
  const digits = low !== undefined && high !== undefined && high - low < 20 ? 1 : 0;
  const formatter = kind === "day" ? (value: number) => formatDay(new Date(value).toISOString().slice(0, 10), s.language) : (value: number) => formatNumber(value, s.language, digits);
  return axis(s, {
    type: kind === "day" ? "time" : "value",
    scale: true,
    min: low,
    max: high,
    splitLine: { show: false },
    splitNumber: s.width < 420 ? 2 : 4,
    // Round places only: the ends of the range are not round.
    axisLabel: { formatter, showMinLabel: kind === "day" ? undefined : false, showMaxLabel: kind === "day" ? undefined : false },
  });
}

/** Marks that stand close to each other are written one above the other. */
export function rows(marks: DistributionData["marks"], places: number[], wide: number): number[] {
  const order = marks.map((_mark, at) => at).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  const ends: number[] = [];
  const found = new Array<number>(marks.length).fill(0);
  for (const at of order) {
    const place = places[at] ?? 0;
    let row = ends.findIndex((end) => place >= end);
    if (row < 0) row = ends.length;
    ends[row] = place + wide;
    found[at] = row;
  }
  return found;
}

/** Names of marks at the ends of the chart are written inside. */
function edge(place: number): number {
  return place < 0.08 ? 30 : place > 0.92 ? -30 : 0;
}

export function distributionOptions(data: DistributionData, s: Setting): Options {
  const number = (value: Place): number => (data.axis === "day" ? Date.parse(String(value)) : Number(value));
  const all = [...data.bars.map((bar) => number(bar[0])), ...data.marks.map((mark) => number(mark.at))];
  const low = Math.min(...all);
  const high = Math.max(...all);
  const span = high - low || 1;
  const levels = rows(data.marks, data.marks.map((mark) => (number(mark.at) - low) / span), s.width < 420 ? 0.34 : 0.16);
  const top = 20 + 14 * Math.max(0, ...levels);
  return frame(s, {
    grid: { left: 46, right: 46, top, bottom: 42 },
    tooltip: {
      ...tooltip(s),
      trigger: "axis",
      formatter: (points: { seriesIndex: number; value: [Place, number] }[]) => {
        const curve = points.find((point) => point.seriesIndex === 1);
        return curve ? `${shown(curve.value[0], data.axis, s)}${data.axis === "number" && data.unit ? ` ${data.unit}` : ""}: ${percent(curve.value[1], s.language)}` : "";
      },
    },
    legend: { show: true, bottom: 0, left: 40, itemWidth: 14, itemHeight: 8, textStyle: text(s, "ink-2"), selectedMode: false },
    xAxis: placeAxis(data.axis, s, low - span * 0.02, high + span * 0.02),
    yAxis: [
      axis(s, { type: "value", max: niceMax(Math.max(1, ...data.bars.map((bar) => bar[1]))), splitNumber: 4, axisLabel: { formatter: (value: number) => formatNumber(value, s.language, 0) } }),
      axis(s, { type: "value", min: 0, max: 1, splitLine: { show: false }, axisLabel: { formatter: (value: number) => percent(value, s.language) } }),
    ],
    series: [
      {
        type: "line",
        name: data.name,
        data: data.bars,
        step: "end",
        symbol: "none",
        lineStyle: { color: s.tokens("d2"), width: 1 },
        areaStyle: { color: s.tokens("d2"), opacity: 0.35 },
        itemStyle: { color: s.tokens("d2") },
        emphasis: { disabled: true },
      },
      {
        type: "line",
        name: data.curve_name,
        yAxisIndex: 1,
        data: data.curve,
        symbol: "none",
        lineStyle: { color: s.tokens("d1"), width: 2.5 },
        itemStyle: { color: s.tokens("d1") },
        emphasis: { disabled: true },
        markLine: {
          silent: true,
          symbol: "none",
          data: data.marks.map((mark, at) => ({
            xAxis: mark.at,
            label: { formatter: mark.name, position: "end", distance: 4 + 14 * (levels[at] ?? 0), offset: [edge((number(mark.at) - low) / span), 0], ...text(s, mark.role === "approved" ? "accent" : "ink-2"), fontWeight: mark.role === "approved" ? 700 : 400 },
            lineStyle: { color: s.tokens(mark.role === "approved" ? "accent" : "ink-3"), type: mark.role === "approved" ? "solid" : [4, 4], width: 1.5 },
          })),
        },
      },
    ],
  });
}

export function cloudOptions(data: CloudData, s: Setting): Options {
  // The approved day belongs to the picture, also where no iteration keeps it.
  const days = [...data.dots.map((dot) => Date.parse(dot[0])), ...data.frontier.map((pair) => Date.parse(pair[0])), ...data.marks.flatMap((mark) => (mark.x === undefined ? [] : [Date.parse(mark.x)]))];
  const low = Math.min(...days);
  const high = Math.max(...days);
  const room = (high - low || 1) * 0.03;
  return frame(s, {
    grid: { left: 60, right: 22, top: 26, bottom: 44 },
    tooltip: { ...tooltip(s), trigger: "item", formatter: (point: { value: [string, number] }) => `${formatDay(point.value[0], s.language)}\n${formatNumber(point.value[1], s.language, 2)} ${data.unit ?? ""}` },
    legend: { show: true, bottom: 0, left: 40, itemWidth: 12, itemHeight: 8, textStyle: text(s, "ink-2"), selectedMode: false },
    xAxis: placeAxis("day", s, low - room, high + room),
    yAxis: axis(s, { type: "value", scale: true, splitNumber: 4, name: data.unit ?? "", nameLocation: "end", nameGap: 8, nameTextStyle: { align: "right", padding: [0, 6, 0, 0] }, axisLabel: { formatter: (value: number) => formatNumber(value, s.language, 0) } }),
    series: [
      {
        type: "scatter",
        name: data.name,
        data: data.dots,
        symbolSize: 4,
        itemStyle: { color: s.tokens("d2"), opacity: 0.55 },
        emphasis: { disabled: true },
        markLine: {
          silent: true,
          symbol: "none",
          data: data.marks.map((mark) => ({
            ...(mark.x === undefined ? { yAxis: mark.y } : { xAxis: mark.x }),
            label: { formatter: mark.name, position: mark.x === undefined ? "insideEndTop" : "end", offset: mark.x === undefined ? [0, 0] : [edge((Date.parse(mark.x) - low) / (high - low || 1)) * 1.6, 0], ...text(s, "accent"), fontWeight: 700 },
            lineStyle: { color: s.tokens("accent"), type: "solid", width: 1.5 },
          })),
        },
      },
      {
        type: "line",
        name: data.frontier_name,
        data: data.frontier,
        symbol: "none",
        lineStyle: { color: s.tokens("ink"), width: 2 },
        itemStyle: { color: s.tokens("ink") },
        emphasis: { disabled: true },
      },
    ],
  });
}
