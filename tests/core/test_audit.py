"""The trail: append-only on both databases, every tampering named, searchable within the scope."""

# ruff: noqa: S608, S311 (tampering is done by plain SQL, at random)

import csv
import io
import random
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast
from yorozu.core import guards
from yorozu.core.access import system_scope
from yorozu.core.audit.models import GUARDS, AuditEvent
from yorozu.core.audit.operations import (
    Act,
    _hash_of,
    head,
    record,
    record_many,
    verify_chain,
)

SYSTEM = system_scope("試験")
TABLE = "audit_auditevent"


def write_events(cast: Cast, count: int) -> list[AuditEvent]:
    """A trail of different acts by different people."""
    people = [cast.hq, cast.cc_tokyo, cast.cc_miyagi, cast.admin]
    return [
        record(
            people[number % 4].scope,
            "hubs.results.submit",
            people[number % 4].user,
            before={"state": "draft", "number": number},
            after={"state": "submitted", "number": number + 1},
            reason=f"理由{number}",
            hub_id=[None, 13, 4, None][number % 4],
        )
        for number in range(count)
    ]


def test_an_event_belongs_inside_the_operations_transaction(transactional_db: None) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        record(SYSTEM, "x", AuditEvent(object_type="x"))


def test_numbers_follow_each_other_and_hashes_link(cast: Cast) -> None:
    events = write_events(cast, 5)
    assert [event.sequence for event in events] == [1, 2, 3, 4, 5]
    assert [event.previous_hash for event in events[1:]] == [e.event_hash for e in events[:-1]]
    assert verify_chain() == []
    assert head() == (5, f"5:{events[-1].event_hash}")


def test_an_act_on_many_records_is_one_link_each_and_three_statements(cast: Cast) -> None:
    first = write_events(cast, 2)
    acts = [Act(cast.hq.user, after={"number": n}, hub_id=13) for n in range(4)]
    with CaptureQueriesContext(connection) as held:
        events = record_many(SYSTEM, "hubs.results.submit", acts)
    assert [event.sequence for event in events] == [3, 4, 5, 6]
    assert events[0].previous_hash == first[-1].event_hash
    assert verify_chain() == []
    assert len(held) <= 3
    assert record_many(SYSTEM, "hubs.results.submit", []) == []


@pytest.mark.parametrize(
    "act",
    [
        lambda event: AuditEvent.objects.filter(pk=event.pk).update(reason="x"),
        lambda event: AuditEvent.objects.bulk_update([event], ["reason"]),
        lambda event: event.save(),
        lambda event: event.delete(),
        lambda event: AuditEvent.objects.all().delete(),
        lambda event: AuditEvent.objects.bulk_create(
            [event], update_conflicts=True, unique_fields=["id"], update_fields=["reason"]
        ),
        lambda event: _sql(f"UPDATE {TABLE} SET reason = 'x'"),
        lambda event: _sql(f"DELETE FROM {TABLE} WHERE sequence = 2"),
    ],
    ids=["update", "bulk_update", "save", "delete", "queryset", "upsert", "sql", "sql-delete"],
)
def test_the_database_refuses_every_way_to_change_the_trail(cast: Cast, act: Any) -> None:
    event = write_events(cast, 3)[1]
    event.reason = "書き換え"
    refusal = pytest.raises(DatabaseError, match="監査記録は変更も削除もできません")
    with refusal, transaction.atomic():
        act(event)
    assert verify_chain() == []
    assert AuditEvent.objects.count() == 3


def _sql(text: str, params: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, params or [])


TEXTS = [
    "actor_label",
    "role",
    "action",
    "object_type",
    "object_id",
    "object_label",
    "before",
    "after",
    "reason",
    "previous_hash",
    "event_hash",
]


def tamper(number: int, chance: random.Random, last: int) -> tuple[str, int]:
    """Do one random harm by SQL; returns its kind and the number of the row that was hit."""
    hit = chance.randint(1, last - 1)
    kind = chance.choice(
        ["text", "text", "text", "actor", "hub", "time", "delete", "forge", "swap"]
    )
    if kind == "text":
        column = chance.choice(TEXTS)
        text = f"偽{number}"
        _sql(f"UPDATE {TABLE} SET {column} = %s WHERE sequence = %s", [text, hit])
    elif kind in {"actor", "hub"}:
        column = "actor_id" if kind == "actor" else "hub_id"
        _sql(f"UPDATE {TABLE} SET {column} = %s WHERE sequence = %s", [100_000 + number, hit])
    elif kind == "time":
        moved = AuditEvent.objects.get(sequence=hit + 1).at
        _sql(f"UPDATE {TABLE} SET at = %s WHERE sequence = %s", [moved, hit])
    elif kind == "delete":
        _sql(f"DELETE FROM {TABLE} WHERE sequence = %s", [hit])
    elif kind == "forge":
        # A forger who knows the method makes the hash anew; the next row still gives him away.
        event = AuditEvent.objects.get(sequence=hit)
        event.reason = f"偽{number}"
        forged = [event.reason, _hash_of(event), hit]
        _sql(f"UPDATE {TABLE} SET reason = %s, event_hash = %s WHERE sequence = %s", forged)
        hit += 1
    else:
        first, second = hit, hit + 1
        for old, new in ((first, -1), (second, first), (-1, second)):
            _sql(f"UPDATE {TABLE} SET sequence = %s WHERE sequence = %s", [new, old])
    return kind, hit


