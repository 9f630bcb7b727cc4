"""The sheet beside hubs of its size and beside the hub's earlier years."""

import json
from decimal import Decimal
from types import SimpleNamespace

from django.db import connection
from django.test.utils import CaptureQueriesContext

from evaluation.evidence.models import EvidenceBook
from evaluation.reports import files, queries
from evaluation.scoring.models import EvaluationRun, RunHubResult
from evaluation.scoring.operations import publish_run
from evaluation.scoring.peers import earlier_terms, peers
from hubs.network.models import Hub
from hubs.terms.models import Term
from tests.cast import Cast
from tests.evaluation.ground import walked

OWN = {"final": Decimal("71.50"), "grade": "B", "rank": 30, "is_graded": True, "coverage": 100}


def earlier(run: EvaluationRun, year: int, state: str, kind: str = "final") -> EvaluationRun:
    """A run of an earlier year by the same scheme, with a result of hub 13."""
    fields = {
        field.attname: getattr(run, field.attname)
        for field in EvaluationRun._meta.concrete_fields
        if not field.primary_key
    }
    term, _ = Term.objects.get_or_create(fiscal_year=year)
    last = EvaluationRun.objects.filter(term=term).count()
    fields |= {"term_id": term.pk, "number": last + 1, "state": "computed", "kind": kind}
    made = walked(EvaluationRun.objects.create(**fields), state)
    hub = Hub.objects.get(code="13")
    RunHubResult.objects.create(run=made, hub=hub, hub_name=hub.name, bureau_name="関東", **OWN)
    return made


def test_published_years_only_and_no_more_than_three(judged: SimpleNamespace, cast: Cast) -> None:
    for year in (2021, 2022, 2023, 2024):
        earlier(judged.run, year, "published")
    earlier(judged.run, 2024, "superseded")
    earlier(judged.run, 2024, "published", "provisional")
    result = judged.run.hub_results.get(hub__code="13")
    found = earlier_terms(result, cast.hq.scope)
    assert [one.fiscal_year for one in found] == [2024, 2023, 2022]
    assert {(one.final, one.grade, one.rank, one.is_same_scheme) for one in found} == {
        (Decimal("71.50"), "B", 30, True)
    }
    assert earlier_terms(judged.run.hub_results.get(hub__code="14"), cast.hq.scope) == []
    assert earlier_terms(result, cast.cc_miyagi.scope) == []


def test_the_sheet_shows_them(judged: SimpleNamespace, cast: Cast) -> None:
    earlier(judged.run, 2024, "published")
    run = publish_run(cast.agency.scope, run=judged.run)
    sheet = queries.hub_sheet(run, Hub.objects.get(code="13"), cast.cc_tokyo.scope)
    html = files.hub_sheet_html(sheet)
    assert "これまでの評価結果" in html
    assert "71.50" in html


def test_peers_are_those_of_the_frozen_size(judged: SimpleNamespace) -> None:
    sizes = {
        book.hub.code: figure["value"]
        for book in EvidenceBook.objects.select_related("hub")
        for figure in json.loads(book.content)["regional_figures"]
        if figure["code"] == "smes"
    }
    found = peers(judged.run)
    assert set(found) == set(sizes)
    assert len(found) == 47
    smallest = min(sizes, key=lambda code: (sizes[code], code))
    assert found[smallest].group == 1
    group = [code for code in found if found[code].group == found["13"].group]
    assert found["13"].hubs == len(group)
    scores = {
        row.hub.code: row.final
        for row in judged.run.hub_results.filter(is_graded=True).select_related("hub")
    }
    better = [code for code in group if code in scores and scores[code] > scores["13"]]
    assert found["13"].rank == 1 + len(better)


def test_a_batch_fetches_the_run_with_its_texts_for_no_sheet(
    judged: SimpleNamespace, cast: Cast
) -> None:
    with CaptureQueriesContext(connection) as asked:
        sheets = list(queries.hub_sheets(judged.run, cast.hq.scope))
    assert len(sheets) == 47
    fetched = [one["sql"] for one in asked if 'FROM "evaluation_evaluationrun"' in one["sql"]]
    assert fetched == []
