"""The acts on a scenario: keep a rule, start, compute, adopt."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from evaluation.budget.flow import FLOW
from evaluation.budget.models import (
    BudgetLine,
    BudgetRule,
    BudgetScenario,
    FundingLine,
    FundingShare,
)
from evaluation.budget.queries import (
    ENGINES,
    CarryOver,
    carry_over,
    current_rule,
    is_floors_scaled,
    money_facts,
    previous_structure,
    readers,
)
from evaluation.budget.rules import v1, v2
from evaluation.budget.rules.lines import Line
from evaluation.budget.rules.params import DEFAULT_PARAMS, read_params
from evaluation.budget.rules.problems import problems
from evaluation.scoring.models import EvaluationRun, RunHubResult, RunState
from hubs.network.models import Hub
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import GENESIS, lock_chain, record
from yorozu.core.canonical import canonical_hash, canonical_json, sha256_text
from yorozu.core.errors import InvalidInput, Missing, NotReady, Problem
from yorozu.core.fiscal import nendo
from yorozu.core.jobs.models import Job
from yorozu.core.jobs.operations import enqueue
from yorozu.core.notices.operations import notify

# The programme's default need factors: share of SMEs and share of area (evaluation.md 3.2).
NEED_FACTORS = {"sme": "0.8", "area": "0.2"}


def keep_rule(
    actor: Scope, *, params: Mapping[str, Any] | None = None, title: str = "配分基準"
) -> BudgetRule:
    """Store a parameter set as a version of the budget rule; equal content, equal version.

    ValueError when the parameters contradict themselves.
    """
    require(actor, "evaluation.budget.compute")
    content = {**DEFAULT_PARAMS, "need_factors": NEED_FACTORS, **(params or {})}
    with transaction.atomic():
        return store_rule(actor, content, title)


def store_rule(actor: Scope, content: Mapping[str, Any], title: str) -> BudgetRule:
    """Keep a whole parameter set as a version, in the caller's transaction and under its rights."""
    read_params(dict(content))
    text = canonical_json(dict(content))
    lock_chain()
    standing = BudgetRule.objects.filter(content_hash=sha256_text(text)).first()
    if standing:
        return standing
    last = current_rule()
    rule = BudgetRule.objects.create(
        code="default-1",
        version=(last.version if last else 0) + 1,
        title=title,
        content=text,
        content_hash=sha256_text(text),
    )
    record(actor, "evaluation.budget.compute", rule, after={"content_hash": rule.content_hash})
    return rule


@dataclass(frozen=True)
class Proposal:
    """What is said of a scenario beside its envelope and rule; it is computed and kept with it.

    ``lines``: the funding lines of the envelope, in order; ``note``: what it tries and why;
    ``based_on``: the scenario it was copied from.
    """

    lines: Sequence[Line] = ()
    note: str = ""
    based_on: BudgetScenario | None = None


def start_scenario(
    actor: Scope,
    *,
    run: EvaluationRun,
    rule: BudgetRule,
    total_yen: int,
    title: str,
    proposal: Proposal | None = None,
) -> Job:
    """Queue the computation of a scenario from a fixed run. NotReady for a run not fixed yet."""
    require(actor, "evaluation.budget.compute")
    asked = proposal or Proposal()
    if run.state not in {RunState.FIXED, RunState.PUBLISHED}:
        raise NotReady(
            "確定していない評価や、差し替えられた評価からは配分案を算定できません。",
            [Missing("評価を確定してください。差し替え後の評価があるときは、そこから算定します。")],
        )
    lines = [{"name": line.name, "total": line.total} for line in asked.lines]
    params = {
        "run_id": run.pk,
        "rule_id": rule.pk,
        "total_yen": total_yen,
        "title": title,
        "lines": lines,
        "note": asked.note,
        "based_on_id": asked.based_on.pk if asked.based_on else None,
    }
    faults = problems(json.loads(rule.content), total_yen, run.hub_results.count(), lines or None)
    if faults:
        raise InvalidInput([Problem(None, fault.label, fault.text) for fault in faults])
    what = {"run": run.result_hash, "rule": rule.content_hash, **params}
    with transaction.atomic():
        return enqueue(
            actor,
            kind="evaluation.budget",
            key=f"evaluation.budget:{run.pk}:{canonical_hash(what)[:20]}",
            label=f"配分案「{title}」の算定",
            params=params,
        )


