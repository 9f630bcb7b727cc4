"""How states of plans and amendments look in lists."""

from hubs.plans.models import AmendmentState
from yorozu.core.web.chips import Status

AMENDMENT_CHIPS: dict[str, Status] = {
    AmendmentState.DRAFT: Status.DRAFT,
    AmendmentState.SUBMITTED: Status.WAITING,
    AmendmentState.RETURNED: Status.RETURNED,
    AmendmentState.APPROVED: Status.APPROVED,
    AmendmentState.REFUSED: Status.NOT_APPROVED,
    AmendmentState.WITHDRAWN: Status.WITHDRAWN,
}