def test_a_hundred_of_a_hundred_tamperings_are_located(cast: Cast) -> None:
    write_events(cast, 30)
    guards.remove(connection, GUARDS)
    chance = random.Random(20260401)
    try:
        for number in range(100):
            point = transaction.savepoint()
            kind, hit = tamper(number, chance, 30)
            named = verify_chain()
            assert any(f"連番{hit}の" in line for line in named), (kind, hit, named)
            assert f"連番{hit - 1}の内容" not in "".join(named), "an innocent row is named"
            transaction.savepoint_rollback(point)
            assert verify_chain() == []
    finally:
        guards.install(connection, GUARDS)


def test_a_row_that_was_only_normalised_is_named_too(cast: Cast) -> None:
    with transaction.atomic():
        record(SYSTEM, "x.y", cast.hq.user, reason="\ufa19田")
    guards.remove(connection, GUARDS)
    _sql(f"UPDATE {TABLE} SET reason = %s", ["\u795e田"])
    guards.install(connection, GUARDS)
    assert verify_chain() == ["連番1の内容が記録後に変わっています。"]


def test_a_trail_cut_off_at_its_end_shows_against_the_noted_head(cast: Cast) -> None:
    write_events(cast, 5)
    noted = head()[1]
    assert verify_chain(known_head=noted) == []
    guards.remove(connection, GUARDS)
    _sql(f"DELETE FROM {TABLE} WHERE sequence = 5")
    guards.install(connection, GUARDS)
    assert verify_chain() == []
    cut = ["以前の末尾だった連番5の記録がないか、変わっています。"]
    assert verify_chain(known_head=noted) == cut
    assert "形ではありません" in verify_chain(known_head="五番")[0]


def test_verify_audit_says_that_all_is_well(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    events = write_events(cast, 3)
    call_command("verify_audit")
    said = capsys.readouterr().out
    assert "3件に異常はありません" in said
    assert f"3:{events[-1].event_hash}" in said


def test_verify_audit_names_the_row_and_exits_with_one(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    write_events(cast, 3)
    guards.remove(connection, GUARDS)
    _sql(f"UPDATE {TABLE} SET reason = 'x' WHERE sequence = 2")
    guards.install(connection, GUARDS)
    with pytest.raises(SystemExit) as end:
        call_command("verify_audit")
    assert end.value.code == 1
    assert "連番2の内容" in capsys.readouterr().err


# --- Screen ------------------------------------------------------------------------------------


def hub_events(cast: Cast) -> tuple[int, int]:
    """One event of Tokyo's hub and one of Miyagi's."""
    tokyo, miyagi = cast.cc_tokyo.membership.hub_id, cast.cc_miyagi.membership.hub_id
    for hub, name in ((tokyo, "東京の理由"), (miyagi, "宮城の理由")):
        record(
            cast.hq.scope,
            "hubs.results.submit",
            cast.hq.user,
            before={"state": "draft"},
            after={"state": "submitted"},
            reason=name,
            hub_id=hub,
        )
    return tokyo, miyagi


def test_the_trail_shows_before_and_after(cast: Cast, sign_in: Any) -> None:
    hub_events(cast)
    page = sign_in(cast.auditor).get("/audit/").content.decode()
    assert "東京の理由" in page
    assert "月次実績の提出" in page
    assert "<td>draft</td><td>submitted</td>" in page
    assert page.index("宮城の理由") < page.index("東京の理由"), "newest first"


def test_a_bureau_reads_the_events_of_its_hubs_only(cast: Cast, sign_in: Any) -> None:
    hub_events(cast)
    for address in ("/audit/", "/audit/csv/"):
        page = sign_in(cast.bureau_kanto).get(address).content.decode()
        assert "東京の理由" in page
        assert "宮城の理由" not in page


def test_hub_people_do_not_read_the_trail(cast: Cast, sign_in: Any) -> None:
    for address in ("/audit/", "/audit/csv/"):
        assert sign_in(cast.cc_tokyo).get(address).status_code == 403


@pytest.mark.parametrize(
    ("query", "tokyo", "miyagi"),
    [
        ("hub={tokyo}", True, False),
        ("person=配役+hq", True, True),
        ("person=いない人", False, False),
        ("action=hubs.results.submit", True, True),
        ("action=hubs.plans.submit", False, False),
        ("since=2000-01-01&until=2100-01-01", True, True),
        ("until=2000-01-01", False, False),
        ("since=2100-01-01", False, False),
        ("target=配役", True, True),
        ("target=ないもの", False, False),
    ],
)
def test_each_condition_narrows_the_search(
    cast: Cast, sign_in: Any, query: str, tokyo: bool, miyagi: bool
) -> None:
    hub, _ = hub_events(cast)
    page = sign_in(cast.auditor).get("/audit/?" + query.format(tokyo=hub)).content.decode()
    assert ("東京の理由" in page) is tokyo
    assert ("宮城の理由" in page) is miyagi


def test_a_wrong_condition_is_named_and_finds_nothing_in_silence(cast: Cast, sign_in: Any) -> None:
    hub_events(cast)
    answer = sign_in(cast.auditor).get("/audit/?since=きのう&hub=99999")
    assert answer.status_code == 200
    assert "入力内容を確認してください" in answer.content.decode()


def test_the_csv_holds_the_found_events_and_no_live_formula(cast: Cast, sign_in: Any) -> None:
    record(cast.hq.scope, "hubs.results.submit", cast.hq.user, reason="=1+1")
    answer = sign_in(cast.auditor).get("/audit/csv/?person=hq")
    assert "attachment" in answer["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0][0] == "連番"
    assert len(rows) == 2
    assert rows[1][10] == "'=1+1"
    assert len(rows[1][11]) == 64
