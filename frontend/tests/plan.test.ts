import { beforeAll, describe, expect, it, vi } from "vitest";
import { arrowOf } from "../plan/arrows";
import { beside } from "../plan/chart";
import { goesOver, over } from "../plan/block";
import type { Column } from "../plan/columns";
import { Model } from "../plan/model";
import { cells, pasted } from "../plan/paste";
import { predecessorsOf, readPredecessors } from "../plan/predecessors";
import { isoWeek, Scale } from "../plan/scale";
import { renumbered, upToDate } from "../plan/steps";
import type { Data, Link, Row } from "../plan/types";
import { readDay, readNumber } from "../plan/words";

const BLANK: Row = {
  id: 0, uid: 0, version: 1, parent: null, level: 1, summary: false, wbs: "", code: "", name: "", kind: "task", state: "not_started", start: null, finish: null,
  duration: 480, days: 1, elapsed: false, percent: 0, remaining_days: null, actual_start: null, actual_finish: null, calendar: null, constraint: "asap",
  constraint_date: null, deadline: null, manual: false, active: true, type: "", effort_driven: false, work: null, units: null, ev_method: "percent", weight: null,
  priority: null, responsible: null, who: "", float_days: 0, free_days: 0, total_float: 0, critical: false, late_finish: null, reason: null, driver: null, findings: [], notes: "",
};

function row(id: number, level: number, more: Partial<Row> = {}): Row {
  return { ...BLANK, id, uid: id, level, name: `Row ${id}`, ...more };
}

function data(rows: Row[], more: Partial<Data> = {}): Data {
  return {
    revision: 1, reset: true, rows, links: [], outer: [],
    plan: { key: "P", name: "P", version: 1, start: "2026-07-01T08:00", finish: null, data_date: null, must_finish: null, calendar: null, stale: false, dates_win: false, may_edit: true, may_progress: [], day: 480, near: 0 },
    ...more,
  };
}

describe("what people type", () => {

  it("reads dates in the forms people use", () => {
    for (const text of ["1.7.26", "01.07.2026", "2026-07-01", "1 Jul 2026", "1. Juli 26", "01/07/2026"]) expect(readDay(text)).toBe("2026-07-01");
    for (const text of ["31.02.2026", "morgen", "13.13.2026", "1.7."]) expect(readDay(text)).toBeNull();
    expect(readDay(" ")).toBe("");
  });

  it("reads numbers with comma or point", () => {
    expect(readNumber("2,5")).toBe(2.5);
    expect(readNumber("2.5")).toBe(2.5);
    expect(readNumber("1.250,5")).toBe(1250.5);
    expect(readNumber("40 %")).toBe(40);
    expect(readNumber("viel")).toBeNull();
    expect(readNumber("")).toBe("");
  });
});

describe("rows pasted from Excel", () => {
  it("keeps line breaks and quotes inside a cell", () => {
    expect(cells('a\t"b\nc ""d"""\r\ne\tf\n')).toEqual([["a", 'b\nc "d"'], ["e", "f"]]);
  });

  it("takes columns by their headings and levels from the WBS code", () => {
    const { ops, unread } = pasted("PSP\tVorgang\tDauer\n1\tBau\t\n1.1\tFundament\t3 Tage\n1.2\tHalle\tviel\n", 7, 1);
    expect(ops.map((one) => [one["after"], one["level"], (one["values"] as Record<string, unknown>)["name"]])).toEqual([
      [7, 1, "Bau"],
      ["p0", 2, "Fundament"],
      ["p1", 2, "Halle"],
    ]);
    expect((ops[1]?.["values"] as Record<string, unknown>)["days"]).toBe(3);
    expect(unread).toBe(1);
  });

  it("takes name and duration where there are no headings", () => {
    const { ops } = pasted("Aufmaß\t2,5\n   Skizze\t1\n", null, 1);
    expect(ops.map((one) => [one["level"], one["values"]])).toEqual([
      [1, { name: "Aufmaß", days: 2.5 }],
      [2, { name: "Skizze", days: 1 }],
    ]);
  });
});