def build_snapshot(
    run: EvaluationRun, rule: BudgetRule, total_yen: int, proposal: Proposal | None = None
) -> dict[str, Any]:
    """Everything the budget engine reads, taken from the run and its frozen evidence books.

    A part-year contract is annualised (P x 12 / months, whole yen); a hub without contract is new.
    """
    asked = proposal or Proposal()
    facts = money_facts(run)
    structure = previous_structure(run)
    results = {row.hub.code: row for row in run.hub_results.select_related("hub")}
    hubs = [_hub_input(results[code], facts[code], structure.get(code)) for code in sorted(results)]
    given = {"total": total_yen, "params": json.loads(rule.content), "hubs": hubs}
    if asked.lines:
        given["lines"] = [{"name": line.name, "total": line.total} for line in asked.lines]
    return {
        "engine": v2.ENGINE,
        "run": {"number": run.number, "result_hash": run.result_hash},
        "rule": {"code": rule.code, "version": rule.version, "content_hash": rule.content_hash},
        "bodies": {code: facts[code]["body"] for code in sorted(results)},
        "note": asked.note,
        "based_on": _origin(asked.based_on),
        "carry_over": _carried(carry_over(run)),
        "input": given,
    }


def _hub_input(row: RunHubResult, known: Mapping[str, Any], structure: int | None) -> Any:
    contract, months = known["contract_yen"], known["contract_months"]
    prior = None if not contract or not months else contract * 12 // months
    entry: dict[str, Any] = {
        "code": row.hub.code,
        "prior": prior,
        "score": str(row.final) if row.is_graded and row.final is not None else None,
        "need": {"sme": known["sme"], "area": known["area"]},
    }
    if prior is not None and structure is not None:
        entry["prior_struct"] = structure
    return entry


def _carried(found: CarryOver | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "contracted": _origin(found.contracted),
        "corrected": _origin(found.corrected),
        "yen": found.yen,
    }


def _origin(scenario: BudgetScenario | None) -> dict[str, Any] | None:
    if scenario is None:
        return None
    return {"id": scenario.pk, "title": scenario.title, "result_hash": scenario.result_hash}


def store_scenario(
    actor: Scope,
    *,
    run: EvaluationRun,
    rule: BudgetRule,
    title: str,
    snapshot: Mapping[str, Any],
    job_id: int | None = None,
) -> BudgetScenario:
    """Compute a snapshot and insert the scenario complete, in the caller's transaction.

    Raises ValueError or TypeError when the engine refuses the input.
    """
    require(actor, "evaluation.budget.compute")
    given = dict(snapshot.get("input", snapshot))
    engine = str(snapshot.get("engine", v1.ENGINE))
    result = ENGINES[engine](given)
    snapshot_text, result_text = canonical_json(dict(snapshot)), canonical_json(result)
    lock_chain()
    last = BudgetScenario.objects.order_by("-pk").first()
    newest = BudgetScenario.objects.filter(run=run).order_by("-number").first()
    scenario = BudgetScenario.objects.create(
        run=run,
        number=(newest.number if newest else 0) + 1,
        title=title,
        note=snapshot.get("note", ""),
        based_on_id=(snapshot.get("based_on") or {}).get("id"),
        rule=rule,
        fiscal_year=run.term.fiscal_year + 1,
        total_yen=given["total"],
        distributed_yen=result["distributed"],
        reserve_yen=result["reserve"],
        engine=engine,
        snapshot=snapshot_text,
        input_hash=sha256_text(snapshot_text),
        result=result_text,
        result_hash=sha256_text(result_text),
        previous_hash=last.result_hash if last else GENESIS,
        job_id=job_id,
        computed_by_id=actor.user_id,
        computed_by_name=actor.label,
    )
    _store_lines(scenario, snapshot, result)
    record(
        actor,
        "evaluation.budget.compute",
        scenario,
        after={"result_hash": scenario.result_hash, "total_yen": scenario.total_yen},
    )
    return scenario


