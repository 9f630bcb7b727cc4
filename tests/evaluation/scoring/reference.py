"""A second, plain statement of a run's way, for the state machine to hold the product against.

Nothing here asks the product: who may do what in which state, what gives way to what, and how many
events of the trail an accepted command leaves, are written down once more.
"""

from dataclasses import dataclass, field
from datetime import datetime

CODES = ("04", "13", "14")
FAMILY = {"final": "year", "appeal": "year", "provisional": "provisional", "trial": "trial"}
UNDER_WAY = ("fact_check", "panel", "fixed", "published")
BEFORE_PUBLICATION = ("computed", "fact_check", "panel", "fixed")


@dataclass
class Part:
    """A hub's part of a fact check."""

    version: int
    due: datetime
    state: str = "waiting"
    is_carried: bool = False


@dataclass
class Remark:
    """What a hub said; ``run`` is the index of the run it was said to."""

    run: int
    hub: str
    kind: str
    state: str = "open"
    effect: int | None = None


@dataclass
class Adjustment:
    """Points for a hub, by whom, and in which run they are counted."""

    run: int
    hub: str
    points: str
    by: str
    state: str = "proposed"
    applied: int | None = None


@dataclass
class Run:
    """A run by its place in the list."""

    kind: str
    by: str
    versions: dict[str, int]
    before: int | None = None
    is_adjusted: bool = False
    state: str = "computed"
    was_published: bool = False
    parts: dict[str, Part] = field(default_factory=dict)
    standing: dict[str, str] = field(default_factory=dict)


