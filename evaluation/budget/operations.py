"""The acts on a scenario: keep a rule, start, compute, adopt."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction

from evaluation.budget.flow import FLOW
from evaluation.budget.models import BudgetLine, BudgetRule, BudgetScenario
from evaluation.budget.queries import ENGINES, current_rule, previous_structure
from evaluation.budget.rules import v1
from evaluation.budget.rules.params import DEFAULT_PARAMS, read_params
from evaluation.evidence.models import EvidenceBook
from evaluation.evidence.readings import budget_facts
from evaluation.scoring.models import EvaluationRun, RunState
from hubs.network.models import Hub
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import GENESIS, lock_chain, record
from yorozu.core.canonical import canonical_hash, canonical_json, sha256_text
from yorozu.core.errors import InvalidInput, Missing, NotReady, Problem
from yorozu.core.jobs.models import Job
from yorozu.core.jobs.operations import enqueue

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


def start_scenario(
    actor: Scope, *, run: EvaluationRun, rule: BudgetRule, total_yen: int, title: str
) -> Job:
    """Queue the computation of a scenario from a fixed run. NotReady for a run not fixed yet."""
    require(actor, "evaluation.budget.compute")
    if run.state not in {RunState.FIXED, RunState.PUBLISHED}:
        raise NotReady(
            "確定していない評価からは配分案を算定できません。",
            [Missing("評価を確定してください。")],
        )
    if total_yen <= 0:
        raise InvalidInput([Problem(None, "予算総額", "1円以上の整数で入力してください。")])
    what = {"run": run.result_hash, "rule": rule.content_hash, "total": total_yen, "title": title}
    with transaction.atomic():
        return enqueue(
            actor,
            kind="evaluation.budget",
            key=f"evaluation.budget:{run.pk}:{canonical_hash(what)[:20]}",
            label=f"配分案「{title}」の算定",
            params={
                "run_id": run.pk,
                "rule_id": rule.pk,
                "total_yen": total_yen,
                "title": title,
            },
        )


def build_snapshot(run: EvaluationRun, rule: BudgetRule, total_yen: int) -> dict[str, Any]:
    """Everything the budget engine reads, taken from the run and its frozen evidence books.

    A part-year contract is annualised (P x 12 / months, whole yen); a hub without contract is new.
    """
    results = {row.hub.code: row for row in run.hub_results.select_related("hub")}
    books = EvidenceBook.objects.filter(
        pk__in=[row.evidence_book_id for row in results.values() if row.evidence_book_id]
    ).select_related("hub")
    facts = {book.hub.code: budget_facts(json.loads(book.content)) for book in books}
    structure = previous_structure(run)
    hubs = []
    for code in sorted(results):
        row, known = results[code], facts[code]
        contract, months = known["contract_yen"], known["contract_months"]
        prior = None if not contract or not months else contract * 12 // months
        entry: dict[str, Any] = {
            "code": code,
            "prior": prior,
            "score": str(row.final) if row.is_graded and row.final is not None else None,
            "need": {"sme": known["sme"], "area": known["area"]},
        }
        if prior is not None and code in structure:
            entry["prior_struct"] = structure[code]
        hubs.append(entry)
    return {
        "engine": v1.ENGINE,
        "run": {"number": run.number, "result_hash": run.result_hash},
        "rule": {"code": rule.code, "version": rule.version, "content_hash": rule.content_hash},
        "input": {"total": total_yen, "params": json.loads(rule.content), "hubs": hubs},
    }


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
        computed_by_name=actor.label,
    )
    _store_lines(scenario, given, result)
    record(
        actor,
        "evaluation.budget.compute",
        scenario,
        after={"result_hash": scenario.result_hash, "total_yen": scenario.total_yen},
    )
    return scenario


def _store_lines(
    scenario: BudgetScenario, given: Mapping[str, Any], result: Mapping[str, Any]
) -> None:
    hubs = {hub.code: hub for hub in Hub.objects.all()}
    inputs = {entry["code"]: entry for entry in given["hubs"]}
    BudgetLine.objects.bulk_create(
        [
            _line(scenario, line, inputs[line["code"]], hubs[line["code"]])
            for line in result["hubs"]
            if line["code"] in hubs
        ]
    )


def _line(
    scenario: BudgetScenario, line: Mapping[str, Any], given: Mapping[str, Any], hub: Hub
) -> BudgetLine:
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
    )


def adopt_scenario(actor: Scope, *, scenario: BudgetScenario, reason: str) -> BudgetScenario:
    """Adopt one scenario with a reason (who, when, why); the others stay on record."""
    adopted: BudgetScenario = FLOW.apply(
        scenario,
        "evaluation.budget.adopt",
        actor=actor,
        reason=reason,
        changes={
            "adopted_at": clock.now(),
            "adopted_by_id": actor.user_id,
            "adoption_reason": reason,
        },
        audit={"result_hash": scenario.result_hash},
    )
    return adopted