describe("the plan as the page knows it", () => {
  it("hides what lies below a folded row", () => {
    const model = new Model();
    model.take(data([row(1, 1, { summary: true }), row(2, 2), row(3, 1)]));
    model.folded.add(1);
    model.show();
    expect(model.shown).toEqual([1, 3]);
  });

  it("puts changed rows at their new place and forgets removed ones", () => {
    const model = new Model();
    model.take(data([row(1, 1), row(2, 1), row(3, 1)]));
    model.take({ ...data([row(3, 1, { place: 0 }), row(4, 1, { place: 2 })], { reset: false, revision: 2 }), removed: { rows: [2], links: [] }, effect: { text: "", moved: 0, finish: [null, null, 0], changes: [] }, warnings: [], refs: {}, change: null, title: "" });
    expect(model.order).toEqual([3, 1, 4]);
    expect(model.revision).toBe(2);
  });

  it("keeps of a row that only moved what the answer does not tell", () => {
    const model = new Model();
    model.take(data([row(1, 1), row(2, 1, { name: "Trafo", notes: "late" })]));
    const moved = { id: 2, place: 1, start: "2026-07-02T08:00", critical: true } as Row;
    const changed = model.take(data([moved], { reset: false, revision: 2 }));
    expect([...changed]).toEqual([2]);
    expect(model.rows.get(2)).toMatchObject({ name: "Trafo", notes: "late", start: "2026-07-02T08:00", critical: true });
    expect(model.order).toEqual([1, 2]);
  });

  it("shows the rows above what a filter finds, folded or not", () => {
    const model = new Model();
    model.take(data([row(1, 1, { summary: true }), row(2, 2, { parent: 1, name: "Trafo" }), row(3, 1)]));
    model.folded.add(1);
    model.filter = { ...model.filter, text: "trafo" };
    model.show();
    expect(model.shown).toEqual([1, 2]);
  });
});

describe("the time axis", () => {
  it("gives a pixel its day back", () => {
    const scale = new Scale("2026-07-01T08:00", "2027-03-01T17:00", "week", 400);
    expect(scale.day(scale.x("2026-12-24"))).toBe("2026-12-24");
    expect(scale.x("2026-12-25") - scale.x("2026-12-24")).toBeCloseTo(6);
  });

  it("writes the name of a tick beside a flag, never under it", () => {
    const tick = { x: 100, width: 80, text: "Q4", strong: false };
    expect(beside(tick, null)).toBe(105);
    expect(beside(tick, { from: 10, to: 90 })).toBe(105);
    expect(beside(tick, { from: 60, to: 120 })).toBe(125);
    expect(beside(tick, { from: 110, to: 175 })).toBeNull();
  });

  it("counts ISO weeks over the year 2026 with its 53", () => {
    expect(isoWeek(new Date(Date.UTC(2026, 11, 31)))).toBe(53);
    expect(isoWeek(new Date(Date.UTC(2027, 0, 4)))).toBe(1);
  });
});

describe("links", () => {
  beforeAll(() => void vi.stubGlobal("document", { getElementById: () => ({ textContent: '{"language": "de"}' }) }));
  const link = (id: number, from: number, to: number, more: Partial<Link> = {}): Link => ({ id, version: 1, from, to, type: "FS", lag: 0, lag_days: 0, lag_elapsed: false, ...more });
  function planned(...links: Link[]): Model {
    const model = new Model();
    const rows = [row(1, 1, { wbs: "1" }), row(2, 1, { wbs: "2", code: "A-10" }), row(3, 1, { wbs: "3" })];
    model.take(data(rows, { links }));
    return model;
  }
  const third = (model: Model): Row => model.rows.get(3) as Row;

  it("are one text that is read as it is written", () => {
    const model = planned(link(7, 1, 3), link(8, 2, 3, { type: "SS", lag_days: -2.5 }));
    const text = predecessorsOf(third(model), model);
    expect(text).toBe("1; 2AA−2,5");
    expect(readPredecessors(text, third(model), model)).toEqual([]);
  });

  it("are added, changed and taken out by typing, in German and English", () => {
    const model = planned(link(7, 1, 3));
    expect(readPredecessors("A-10 AA + 2 AT", third(model), model)).toEqual([
      { op: "unlink", links: [7] },
      { op: "link", from: 2, to: 3, type: "SS", days: 2, lag_elapsed: false },
    ]);
    expect(readPredecessors("1EE-1", third(model), model)).toEqual([{ op: "set_link", link: 7, version: 1, values: { type: "FF", days: -1, lag_elapsed: false } }]);
    expect(readPredecessors("1+3fT", third(model), model)).toEqual([{ op: "set_link", link: 7, version: 1, values: { type: "FS", days: 3, lag_elapsed: true } }]);
  });

  it("to unknown rows or to the row itself are not read", () => {
    const model = planned();
    for (const text of ["9", "3", "1; 9", "1XX"]) expect(readPredecessors(text, third(model), model)).toBeNull();
  });

  it("end at the edge of the bar that they hold", () => {
    const ends = { before: { start: 10, finish: 50, y: 13 }, after: { start: 90, finish: 140, y: 41 }, rowHeight: 28 };
    const last = (type: string): number[] => (arrowOf({ ...ends, type }).head.match(/-?\d+(\.\d+)?/g) ?? []).slice(0, 2).map(Number);
    expect(last("FS")[0]).toBeCloseTo(93);
    expect(last("SS")[0]).toBeCloseTo(89);
    expect(last("FF")[0]).toBeCloseTo(141);
    expect(last("SF")[0]).toBeCloseTo(141);
  });
});

