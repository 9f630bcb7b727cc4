"""What was said about a plan: rounds about each target, threads about each part."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hubs.network.models import Hub
from hubs.people.models import Engagement
from hubs.plans.flow import threads_of
from hubs.plans.models import Plan, PlanComment, ProposalKind, TargetProposal
from hubs.plans.rules import section_label
from hubs.plans.rules.talk import thread_state


def section_of_round(row: TargetProposal) -> str:
    """The part of the plan a round is about: target_CONS or f1."""
    return f"target_{row.indicator.code}" if row.indicator else row.area_code.lower()


@dataclass(frozen=True)
class Rounds:
    """The rounds about one target and the one that waits for an answer."""

    section: str
    label: str
    rows: Sequence[TargetProposal]
    unit: str = ""

    @property
    def standing(self) -> TargetProposal | None:
        """The last round, while it is a proposal nobody has accepted."""
        last = self.rows[-1] if self.rows else None
        return last if last is not None and last.kind == ProposalKind.PROPOSED else None


def rounds_by_section(plan: Plan) -> dict[str, Rounds]:
    """Rounds by part of the plan, in the order in which the parts were first talked about."""
    names = {indicator.code: indicator.name for indicator in plan.term.indicators.all()}
    units = {f"target_{indicator.code}": indicator.unit for indicator in plan.term.indicators.all()}
    units |= {f"f{area.order}": area.unit for area in plan.focus_areas.all()}
    found: dict[str, list[TargetProposal]] = defaultdict(list)
    for row in plan.proposals.all():
        found[section_of_round(row)].append(row)
    return {
        section: Rounds(section, section_label(section, names), rows, units.get(section, ""))
        for section, rows in found.items()
    }


@dataclass(frozen=True)
class Thread:
    """One thread of comments; ``state`` is open (the hub's turn), answered or closed."""

    lines: Sequence[PlanComment]
    state: str

    @property
    def head(self) -> PlanComment:
        """Its first line."""
        return self.lines[0]

    @property
    def key(self) -> str:
        """Its number as a form sends it."""
        return str(self.head.pk)


def threads_by_section(plan: Plan) -> dict[str, list[Thread]]:
    """Threads by part of the plan."""
    found: dict[str, list[Thread]] = defaultdict(list)
    for lines in threads_of(plan):
        found[lines[0].section].append(Thread(lines, thread_state(lines)))
    return dict(found)


def chief_name(hub: Hub, day: date) -> str:
    """The chief coordinator in office on a day, blank when none is recorded."""
    rows = Engagement.objects.filter(hub=hub, role="CC", starts_on__lte=day)
    found = rows.exclude(ends_on__lt=day).values_list("person__name", flat=True)
    return found.first() or ""
