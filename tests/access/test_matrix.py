"""Every address x method x actor x object: who may, who is refused, who never learns of it.

The expectation is tests/access/matrix.csv, a table that people review; the addresses come from the
URL resolver, so that a new one fails until somebody has decided about it. Pruned by rule, and
counted: a method that an address does not have is tried on its first object only (405 for all), and
HQ's second person looks only at what belongs to a person. On the second pass (PostgreSQL) a refusal
by role, which is decided before a row is read, is tried on the first object only.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.access.scan import canaries_in, text_of
from tests.access.stage import NAMES, Stage, url_of
from tests.access.table import PUBLIC, ROWS
from tests.access.targets import ACTORS, ROLES, TARGETS, Target, is_visible, targets_of

METHODS = ("GET", "POST")
SCOPES = {"none", "all", "hub", "run", "flag", "owner", "kind", "file", "seat"}
REASON = re.compile(r"だけが行えます|担当する拠点についてだけ|有効な役割|だけが取り出せます")
# Bodies this small world must have shown with the own hub's word, or the scan proves nothing.
SEEN_SOMEWHERE = {"html", "csv", "xlsx", "pdf", "json"}


SECOND_PASS = bool(os.environ.get("DATABASE_URL"))
TALLY: Counter[str] = Counter()
SHOWN: Counter[str] = Counter()
DONE: set[str] = set()


@pytest.fixture(scope="module", autouse=True)
def _closing_account(request: pytest.FixtureRequest) -> Iterator[None]:
    """Print the number of cells; after a whole run each word was met where it belongs."""
    yield
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"\npermission matrix: {json.dumps(TALLY)}")  # noqa: T201
    if set(NAMES) - DONE:
        return
    assert set(SHOWN) >= SEEN_SOMEWHERE
    unread = [
        f"{actor} never read a word of hub {code}"
        for actor, (_, hubs) in ACTORS.items()
        for code in hubs
        if not SHOWN[f"{actor}/{code}"]
    ]
    assert not unread, unread
    assert TALLY["cells"] > (4_000 if SECOND_PASS else 10_000)


def test_table_has_every_address_and_nothing_else() -> None:
    assert {name for name, _ in ROWS} == set(NAMES)
    assert set(TARGETS) == set(NAMES)


def test_table_is_written_in_its_own_words() -> None:
    for key, row in ROWS.items():
        assert row["method"] in METHODS, key
        assert row["scope"] in SCOPES, key
        assert all(row[role] in {"o", "-"} for role in ROLES), key
        assert re.fullmatch(r"\d{3}( \d{3})*", row["status"]), key


def _expected(row: dict[str, str] | None, name: str, actor: str, target: Target) -> set[int]:
    """Statuses that may come back."""
    if name in PUBLIC:
        return {int(code) for code in row["status"].split()} if row else {405}
    if actor == "anonymous":
        return {302}
    if row is None:
        return {405}
    column, _ = ACTORS[actor]
    if column == "nobody" or row[column] != "o":
        return {403}
    if not is_visible(target, row["scope"], actor):
        return {403} if row["scope"] == "kind" else {404}
    if row["scope"] == "file" and not is_visible(target, "kind", actor):
        return {403}
    return {int(code) for code in row["status"].split()}


def _faults(stage: Stage, name: str, method: str, actor: str, target: Target) -> Iterator[str]:
    row = ROWS.get((name, method))
    expected = _expected(row, name, actor, target)
    url = url_of(name, target)
    answer = stage.ask(actor, method, url)
    status = answer.status
    where = f"{method} {name} [{target.label}] as {actor}: {status}"
    TALLY["cells"] += 1
    if status not in expected:
        yield f"{where}, expected {sorted(expected)} {answer.error}"
    kind, text = text_of(answer.body)
    if expected == {403} and status == 403 and not REASON.search(text):
        yield f"{where}: refused without a reason in Japanese"
    if expected == {302} and actor == "anonymous" and "/accounts/login/" not in answer.location:
        yield f"{where}: anonymous is not led to the sign-in"
    if (method == "GET" or status in {302, 403, 404, 405} & expected) and status != 302:
        yield from (f"{where}: wrote {sql}" for sql in answer.writes[:1])
    hubs = ACTORS[actor][1] if actor in ACTORS else frozenset()
    if target.words and target.owners is not None and actor in target.owners:
        hubs |= {target.words}
    found = canaries_in(text)
    if found - hubs:
        yield f"{where}: shows the words of {sorted(found - hubs)} ({kind})"
    for code in found & hubs:
        SHOWN[kind] += 1
        SHOWN[f"{actor}/{code}"] += 1


def _asked(name: str, method: str, *, is_first: bool) -> list[str]:
    """Everybody; the second person of HQ looks only where it matters who made a thing."""
    everybody = [*ACTORS, "anonymous"]
    if SECOND_PASS and not is_first:
        everybody = [actor for actor in everybody if not _refused_by_role(name, method, actor)]
        TALLY["pruned"] += len(ACTORS) + 1 - len(everybody)
    row = ROWS.get((name, method))
    if method == "GET" and (row is None or row["scope"] != "owner") and "hq_second" in everybody:
        everybody.remove("hq_second")
        TALLY["pruned"] += 1
    return everybody


def _refused_by_role(name: str, method: str, actor: str) -> bool:
    row = ROWS.get((name, method))
    if actor == "anonymous" or row is None:
        return True
    column, _ = ACTORS[actor]
    return column == "nobody" or row[column] != "o"


@pytest.mark.parametrize("name", NAMES)
def test_address(stage: Stage, name: str) -> None:
    faults: list[str] = []
    DONE.add(name)
    for method in METHODS:
        targets = targets_of(name, stage.world)
        assert targets, f"no objects for {name}"
        if (name, method) not in ROWS:
            TALLY["pruned"] += (len(targets) - 1) * (len(ACTORS) + 1)
            targets = targets[:1]
        for target in targets:
            for actor in _asked(name, method, is_first=target is targets[0]):
                faults += _faults(stage, name, method, actor, target)
    assert not faults, f"{len(faults)} wrong cells\n" + "\n".join(faults[:60])
