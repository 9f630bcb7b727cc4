"""What guidance changed: guided hubs beside similar ones without guidance (evaluation.md 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from evaluation.guidance.rules.method import Method
from yorozu.core import exact

REGRESSION_NOTE = (
    "点数がとくに低かった拠点は、指導がなくても次の期に平均へ近づく傾向があります（平均への回帰）。"
    "そのため、指導した拠点の変化だけでは効果を判断できません。前の期の評語と点数が近く、指導のなかった"
    "拠点の変化と比べてください。比べる拠点が少ないときは、差は偶然でも生じます。"
)


@dataclass(frozen=True)
class Scored:
    """One hub that was graded in both terms; ``level`` of its guidance, 0 for none."""

    code: str
    name: str
    grade: str
    before: Decimal
    after: Decimal
    level: int = 0

    @property
    def change(self) -> Decimal:
        """Points won or lost."""
        return self.after - self.before


@dataclass(frozen=True)
class EffectLine:
    """A guided hub, the similar hubs without guidance, and the difference of the changes."""

    hub: Scored
    peers: int
    peer_change: Decimal | None
    difference: Decimal | None


@dataclass(frozen=True)
class EffectSummary:
    """Means over the guided hubs that have similar hubs, and over all of them."""

    guided: int
    mean_change: Decimal | None
    compared: int
    mean_difference: Decimal | None


def effect_lines(hubs: Sequence[Scored], method: Method) -> list[EffectLine]:
    """One line per guided hub; similar = same grade before, score before within the band."""
    free = [hub for hub in hubs if not hub.level]
    lines = []
    for hub in (hub for hub in hubs if hub.level):
        peers = [
            one.change
            for one in free
            if one.grade == hub.grade and abs(one.before - hub.before) <= method.band
        ]
        mean = _mean(peers)
        difference = None if mean is None else hub.change - mean
        lines.append(EffectLine(hub, len(peers), mean, difference))
    return lines


def effect_summary(lines: Sequence[EffectLine]) -> EffectSummary:
    """The last line of the table."""
    differences = [line.difference for line in lines if line.difference is not None]
    return EffectSummary(
        len(lines),
        _mean([line.hub.change for line in lines]),
        len(differences),
        _mean(differences),
    )


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    if not values:
        return None
    return exact.quotient(sum(values, Decimal(0)), Decimal(len(values)), 2)