def _store_lines(
    scenario: BudgetScenario, snapshot: Mapping[str, Any], result: Mapping[str, Any]
) -> None:
    hubs = {hub.code: hub for hub in Hub.objects.all()}
    inputs = {entry["code"]: entry for entry in snapshot.get("input", snapshot)["hubs"]}
    carried = (snapshot.get("carry_over") or {}).get("yen", {})
    known = [line for line in result["hubs"] if line["code"] in hubs]
    rows = BudgetLine.objects.bulk_create(
        [
            line_of(scenario, line, inputs[line["code"]], hubs[line["code"]], carried)
            for line in known
        ]
    )
    funding = FundingLine.objects.bulk_create(
        [
            FundingLine(
                scenario=scenario,
                order=order,
                name=entry["name"],
                total_yen=entry["total"],
                distributed_yen=entry["distributed"],
                reserve_yen=entry["reserve"],
            )
            for order, entry in enumerate(result.get("lines", []), start=1)
        ]
    )
    FundingShare.objects.bulk_create(
        [
            FundingShare(line=row, funding_line=one, yen=yen)
            for row, line in zip(rows, known, strict=True)
            for one, yen in zip(funding, line.get("by_line", []), strict=True)
        ]
    )


def line_of(
    scenario: BudgetScenario,
    line: Mapping[str, Any],
    given: Mapping[str, Any],
    hub: Hub,
    carried: Mapping[str, int],
) -> BudgetLine:
    """The row of one hub, not saved: what result and input say of it."""
    bars = {name: int(value) for name, value in line["waterfall"].items()}
    score = given.get("score")
    return BudgetLine(
        scenario=scenario,
        hub=hub,
        hub_name=hub.name,
        score=None if score is None else Decimal(score),
        multiplier=Decimal(line["multiplier"]),
        prior_yen=given.get("prior"),
        struct_yen=int(line["struct"]),
        base_yen=bars["base"],
        need_yen=bars["need"],
        limits_1_yen=bars["limits1"],
        performance_yen=bars["performance"],
        limits_2_yen=bars["limits2"],
        rounding_yen=bars["rounding"],
        budget_yen=line["budget"],
        bound_1=line["bound1"] or "",
        bound_2=line["bound2"] or "",
        formula_yen=int(line["formula"]) if "formula" in line else None,
        years_to_formula=line.get("years"),
        per_point_yen=int(line["per_point"]) if "per_point" in line else None,
        carry_over_yen=carried.get(hub.code, 0),
    )


def adopt_scenario(
    actor: Scope,
    *,
    scenario: BudgetScenario,
    reason: str,
    document_number: str = "",
    flags_reason: str = "",
) -> BudgetScenario:
    """Adopt one scenario with a reason (who, when, why); the others stay on record.

    The person who computed it cannot adopt it. NotReady when protections were scaled and nobody
    says why that is accepted (evaluation.md 3.3).
    """
    FLOW.require(scenario, "evaluation.budget.adopt", actor)
    scaled = is_floors_scaled(scenario)
    if scaled and not flags_reason.strip():
        raise NotReady(
            "下限を一律に圧縮した案です。採用するには、圧縮を認める理由の入力が必要です。", []
        )
    with transaction.atomic():
        adopted: BudgetScenario = FLOW.apply(
            scenario,
            "evaluation.budget.adopt",
            actor=actor,
            reason=reason,
            changes={
                "adopted_at": clock.now(),
                "adopted_by_id": actor.user_id,
                "adopted_by_name": actor.label,
                "adoption_reason": reason,
                "document_number": document_number.strip(),
                "flags_reason": flags_reason.strip() if scaled else "",
            },
            audit={
                "result_hash": scenario.result_hash,
                "document_number": document_number.strip(),
                "flags_reason": flags_reason.strip() if scaled else "",
            },
        )
        notify(
            readers(),
            key=f"scenario-adopted-{adopted.pk}",
            text=f"{nendo(adopted.fiscal_year)}の配分案「{adopted.title}」が採用されました。",
            url=f"/evaluation/budget/{adopted.pk}/",
        )
    return adopted
