"""States of a flag: the hub is heard first, then the bureau decides; a finding lasts until settled.

The nightly run also moves flags: to 判断待ち when the days for an answer have passed, to 終了 when
the cause has vanished.
"""

from hubs.integrity.models import FlagState, IntegrityFlag
from yorozu.core.access import Scope
from yorozu.core.errors import Missing
from yorozu.core.flow import Flow, arrow

NOTE, CLOSE = "hubs.integrity.note", "hubs.integrity.close"
FIND, SETTLE = "hubs.integrity.find", "hubs.integrity.settle"
CLOSE_NATIONAL = "hubs.integrity.close_national"


def is_of_a_hub(flag: IntegrityFlag, actor: Scope) -> list[Missing]:
    """The bureau decides on its hubs; the network as a whole is not its matter."""
    if flag.hub_id is None:
        return [Missing("全国の確認事項は、中小企業庁が判断します。")]
    return []


def is_of_the_network(flag: IntegrityFlag, actor: Scope) -> list[Missing]:
    """The Agency decides on the network; the flag of one hub is its bureau's matter."""
    if flag.hub_id is not None:
        return [Missing("拠点の確認事項は、担当の経済産業局が判断します。")]
    return []


FLAG_FLOW = Flow(
    name="integrity_flag",
    label="確認事項",
    states=FlagState,
    page="integrity_detail",
    transitions=(
        arrow(NOTE, "拠点の説明", [FlagState.RAISED], FlagState.WAITING, needs_reason=True),
        arrow(
            CLOSE,
            "説明または修正による確認",
            [FlagState.WAITING],
            FlagState.CLOSED,
            is_of_a_hub,
            needs_reason=True,
        ),
        arrow(
            FIND,
            "指摘",
            [FlagState.WAITING],
            FlagState.FINDING,
            is_of_a_hub,
            needs_reason=True,
        ),
        arrow(
            SETTLE,
            "指摘の解消",
            [FlagState.FINDING],
            FlagState.CLOSED,
            is_of_a_hub,
            needs_reason=True,
        ),
        arrow(
            CLOSE_NATIONAL,
            "全国の状況の確認",
            [FlagState.WAITING],
            FlagState.CLOSED,
            is_of_the_network,
            needs_reason=True,
        ),
    ),
)
