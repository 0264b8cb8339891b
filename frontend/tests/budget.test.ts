import { describe, expect, it } from "vitest";
import { amountText, readAmount } from "../budget/amounts";
import { corners, lay } from "../budget/block";
import { Steps } from "../budget/undo";
import { cells, table } from "../plan/paste";

describe("amounts", () => {
  it.each([
    ["1.234,50", 123450],
    ["1,234.50", 123450],
    ["1 234,5 €", 123450],
    ["1.234", 123400],
    ["12,5", 1250],
    ["12.5", 1250],
    ["-3,00", -300],
    ["3,00-", -300],
    ["(3,00)", -300],
    ["−7", -700],
    ["", 0],
    ["-", 0],
    ["1.234.567,89", 123456789],
  ])("reads %s on a German page", (text, minor) => {
    expect(readAmount(text, "de", 2)).toBe(minor);
  });
  it.each([
    ["1,234", 123400],
    ["1.25", 125],
    ["12,5", 1250],
  ])("reads %s on an English page", (text, minor) => {
    expect(readAmount(text, "en", 2)).toBe(minor);
  });
  it("names what is no amount instead of guessing", () => {
    expect(readAmount("1,234", "de", 2)).toBe("decimals");
    expect(readAmount("zehn", "de", 2)).toBe("number");
    expect(readAmount("1.23.4", "de", 2)).toBe("number");
    expect(readAmount("1,2.3,4", "de", 2)).toBe("number");
    expect(readAmount("10,5", "de", 0)).toBe("decimals");
    expect(readAmount("999999999999999999", "de", 2)).toBe("number");
  });
  it("writes them back with decimals only where there are some", () => {
    expect(amountText(123450, "de", 2)).toBe("1.234,50");
    expect(amountText(123400, "de", 2)).toBe("1.234");
    expect(amountText(-500, "en", 2)).toBe("-5");
    expect(amountText(0, "de", 2)).toBe("");
    expect(amountText(1500, "de", 0)).toBe("1.500");
  });
});

describe("a pasted block", () => {
  it("keeps empty rows between others, as Excel copies them", () => {
    expect(table("1\t2\r\n\t\r\n3\t4\r\n")).toEqual([["1", "2"], ["", ""], ["3", "4"]]);
    expect(cells("1\t2\r\n\t\r\n3\t4\r\n")).toEqual([["1", "2"], ["3", "4"]]);
  });
  it("adds rows below and names columns that do not fit", () => {
    const laid = lay([["1", "2", "3"], ["4", "5", "6"]], 1, 1, 2, 3, 10);
    expect(laid.places).toEqual([
      { row: 1, column: 1, text: "1" },
      { row: 1, column: 2, text: "2" },
      { row: 2, column: 1, text: "4" },
      { row: 2, column: 2, text: "5" },
    ]);
    expect([laid.added, laid.beyond, laid.below]).toEqual([1, 1, 0]);
  });
  it("does not count empty cells outside", () => {
    expect(lay([["1", ""]], 0, 2, 1, 3, 10).beyond).toBe(0);
  });
  it("names rows beyond the largest sheet", () => {
    const laid = lay([["1"], ["2"], ["3"]], 1, 0, 2, 1, 2);
    expect([laid.places.length, laid.below, laid.added]).toEqual([1, 2, 0]);
  });
  it("fills a selection with a single value", () => {
    expect(lay([["9"]], 0, 0, 2, 2, 9, 2, 2).places.map((place) => place.text)).toEqual(["9", "9", "9", "9"]);
  });
  it("orders the corners of a selection", () => {
    expect(corners([3, 4], [1, 6])).toEqual({ top: 1, left: 4, bottom: 3, right: 6 });
  });
});

describe("undo", () => {
  it("takes a step back and forth, the last change first", () => {
    const steps = new Steps<string>();
    steps.push([
      { cell: "a", before: "1", after: "2" },
      { cell: "b", before: "", after: "5" },
    ]);
    steps.push([{ cell: "a", before: "2", after: "2" }]);
    expect(steps.back()).toEqual([
      { cell: "b", text: "" },
      { cell: "a", text: "1" },
    ]);
    expect(steps.back()).toEqual([]);
    expect(steps.forth()).toEqual([
      { cell: "a", text: "2" },
      { cell: "b", text: "5" },
    ]);
    steps.back();
    steps.push([{ cell: "c", before: "", after: "x" }]);
    expect(steps.forth()).toEqual([]);
  });
});
