"""Checkpoints: the figures of the day are kept as they are found."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from evaluation.guidance.flow import CASE_FLOW, CHECKPOINT, RESUME
from evaluation.guidance.models import CaseState, CheckpointKind, GuidanceCase, GuidanceCheckpoint
from evaluation.guidance.operations.telling import tell_case
from evaluation.guidance.queries import Measure, bureau_people, hq_people, hub_people, measure
from evaluation.guidance.rules import METHODS, Rate, meets
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.canonical import canonical_json
from yorozu.core.errors import Conflict, InvalidInput, Missing, Problem
from yorozu.core.flow import lock

MAX_TEXT = 4_000
TOP_SCORE = Decimal(4)


@dataclass(frozen=True)
class CheckpointValues:
    """What people add to the figures: when, what they saw, the mean of the sit-in scores (0-4)."""

    kind: CheckpointKind
    held_on: date
    findings: str
    sit_ins: int = 0
    sit_in_score: Decimal | None = None
    next_on: date | None = None


def record_checkpoint(
    *, actor: Scope, case: GuidanceCase, values: CheckpointValues
) -> GuidanceCheckpoint:
    """Keep a checkpoint with the figures of its day; a quarterly one brings the case to 点検.

    Conflict unless the plan runs; InvalidInput names what is wrong with the entries.
    """
    require(actor, CHECKPOINT, hub_id=case.hub_id)
    with transaction.atomic():
        row: GuidanceCase = lock(case)
        require_running(actor, row)
        _check(row, values)
        found = measure(row, values.held_on)
        point = _store(actor, row, values, found)
        if values.kind == CheckpointKind.QUARTERLY and row.state == CaseState.RUNNING:
            row = CASE_FLOW.apply(
                row, CHECKPOINT, actor=actor, audit=_facts(point), reason=point.findings
            )
        else:
            record(actor, CHECKPOINT, row, after=_facts(point), reason=point.findings)
        people = {*hub_people(row.hub_id), *bureau_people(row.hub_id), *hq_people()}
        text = f"{row.hub}の重点指導の{point.get_kind_display()}が記録されました。"
        tell_case(row, people - {actor.user_id or 0}, f"checkpoint:{point.number}", text)
    return point


def require_running(actor: Scope, case: GuidanceCase) -> None:
    """Refused for other roles and hubs, Conflict unless the plan runs."""
    require(actor, CHECKPOINT, hub_id=case.hub_id)
    if not case.is_running:
        raise Conflict(
            f"この重点指導は現在「{case.get_state_display()}」のため、点検を記録できません。"
            "計画に合意して、実施を始めてください。",
            Missing(str(case), "guidance_detail", link_args=(case.pk,)),
        )


def _check(case: GuidanceCase, values: CheckpointValues) -> None:
    problems = [*_wrong_days(case, values), *_wrong_sit_ins(values)]
    if not values.findings.strip() or len(values.findings) > MAX_TEXT:
        problems.append(Problem(None, "所見", f"1字以上{MAX_TEXT:,}字以内で入力してください。"))
    if problems:
        raise InvalidInput(problems)


def _wrong_days(case: GuidanceCase, values: CheckpointValues) -> list[Problem]:
    problems = []
    last = case.checkpoints.aggregate(last=Max("held_on"))["last"]
    begun = case.started_at.astimezone(clock.now().tzinfo).date() if case.started_at else None
    if values.held_on > clock.today():
        problems.append(Problem(None, "実施日", "今日までの日を入力してください。"))
    if begun is not None and values.held_on < begun:
        problems.append(Problem(None, "実施日", "実施を始めた日以後の日を入力してください。"))
    if last is not None and values.held_on < last:
        problems.append(Problem(None, "実施日", "前回の点検より後の日を入力してください。"))
    if values.next_on is not None and values.next_on <= values.held_on:
        problems.append(Problem(None, "次の予定日", "実施日より後の日を入力してください。"))
    return problems


def _wrong_sit_ins(values: CheckpointValues) -> list[Problem]:
    problems = []
    if values.sit_in_score is not None and not 0 <= values.sit_in_score <= TOP_SCORE:
        problems.append(Problem(None, "同席の評点", "0から4までで入力してください。"))
    if (values.sit_ins > 0) != (values.sit_in_score is not None):
        text = "同席した件数と評点は、両方を入力するか、両方を空欄にしてください。"
        problems.append(Problem(None, "同席", text))
    return problems


def _store(
    actor: Scope, case: GuidanceCase, values: CheckpointValues, found: Measure
) -> GuidanceCheckpoint:
    number = (case.checkpoints.aggregate(last=Max("number"))["last"] or 0) + 1
    return GuidanceCheckpoint.objects.create(
        case=case,
        number=number,
        kind=values.kind,
        held_on=values.held_on,
        due_actions=found.due,
        done_actions=found.done,
        share=found.share,
        rates=canonical_json([_item(rate) for rate in found.rates]),
        rate=found.rate,
        sit_ins=values.sit_ins,
        sit_in_score=values.sit_in_score,
        findings=values.findings.strip(),
        next_on=values.next_on,
        meets=meets(found.point, METHODS[case.method_version]),
        method_version=case.method_version,
        by_id=actor.user_id,
        by_name=actor.label[:200],
    )


def _item(rate: Rate) -> dict[str, object]:
    return {
        "code": rate.code,
        "label": rate.label,
        "unit": rate.unit,
        "actual": rate.actual,
        "expected": None if rate.expected is None else str(rate.expected),
        "rate": None if rate.rate is None else str(rate.rate),
        "months": rate.months,
    }


def _facts(point: GuidanceCheckpoint) -> dict[str, object]:
    return {
        "checkpoint": point.number,
        "kind": point.kind,
        "held_on": point.held_on.isoformat(),
        "share": None if point.share is None else str(point.share),
        "rate": None if point.rate is None else str(point.rate),
        "meets": point.meets,
    }


def resume_case(*, actor: Scope, case: GuidanceCase) -> GuidanceCase:
    """After a checkpoint the plan goes on."""
    moved: GuidanceCase = CASE_FLOW.apply(case, RESUME, actor=actor)
    return moved
