"""All vectors pass as text through the product's own path and the database."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from evaluation.budget.operations import keep_rule, store_scenario
from evaluation.budget.queries import records
from evaluation.budget.rules.check import check_file
from evaluation.scoring.models import EvaluationRun, RunHubResult, RunItemResult
from evaluation.scoring.queries import certificate
from tests.evaluation.ground import SYSTEM, make_run
from yorozu.core.canonical import canonical_json, sha256_text

VECTORS = json.loads(
    (Path(__file__).parents[2] / "data" / "evaluation_vectors.json").read_text(encoding="utf-8")
)["vectors"]
BY_ID = {vector["id"]: vector for vector in VECTORS}
pytestmark = pytest.mark.django_db


def of_kind(kind: str) -> list[Any]:
    return [pytest.param(v, id=v["id"]) for v in VECTORS if v["kind"] == kind]


@pytest.mark.parametrize("vector", of_kind("score"))
def test_score_vector_survives_the_database(vector: dict[str, Any], facts: None) -> None:
    made = make_run(vector["input"])
    run = EvaluationRun.objects.get(pk=made.pk)
    assert run.result == canonical_json(vector["expected"])
    assert run.result_hash == sha256_text(run.result)
    assert json.loads(run.snapshot) == vector["input"]


@pytest.mark.parametrize("vector", of_kind("budget"))
def test_budget_vector_survives_the_database(vector: dict[str, Any], facts: None) -> None:
    run = make_run(BY_ID["V01"]["input"])
    made = store_scenario(
        SYSTEM, run=run, rule=keep_rule(SYSTEM), title="検証", snapshot=vector["input"]
    )
    made.refresh_from_db()
    assert made.result == canonical_json(vector["expected"])
    assert made.distributed_yen + made.reserve_yen == made.total_yen == vector["input"]["total"]
    for line in made.lines.all():
        bars = (
            line.base_yen
            + line.need_yen
            + line.limits_1_yen
            + line.performance_yen
            + line.limits_2_yen
            + line.rounding_yen
        )
        assert bars == line.budget_yen


@pytest.mark.parametrize("vector", of_kind("budget"))
def test_budget_vector_survives_the_database_with_its_lines(
    vector: dict[str, Any], facts: None
) -> None:
    total = vector["input"]["total"]
    lines = [{"name": "当初予算", "total": total}]
    if total % 1000 == 0:
        lines = [
            {"name": "当初予算", "total": total - total // 7000 * 1000},
            {"name": "補正予算", "total": total // 7000 * 1000},
        ]
    snapshot = {"engine": "v2", "input": {**vector["input"], "lines": lines}}
    made = store_scenario(
        SYSTEM,
        run=make_run(BY_ID["V01"]["input"]),
        rule=keep_rule(SYSTEM),
        title="検証",
        snapshot=snapshot,
    )
    made.refresh_from_db()
    expected = {hub["code"]: hub for hub in vector["expected"]["hubs"]}
    for line in made.lines.select_related("hub").prefetch_related("shares"):
        assert line.budget_yen == expected[line.hub.code]["budget"]
        assert sum(share.yen for share in line.shares.all()) == line.budget_yen
    funding = list(made.funding_lines.all())
    assert sum(line.distributed_yen for line in funding) == made.distributed_yen
    assert sum(line.total_yen for line in funding) == made.total_yen == total
    file = {"kind": "evaluation_run", **certificate(made.run), "budgets": records(made.run)}
    assert check_file(file)[1] == 0


def ask(given: dict[str, Any], base: EvaluationRun) -> None:
    """Ask the engine a vector speaks of."""
    if given["kind"] == "budget":
        store_scenario(
            SYSTEM, run=base, rule=keep_rule(SYSTEM), title="検証", snapshot=given["input"]
        )
    elif given["kind"] == "score":
        make_run(given["input"])
    else:
        canonical_json(given["input"]["objects"][0])


@pytest.mark.parametrize("vector", of_kind("error"))
def test_refused_vector_writes_nothing(vector: dict[str, Any], facts: None) -> None:
    wanted = {"ValueError": ValueError, "TypeError": TypeError}[vector["expected"]]
    base = make_run(BY_ID["V01"]["input"])
    before = EvaluationRun.objects.count()
    with pytest.raises(wanted), transaction.atomic():
        ask(vector["input"], base)
    assert EvaluationRun.objects.count() == before
    assert not base.scenarios.exists()


def test_rows_of_a_hub_add_up_to_its_score(facts: None) -> None:
    run = make_run(BY_ID["V01"]["input"])
    row = run.hub_results.get(hub__code="13")
    parts = row.items.filter(level__in=["component", "rounding", "adjustment"])
    assert sum(item.contribution for item in parts if item.contribution is not None) == row.final
    assert row.items.get(level="total").contribution == row.final


def test_runs_are_chained_and_numbered(facts: None) -> None:
    first = make_run(BY_ID["V01"]["input"])
    second = make_run(BY_ID["V02"]["input"])
    assert (first.number, second.number) == (1, 2)
    assert first.previous_hash == "0" * 64
    assert second.previous_hash == first.result_hash


def test_exported_run_is_recomputed_and_tampering_is_named(facts: None) -> None:
    run = make_run(BY_ID["V01"]["input"])
    store_scenario(
        SYSTEM,
        run=run,
        rule=keep_rule(SYSTEM),
        title="検証",
        snapshot=BY_ID["V15"]["input"],
    )
    file = {**certificate(run), "budgets": records(run)}
    assert check_file(json.loads(json.dumps(file))) == (2, 0, [])
    forged = {**file, "result": file["result"].replace("80.85", "90.85")}
    passed, failed, lines = check_file(forged)
    assert (passed, failed) == (1, 1)
    assert any("90.85" in line for line in lines)


SQL = {
    "run score": "UPDATE evaluation_evaluationrun SET result = 'x'",
    "run snapshot": "UPDATE evaluation_evaluationrun SET snapshot = 'x'",
    "run hash": "UPDATE evaluation_evaluationrun SET result_hash = 'x'",
    "run kind": "UPDATE evaluation_evaluationrun SET kind = 'trial'",
    "hub result": "UPDATE evaluation_runhubresult SET final = 99",
    "hub moved": "UPDATE evaluation_runhubresult SET run_id = run_id + 1",
    "item": "UPDATE evaluation_runitemresult SET points = 100",
    "item gone": "DELETE FROM evaluation_runitemresult",
    "hub gone": "DELETE FROM evaluation_runhubresult",
    "scheme": "UPDATE evaluation_scoringscheme SET content = '{}'",
    "scheme unlocked": "UPDATE evaluation_scoringscheme SET is_locked = %s",
    "yen": "UPDATE evaluation_budgetline SET budget_yen = budget_yen + 1",
    "yen gone": "DELETE FROM evaluation_budgetline",
    "scenario": "UPDATE evaluation_budgetscenario SET total_yen = 1",
    "rule": "UPDATE evaluation_budgetrule SET content = '{}'",
}


@pytest.mark.parametrize("name", SQL)
def test_sql_cannot_change_what_was_computed(name: str, facts: None) -> None:
    run = make_run(BY_ID["V01"]["input"])
    store_scenario(
        SYSTEM,
        run=run,
        rule=keep_rule(SYSTEM),
        title="検証",
        snapshot={**BY_ID["V15"]["input"], "hubs": _known(BY_ID["V15"]["input"]["hubs"])},
    )
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL[name], [False] if "%s" in SQL[name] else [])


def _known(hubs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The vector's hubs under codes that the portal knows, so that rows are stored."""
    return [{**hub, "code": f"{place:02d}"} for place, hub in enumerate(hubs, start=1)]


ORM = {
    "update": lambda: RunHubResult.objects.update(final=99),
    "item update": lambda: RunItemResult.objects.update(points=1),
    "delete": lambda: RunHubResult.objects.all().delete(),
    "run delete": lambda: EvaluationRun.objects.all().delete(),
    "bulk": lambda: RunHubResult.objects.bulk_update(
        [_with_score(row) for row in RunHubResult.objects.all()], ["final"]
    ),
}


def _with_score(row: RunHubResult) -> RunHubResult:
    row.final = 99
    return row


@pytest.mark.parametrize("way", ORM)
def test_the_orm_cannot_either(way: str, facts: None) -> None:
    make_run(BY_ID["V01"]["input"])
    with pytest.raises(DatabaseError), transaction.atomic():
        ORM[way]()
