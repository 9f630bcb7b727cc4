"""Recomputing scenarios: the same input must give the same yen, for ever (evaluation.md 5)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse

from evaluation.budget.models import BudgetLine, BudgetScenario
from evaluation.budget.operations import line_of
from evaluation.budget.rules.check import BUDGET_ENGINES
from evaluation.scoring.queries import people_of
from evaluation.scoring.rules.recheck import check_run
from yorozu.core import clock
from yorozu.core.access import Role, Scope, require
from yorozu.core.audit.operations import GENESIS, Act, record_many
from yorozu.core.notices.operations import notify

RECHECK = "evaluation.budget.recheck"
RECHECK_JOB = "evaluation.budget_recheck"
MOST_FAULTS = 20
RECORD = ("engine", "snapshot", "input_hash", "result", "result_hash")
# What a row repeats of the texts; everything but its keys.
FIGURES = tuple(
    field.attname
    for field in BudgetLine._meta.concrete_fields
    if field.attname not in {"id", "scenario_id"}
)


@dataclass(frozen=True)
class Recheck:
    """What the recomputation of one scenario found; no faults when all agrees."""

    scenario: BudgetScenario
    faults: list[str]


def recheck_scenarios(actor: Scope) -> list[Recheck]:
    """Recompute every scenario on record; a difference is an alarm.

    Each alarm is an event of the trail and a notice to the SME Agency, national HQ and the system
    administrators. Nothing is mended: what differs is to be looked into by people.
    """
    require(actor, RECHECK)
    rows = BudgetScenario.objects.select_related("run__term").order_by("pk")
    found = [Recheck(row, faults_of(row)) for row in rows]
    wrong = [row for row in found if row.faults]
    if wrong:
        with transaction.atomic():
            _raise_alarm(actor, wrong)
    return found


def faults_of(scenario: BudgetScenario) -> list[str]:
    """What differs in one scenario: text, hashes, chain, and the rows made for lists.

    One Japanese sentence each; empty when everything agrees to the last yen.
    """
    record = {name: getattr(scenario, name) for name in RECORD}
    faults = [*check_run(record, BUDGET_ENGINES), *_chain_faults(scenario)]
    if not faults:
        faults += [*_line_faults(scenario), *_funding_faults(scenario)]
    return faults[:MOST_FAULTS]


def _chain_faults(scenario: BudgetScenario) -> Iterator[str]:
    last = BudgetScenario.objects.filter(pk__lt=scenario.pk).order_by("-pk").first()
    if scenario.previous_hash != (last.result_hash if last else GENESIS):
        yield "前の配分案のハッシュがつながりません。"


def _line_faults(scenario: BudgetScenario) -> Iterator[str]:
    snapshot, result = json.loads(scenario.snapshot), json.loads(scenario.result)
    inputs = {entry["code"]: entry for entry in snapshot.get("input", snapshot)["hubs"]}
    carried = (snapshot.get("carry_over") or {}).get("yen", {})
    told = {entry["code"]: entry for entry in result["hubs"]}
    rows = scenario.lines.select_related("hub").prefetch_related("shares__funding_line")
    for row in rows.order_by("hub__code"):
        said = told.pop(row.hub.code, None)
        if said is None:
            yield f"結果にない拠点の行があります：{row.hub_name}"
            continue
        expected = line_of(scenario, said, inputs[row.hub.code], row.hub, carried)
        expected.hub_name = row.hub_name
        if any(getattr(row, name) != getattr(expected, name) for name in FIGURES):
            yield f"一覧用の行が結果と違います：{row.hub_name}"
        shares = sorted(row.shares.all(), key=lambda share: share.funding_line.order)
        if [share.yen for share in shares] != said.get("by_line", []):
            yield f"予算区分ごとの額が結果と違います：{row.hub_name}"
    # A hub that the portal does not know has no row; of the others none may be missing.
    lacking = [code for code in told if code in _known_codes(scenario)]
    if lacking:
        yield f"結果にある拠点の行がありません：{'、'.join(sorted(lacking))}"


def _known_codes(scenario: BudgetScenario) -> set[str]:
    return set(scenario.run.hub_results.values_list("hub__code", flat=True))


def _funding_faults(scenario: BudgetScenario) -> Iterator[str]:
    names = ("name", "total", "distributed", "reserve")
    stored = scenario.funding_lines.order_by("order").values_list(
        "name", "total_yen", "distributed_yen", "reserve_yen"
    )
    told = [tuple(line[name] for name in names) for line in _lines_of(scenario)]
    if list(stored) != told:
        yield "予算区分の行が結果と違います。"


def _lines_of(scenario: BudgetScenario) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(scenario.result).get("lines", [])
    return found


def _raise_alarm(actor: Scope, wrong: list[Recheck]) -> None:
    acts = [
        Act(row.scenario, after={"faults": row.faults}, reason="再計算の結果が記録と違うため")
        for row in wrong
    ]
    record_many(actor, RECHECK, acts)
    named = "、".join(f"「{row.scenario.title}」" for row in wrong[:3])
    notify(
        people_of(Role.SME_AGENCY, Role.NATIONAL_HQ, Role.SYSTEM_ADMIN),
        key=f"{RECHECK}:{clock.now():%Y%m%d%H%M%S%f}",
        text=f"配分案の再計算が、記録と違いました（{named}）。監査記録で内容を確認してください。",
        url=reverse("audit_list"),
    )
