"""The two sides that sign together: the SME Agency and the national HQ."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Side:
    """One side: ``code`` names its columns, ``role`` is the value of its role."""

    code: str
    role: str
    label: str


SIDES = (
    Side("agency", "sme_agency", "中小企業庁"),
    Side("hq", "national_hq", "全国本部"),
)


def side_of(role: str | None) -> Side | None:
    """The side a role signs for; None for every other role."""
    return next((side for side in SIDES if side.role == role), None)


def other_side(side: Side) -> Side:
    """The side whose signature is needed beside this one's."""
    return SIDES[1] if side == SIDES[0] else SIDES[0]
