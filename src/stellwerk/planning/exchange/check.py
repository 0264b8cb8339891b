"""What must be right in a schedule before anybody may build on it, whatever file it comes from."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from stellwerk.planning.exchange.document import Document, Duration, Task
from stellwerk.planning.exchange.problems import Problem, error, shorten, warning

LARGEST_NUMBER = 2_000_000_000
"""Numbers of rows are whole numbers of four bytes in every tool and database."""
WORK_FOR_SHORTEST = 3_000_000
"""Steps that are spent on looking for a shorter cycle; the first one found is shown in any case."""


def check(document: Document, *, summary_links: bool = False) -> list[Problem]:
    """All findings. ``summary_links``: links to summary rows are told as warnings, for tools that allow them."""
    return [
        *_duplicates(document),
        *_calendars(document),
        *_tasks(document),
        *_links(document, summary_links=summary_links),
        *_assignments(document),
        *_circle(document),
    ]


def called(task: Task) -> str:
    """How messages name a row."""
    name = shorten(task.name, 40)
    return f"{task.code or task.uid} “{name}”" if name else f"task {task.code or task.uid}"


def _duplicates(document: Document) -> Iterator[Problem]:
    groups: tuple[tuple[str, Sequence[object]], ...] = (
        ("Task", document.tasks),
        ("Resource", document.resources),
        ("Calendar", document.calendars),
        ("Assignment", document.assignments),
    )
    for kind, things in groups:
        seen: set[int] = set()
        for thing in things:
            uid, line = getattr(thing, "uid"), getattr(thing, "line")  # noqa: B009
            if abs(uid) > LARGEST_NUMBER:
                yield error("number_range", line, what=f"{kind} “{shorten(getattr(thing, 'name', ''), 40)}”", uid=uid)
            if uid in seen:
                name = getattr(thing, "name", "")
                # two assignments of one number lose nothing: tasks and resources identify them
                make = warning if kind == "Assignment" else error
                yield make("duplicate", line, what=f"{kind} “{name}”" if name else kind, uid=uid)
            seen.add(uid)


def _calendars(document: Document) -> Iterator[Problem]:
    known = document.calendar_by_uid
    for calendar in document.calendars:
        path = [calendar]
        while (base := path[-1].base) is not None:
            if base not in known:
                yield warning("reference", calendar.line, what=calendar.name, field="base calendar", uid=base)
                break
            path.append(known[base])
            if len(path) > len(known):
                names = " → ".join(one.name or str(one.uid) for one in path[:8])
                yield error("calendar_circle", calendar.line, what=calendar.name, cycle=names)
                break


def _tasks(document: Document) -> Iterator[Problem]:
    known = document.calendar_by_uid
    added_up = document.summaries if document.format == "xer" else frozenset()  # the fault is in a row below
    for task in document.tasks:
        if task.uid not in added_up and task.start is not None and task.finish is not None and task.finish < task.start:
            times = {"start": f"{task.start:%Y-%m-%d %H:%M}", "finish": f"{task.finish:%Y-%m-%d %H:%M}"}
            # within one day it is a matter of hours, which several tools write carelessly
            make = error if task.finish.date() < task.start.date() else warning
            yield make("finish_before_start", task.line, what=called(task), **times)
        yield from _durations(task)
        for baseline in task.baselines:
            if baseline.start is not None and baseline.finish is not None and baseline.finish < baseline.start:
                yield warning(
                    "baseline_order", task.line, what=called(task), number=baseline.number,
                    start=f"{baseline.start:%Y-%m-%d}", finish=f"{baseline.finish:%Y-%m-%d}",
                )  # fmt: skip
        if task.calendar is not None and task.calendar not in known:
            yield warning("reference", task.line, what=called(task), field="calendar", uid=task.calendar)
        if task.external:
            yield warning("external_task", task.line, what=called(task))


def _durations(task: Task) -> Iterator[Problem]:
    values: tuple[tuple[str, Duration | None], ...] = (
        ("duration", task.duration),
        ("remaining duration", task.remaining_duration),
        ("actual duration", task.actual_duration),
    )
    for field, duration in values:
        if duration is not None and duration.minutes < 0:
            yield error("negative", task.line, what=called(task), field=field, value=f"{duration.minutes} min")
    for field, work in (
        ("work", task.work),
        ("actual work", task.actual_work),
        ("remaining work", task.remaining_work),
    ):
        if work is not None and work < 0:
            yield warning("negative", task.line, what=called(task), field=field, value=f"{work} h")


def _links(document: Document, *, summary_links: bool) -> Iterator[Problem]:
    tasks, summaries = document.task_by_uid, document.summaries
    for link in document.links:
        ends = (tasks.get(link.predecessor), tasks.get(link.successor))
        before, after = ends
        if before is None or after is None or before.blank or after.blank:
            present, missing = (after, link.predecessor) if before is None or before.blank else (before, link.successor)
            what = called(present) if present is not None else f"task {link.successor}"
            if link.project:
                yield warning("external_link", link.line, what=what, project=link.project)
            else:
                yield error("link_missing", link.line, what=what, uid=missing)
        elif before is after:
            yield error("link_self", link.line, what=called(before))
        elif before.uid in summaries or after.uid in summaries:
            summary = before if before.uid in summaries else after
            make = warning if summary_links else error
            yield make("link_summary", link.line, what=called(before), other=called(after), summary=called(summary))


def _assignments(document: Document) -> Iterator[Problem]:
    tasks = document.task_by_uid
    resources = {resource.uid for resource in document.resources}
    for one in document.assignments:
        if one.task not in tasks:
            yield error("reference", one.line, what=f"assignment {one.uid}", field="task", uid=one.task)
        elif one.resource is not None and one.resource not in resources:
            yield warning("resource_missing", one.line, what=called(tasks[one.task]), uid=one.resource)


# --- circles


def _circle(document: Document) -> Iterator[Problem]:
    """One error per file, with the shortest circle that is found."""
    after: dict[int, list[int]] = {task.uid: [] for task in document.tasks}
    lines: dict[tuple[int, int], int] = {}
    for link in document.links:
        if link.predecessor in after and link.successor in after and link.predecessor != link.successor:
            after[link.predecessor].append(link.successor)
            lines.setdefault((link.predecessor, link.successor), link.line)
    cycle = shortest_cycle(after)
    if cycle:
        tasks = document.task_by_uid
        names = [called(tasks[uid]) for uid in cycle]
        shown = [*names[:6], "…", *names[-3:]] if len(names) > 10 else names
        yield error("cycle", lines[cycle[0], cycle[1 % len(cycle)]], cycle=" → ".join([*shown, names[0]]))


def shortest_cycle(after: Mapping[int, Sequence[int]]) -> list[int]:
    """The nodes of the shortest directed cycle, or nothing. Very large tangles get a short one, not surely the shortest."""
    left = _entangled(after)
    best: list[int] = []
    steps = 0
    for node in sorted(left):
        if best and (steps > WORK_FOR_SHORTEST or len(best) <= 2):
            break
        cycle, used = _cycle_through(node, after, left, len(best) or len(left) + 1)
        steps += used
        best = cycle or best
    return best


def _entangled(after: Mapping[int, Sequence[int]]) -> set[int]:
    """What remains when nodes without predecessor or without successor are taken away again and again."""
    before: dict[int, list[int]] = {node: [] for node in after}
    for node, targets in after.items():
        for target in targets:
            before[target].append(node)
    left = set(after)
    for forward, backward in ((after, before), (before, after)):
        degree = {node: sum(1 for other in backward[node] if other in left) for node in left}
        queue = [node for node, number in degree.items() if number == 0]
        while queue:
            node = queue.pop()
            left.discard(node)
            for target in forward[node]:
                if target in left:
                    degree[target] -= 1
                    if degree[target] == 0:
                        queue.append(target)
    return left


def _cycle_through(
    node: int, after: Mapping[int, Sequence[int]], left: set[int], shorter_than: int
) -> tuple[list[int], int]:
    """The shortest cycle through the node if it has fewer nodes, and the steps it took (breadth first)."""
    came_from: dict[int, int] = {node: node}
    depth = {node: 1}
    queue = deque([node])
    steps = 0
    while queue:
        here = queue.popleft()
        if depth[here] >= shorter_than:
            break
        for target in after[here]:
            steps += 1
            if target == node:
                path = [here]
                while path[-1] != node:
                    path.append(came_from[path[-1]])
                return path[::-1], steps
            if target in left and target not in came_from:
                came_from[target] = here
                depth[target] = depth[here] + 1
                queue.append(target)
    return [], steps