@dataclass
class Model:
    """All runs of one year."""

    runs: list[Run] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    adjustments: list[Adjustment] = field(default_factory=list)
    has_flag: bool = False

    def family(self, kind: str) -> list[int]:
        return [n for n, run in enumerate(self.runs) if FAMILY[run.kind] == FAMILY[kind]]

    def predecessor(self, kind: str) -> int | None:
        if kind == "trial":
            return None
        return max((n for n in self.family(kind) if self.runs[n].state in UNDER_WAY), default=None)

    def line(self, place: int) -> list[int]:
        line, before = [place], self.runs[place].before
        while before is not None:
            line.append(before)
            before = self.runs[before].before
        return line

    def checked(self, place: int) -> int:
        """The run whose fact check speaks for this one."""
        while self.runs[place].is_adjusted:
            before = self.runs[place].before
            assert before is not None
            place = before
        return place

    def has_later(self, place: int) -> bool:
        return any(run.before == place and run.state != "superseded" for run in self.runs)

    def speaking(self) -> list[int]:
        """Open remarks to a fact check under way, by their place in the list."""
        rows = enumerate(self.remarks)
        return [n for n, row in rows if row.state == "open" and self.is_in(row, "fact_check")]

    def left_behind(self) -> list[int]:
        """Open remarks to runs that are past their fact check."""
        rows = enumerate(self.remarks)
        return [n for n, row in rows if row.state == "open" and not self.is_in(row, "fact_check")]

    def proposed(self) -> list[int]:
        """Proposals that wait for their second name, by their place in the list."""
        rows = enumerate(self.adjustments)
        return [n for n, row in rows if row.state == "proposed" and self.is_in(row, "panel")]

    def stranded(self) -> list[int]:
        """Proposals to runs that are past their panel."""
        rows = enumerate(self.adjustments)
        return [n for n, row in rows if row.state == "proposed" and not self.is_in(row, "panel")]

    def is_in(self, row: Remark | Adjustment, state: str) -> bool:
        return self.runs[row.run].state == state

    def said_to(self, place: int) -> list[Remark]:
        return [row for row in self.remarks if row.run == place]

    def compute(self, kind: str, by: str, versions: dict[str, int]) -> None:
        self.runs.append(Run(kind, by, dict(versions), self.predecessor(kind)))

    def give_way(self, place: int, *, published: bool = False) -> int:
        """How many runs give way to this one now."""
        line, gone = set(self.line(place)), 0
        for n in self.family(self.runs[place].kind):
            run = self.runs[n]
            if n >= place:
                continue
            near = n in line or run.before in line
            if (published and run.state == "published") or (
                not published and near and run.state in BEFORE_PUBLICATION
            ):
                run.state = "superseded"
                gone += 1
        return gone

    def may_ask(self, place: int) -> bool:
        run = self.runs[place]
        if run.state != "computed" or FAMILY[run.kind] != "year" or self.has_later(place):
            return False
        line = self.line(place)
        if any(self.runs[n].state in UNDER_WAY and n not in line for n in self.family("final")):
            return False
        if run.before is None:
            return True
        before = self.checked(run.before)
        for row in self.said_to(before):
            if row.state == "open":
                return False
            same = self.runs[before].versions[row.hub] == run.versions[row.hub]
            if row.state == "accepted" and row.effect is None and same:
                return False
        return True

    def ask(self, place: int, now: datetime, due: datetime) -> int:
        """Events: the act, objections that take effect, runs that give way."""
        run, events = self.runs[place], 1
        run.state = "fact_check"
        old = {} if run.before is None else self.runs[self.checked(run.before)].parts
        for hub in CODES:
            part = Part(run.versions[hub], due)
            known = old.get(hub)
            if known is not None and known.version == part.version:
                part = Part(part.version, known.due, known.state, is_carried=True)
                if part.state == "waiting" and part.due < now:
                    part.state = "silent"
            run.parts[hub] = part
        if run.before is not None:
            for row in self.said_to(self.checked(run.before)):
                anew = not run.parts[row.hub].is_carried
                if row.state == "accepted" and row.effect is None and anew:
                    row.effect = place
                    events += 1
        return events + self.give_way(place)

    def may_speak(self, place: int, hub: str, now: datetime) -> bool:
        run = self.runs[place]
        part = run.parts.get(hub)
        if part is None or run.state != "fact_check":
            return False
        return part.state == "waiting" and now <= part.due

    def is_anybody_asked(self, now: datetime) -> bool:
        places = range(len(self.runs))
        return any(self.may_speak(place, hub, now) for place in places for hub in CODES)

    def may_close(self, place: int, now: datetime) -> bool:
        run = self.runs[place]
        if run.state != "fact_check" or self.has_later(place):
            return False
        if any(
            row.state == "open" or (row.state == "accepted" and row.effect is None)
            for row in self.said_to(place)
        ):
            return False
        return all(part.state != "waiting" or part.due < now for part in run.parts.values())

    def close(self, place: int) -> int:
        self.runs[place].state = "panel"
        silent = [part for part in self.runs[place].parts.values() if part.state == "waiting"]
        for part in silent:
            part.state = "silent"
        return 1 + len(silent)

    def open_adjustments(self, place: int) -> list[Adjustment]:
        rows = [row for row in self.adjustments if row.run == place]
        return [row for row in rows if row.state != "withdrawn" and row.applied is None]

    def may_propose(self, place: int, hub: str, points: str) -> bool:
        run = self.runs[place]
        taken = any(
            row.hub == hub and row.state != "withdrawn"
            for row in self.adjustments
            if row.run == place
        )
        other = points != run.standing.get(hub, "0.00")
        return run.state == "panel" and not taken and other

    def may_apply(self, place: int) -> bool:
        rows = self.open_adjustments(place)
        settled = all(row.state == "confirmed" for row in rows)
        return self.runs[place].state == "panel" and bool(rows) and settled

    def apply(self, place: int, by: str) -> int:
        old = self.runs[place]
        new = Run(old.kind, by, dict(old.versions), place, is_adjusted=True, state="panel")
        new.standing = dict(old.standing)
        self.runs.append(new)
        for row in self.open_adjustments(place):
            row.applied = len(self.runs) - 1
            new.standing[row.hub] = row.points
        return 1 + self.give_way(len(self.runs) - 1)

    def computers(self, place: int) -> set[str]:
        people = {self.runs[place].by}
        while self.runs[place].is_adjusted:
            before = self.runs[place].before
            assert before is not None
            place = before
            people.add(self.runs[place].by)
        return people

    def may_fix(self, place: int, by: str) -> bool:
        run = self.runs[place]
        ready = run.state == "panel" or (run.state == "computed" and run.kind == "provisional")
        if not ready or self.has_later(place) or by in self.computers(place):
            return False
        return not self.has_flag and not self.open_adjustments(place)

    def fix(self, place: int) -> int:
        self.runs[place].state = "fixed"
        return 1 + self.give_way(place)

    def may_publish(self, place: int) -> bool:
        return self.runs[place].state == "fixed" and not self.has_later(place)

    def publish(self, place: int) -> int:
        self.runs[place].state = "published"
        self.runs[place].was_published = True
        return 1 + self.give_way(place, published=True)
