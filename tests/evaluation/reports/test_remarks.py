"""Remarks of HQ on a hub: written by two without loss, fixed by the publication."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from evaluation.reports import queries
from evaluation.reports.models import HubRemarks
from evaluation.reports.operations import write_remarks
from evaluation.scoring.models import EvaluationRun
from evaluation.scoring.operations import publish_run
from hubs.network.models import Hub
from tests.cast import Cast
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Conflict, Refused

FIRST = {"strengths": "創業支援が手厚い。", "issues": "追跡が弱い。", "next_steps": ""}


def hub() -> Hub:
    return Hub.objects.get(code="13")


def test_hq_writes_and_the_trail_has_both_sides(judged: SimpleNamespace, cast: Cast) -> None:
    row = write_remarks(cast.hq.scope, run=judged.run, hub=hub(), texts=FIRST, version=0)
    texts = {**FIRST, "next_steps": "毎月の会議で追跡を確かめる。"}
    row = write_remarks(cast.hq_second.scope, run=judged.run, hub=hub(), texts=texts, version=1)
    assert (row.version, row.next_steps) == (2, "毎月の会議で追跡を確かめる。")
    event = AuditEvent.objects.order_by("-pk").first()
    assert event is not None
    assert event.action == "evaluation.reports.remark"


def test_the_same_text_again_is_no_act(judged: SimpleNamespace, cast: Cast) -> None:
    write_remarks(cast.hq.scope, run=judged.run, hub=hub(), texts=FIRST, version=0)
    before = AuditEvent.objects.count()
    row = write_remarks(cast.hq_second.scope, run=judged.run, hub=hub(), texts=FIRST, version=0)
    assert (row.version, AuditEvent.objects.count()) == (1, before)


def test_who_comes_second_is_told_and_sees_both_texts(
    judged: SimpleNamespace, cast: Cast, sign_in: Any
) -> None:
    write_remarks(cast.hq_second.scope, run=judged.run, hub=hub(), texts=FIRST, version=0)
    page = sign_in(cast.hq)
    url = f"/evaluation/reports/runs/{judged.run.pk}/hubs/13/remarks/"
    sent = {"strengths": "相談の記録が丁寧。", "issues": "", "next_steps": "", "version": "0"}
    answer = page.post(url, sent)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "創業支援が手厚い。" in text
    assert "相談の記録が丁寧。" in text
    assert 'name="version" value="1"' in text
    assert HubRemarks.objects.get().strengths == "創業支援が手厚い。"
    assert page.post(url, {**sent, "version": "1"}).status_code == 302
    assert HubRemarks.objects.get().strengths == "相談の記録が丁寧。"


@pytest.mark.parametrize("who", ["agency", "bureau_kanto", "cc_tokyo", "auditor"])
def test_nobody_else_writes(judged: SimpleNamespace, cast: Cast, who: str) -> None:
    with pytest.raises(Refused):
        write_remarks(getattr(cast, who).scope, run=judged.run, hub=hub(), texts=FIRST, version=0)
    assert not HubRemarks.objects.exists()


def test_published_remarks_stand(judged: SimpleNamespace, cast: Cast, sign_in: Any) -> None:
    write_remarks(cast.hq.scope, run=judged.run, hub=hub(), texts=FIRST, version=0)
    publish_run(cast.agency.scope, run=judged.run)
    with pytest.raises(Conflict, match="公表した評価の講評は変更できません"):
        write_remarks(
            cast.hq.scope, run=judged.run, hub=hub(), texts={**FIRST, "issues": ""}, version=1
        )
    for act in (
        lambda: HubRemarks.objects.update(issues="書き換え"),
        lambda: HubRemarks.objects.all().delete(),
        lambda: HubRemarks.objects.create(run=judged.run, hub=Hub.objects.get(code="14")),
        lambda: connection.cursor().execute("UPDATE evaluation_hubremarks SET issues = ''"),
    ):
        with pytest.raises(DatabaseError, match="講評"), transaction.atomic():
            act()
    assert HubRemarks.objects.get().issues == "追跡が弱い。"
    page = f"/evaluation/reports/runs/{judged.run.pk}/hubs/13/remarks/"
    assert sign_in(cast.hq).get(page).status_code == 409
    own = sign_in(cast.cc_tokyo).get(f"/evaluation/reports/runs/{judged.run.pk}/hubs/13/")
    assert "追跡が弱い。" in own.content.decode()
    assert "講評を書く" not in own.content.decode()


def test_a_run_that_takes_the_place_keeps_what_was_written(
    judged: SimpleNamespace, cast: Cast
) -> None:
    write_remarks(cast.hq.scope, run=judged.run, hub=hub(), texts=FIRST, version=0)
    fields = {
        field.attname: getattr(judged.run, field.attname)
        for field in EvaluationRun._meta.concrete_fields
        if not field.primary_key
    }
    fields |= {"number": 2, "state": "computed"}
    fields |= {"supersedes_id": judged.run.pk, "succession": "correction"}
    other = EvaluationRun.objects.create(**fields)
    row = queries.remarks_to_edit(other, hub())
    assert (row.pk, row.version, row.strengths) == (None, 0, FIRST["strengths"])
    assert queries.standing_remarks(other)[hub().pk].strengths == FIRST["strengths"]
    blank = dict.fromkeys(FIRST, "")
    row = write_remarks(cast.hq.scope, run=other, hub=hub(), texts=blank, version=0)
    assert (row.run_id, row.version) == (other.pk, 1)
    assert queries.standing_remarks(other)[hub().pk].strengths == ""
    assert queries.standing_remarks(judged.run)[hub().pk].strengths == FIRST["strengths"]
