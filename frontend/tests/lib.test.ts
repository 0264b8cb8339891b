import { describe, expect, it } from "vitest";
import { accepted } from "../lib/files";
import { axisDecimals, formatBytes, formatDay, formatNumber } from "../lib/format";
import { stateOf } from "../lib/formstate";
import { mentionAt, withMention } from "../lib/mention";
import { pause, share } from "../lib/progress";
import { range, rowAfter } from "../lib/selection";
import { fill } from "../lib/texts";

describe("numbers and dates read as people write them", () => {
  it("German has decimal comma, points between thousands and a true minus", () => {
    expect(formatNumber(-1234.56, "de", 1)).toBe("−1.234,6");
  });
  it("English has a decimal point", () => expect(formatNumber(1234.5, "en", 1)).toBe("1,234.5"));
  it("a deviation carries its plus, a rounded zero no sign", () => {
    expect(formatNumber(7.1, "de", 1, true)).toBe("+7,1");
    expect(formatNumber(-0.04, "de", 1, true)).toBe("0,0");
    expect(formatNumber(0.04, "de", 1, true)).toBe("0,0");
  });
  it("no data is a dash, zero is zero", () => {
    expect(formatNumber(null, "de")).toBe("–");
    expect(formatNumber(Number.NaN, "de")).toBe("–");
    expect(formatNumber(0, "de", 0)).toBe("0");
  });
  it("dates follow the language and never shift by the time zone", () => {
    expect(formatDay("2026-12-24", "de")).toBe("24.12.2026");
    expect(formatDay("2026-01-01", "en")).toBe("1 Jan 2026");
    expect(formatDay("", "de")).toBe("–");
  });
  it("file sizes use the largest fitting unit", () => expect(formatBytes(1536, "de")).toBe("1,5 KB"));
  it("an axis shows as many decimals as its steps need", () => {
    expect(axisDecimals(5)).toBe(0);
    expect(axisDecimals(0.25)).toBe(1);
    expect(axisDecimals(0.05)).toBe(2);
  });
});

describe("texts", () => {
  it("fills places and leaves unknown ones visible", () => {
    expect(fill("%(count)s of %(total)s", { count: 3 })).toBe("3 of %(total)s");
  });
});

describe("rows", () => {
  it("Shift selects from the last clicked row, in both directions", () => {
    expect(range(2, 5)).toEqual([2, 3, 4, 5]);
    expect(range(5, 3)).toEqual([3, 4, 5]);
    expect(range(null, 4)).toEqual([4]);
  });
  it("arrow keys stop at the ends", () => {
    expect(rowAfter("ArrowUp", 0, 9)).toBe(0);
    expect(rowAfter("ArrowDown", 8, 9)).toBe(8);
    expect(rowAfter("End", 2, 9)).toBe(8);
    expect(rowAfter("PageDown", 2, 9)).toBe(8);
  });
  it("other keys and empty tables move nothing", () => {
    expect(rowAfter("x", 2, 9)).toBeNull();
    expect(rowAfter("Home", 0, 0)).toBeNull();
  });
});

describe("files", () => {
  it("accepts by ending whatever the case, and everything without a list", () => {
    expect(accepted("Portfolio.XLSX", ".csv, .xlsx")).toBe(true);
    expect(accepted("portfolio.exe", ".csv,.xlsx")).toBe(false);
    expect(accepted("anything", "")).toBe(true);
  });
});

describe("jobs", () => {
  it("asks quickly at first and never slower than every three seconds", () => {
    expect(pause(0)).toBeLessThanOrEqual(500);
    expect(pause(50)).toBe(3000);
  });
  it("a finished job is full even without a known total", () => {
    expect(share({ state: "done", done: 0, total: 0 })).toBe(100);
    expect(share({ state: "running", done: 5, total: 20 })).toBe(25);
    expect(share({ state: "running", done: 5, total: 0 })).toBe(0);
    expect(share({ state: "running", done: 30, total: 20 })).toBe(100);
  });
});

describe("forms", () => {
  it("the token alone is no change", () => {
    expect(stateOf([["csrfmiddlewaretoken", "a"], ["name", "x"]])).toBe(stateOf([["csrfmiddlewaretoken", "b"], ["name", "x"]]));
    expect(stateOf([["name", "x"]])).not.toBe(stateOf([["name", "y"]]));
  });
});

describe("a name after @ is found and put in", () => {
  const typed = (text: string) => mentionAt(text, text.length);
  it("starts with the @ and knows one space, as names have", () => {
    expect(typed("Bitte @")).toEqual({ at: 6, query: "" });
    expect(typed("Bitte, @Jür")).toEqual({ at: 7, query: "Jür" });
    expect(typed("@Petra Bra")).toEqual({ at: 0, query: "Petra Bra" });
  });
  it("an address and finished text are no mention", () => {
    expect(typed("mail an petra@firma")).toBeNull();
    expect(typed("@Petra Brandt prüft")).toBeNull();
    expect(typed("kein Name")).toBeNull();
  });
  it("only what stands before the caret counts", () => expect(mentionAt("@Pe und mehr", 3)).toEqual({ at: 0, query: "Pe" }));
  it("the name takes the place of what was typed, with one space behind it", () => {
    expect(withMention("Bitte @pe", { at: 6, query: "pe" }, "Petra Brandt")).toEqual({ text: "Bitte @Petra Brandt ", caret: 20 });
    expect(withMention("@pe prüft", { at: 0, query: "pe" }, "Petra")).toEqual({ text: "@Petra prüft", caret: 7 });
  });
});
