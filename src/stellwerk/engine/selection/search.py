"""Good sets quickly: part of the set is taken out and filled again, in the order of value against what is short, with some noise."""

from __future__ import annotations

import numpy as np

from stellwerk.engine.selection.frame import Tables
from stellwerk.engine.selection.greedy import State
from stellwerk.engine.selection.model import NONE, Floats, Ints


class Search:
    """Begins with an allowed set; each round may find a better one. The same seed and number of rounds give the same set."""

    def __init__(self, tables: Tables, start: Ints, price: Floats, seed: int) -> None:
        self.tables = tables
        self.state = State(tables)
        for option in tables.options(start):
            self.state.add(int(option))
        self.random = np.random.Generator(np.random.PCG64(seed))
        scale = 1.0 / np.maximum(tables.limit.astype(np.float64), 1.0)
        self.price = price if price.any() else scale
        self.weight = tables.load @ self.price + 1e-9
        self.value = tables.value.astype(np.float64)
        self.best = self.state.start.copy()
        self.best_score = self._score()
        self.here = self.best_score
        self.pairs = [set(one) for one in self.state.against]

    def run(self, rounds: int) -> bool:
        """True if a better set was found."""
        before = self.best_score
        for _ in range(rounds):
            self._round()
        return self.best_score > before

    def _score(self) -> tuple[int, int]:
        chosen = self.state.start != NONE
        options = [self.tables.option(int(i), int(self.state.start[i])) for i in np.flatnonzero(chosen)]
        return int(self.tables.value[options].sum()), -int(self.tables.items_cost[chosen].sum())

    def _round(self) -> None:
        state, kept = self.state, self.state.start.copy()
        inside = np.flatnonzero(state.start != NONE)
        if not len(inside):
            self._fill()
            return
        count = int(self.random.integers(1, max(2, min(len(inside), 8)) + 1))
        first = int(self.random.choice(inside))
        for item in self._near(first, inside)[:count]:
            self._out(item)
        self._fill()
        score = self._score()
        if score > self.best_score and not self._broken():
            self.best, self.best_score = state.start.copy(), score
        # Slightly worse sets are walked through, so that the search leaves where it began.
        allowed = self.here[0] - abs(self.best_score[0]) * 0.004 * float(self.random.random()) ** 2
        if score[0] >= allowed and not self._broken():
            self.here = score
        else:
            self._back(kept)
        if self.here[0] < self.best_score[0] * 0.985 or self.random.random() < 0.002:
            self._back(self.best)
            self.here = self.best_score

    def _near(self, item: int, inside: Ints) -> list[int]:
        """The item first, then others: half of them such as use what it uses."""
        noise = self.random.random(len(inside))
        if self.random.random() < 0.5:
            mine = self.tables.load[self.tables.option(item, int(self.state.start[item]))] * self.price
            others = [self.tables.option(int(one), int(self.state.start[one])) for one in inside]
            common = np.minimum(self.tables.load[others] * self.price, mine).sum(axis=1)
            noise = -common * (0.3 + noise)
        order = [int(one) for one in inside[np.argsort(noise, kind="stable")] if one != item]
        return [item, *order]

    def _out(self, item: int) -> None:
        """With everybody who needs it, unless something forbids."""
        state = self.state
        if state.start[item] == NONE:
            return
        for other, _ in state.needed[item]:
            self._out(other)
        if self.tables.problem.items.mandatory[item]:
            # It comes back in the same round, perhaps with another start.
            if self.tables.first[item + 1] - self.tables.first[item] > 1:
                state.remove(item)
            return
        if not any(state.start[other] != NONE for other, _ in state.needed[item]):
            state.remove(item)

    def _fill(self) -> None:
        state, tables = self.state, self.tables
        noise = np.exp(self.random.normal(0.0, 0.25, len(tables.item)))
        rank = np.where(self.value > 0, self.value / self.weight * noise, -1.0)
        for row in np.flatnonzero(tables.problem.items.mandatory):
            if state.start[row] == NONE:
                rank[tables.item == row] += 1e18
        open_ = (state.start[tables.item] == NONE) & (rank > 0)
        again = True
        while again:
            again = False
            candidates = np.flatnonzero(open_)
            candidates = candidates[(tables.load[candidates] <= state.room).all(axis=1)]
            for option in candidates[np.argsort(-rank[candidates], kind="stable")]:
                if state.start[tables.item[option]] == NONE and state.allowed(int(option)) and state.fits(int(option)):
                    state.add(int(option))
                    again = again or bool(state.needed[int(tables.item[option])])

    def _broken(self) -> bool:
        state, problem = self.state, self.tables.problem
        if (state.start[problem.items.mandatory] == NONE).any():
            return True
        if any(count < group.least for count, group in zip(state.count, problem.groups, strict=True)):
            return True
        return any(
            state.start[item] != NONE
            and (state.start[needed] == NONE or (lag != NONE and state.start[item] < state.start[needed] + lag))
            for item, needs in enumerate(state.needs)
            for needed, lag in needs
        )

    def _back(self, start: Ints) -> None:
        """To this set."""
        state = self.state
        for item in np.flatnonzero((state.start != start) & (state.start != NONE)):
            state.remove(int(item))
        for item in np.flatnonzero((state.start != start) & (start != NONE)):
            state.add(self.tables.option(int(item), int(start[item])))