describe("steps taken again", () => {
  it("stand on the versions of now and on the numbers that rows came back with", () => {
    const model = new Model();
    model.take(data([row(31, 1, { version: 5 })]));
    const ops = renumbered([{ op: "set", row: 30, version: 2, values: { days: 3 } }, { op: "indent", rows: [30, 4] }, { op: "link", from: 30, to: 4 }], new Map([[30, 31]]));
    expect(ops).toEqual([{ op: "set", row: 31, version: 2, values: { days: 3 } }, { op: "indent", rows: [31, 4] }, { op: "link", from: 31, to: 4 }]);
    expect(upToDate(ops, model)[0]).toMatchObject({ version: 5 });
  });
});

describe("baselines", () => {
  const listed = [0, 1, 2].map((number) => ({ number, label: `B${number}`, state: "approved" }));
  const answer = (number: number): Data => data([row(1, 1)], { baselines: listed, baseline: { number, rows: {} } });

  it("stay as chosen when an answer brings the usual one", () => {
    const model = new Model();
    model.take(answer(2));
    model.chosen = 1;
    model.take(answer(1));
    model.take(answer(2));
    expect(model.baseline?.number).toBe(1);
  });

  it("fall back to the usual one when the chosen one is gone", () => {
    const model = new Model();
    model.chosen = 1;
    model.take(answer(1));
    model.take({ ...answer(2), baselines: listed.slice(2) });
    expect(model.baseline?.number).toBe(2);
  });
});

describe("a block pasted over cells", () => {
  let COLUMNS: Column[] = [];
  beforeAll(async () => {
    vi.stubGlobal("document", { getElementById: () => null, querySelector: () => null, documentElement: { lang: "de" } });
    ({ COLUMNS } = await import("../plan/columns"));
    return () => vi.unstubAllGlobals();
  });
  const at = (...keys: string[]): Column[] => keys.map((key) => COLUMNS.find((one) => one.key === key) as Column);
  const three = (): Model => {
    const model = new Model();
    model.take(data([row(1, 1, { wbs: "1", summary: true }), row(2, 2, { wbs: "1.1", days: 5 }), row(3, 2, { wbs: "1.2", days: 5, version: 4 })]));
    return model;
  };
  const rows = (model: Model): Row[] => model.order.map((id) => model.rows.get(id) as Row);

  it("makes one operation per row that changes", () => {
    const model = three();
    const found = over("6\t04.01.2027\n5\t05.01.2027\n", rows(model).slice(1), at("days", "start"), model, false);
    expect(found).toEqual({ beyond: 0, wrong: [], ops: [
      { op: "set", row: 2, version: 1, values: { days: 6, start: "2027-01-04" } },
      { op: "set", row: 3, version: 4, values: { start: "2027-01-05" } },
    ] });
  });

  it("says which cells are wrong, summaries among them", () => {
    const model = three();
    const { wrong } = over("4\nviel\n6", rows(model), at("days"), model, false);
    expect(wrong.map((one) => [one.row.id, one.column.key, one.value])).toEqual([[1, "days", "4"], [2, "days", "viel"]]);
  });

  it("fills the chosen rows with one line and counts lines without a row", () => {
    const model = three();
    expect(over("7", rows(model).slice(1), at("days"), model, true).ops.length).toBe(2);
    expect(over("7\n8\n9", rows(model).slice(1), at("days"), model, false).beyond).toBe(1);
  });

  it("takes links as they are typed, and never an empty name", () => {
    const model = three();
    const { ops, wrong } = over("\t1.1", [model.rows.get(3) as Row], at("name", "predecessors"), model, true);
    expect(ops).toEqual([{ op: "link", from: 2, to: 3, type: "FS", days: 0, lag_elapsed: false }]);
    expect(wrong.map((one) => one.column.key)).toEqual(["name"]);
  });

  it("leaves tables with headings and rows at a name to become new rows", () => {
    expect(goesOver("5\n6", at("days")[0], 1)).toBe(true);
    expect(goesOver("Trafo\t5", at("name")[0], 1)).toBe(false);
    expect(goesOver("Trafo\t5", at("name")[0], 2)).toBe(true);
    expect(goesOver("Vorgang\tDauer\nTrafo\t5", at("days")[0], 1)).toBe(false);
  });
});
