"""Looking changes nothing: every page, every object, every actor who may open it."""

import pytest

from tests.access.stage import Stage, row_counts, url_of
from tests.access.table import ROWS, allowed_actors
from tests.access.targets import ACTORS, is_visible, targets_of


@pytest.mark.parametrize("name", sorted(name for name, method in ROWS if method == "GET"))
def test_looking_writes_nothing(stage: Stage, name: str) -> None:
    before = row_counts()
    faults = []
    looked = 0
    tried: set[str] = set()
    for target in targets_of(name, stage.world):
        for actor in allowed_actors(name, "GET"):
            # One actor per role is enough here; the matrix asks them all.
            role = f"{ACTORS[actor][0]} {target.label}"
            if role in tried or not is_visible(target, ROWS[name, "GET"]["scope"], actor):
                continue
            tried.add(role)
            looked += 1
            answer = stage.ask(actor, "GET", url_of(name, target), keep=True)
            faults += [f"{actor} {target.label}: {sql}" for sql in answer.writes]
            if answer.status >= 500:
                faults.append(f"{actor} {target.label}: {answer.status} {answer.error}")
    assert not faults, "\n".join(faults[:20])
    assert looked, "nobody could open it"
    assert row_counts() == before
