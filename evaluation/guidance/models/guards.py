"""Triggers: why a case was opened, what was agreed and how it ended cannot be rewritten."""

from evaluation.guidance.models.cases import CLOSED, PLAN_COLUMNS
from yorozu.core.guards import Guard, append_only, changed, exists, frozen_children, frozen_columns

_CASE = "evaluation_guidancecase"
_ACTION = "evaluation_guidanceaction"
_ENDS = "(" + ", ".join(f"'{state.value}'" for state in CLOSED) + ")"
_WHY = [
    "hub_id",
    "run_id",
    "fiscal_year",
    "previous_id",
    "origin",
    "origin_reason",
    "proposed_level",
    "level",
    "renewal_referred",
    "full_loss_limit",
    "method_version",
    "facts",
    "facts_hash",
    "opened_at",
    "opened_by_id",
    "opened_by_name",
    "plan_due",
]
_ASKED = [
    "case_id",
    "number",
    "text",
    "owner_role",
    "owner_id",
    "owner_name",
    "evidence_rule",
    "link",
    "link_label",
    "target",
    "is_serious",
]
_HELD = "重点指導の発動の記録は変更も削除もできません。"
_OVER = "終了した重点指導は変更できません。"
_AGREED = "合意した計画は変更できません。計画の見直しから始めてください。"
_DONE = "完了または中止した取組は変更できません。"


def _closed(side: str) -> str:
    """SQL: the case of an action (column action_id) is over."""
    return exists(
        f"{_ACTION} a JOIN {_CASE} c ON c.id = a.case_id",
        f"a.id = {side}.action_id AND c.state IN {_ENDS}",
    )


_PLANNED = exists(f"{_CASE} c", "c.id = OLD.case_id AND c.state IN ('opened', 'planning')")


GUARDS = [
    frozen_columns(_CASE, _WHY, "1 = 1", _HELD),
    Guard(_CASE, "UPDATE", f"OLD.state IN {_ENDS}", _OVER, "closed"),
    Guard(
        _CASE,
        "UPDATE",
        f"OLD.state NOT IN ('opened', 'planning') AND ({changed(PLAN_COLUMNS)})",
        _AGREED,
        "agreed",
    ),
    Guard(_CASE, "DELETE", "", _HELD),
    *frozen_children(_ACTION, _CASE, "case_id", f"p.state IN {_ENDS}", _OVER),
    Guard(
        _ACTION,
        "UPDATE",
        f"({changed(_ASKED)}) AND NOT {_PLANNED}",
        _AGREED,
        "agreed",
    ),
    Guard(_ACTION, "UPDATE", "OLD.state IN ('done', 'dropped')", _DONE, "over"),
    Guard(_ACTION, "DELETE", "", "重点指導の取組は削除できません。", "kept"),
    *append_only("evaluation_guidanceevidence", "取組の資料は変更も削除もできません。"),
    Guard("evaluation_guidanceevidence", "INSERT", _closed("NEW"), _OVER, "closed"),
    *append_only("evaluation_guidanceescalation", "期限超過の通知の記録は変更できません。"),
    Guard("evaluation_guidanceescalation", "INSERT", _closed("NEW"), _OVER, "closed"),
    *append_only("evaluation_guidancecheckpoint", "点検の記録は変更も削除もできません。"),
    Guard(
        "evaluation_guidancecheckpoint",
        "INSERT",
        exists(f"{_CASE} c", f"c.id = NEW.case_id AND c.state IN {_ENDS}"),
        _OVER,
        "closed",
    ),
    *append_only("evaluation_guidancenote", "重点指導への意見は変更も削除もできません。"),
]
