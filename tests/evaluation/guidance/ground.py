"""Common ground: published runs with good and weak hubs, and a case at every step of its way."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from evaluation.guidance import operations
from evaluation.guidance.models import CheckpointKind, GuidanceAction, GuidanceCase
from evaluation.guidance.operations import ActionValues, CheckpointValues, PlanValues, Wanted
from evaluation.guidance.operations.acting import Attached
from evaluation.scoring.models import EvaluationRun, RunKind
from evaluation.scoring.operations import RunInput, publish_run, store_run
from tests.cast import Cast
from tests.evaluation.ground import DATA, fixed, make_scheme, make_term
from yorozu.core import clock
from yorozu.core.access import Scope, system_scope

NOW = datetime(2026, 6, 1, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
NIGHT = system_scope("夜間の期限確認")
PDF = Attached("議事録.pdf", b"%PDF-1.7 minutes")


def at(monkeypatch: Any, moment: datetime) -> None:
    """Set the portal's clock."""
    monkeypatch.setattr(clock, "now", lambda: moment)


def later(monkeypatch: Any, days: int) -> None:
    """So many days after the ground's first day."""
    at(monkeypatch, NOW + timedelta(days=days))


def hub_input(code: str, kind: str = "good") -> dict[str, Any]:
    """Engine input of one hub: good (on plan), low (grade D), middle (C), gap (one component)."""
    vectors = json.loads((DATA / "evaluation_vectors.json").read_text(encoding="utf-8"))["vectors"]
    model = next(vector for vector in vectors if vector["id"] == "V01")["input"]["hubs"][0]
    hub: dict[str, Any] = json.loads(json.dumps(model))
    hub["code"] = code
    percent = {"good": 100, "low": 45, "middle": 70, "gap": 100}[kind]
    for part in [*hub["indicators"].values(), *hub["focus"]]:
        part["actual"] = part["target"] * percent // 100
    score = {"low": 1, "middle": 2}.get(kind, 3)
    for group in ("CHK", "UNQ"):
        for item in hub["checks"][group]:
            item["scores"] = dict.fromkeys(item["scores"], score)
    if kind == "gap":
        for item in hub["checks"]["UNQ"]:
            item["scores"] = dict.fromkeys(item["scores"], 1)
    return hub


def published(
    cast: Cast, kinds: Mapping[str, str], year: int = 2025, *, publish: bool = True, **extra: Any
) -> EvaluationRun:
    """A final run over these hubs, published unless asked otherwise."""
    term = make_term(year)
    hubs = [{**hub_input(code, kind), **extra.get(f"h{code}", {})} for code, kind in kinds.items()]
    given = RunInput(term=term, kind=RunKind.FINAL, scheme=make_scheme(term), books={})
    run = store_run(cast.hq.scope, given=given, snapshot={"hubs": hubs})
    run = fixed(run, cast.hq_second.scope)
    return publish_run(cast.agency.scope, run=run) if publish else run


def opened(cast: Cast, kind: str = "low") -> GuidanceCase:
    """Tokyo's case, opened by the rule."""
    run = published(cast, {"13": kind, "14": "good", "04": "good"})
    level = {"low": 2, "gap": 1}[kind]
    return operations.open_cases(actor=cast.hq.scope, run=run, wanted={"13": Wanted(level)})[0]


def plan_values(**changes: Any) -> PlanValues:
    """A plan with everything."""
    values = {"causes": "相談の引継ぎの手順がない。", "goal": "月30件の解決。", **changes}
    return PlanValues(**values)


def action_values(**changes: Any) -> ActionValues:
    """An action of the chief coordinator, due in 60 days."""
    values: dict[str, Any] = {
        "text": "相談の引継ぎの手順書を作る。",
        "owner": "chief_coordinator",
        "due": clock.today() + timedelta(days=60),
        "evidence_rule": "手順書",
        "link": "IND.SOLVE",
        "target": "月30件",
    }
    return ActionValues(**{**values, **changes})


def planned(cast: Cast, *actions: ActionValues, case: GuidanceCase | None = None) -> GuidanceCase:
    """With causes and actions, not agreed yet."""
    case = case or opened(cast)
    bureau = cast.bureau_kanto.scope
    operations.save_plan(actor=bureau, case=case, values=plan_values(), version=case.version)
    for values in actions or (action_values(),):
        operations.add_action(actor=bureau, case=case, values=values)
    case.refresh_from_db()
    return case


def agreed(cast: Cast, *actions: ActionValues) -> GuidanceCase:
    """Signed by both sides."""
    case = planned(cast, *actions)
    operations.agree(actor=cast.cc_tokyo.scope, case=case)
    return operations.agree(actor=cast.bureau_kanto.scope, case=case)


def running(cast: Cast, *actions: ActionValues) -> GuidanceCase:
    """Begun."""
    return operations.start(actor=cast.bureau_kanto.scope, case=agreed(cast, *actions))


def action_of(case: GuidanceCase, number: int = 1) -> GuidanceAction:
    """An action by its number."""
    found: GuidanceAction = case.actions.get(number=number)
    return found


def done(cast: Cast, action: GuidanceAction, actor: Scope | None = None) -> GuidanceAction:
    """Shown and finished by the hub's side."""
    actor = actor or cast.cc_tokyo.scope
    operations.add_evidence(actor=actor, action=action, text="手順書を作りました。", file=PDF)
    return operations.finish_action(actor=actor, action=action)


def checkpoint_values(held_on: date | None = None, **changes: Any) -> CheckpointValues:
    """A quarterly checkpoint of today."""
    values: dict[str, Any] = {
        "kind": CheckpointKind.QUARTERLY,
        "held_on": held_on or clock.today(),
        "findings": "引継ぎが改善している。",
        "sit_ins": 2,
        "sit_in_score": Decimal("2.50"),
    }
    return CheckpointValues(**{**values, **changes})


def reviewed(cast: Cast, *actions: ActionValues) -> GuidanceCase:
    """After one quarterly checkpoint."""
    case = running(cast, *actions)
    operations.record_checkpoint(
        actor=cast.bureau_kanto.scope, case=case, values=checkpoint_values()
    )
    case.refresh_from_db()
    return case
