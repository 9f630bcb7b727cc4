"""The thresholds of priority guidance as a numbered version.

All are product defaults (evaluation.md 4, [P]); the paper says only that low-rated hubs get
priority guidance (S92). The limit of a component and the grades are the scheme's, not these.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Method:
    """One version of the thresholds; a case names the version it was opened under.

    ``fall`` and ``band`` are points of the final score, ``chance`` a probability, the shares and
    rates of the exit are ratios, everything with days counts calendar days.
    """

    version: str
    fall: Decimal
    chance: Decimal
    standard: Decimal
    plan_days: int
    exit_share: Decimal
    exit_rate: Decimal
    exit_checkpoints: int
    owner_days: int
    chief_days: int
    bureau_days: int
    hq_days: int
    band: Decimal

    @property
    def edition(self) -> str:
        """Number of the version, as people read it."""
        return self.version.removeprefix("guidance-")


CURRENT = Method(
    version="guidance-1",
    fall=Decimal("15.00"),
    chance=Decimal("0.50"),
    standard=Decimal(80),
    plan_days=30,
    exit_share=Decimal("0.80"),
    exit_rate=Decimal("0.90"),
    exit_checkpoints=2,
    owner_days=1,
    chief_days=7,
    bureau_days=14,
    hq_days=21,
    band=Decimal("5.00"),
)
METHODS = {method.version: method for method in (CURRENT,)}
