/** Steps back and forth over the cells of a sheet: a paste or a fill is one step. */

export interface Change<C> {
  cell: C;
  before: string;
  after: string;
}

export class Steps<C> {
  private done: Change<C>[][] = [];
  private undone: Change<C>[][] = [];

  constructor(private readonly most = 200) {}

  push(step: Change<C>[]): void {
    const real = step.filter((change) => change.before !== change.after);
    if (!real.length) return;
    this.done.push(real);
    if (this.done.length > this.most) this.done.shift();
    this.undone = [];
  }

  /** What to write to go one step back, last change first. */
  back(): { cell: C; text: string }[] {
    const step = this.done.pop();
    if (!step) return [];
    this.undone.push(step);
    return [...step].reverse().map((change) => ({ cell: change.cell, text: change.before }));
  }

  forth(): { cell: C; text: string }[] {
    const step = this.undone.pop();
    if (!step) return [];
    this.done.push(step);
    return step.map((change) => ({ cell: change.cell, text: change.after }));
  }
}
