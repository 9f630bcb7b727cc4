"""A lawful change of a year's rules shows on every result of that year, and on no other year's."""

import json
from datetime import date
from typing import Any

from django.urls import reverse

from evaluation.reports import files, queries
from hubs.terms.models import Term, YearRules
from hubs.terms.queries import registered
from tests.world import NOW, World

REASON = "大雪により期限を延ばすため。"


def change_rules(term: Term) -> YearRules:
    """A second version, as both sides' consent leaves it behind."""
    first = registered(term)
    assert first is not None
    return YearRules.objects.create(
        term=term,
        version=2,
        content=first.content,
        content_hash="2" * 64,
        previous_hash=first.content_hash,
        changed_parts="calendar,scheme",
        reason=REASON,
        published_at=NOW,
        published_by_name="本部",
        agency_consent_at=NOW,
        agency_consent_name="中小企業庁",
        hq_consent_at=NOW,
        hq_consent_name="本部",
    )


def _screens(world: World) -> dict[str, str]:
    """Every screen, print view and report of 2025 that shows a result."""
    run, scenario = world.runs["published"].pk, world.scenarios["adopted"].pk
    plan, book = world.plans["13", 2025].pk, world.books["13", 2].pk
    term, hub = world.terms[2025].pk, world.hubs["13"].pk
    month = world.months["13", date(2025, 4, 1)]
    asked: dict[str, list[Any]] = {
        "plan_detail": [plan],
        "plan_print": [plan],
        "results_grid": [term, hub],
        "results_print": [term, hub],
        "month_detail": [month.pk],
        "evidence_book": [book],
        "run_detail": [run],
        "run_hub": [run, "13"],
        "report_hub_sheet": [run, "13"],
        "report_hub_sheet_print": [run, "13"],
        "report_compilation": [run],
        "report_compilation_print": [run],
        "scenario_detail": [scenario],
        "report_budget": [scenario],
        "report_budget_print": [scenario],
    }
    return {name: reverse(name, args=args) for name, args in asked.items()}


def test_every_result_of_the_year_names_the_change(world: World, sign_in: Any) -> None:
    client, term = sign_in(world.cast.agency), world.terms[2025]
    for name, url in _screens(world).items():
        assert REASON not in client.get(url).content.decode(), name
    rules = change_rules(term)
    for name, url in _screens(world).items():
        text = client.get(url).content.decode()
        assert REASON in text, name
        assert "暦・期限、評価基準" in text, name
    run = world.runs["published"]
    answer = client.get(reverse("run_certificate", args=[run.pk]))
    versions = json.loads(answer.content)["year_rules"]
    assert [row["version"] for row in versions] == [1, 2]
    assert versions[1] == {
        "version": 2,
        "content_hash": rules.content_hash,
        "published_at": NOW.isoformat(),
        "changed_parts": "calendar,scheme",
        "reason": REASON,
    }
    sheet = queries.hub_sheet(run, world.hubs["13"], world.cast.agency.scope)
    assert REASON in files.hub_sheet_html(sheet)
    facts = {fact.label: fact.value for fact in files.tables.certificate(sheet)}
    assert facts["年度の規則"] == f"第2版　{rules.content_hash}"
    assert facts["規則の変更"].endswith(f"理由：{REASON}")


def test_the_year_before_and_the_hubs_see_their_own(world: World, sign_in: Any) -> None:
    chief = sign_in(world.cast.cc_tokyo)
    change_rules(world.terms[2025])
    assert REASON in chief.get(_screens(world)["run_hub"]).content.decode()
    page = chief.get(reverse("plan_detail", args=[world.plans["13", 2026].pk]))
    assert REASON not in page.content.decode()
    assert "ヒアリングの期限を延ばすため" in page.content.decode()
