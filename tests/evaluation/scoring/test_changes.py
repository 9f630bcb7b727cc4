"""A correction after publication: a new run, the old one gives way, and the national difference."""

import csv
import hashlib
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from evaluation.reports.changes.queries import difference_of
from evaluation.scoring import operations
from evaluation.scoring.models import EvaluationRun, RunKind, RunState
from evaluation.scoring.rules.changes import run_changes
from tests.cast import Cast
from tests.evaluation.ground import fixed
from tests.evaluation.run_ground import CODES, EVIDENCE, REASON, Year, judged_year
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Conflict, NotReady
from yorozu.core.notices.models import Notice

FIRST = {"mechanical": "80.00", "graded": True, "grade": "A", "rank": 1, "components": []}


def engine(
    *hubs: tuple[str, dict[str, Any], dict[str, Any]], scheme: str = "a", **priors: list[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Input and result of an engine: (code, what it was given, what it said)."""
    given = {"scheme": {"code": scheme}, "hubs": [{"code": c, **g} for c, g, _ in hubs]}
    said = [{"code": c, "final": "80.00", **FIRST, **found} for c, _, found in hubs]
    return given, {"priors": priors, "hubs": said}


def causes(old: Any, new: Any) -> dict[str, tuple[str, ...]]:
    found = run_changes(*old, *new)
    return {hub.code: hub.causes for hub in found.hubs}


PART = {"code": "SAT", "points": "70.0000"}
CASES: dict[str, tuple[Any, Any, tuple[str, ...]]] = {
    "nothing": (({"a": 1}, {}), ({"a": 1}, {}), ()),
    "own figures": (({"a": 1}, {}), ({"a": 2}, {"final": "81.00"}), ("own",)),
    "own figures without effect": (({"a": 1}, {}), ({"a": 2}, {}), ("own",)),
    "adjusted": (({}, {}), ({"adjust": "1.00"}, {"final": "81.00"}), ("adjustment",)),
    "adjusted by nothing": (({"adjust": "0"}, {}), ({}, {}), ()),
    "both": (({"a": 1}, {}), ({"a": 2, "adjust": "1"}, {"final": "82.00"}), ("own", "adjustment")),
    "the mean moved": (({"a": 1}, {"components": [PART]}), ({"a": 1}, {}), ("prior",)),
    "passed by others": (({}, {"rank": 1}), ({}, {"rank": 2}), ("others",)),
    "another grade": (({}, {"grade": "A"}), ({}, {"grade": "B"}), ("prior",)),
}


@pytest.mark.parametrize("name", CASES)
def test_every_change_has_its_cause(name: str) -> None:
    old, new, wanted = CASES[name]
    assert causes(engine(("13", *old)), engine(("13", *new))) == {"13": wanted}


def test_another_scheme_is_named_first_and_only_where_something_changed() -> None:
    old = engine(("13", {}, {}), ("14", {}, {}), scheme="a")
    new = engine(("13", {}, {"final": "70.00"}), ("14", {}, {}), scheme="b")
    assert causes(old, new) == {"13": ("scheme",), "14": ()}


def test_a_hub_of_one_side_only_and_the_order_of_the_changed() -> None:
    old = engine(("04", {}, {}), ("13", {}, {"rank": 2}), ("14", {}, {}))
    new = engine(("04", {"x": 1}, {"final": "79.00"}), ("13", {}, {"rank": 1}), ("47", {}, {}))
    found = run_changes(*old, *new)
    assert [hub.code for hub in found.hubs] == ["04", "13", "14", "47"]
    assert [hub.code for hub in found.changed] == ["04", "13", "14", "47"]
    by_code = {hub.code: hub for hub in found.hubs}
    assert (by_code["04"].points, by_code["13"].places) == (Decimal("-1.00"), 1)
    assert by_code["14"].points is by_code["47"].points is None


def test_national_means_are_held_against_each_other() -> None:
    found = run_changes(*engine(SAT=["4.1", "20"]), *engine(SAT=["4.2", "20"]))
    assert [(row.component, row.old[0], row.new[0]) for row in found.priors] == [
        ("SAT", "4.1", "4.2")
    ]


@pytest.fixture
def year(cast: Cast) -> Year:
    return judged_year(cast)


@pytest.fixture
def published(year: Year) -> EvaluationRun:
    made = fixed(year.run(), year.cast.hq_second.scope, hq=year.cast.hq.scope)
    return operations.publish_run(year.cast.agency.scope, run=made)


def corrected(year: Year, kind: RunKind = RunKind.APPEAL) -> EvaluationRun:
    """Tokyo's survey was counted wrongly: few answers are left, so that the mean weighs."""
    year.correct("13", level_1=4, level_2=3, level_3=2, level_4=2, level_5=1)
    year.freeze("13")
    return year.run(kind)


def published_anew(year: Year) -> EvaluationRun:
    run = fixed(corrected(year), year.cast.hq_second.scope, hq=year.cast.hq.scope)
    return operations.publish_run(year.cast.agency.scope, run=run)


@pytest.mark.django_db
def test_the_old_run_stands_until_the_correction_is_published(
    year: Year, published: EvaluationRun
) -> None:
    run = corrected(year)
    assert run.supersedes == published
    run = operations.ask_facts(year.cast.hq.scope, run=run)
    states = dict(run.fact_checks.values_list("hub__code", "state"))
    assert states == {"04": "confirmed", "13": "waiting", "14": "confirmed"}
    published.refresh_from_db()
    assert published.state == RunState.PUBLISHED
    operations.confirm_facts(year.chief("13"), part=year.part(run, "13"))
    operations.close_facts(year.cast.hq.scope, run=run)
    operations.fix_run(year.cast.hq_second.scope, run=run)
    published.refresh_from_db()
    assert published.state == RunState.PUBLISHED
    operations.publish_run(year.cast.agency.scope, run=run)
    published.refresh_from_db()
    assert published.state == RunState.SUPERSEDED
    event = AuditEvent.objects.filter(object_id=str(published.pk)).order_by("sequence").last()
    assert event is not None
    assert json.loads(event.after) == {"by_run": run.number, "state": "superseded"}
    notice = Notice.objects.get(key=f"run-published-{run.pk}", user=year.cast.cc_tokyo.user)
    assert "訂正されました" in notice.text
    assert notice.url == f"/evaluation/reports/runs/{run.pk}/changes/"


@pytest.mark.django_db
def test_the_difference_names_input_national_mean_and_every_hub(
    year: Year, published: EvaluationRun
) -> None:
    run = published_anew(year)
    found = difference_of(run, year.cast.hq.scope)
    assert found is not None
    assert found.old == published
    assert found.hubs[0].code == "13"
    by_code = {hub.code: hub for hub in found.hubs}
    assert by_code["13"].causes == ("own",)
    assert by_code["13"].points < 0
    rows = {row.hub.code: row for row in run.hub_results.select_related("hub")}
    old = {row.hub.code: row for row in published.hub_results.select_related("hub")}
    for code in CODES:
        assert by_code[code].points == rows[code].final - old[code].final
        assert by_code[code].places == old[code].rank - rows[code].rank
    [book] = found.books
    assert (book.code, book.numbers) == ("13", (1, 2))
    assert ("顧客満足度調査 › 段階別の件数", "0、2、15、60、43", "4、3、2、2、1") in book.lines
    assert [row.component for row in found.changes.priors] == ["SAT"]
    aside = {hub.code for hub in found.hubs if hub.causes and "own" not in hub.causes}
    assert (
        aside
        == {
            code
            for code in ("04", "14")
            if rows[code].final != old[code].final
            or rows[code].rank != old[code].rank
            or by_code[code].components
        }
        != set()
    )


@pytest.mark.django_db
def test_each_reader_sees_its_hubs_and_national_counts(
    year: Year, published: EvaluationRun, sign_in: Any
) -> None:
    run = published_anew(year)
    url = f"/evaluation/reports/runs/{run.pk}/changes/"
    national = sign_in(year.cast.auditor).get(url).content.decode()
    assert "自拠点の数値の訂正" in national
    assert "4、3、2、2、1" in national
    own = sign_in(year.cast.cc_miyagi).get(url).content.decode()
    assert "宮城県よろず支援拠点" in own
    assert "東京都" not in own
    assert "4、3、2、2、1" not in own
    area = sign_in(year.cast.bureau_kanto).get(url).content.decode()
    assert "東京都よろず支援拠点" in area
    assert "宮城県" not in area
    for key in ("pm_kanto", "supporter", "admin"):
        assert sign_in(year.cast.actors[key]).get(url).status_code == 403
    file = sign_in(year.cast.hq).get(f"{url[:-1]}.csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(file)))
    assert len(rows) == 4
    assert rows[1][0] == "東京都よろず支援拠点"
    assert sign_in(year.cast.hq).get(f"{url[:-1]}.xlsx").content[:2] == b"PK"


@pytest.mark.django_db
def test_a_run_that_corrects_nothing_says_so(
    year: Year, published: EvaluationRun, sign_in: Any
) -> None:
    client = sign_in(year.cast.hq)
    page = client.get(f"/evaluation/reports/runs/{published.pk}/changes/").content.decode()
    assert "比べる評価がありません" in page
    answer = client.get(f"/evaluation/reports/runs/{published.pk}/changes.csv")
    assert answer.status_code == 404
    page = client.get(f"/evaluation/reports/runs/{published.pk}/changes/?with=99")
    assert page.status_code == 200


@pytest.mark.django_db
def test_a_superseded_run_leads_to_the_one_that_stands(
    year: Year, published: EvaluationRun, sign_in: Any
) -> None:
    old = f"/evaluation/runs/{published.pk}/"
    chief = sign_in(year.cast.cc_tokyo)
    assert "いま使われていません" not in chief.get(old).content.decode()
    run = published_anew(year)
    for below in ("", "hubs/13/"):
        page = chief.get(old + below).content.decode()
        assert "いま使われていません" in page
        assert f'href="/evaluation/runs/{run.pk}/{below}"' in page
    page = chief.get(f"/evaluation/desk/runs/{published.pk}/hubs/13/why/").content.decode()
    assert f'href="/evaluation/desk/runs/{run.pk}/hubs/13/why/"' in page
    page = chief.get(f"/evaluation/runs/facts/{year.part(published, '13').pk}/").content.decode()
    assert f'href="/evaluation/runs/{run.pk}/"' in page
    assert "公表前" not in page


@pytest.mark.django_db
def test_a_run_laid_aside_has_no_other_in_its_place(year: Year, sign_in: Any) -> None:
    run = operations.discard_run(year.cast.hq.scope, run=year.run(), reason="試しに算定したため")
    page = sign_in(year.cast.hq).get(f"/evaluation/runs/{run.pk}/").content.decode()
    assert "いま使われていません" in page
    assert "差し替えられました" not in page


@pytest.mark.django_db
def test_a_correction_that_the_panel_adjusted_still_leads_to_its_difference(
    year: Year, published: EvaluationRun, sign_in: Any
) -> None:
    hq, second = year.cast.hq.scope, year.cast.hq_second.scope
    run = operations.ask_facts(hq, run=corrected(year))
    operations.confirm_facts(year.chief("13"), part=year.part(run, "13"))
    run = operations.close_facts(hq, run=run)
    row = operations.propose_adjustment(
        hq, run=run, hub_code="13", points="1.00", reason=REASON, evidence=EVIDENCE
    )
    operations.second_adjustment(second, adjustment=row)
    adjusted = operations.apply_adjustments(hq, run=run)
    page = sign_in(year.cast.hq).get(f"/evaluation/runs/{adjusted.pk}/").content.decode()
    assert f'href="/evaluation/reports/runs/{adjusted.pk}/changes/"' in page


@pytest.mark.django_db
def test_hubs_never_read_of_a_correction_under_way(
    year: Year, published: EvaluationRun, sign_in: Any
) -> None:
    run = operations.ask_facts(year.cast.hq.scope, run=corrected(year))
    url = f"/evaluation/reports/runs/{run.pk}/changes/"
    assert sign_in(year.cast.cc_tokyo).get(url).status_code == 404
    assert sign_in(year.cast.hq).get(url).status_code == 200


@pytest.mark.django_db
def test_a_fixed_run_with_a_correction_under_way_is_not_published(year: Year) -> None:
    first = fixed(year.run(), year.cast.hq_second.scope, hq=year.cast.hq.scope)
    second = corrected(year, RunKind.FINAL)
    assert second.supersedes == first
    with pytest.raises(NotReady, match="公表"):
        operations.publish_run(year.cast.agency.scope, run=first)
    operations.discard_run(year.cast.hq.scope, run=second, reason="訂正は不要でした。")
    assert operations.publish_run(year.cast.agency.scope, run=first).state == RunState.PUBLISHED
    with pytest.raises(Conflict):
        operations.discard_run(year.cast.hq.scope, run=first, reason="公表後")


@pytest.mark.django_db
def test_provisional_and_final_are_both_kept(year: Year, published: EvaluationRun) -> None:
    provisional = operations.fix_run(year.cast.hq_second.scope, run=year.run(RunKind.PROVISIONAL))
    assert provisional.supersedes is None
    operations.publish_run(year.cast.agency.scope, run=provisional)
    published.refresh_from_db()
    assert published.state == RunState.PUBLISHED
    again = operations.fix_run(year.cast.hq_second.scope, run=year.run(RunKind.PROVISIONAL))
    assert again.supersedes == provisional
    operations.publish_run(year.cast.agency.scope, run=again)
    provisional.refresh_from_db()
    assert provisional.state == RunState.SUPERSEDED


@pytest.mark.django_db
def test_the_certificate_page_gives_the_command_and_the_file(
    year: Year, published: EvaluationRun, sign_in: Any, tmp_path: Any
) -> None:
    url = f"/evaluation/reports/runs/{published.pk}/verification/"
    page = sign_in(year.cast.auditor).get(url).content.decode()
    name = f"evaluation-2025-{published.number}.json"
    assert f"./run manage evaluation_check {name}" in page
    for value in (published.input_hash, published.result_hash, published.previous_hash):
        assert value in page
    file = sign_in(year.cast.auditor).get(f"{url}file/")
    assert name in file["Content-Disposition"]
    assert hashlib.sha256(file.content).hexdigest() in page
    path = tmp_path / name
    path.write_bytes(file.content)
    call_command("evaluation_check", str(path))
    path.write_bytes(file.content.replace(b"80.00", b"80.01", 1).replace(b"63.", b"64.", 1))
    with pytest.raises(SystemExit):
        call_command("evaluation_check", str(path))
