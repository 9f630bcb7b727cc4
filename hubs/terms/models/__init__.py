"""Tables of a term: calendar, indicators, holidays, policy, the year's rules, and triggers."""

from hubs.terms.models.holiday import Holiday
from hubs.terms.models.policy import GUARDS as POLICY_GUARDS
from hubs.terms.models.policy import ActivityPolicy, PolicyState
from hubs.terms.models.signing import SIGNATURE_COLUMNS, TwoSignatures
from hubs.terms.models.term import (
    ActivityIndicator,
    DayBase,
    FigureSource,
    Phase,
    ShiftRule,
    Term,
    TermDeadline,
    TermState,
)
from hubs.terms.models.year import GUARDS as YEAR_GUARDS
from hubs.terms.models.year import (
    OPEN_CHANGES,
    PART_LABELS,
    ChangeState,
    DecisionKind,
    PartDecision,
    RuleChange,
    YearRules,
)

GUARDS = [*POLICY_GUARDS, *YEAR_GUARDS]

__all__ = [
    "GUARDS",
    "OPEN_CHANGES",
    "PART_LABELS",
    "SIGNATURE_COLUMNS",
    "ActivityIndicator",
    "ActivityPolicy",
    "ChangeState",
    "DayBase",
    "DecisionKind",
    "FigureSource",
    "Holiday",
    "PartDecision",
    "Phase",
    "PolicyState",
    "RuleChange",
    "ShiftRule",
    "Term",
    "TermDeadline",
    "TermState",
    "TwoSignatures",
    "YearRules",
]
