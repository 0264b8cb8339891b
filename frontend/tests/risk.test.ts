import { describe, expect, it } from "vitest";
import { optionsFor, type Setting } from "../charts/options";
import { percent, rows } from "../charts/risk";

const setting: Setting = { tokens: (name) => `token:${name}`, language: "de", font: "Inter", width: 600, texts: { data_date: "Stichtag", today: "heute" } };
type Series = { type: string; data: unknown[]; yAxisIndex?: number; markLine?: { data: { xAxis?: unknown; yAxis?: unknown; label: { formatter: string } }[] } };

describe("probabilities", () => {
  const data = {
    axis: "day",
    name: "Durchläufe",
    curve_name: "Wahrscheinlichkeit",
    bars: [["2027-02-19", 300], ["2027-02-26", 700], ["2027-03-05", 0]],
    curve: [["2027-02-19", 0], ["2027-03-04", 1]],
    marks: [{ at: "2027-02-25", name: "P50", role: "share" }, { at: "2027-02-26", name: "P80", role: "share" }, { at: "2027-02-19", name: "genehmigt", role: "approved" }],
  };
  const series = optionsFor("distribution", data, setting, 240).series as Series[];
  it("draws bars as steps and the S-curve on an axis of its own from 0 to 100 %", () => {
    expect(series.map((row) => row.type)).toEqual(["line", "line"]);
    expect(series[1]?.yAxisIndex).toBe(1);
    expect(percent(0.8, "de")).toBe("80\u00a0%");
  });
  it("marks percentiles and the approved day", () => expect(series[1]?.markLine?.data.map((mark) => mark.label.formatter)).toEqual(["P50", "P80", "genehmigt"]));
  it("names that stand close do not cover each other", () => expect(rows(data.marks as never, [0.5, 0.55, 0], 0.2)).toEqual([0, 1, 0]));
});

describe("date and cost together", () => {
  it("draws dots, the pairs that are kept together and both limits", () => {
    const data = { name: "Durchläufe", frontier_name: "80 %", dots: [["2027-02-19", 1.2]], frontier: [["2027-03-01", 1.5]], marks: [{ x: "2027-02-19", name: "Termin" }, { y: 1.4, name: "Budget" }] };
    const series = optionsFor("cloud", data, setting, 240).series as Series[];
    expect(series.map((row) => row.type)).toEqual(["scatter", "line"]);
    expect(series[0]?.markLine?.data.map((mark) => mark.xAxis ?? mark.yAxis)).toEqual(["2027-02-19", 1.4]);
  });
});
