"""Who may not rate a hub (evaluation.md 1.7): ties between a person and hubs, and what they block.

Pure: ties come in as facts with periods, blocks go out. A declared interest blocks from whenever it
is known, also after the scores were given.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

BODY = "body"
CONTRACTED = "contracted"
ADVISER = "adviser"
PREFECTURE = "prefecture"
RELATIVE = "relative"
OTHER = "other"
# Found by the portal from what is recorded; the other two are declared by the person.
AUTOMATIC = (BODY, CONTRACTED, ADVISER, PREFECTURE)
DECLARED = (RELATIVE, OTHER)
YEARS_OF_CONTRACT = 3


@dataclass(frozen=True)
class Tie:
    """One recorded relation of a person; ``ends_on`` None means that it still lasts.

    ``kind``: "body" (staff or board of an implementing body, ``body_id``), "coordinator" (CC or CO
    of ``hub_id``, by contract or role), "adviser" (project manager or supporter of ``hub_id``).
    """

    kind: str
    starts_on: date
    ends_on: date | None = None
    hub_id: int | None = None
    body_id: int | None = None
    prefecture: str = ""
    detail: str = ""

    def touches(self, first: date, last: date) -> bool:
        """Whether the tie held on any day from ``first`` to ``last``, both included."""
        return self.starts_on <= last and (self.ends_on is None or self.ends_on >= first)


@dataclass(frozen=True)
class HubFacts:
    """What the rules read of a hub: its prefecture and the bodies that run it in the term."""

    hub_id: int
    prefecture: str
    body_ids: frozenset[int]


@dataclass(frozen=True, order=True)
class Interest:
    """Why a person may not rate a hub."""

    kind: str
    detail: str = ""


def years_before(day: date, years: int) -> date:
    """The same day so many years before; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def interests(ties: Iterable[Tie], hub: HubFacts, *, first: date, on: date) -> list[Interest]:
    """The automatic interests in a hub, in the order of 1.7, one for each kind.

    ``first`` is the first day of the term, ``on`` the day of the hearing: staff and advisers are
    looked at over the term so far, contracts over three years before the hearing.
    """
    found: dict[str, Interest] = {}
    for tie in ties:
        kind = _kind(tie, hub, first, on)
        if kind is not None:
            found.setdefault(kind, Interest(kind, tie.detail))
    return [found[kind] for kind in AUTOMATIC if kind in found]


def _kind(tie: Tie, hub: HubFacts, first: date, on: date) -> str | None:
    """The interest that one tie makes in the hub, if any."""
    in_term = tie.touches(min(first, on), on)
    if tie.kind == "body":
        return BODY if in_term and tie.body_id in hub.body_ids else None
    if tie.kind == "adviser":
        return ADVISER if in_term and tie.hub_id == hub.hub_id else None
    if tie.kind != "coordinator":
        raise ValueError(f"no such tie: {tie.kind}")
    if tie.hub_id == hub.hub_id:
        recent = tie.touches(years_before(on, YEARS_OF_CONTRACT), on)
        return CONTRACTED if recent else None
    return PREFECTURE if in_term and tie.prefecture == hub.prefecture else None


@dataclass(frozen=True)
class GivenScore:
    """One score as it was given: by whom, on which item, in which round (1 first, 2 second)."""

    evaluator: int
    item: int
    round: int
    score: int | None


def counting(
    scores: Iterable[GivenScore], *, interested: Collection[int], signed: Collection[int]
) -> dict[int, dict[int, int]]:
    """The scores that count, by item and evaluator: the last round of each.

    Nothing counts of an evaluator with an interest, whenever it became known, nor of one who has
    signed no declaration. A score left blank is no score.
    """
    last: dict[tuple[int, int], GivenScore] = {}
    for given in scores:
        if given.score is None or given.evaluator in interested or given.evaluator not in signed:
            continue
        key = (given.item, given.evaluator)
        if key not in last or last[key].round < given.round:
            last[key] = given
    found: dict[int, dict[int, int]] = {}
    for (item, evaluator), given in sorted(last.items()):
        if given.score is not None:
            found.setdefault(item, {})[evaluator] = given.score
    return found
