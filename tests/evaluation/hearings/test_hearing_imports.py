"""Hearing scores from a file, and the adoption of the checklist."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from evaluation.hearings.models import (
    Checklist,
    ChecklistItem,
    ChecklistResponse,
    Hearing,
    Rating,
)
from evaluation.hearings.operations import adopt_checklist
from evaluation.hearings.queries import hearing_of
from hubs.network.facts import fact_rows
from hubs.network.models import Hub
from hubs.terms.models import Term, TermState
from tests.evaluation.evidence_ground import YEAR, apply_file, import_file, problems_of
from yorozu.core.access import system_scope
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Conflict, Refused
from yorozu.core.imports.kinds import find
from yorozu.core.imports.operations import undo
from yorozu.core.sheets import to_csv

HEAD = (
    "拠点コード,拠点名,項目コード,評価者,所属,評点,根拠資料,根拠の内容,"
    "該当なし,該当なしの理由,該当なしの承認者,実施日\n"
)
A = "13,,C1,評価者A,全国本部,3,○,相談記録,,,,2026-04-20\n"
B = "13,,C1,評価者B,経済産業局,1,,,,,,\n"
NA = "13,,C2,評価者A,全国本部,,,,○,対象の団体なし,課長X,\n"


@pytest.fixture
def run(django_capture_on_commit_callbacks):
    return django_capture_on_commit_callbacks


@pytest.fixture
def hq(cast):
    return cast.hq.scope


@pytest.fixture
def term(facts):
    return Term.objects.create(fiscal_year=YEAR, state=TermState.OPEN)


@pytest.fixture
def checklist(term):
    return adopt_checklist(system_scope("試験"), term=term)


def scores(run, hq, text):
    return apply_file(run, hq, "hearings.scores", HEAD + text)


def refused(run, hq, text):
    batch = import_file(run, hq, "hearings.scores", HEAD + text)
    assert batch.state == "refused"
    assert not Rating.objects.exists()
    return problems_of(batch)


def test_the_shipped_checklist_is_adopted_once_and_recorded(hq, term):
    first = adopt_checklist(hq, term=term)
    assert first.is_locked
    assert first.items.count() == len(fact_rows("checklist.csv"))
    assert adopt_checklist(hq, term=term) == first
    assert AuditEvent.objects.filter(action="evaluation.hearings.adopt").count() == 1


def test_a_checklist_with_scores_is_not_replaced(hq, term):
    other = Checklist.objects.create(term=term, version=1, title="別の版")
    Hearing.objects.create(hub=Hub.objects.get(code="13"), term=term, checklist=other)
    with pytest.raises(Conflict):
        adopt_checklist(hq, term=term)


@pytest.mark.once
@pytest.mark.parametrize("key", ["bureau_kanto", "cc_tokyo", "agency", "auditor", "nobody"])
def test_only_headquarters_adopts_and_imports(run, cast, term, key):
    with pytest.raises(Refused):
        adopt_checklist(cast.actors[key].scope, term=term)
    with pytest.raises(Refused):
        import_file(run, cast.actors[key].scope, "hearings.scores", HEAD + A)


@pytest.mark.parametrize(
    "change",
    [
        lambda item: type(item).objects.filter(pk=item.pk).update(weight=2),
        lambda item: item.save(),
        lambda item: type(item).objects.bulk_update([item], ["text"]),
        lambda item: item.delete(),
        lambda item: type(item).objects.filter(pk=item.pk).delete(),
        lambda item: item.checklist.delete(),
        lambda item: Checklist.objects.update(is_locked=False),
        lambda item: ChecklistItem.objects.create(
            checklist=item.checklist, component="CHK", code="ZZ", text="後から", order=99
        ),
        lambda item: connection.cursor().execute("UPDATE evaluation_checklistitem SET text = 'x'"),
        lambda item: connection.cursor().execute("DELETE FROM evaluation_checklistitem"),
    ],
)
def test_an_adopted_checklist_cannot_be_changed_by_any_path(checklist, change):
    item = checklist.items.first()
    item.text = "書換え"
    before = list(ChecklistItem.objects.values())
    with pytest.raises(DatabaseError), transaction.atomic():
        change(item)
    assert list(ChecklistItem.objects.values()) == before


def test_scores_evidence_and_day_are_written_with_their_line(run, hq, checklist):
    batch = scores(run, hq, A + B + NA)
    hearing = Hearing.objects.get(hub__code="13")
    assert hearing.held_on == date(2026, 4, 20)
    first, second = Rating.objects.order_by("evaluator_name")
    assert (first.score, first.import_batch_id, first.import_row) == (3, batch.pk, 2)
    assert (second.score, second.evaluator_organization) == (1, "経済産業局")
    assert first.response.has_evidence
    leaves = ChecklistResponse.objects.get(item__code="C2")
    assert leaves.is_not_applicable
    assert (leaves.not_applicable_reason, leaves.not_applicable_approver) == (
        "対象の団体なし",
        "課長X",
    )
    assert leaves.ratings.count() == 0


def test_raters_two_steps_apart_are_flagged(run, hq, checklist, term):
    scores(run, hq, A + B)
    line = hearing_of(term, Hub.objects.get(code="13"))
    item = line.components[0].items[0]
    assert item.reconcile
    assert item.mean == 2
    assert not item.lacks_evidence
    assert line.components[0].items[1].is_unanswered


def test_a_high_score_without_a_document_and_too_few_raters_are_shown_not_refused(
    run, hq, checklist, term
):
    scores(run, hq, "13,,U1,評価者A,全国本部,4,,,,,,\n")
    line = hearing_of(term, Hub.objects.get(code="13"))
    item = next(one for one in line.components[1].items if one.item.code == "U1")
    assert item.lacks_evidence
    assert item.warnings == ["根拠資料なし（3・4は2として数えます）", "評価者が3人未満"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("line", "column", "text"),
    [
        ("13,,C1,評価者A,全国本部,5,,,,,,", "評点", "4以下"),
        ("13,,C1,評価者A,全国本部,-1,,,,,,", "評点", "負の数"),
        ("13,,C1,評価者A,全国本部,2.5,,,,,,", "評点", "小数"),
        ("13,,C1,評価者A,全国本部,,,,,,,", "評点", "0から4"),
        ("13,,X9,評価者A,全国本部,3,,,,,,", "項目コード", "チェックリストにありません"),
        ("77,,C1,評価者A,全国本部,3,,,,,,", "拠点コード", "拠点はありません"),
        ("13,,C1,,全国本部,3,,,,,,", "評価者", "必須"),
        ("13,,C1,評価者A,全国本部,,,,○,,課長X,", "該当なしの理由", "理由が必要"),
        ("13,,C1,評価者A,全国本部,,,,○,理由,,", "該当なしの承認者", "承認者が必要"),
        ("13,,C1,評価者A,全国本部,,,,○,理由,評価者 A,", "該当なしの承認者", ""),
        ("13,,C1,評価者A,全国本部,3,,,○,理由,課長X,", "評点", "評点を入力しません"),
        ("13,,C1,評価者A,全国本部,3,,,,,,2026-13-01", "実施日", "暦にない"),
    ],
)
def test_a_faulty_row_is_named_by_row_and_column(run, hq, checklist, line, column, text):
    line = line.replace("評価者 A", "評価者A")
    found = refused(run, hq, f"14,,C1,評価者A,全国本部,3,,,,,,\n{line}\n")
    assert [(row, col) for row, col, _ in found] == [(3, column)]
    assert text in found[0][2]


def test_the_same_rater_twice_on_an_item_is_refused(run, hq, checklist):
    assert [(row, col) for row, col, _ in refused(run, hq, A + A)] == [(3, "評価者")]


def test_no_rater_of_the_item_approves_its_absence(run, hq, checklist):
    lines = (
        "13,,C2,評価者A,全国本部,,,,○,なし,評価者B,\n13,,C2,評価者B,経済産業局,,,,○,なし,課長X,\n"
    )
    assert [(row, col) for row, col, _ in refused(run, hq, lines)] == [(2, "該当なしの承認者")]


def test_an_item_is_scored_or_absent_not_both(run, hq, checklist):
    lines = NA + "13,,C2,評価者B,経済産業局,3,,,,,,\n"
    assert [(row, col) for row, col, _ in refused(run, hq, lines)] == [(2, "該当なし")]


def test_two_days_for_one_hub_are_refused(run, hq, checklist):
    lines = A + "13,,C2,評価者A,全国本部,3,,,,,,2026-04-21\n"
    assert [(row, col) for row, col, _ in refused(run, hq, lines)] == [(3, "実施日")]


def test_without_a_checklist_nothing_is_taken(run, hq, term):
    assert "採用されていません" in refused(run, hq, A)[0][2]


def test_a_closed_term_takes_no_scores(run, hq, checklist, term):
    Term.objects.filter(pk=term.pk).update(state=TermState.CLOSED)
    assert "終了しているため" in refused(run, hq, A)[0][2]


def test_the_same_file_twice_changes_nothing(run, hq, checklist):
    scores(run, hq, A + B + NA)
    before = list(Rating.objects.values())
    again = import_file(run, hq, "hearings.scores", HEAD + A + B + NA)
    assert (again.state, again.rows_unchanged) == ("unchanged", 3)
    assert list(Rating.objects.values()) == before


def test_undo_takes_hearing_findings_and_scores_back(run, hq, checklist):
    batch = scores(run, hq, A + B + NA)
    undo(hq, batch=batch, reason="誤り")
    assert not Rating.objects.exists()
    assert not ChecklistResponse.objects.exists()
    assert not Hearing.objects.exists()


def test_undo_of_a_correction_restores_score_evidence_and_day(run, hq, checklist):
    first = scores(run, hq, A + B)
    corrected = A.replace(",3,○,相談記録", ",4,,").replace("04-20", "04-22")
    second = scores(run, hq, corrected)
    rating = Rating.objects.get(evaluator_name="評価者A")
    assert (rating.score, rating.response.has_evidence) == (4, False)
    with pytest.raises(Conflict):
        undo(hq, batch=first, reason="誤り")
    undo(hq, batch=second, reason="誤り")
    rating.refresh_from_db()
    rating.response.refresh_from_db()
    assert (rating.score, rating.response.has_evidence) == (3, True)
    assert rating.response.evidence_note == "相談記録"
    assert Hearing.objects.get().held_on == date(2026, 4, 20)


def test_an_item_that_leaves_loses_its_scores_and_undo_gives_them_back(run, hq, checklist):
    scores(run, hq, A + B)
    before = list(Rating.objects.order_by("evaluator_name").values("evaluator_name", "score"))
    second = scores(run, hq, NA.replace("C2", "C1"))
    assert not Rating.objects.exists()
    undo(hq, batch=second, reason="誤り")
    after = list(Rating.objects.order_by("evaluator_name").values("evaluator_name", "score"))
    assert after == before


def test_a_later_rater_keeps_an_earlier_batch_from_being_undone(run, hq, checklist):
    first = scores(run, hq, A)
    scores(run, hq, B.replace(",1,,", ",1,○,相談記録"))
    with pytest.raises(Conflict):
        undo(hq, batch=first, reason="誤り")
    assert Rating.objects.count() == 2


def test_the_shipped_example_rows_pass_every_check(checklist):
    kind, params = find("hearings.scores"), {"fiscal_year": YEAR}
    header = [column.heading for column in kind.columns(params)]
    table = kind.read(to_csv(header, kind.example_rows(params)), "example.csv", params)
    comparison = kind.compare(table, params, system_scope("試験"))
    assert list(comparison.problems) == []
    assert len(comparison.changes) == 3
