"""A lawful change of a year's rules shows on every result of that year, and on no other year's."""

import csv
import io
import json
from datetime import date
from typing import Any

from django.urls import reverse
from openpyxl import load_workbook

from evaluation.reports import files, queries
from evaluation.scoring.comparing import under_other_schemes
from hubs.terms.files import HEADING
from hubs.terms.models import Term, YearRules
from hubs.terms.queries import registered
from tests.world import NOW, World
from yorozu.core.canonical import canonical_json
from yorozu.core.imports.kinds import find

REASON = "大雪により期限を延ばすため。"


def change_rules(term: Term, scheme: dict[str, Any] | None = None) -> YearRules:
    """A second version, as both sides' consent leaves it behind; perhaps with another scheme."""
    first = registered(term)
    assert first is not None
    content = json.loads(first.content)
    content["parts"]["scheme"] |= scheme or {}
    return YearRules.objects.create(
        term=term,
        version=2,
        content=canonical_json(content),
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
        "scenario_hub": [scenario, "13"],
        "scenario_formula": [scenario],
        "report_budget": [scenario],
        "report_budget_print": [scenario],
        "results_compilation": [term],
        "results_compilation_print": [term],
    }
    compared = f"?s={scenario}&s={world.scenarios['proposed'].pk}"
    return {name: reverse(name, args=args) for name, args in asked.items()} | {
        name: reverse(name) + compared for name in ("scenario_compare", "report_compare_print")
    }


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
    answer = client.get(reverse("report_certificate", args=[run.pk]))
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


def _files(world: World, sign_in: Any) -> dict[str, bytes]:
    """Every file of 2025 that holds a result: CSV and workbooks."""
    client, run, term = sign_in(world.cast.agency), world.runs["published"].pk, world.terms[2025].pk
    scenario, hub = world.scenarios["adopted"].pk, world.hubs["13"].pk
    asked: dict[str, list[Any]] = {
        "report_results": [run],
        "report_hub_sheet": [run, "13"],
        "report_compilation": [run],
        "report_budget": [scenario],
        "report_ministry": [scenario],
        "results_compilation": [term],
        "results": [term, hub],
    }
    return {
        f"{name}_{kind}": client.get(reverse(f"{name}_{kind}", args=args)).content
        for name, args in asked.items()
        for kind in ("csv", "xlsx")
    }


def _note_in(data: bytes) -> bool:
    book = load_workbook(io.BytesIO(data), read_only=True)
    return any(
        REASON in str(cell)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for cell in row
    )


def test_every_file_of_the_year_names_the_change_and_stays_a_table(
    world: World, sign_in: Any
) -> None:
    before = _files(world, sign_in)
    change_rules(world.terms[2025])
    for name, data in _files(world, sign_in).items():
        if name.endswith("xlsx"):
            assert (_note_in(before[name]), _note_in(data)) == (False, True), name
            continue
        plain = list(csv.reader(io.StringIO(before[name].decode("utf-8-sig"))))
        noted = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        # The table of before with one more column at the end, in every row.
        assert [row[:-1] for row in noted] == plain, name
        assert noted[0][-1] == HEADING, name
        assert all(row[-1].endswith(f"理由：{REASON}") for row in noted[1:]), name
        assert len(noted) > 1, name
    kind = find("results.monthly")
    assert not kind.read(data_of(world, sign_in), "a.csv", {}).problems


def data_of(world: World, sign_in: Any) -> bytes:
    """The monthly grid of 2025 as a file."""
    address = reverse("results_csv", args=[world.terms[2025].pk, world.hubs["13"].pk])
    content: bytes = sign_in(world.cast.agency).get(address).content
    return content


def test_results_stand_under_both_schemes_after_a_change(world: World, sign_in: Any) -> None:
    run, term = world.runs["published"], world.terms[2025]
    assert under_other_schemes(run) == []
    # Other cuts: nobody's score moves, the grades do.
    change_rules(term, {"grades": [["S", "99"], ["A", "98"], ["B", "97"], ["C", "96"], ["D", "0"]]})
    (other,) = under_other_schemes(run)
    assert other.label == "変更後の基準"
    held = {row.hub.code: row for row in run.hub_results.select_related("hub")}
    assert set(other.hubs) == set(held)
    assert all(one.final == held[code].final for code, one in other.hubs.items())
    graded = [one for one in other.hubs.values() if one.is_graded]
    assert graded
    assert {one.grade for one in graded} == {"D"}
    screens = _screens(world)
    for name in ("run_detail", "run_hub", "report_hub_sheet", "report_compilation"):
        text = sign_in(world.cast.agency).get(screens[name]).content.decode()
        assert "変更前と変更後の評価基準による結果" in text, name
        assert "変更後の基準" in text, name
    own = sign_in(world.cast.cc_tokyo).get(screens["run_detail"]).content.decode()
    assert "変更前と変更後の評価基準による結果" in own
    assert "宮城県よろず支援拠点" not in own
    data = sign_in(world.cast.agency).get(reverse("report_results_csv", args=[run.pk])).content
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert {row["評語（変更後の基準）"] for row in rows if row["評語"]} == {"D"}


def test_a_scheme_the_engine_refuses_is_named_and_not_computed(world: World, sign_in: Any) -> None:
    run = world.runs["published"]
    change_rules(world.terms[2025], {"grades": [["S", "10"], ["A", "20"], ["D", "0"]]})
    (other,) = under_other_schemes(run)
    assert (dict(other.hubs), other.mean) == ({}, None)
    assert other.fault
    page = sign_in(world.cast.agency).get(reverse("run_detail", args=[run.pk])).content.decode()
    assert "では算定できません" in page
