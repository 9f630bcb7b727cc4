"""Tables of this slice, one module per subject, and the triggers that hold them."""

from hubs.results.models.corrections import GUARDS as CORRECTION_GUARDS
from hubs.results.models.corrections import OPEN_STATES, CorrectionState, ResultCorrection
from hubs.results.models.monthly import GUARDS as MONTHLY_GUARDS
from hubs.results.models.monthly import MonthlyReport, MonthlyResult, ReportState, ValueState
from hubs.results.models.remarks import GUARDS as REMARK_GUARDS
from hubs.results.models.remarks import ReturnRemark
from hubs.results.models.reminders import GUARDS as REMINDER_GUARDS
from hubs.results.models.reminders import Reminder

GUARDS = [*MONTHLY_GUARDS, *REMARK_GUARDS, *CORRECTION_GUARDS, *REMINDER_GUARDS]

__all__ = [
    "GUARDS",
    "OPEN_STATES",
    "CorrectionState",
    "MonthlyReport",
    "MonthlyResult",
    "Reminder",
    "ReportState",
    "ResultCorrection",
    "ReturnRemark",
    "ValueState",
]
