import { describe, expect, it } from "vitest";
import { minutesText, nextCell, parseMinutes } from "../lib/hours";

describe("hours", () => {
  it("reads hours as people type them", () => {
    const typed: [string, number | null][] = [
      ["7,5", 450], ["7.5", 450], ["7:30", 450], ["7h30", 450], ["7,5 h", 450], [",5", 30], ["", 0], ["7,33", 440],
      ["7:65", null], ["abc", null], ["-3", null], ["7,5,5", null],
    ];
    for (const [text, minutes] of typed) expect(parseMinutes(text), text).toBe(minutes);
  });
  it("shows what it reads back, in the reader's language", () => {
    expect(minutesText(450, "de")).toBe("7,5");
    expect(minutesText(465, "en")).toBe("7.75");
    expect(minutesText(440, "de")).toBe("7:20");
    expect(minutesText(0, "de")).toBe("");
    for (const minutes of [15, 60, 440, 599, 1440]) expect(parseMinutes(minutesText(minutes, "de"))).toBe(minutes);
  });
  it("moves like a spreadsheet and stays inside", () => {
    expect(nextCell("ArrowDown", false, 0, 2, 3, 7)).toEqual([1, 2]);
    expect(nextCell("Enter", true, 1, 2, 3, 7)).toEqual([0, 2]);
    expect(nextCell("Enter", false, 2, 2, 3, 7)).toBeNull();
    expect(nextCell("ArrowRight", false, 0, 6, 3, 7)).toBeNull();
    expect(nextCell("ArrowLeft", false, 0, 3, 3, 7)).toEqual([0, 2]);
    expect(nextCell("x", false, 0, 0, 3, 7)).toBeNull();
  });
});
