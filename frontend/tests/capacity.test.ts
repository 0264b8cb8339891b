import { describe, expect, it } from "vitest";
import { cellText, change, conflicts, level, shortageAt, shownLines, spanOf, type Data, type Line } from "../capacity/model";

const line = (id: string, net: number[] | 0, load: (number[] | 0)[], group = 0): Line => ({ id, name: id, sub: "", key: "", group, people: 1, plain: true, net, load });
// Anna in March 2027: 102.4 h net; 60 firm, 50 reserved, 20 asked for. The group lacks 56 of 360 h.
const anna = line("p1", [6144, 0], [[3600, 0], [3000, 60], [1200, 0], 0]);
const data: Data = {
  by: "month", load: "reserved", starts: ["2027-03-01", "2027-04-01"], last: "2027-04-30", days: [21, 20], full: [8064, 7680],
  groups: [line("r1", [18240, 0], [[21600, 0], 0, 0, 0]), line("r2", [6000, 0], [0, 0, 0, 0])], rows: [anna, line("p2", [6000, 0], [0, 0, 0, 0], 1)],
  columns: [{ group: "2027", name: "März", note: "", long: "März 2027" }, { group: "2027", name: "Apr", note: "", long: "April 2027" }], today: -1,
};

describe("heat map", () => {
  it("tells utilisation of firm and reserved load", () => {
    expect(cellText(data, { kind: "row", line: anna }, 0, "percent", "de")).toBe("107");
    expect(cellText({ ...data, load: "firm" }, { kind: "row", line: anna }, 0, "percent", "de")).toBe("59");
    expect(cellText({ ...data, load: "all" }, { kind: "row", line: anna }, 0, "percent", "de")).toBe("127");
    expect(cellText(data, { kind: "row", line: anna }, 0, "hours", "de")).toBe("110");
  });
  it("marks load without capacity instead of dividing by zero", () => {
    expect(cellText(data, { kind: "row", line: anna }, 1, "percent", "de")).toBe("!");
    expect(level(60, 0)).toBe(5);
    expect(level(0, 0)).toBe(-1);
    expect(conflicts(data, anna)).toBe(2);
  });
  it("sums what is missing per group; surplus fills nothing", () => {
    expect(shortageAt(data, 0)).toBe(-3360);
    const [hours, fte, heads] = shownLines(data);
    expect([hours, fte, heads].map((shown) => cellText(data, shown!, 0, "percent", "de"))).toEqual(["−56", "−0,3", "0,4"]);
  });
  it("puts people below their group", () => {
    expect(shownLines(data).map((shown) => shown.line?.id ?? shown.kind)).toEqual(["hours", "fte", "heads", "r1", "p1", "r2", "p2"]);
  });
  it("steps at 40, 70, 90, 100 and 115 per cent", () => {
    expect([39, 40, 70, 90, 100, 101, 115, 116].map((load) => level(load, 100))).toEqual([0, 1, 2, 3, 3, 4, 4, 5]);
  });
  it("shows what a move changes", () => {
    expect(change(data, anna, 0, -456)).toEqual({ before: "107 %", after: "100 %" });
    expect(change(data, anna, 1, 60)).toEqual({ before: "1 h", after: "2 h" });
  });
  it("knows first and last day of a column", () => {
    expect(spanOf(data, 0)).toEqual({ from: "2027-03-01", to: "2027-03-31" });
    expect(spanOf(data, 1)).toEqual({ from: "2027-04-01", to: "2027-04-30" });
  });
});
