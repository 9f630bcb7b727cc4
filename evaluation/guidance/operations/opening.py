"""Opening cases from a published run: one act over all hubs, nothing silent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from evaluation.guidance.flow import OPEN, TOP_LEVEL
from evaluation.guidance.models import CaseState, GuidanceCase, Origin
from evaluation.guidance.operations.telling import tell_opened
from evaluation.guidance.queries import Line, facts_of, is_guidable, preview
from evaluation.guidance.rules import CURRENT
from evaluation.scoring.models import EvaluationRun
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import Act, record_many
from yorozu.core.canonical import canonical_json, sha256_text
from yorozu.core.errors import Conflict, InvalidInput, Missing, NotReady, Problem
from yorozu.core.flow import lock

MAX_REASON = 2_000


@dataclass(frozen=True)
class Wanted:
    """What HQ decides for one hub: the level (0 = no guidance) and why, beside the rule."""

    level: int
    reason: str = ""


def open_cases(
    *, actor: Scope, run: EvaluationRun, wanted: Mapping[str, Wanted]
) -> list[GuidanceCase]:
    """Open and waive cases of all hubs of a run in one transaction.

    Every hub with a trigger needs a decision; a decision beside the rule needs a reason (domain.md
    G9). NotReady unless the run is published, InvalidInput names every hub that lacks something,
    Conflict when somebody decided on a hub in the meantime.
    """
    require(actor, OPEN)
    if not is_guidable(run):
        raise NotReady(
            "重点指導は、全拠点に公表された確定の評価から発動します。",
            [Missing("評価を公表してください。", "run_detail", "", (run.pk,))],
        )
    with transaction.atomic():
        lock(run)
        lines = preview(run)
        _refuse_known(lines, wanted)
        chosen = [(line, _decision(line, wanted)) for line in lines if line.is_free]
        problems = [text for line, decision in chosen for text in _faults(line, decision)]
        if problems:
            raise InvalidInput(problems)
        made = [
            make_case(actor, run, line, decision)
            for line, decision in chosen
            if decision is not None and (decision.level or line.level)
        ]
        record_many(actor, OPEN, [opened_act(case) for case in made])
        for case in made:
            if case.is_open:
                tell_opened(case)
    return made


def _decision(line: Line, wanted: Mapping[str, Wanted]) -> Wanted | None:
    return wanted.get(line.hub.code)


def _refuse_known(lines: list[Line], wanted: Mapping[str, Wanted]) -> None:
    """What was decided in the meantime, and hubs that the run does not know."""
    codes = {line.hub.code for line in lines}
    unknown = sorted(set(wanted) - codes)
    if unknown:
        message = f"この評価にない拠点です：{'、'.join(unknown)}"
        raise InvalidInput([Problem(None, "拠点", message)])
    held = [line.hub.name for line in lines if not line.is_free and line.hub.code in wanted]
    if held:
        raise Conflict(
            f"すでに決められた拠点があります（{'、'.join(held)}）。"
            "画面を開き直して、残りの拠点を確かめてください。"
        )


def _faults(line: Line, decision: Wanted | None) -> list[Problem]:
    if decision is None:
        text = "発動する段階か、見送りを選んでください。"
        return [Problem(None, line.hub.name, text)] if line.level else []
    beside = decision.level != line.level
    checks = (
        (0 <= decision.level <= TOP_LEVEL, "段階は1から3、または見送りです。"),
        (len(decision.reason) <= MAX_REASON, f"理由は{MAX_REASON:,}字以内で入力してください。"),
        (
            not beside or bool(decision.reason.strip()),
            "基準と異なる判断には、理由を入力してください。",
        ),
    )
    return [Problem(None, line.hub.name, text) for holds, text in checks if not holds]


def make_case(
    actor: Scope,
    run: EvaluationRun,
    line: Line,
    decision: Wanted,
    previous: GuidanceCase | None = None,
) -> GuidanceCase:
    """Insert one case complete, in the caller's transaction; the event is the caller's too."""
    text = canonical_json(facts_of(line))
    is_waived = decision.level == 0
    now = clock.now()
    origin = Origin.RULE if decision.level == line.level else Origin.MANUAL
    return GuidanceCase.objects.create(
        hub=line.hub,
        run=run,
        fiscal_year=run.term.fiscal_year + 1,
        previous=previous,
        origin=Origin.FOLLOWING if previous is not None else origin,
        origin_reason=decision.reason.strip(),
        proposed_level=line.level,
        level=decision.level,
        renewal_referred=decision.level == TOP_LEVEL,
        full_loss_limit=decision.level == TOP_LEVEL,
        method_version=CURRENT.version,
        facts=text,
        facts_hash=sha256_text(text),
        state=CaseState.WAIVED if is_waived else CaseState.OPENED,
        opened_at=now,
        opened_by_id=actor.user_id,
        opened_by_name=actor.label[:200],
        plan_due=now.date() + timedelta(days=CURRENT.plan_days),
        closed_at=now if is_waived else None,
        closed_by_name=actor.label[:200] if is_waived else "",
        close_reason=decision.reason.strip() if is_waived else "",
    )


def opened_act(case: GuidanceCase) -> Act:
    """The event of an opening or a waiver."""
    after: dict[str, Any] = {
        "state": case.state,
        "level": case.level,
        "proposed_level": case.proposed_level,
        "facts_hash": case.facts_hash,
    }
    if case.level == TOP_LEVEL:
        after |= {"renewal_referred": True, "full_loss_limit": True}
    return Act(case, None, after, case.origin_reason)
