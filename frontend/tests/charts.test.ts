import { describe, expect, it } from "vitest";
import { bubbleOptions, diameter, labelSides, lineOptions, niceMax, optionsFor, type Setting, shiftMonths, spread, stackOptions, trendOptions } from "../charts/options";

const setting: Setting = { tokens: (name) => `token:${name}`, language: "de", font: "Inter", width: 600, texts: { data_date: "Stichtag", today: "heute" } };
type Series = { type: string; name?: string; lineStyle: { color: string; type: unknown }; data: unknown[]; markLine?: unknown; endLabel?: { formatter: string } };
const seriesOf = (options: Record<string, unknown>): Series[] => options.series as Series[];

describe("lines", () => {
  const data = {
    unit: "Mio. €",
    data_date: "2026-11-20",
    series: [
      { name: "PV", role: "plan" as const, points: [["2026-01-31", 1], ["2027-08-31", 18.4]] as [string, number][], end: "18,40" },
      { name: "AC", role: "actual" as const, points: [["2026-01-31", 1], ["2026-11-20", 6.6]] as [string, number][], end: "6,61" },
      { name: "EAC", role: "forecast" as const, points: [["2026-11-20", 6.6], ["2027-08-31", 19.7]] as [string, number][], end: "19,71" },
    ],
  };
  it("plan is grey, actual solid, forecast dashed", () => {
    const [plan, actual, forecast] = seriesOf(lineOptions(data, setting));
    expect(plan?.lineStyle.color).toBe("token:plan");
    expect(actual?.lineStyle.type).toBe("solid");
    expect(forecast?.lineStyle.type).toEqual([5, 4]);
  });
  it("the data date is one line, each series is labelled at its end", () => {
    const rows = seriesOf(lineOptions(data, setting));
    expect(rows.filter((row) => row.markLine)).toHaveLength(1);
    expect(rows.every((row) => JSON.stringify(row.data.at(-1)).includes('"show":true'))).toBe(true);
  });
  it("the axis begins where the data say, else at 0 by itself", () => {
    expect((lineOptions({ ...data, min: 0.8, max: 1.2 }, setting).yAxis as { min?: number }).min).toBe(0.8);
    expect((lineOptions(data, setting).yAxis as { min?: number }).min).toBeUndefined();
  });
  it("an unknown kind falls back to lines", () => expect(seriesOf(optionsFor("scurve", data, setting, 240))).toHaveLength(3));
});

describe("labels keep apart", () => {
  it("moves labels that are too close and keeps their order", () => {
    const placed = spread([100, 102, 20], 200, 14);
    expect((placed[1] ?? 0) - (placed[0] ?? 0)).toBeGreaterThanOrEqual(14);
    expect(placed[2]).toBe(20);
  });
  it("never leaves the chart at the bottom", () => expect(Math.max(...spread([198, 199, 200], 200, 14))).toBeLessThanOrEqual(200));
});

describe("milestone trend", () => {
  it("delayed milestones are plum and carry their delay", () => {
    const options = trendOptions({ milestones: [{ name: "G3", points: [["2026-04-24", "2027-06-08"], ["2026-11-20", "2027-07-07"]], delta: "+21", hot: true }] }, setting);
    const line = seriesOf(options)[1];
    expect(line?.lineStyle.color).toBe("token:press");
    expect(line?.endLabel?.formatter).toContain("+21");
  });
  it("the first baseline is a dashed line that the axis has room for", () => {
    const options = trendOptions({ milestones: [{ name: "G3", points: [["2026-04-24", "2027-06-08"], ["2026-11-20", "2027-07-07"]], plan: "2025-03-01" }] }, setting);
    const line = seriesOf(options)[1];
    expect(line?.data).toEqual([["2026-04-24", "2025-03-01"], ["2026-11-20", "2025-03-01"]]);
    expect(line?.lineStyle).toMatchObject({ color: "token:plan", type: [4, 4] });
    expect((options.yAxis as { min: string }).min).toBe("2025-02-01");
  });
  it("months shift over the year", () => {
    expect(shiftMonths("2026-12-24", 2)).toBe("2027-02-01");
    expect(shiftMonths("2026-01-15", -1)).toBe("2025-12-01");
  });
});

describe("bubbles", () => {
  it("area is proportional to size", () => {
    expect(diameter(100, 100) / diameter(25, 100)).toBeCloseTo(2);
    expect(diameter(0, 100)).toBe(5);
  });
  it("large bubbles are drawn first, so that small ones stay visible", () => {
    const points = [
      { x: 1, y: 1, size: 1, name: "small" },
      { x: 1, y: 1, size: 9, name: "large" },
    ];
    const first = seriesOf(bubbleOptions({ x: { name: "x" }, y: { name: "y" }, points }, setting))[0]?.data[0] as { name: string };
    expect(first.name).toBe("large");
  });
  it("names never cover each other and stay inside", () => {
    const point = (x: number, y: number, name = "Rauchgasreinigung") => ({ x, y, radius: 10, name });
    expect(labelSides([point(50, 100)], 400, 300)).toEqual(["right"]);
    expect(labelSides([point(390, 100)], 400, 300)).toEqual(["left"]);
    expect(labelSides([point(200, 100), point(200, 104)], 400, 300)).toEqual(["right", "left"]);
    const crowd = labelSides(Array.from({ length: 6 }, () => point(200, 100)), 400, 300);
    expect(crowd.filter(Boolean)).toHaveLength(4);
  });
});

describe("stacks", () => {
  it("commitments are hatched and the budget is a mark of its own", () => {
    const options = stackOptions({ categories: ["Q1"], series: [{ name: "Obligo", role: "commitment", values: [1] }], budget: [2] }, setting);
    expect(JSON.stringify(options)).toContain("decal");
    expect(seriesOf(options).at(-1)?.type).toBe("scatter");
  });
});

describe("axes", () => {
  it("end at a round number above the largest value", () => {
    expect(niceMax(19.7)).toBe(20);
    expect(niceMax(0)).toBe(1);
    expect(niceMax(1001)).toBe(1200);
  });
});
