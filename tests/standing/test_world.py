"""The small world stands whole."""

from tests.world import CODES, World, canary, total_of
from yorozu.core.audit.operations import verify_chain
from yorozu.core.imports.models import BatchState
from yorozu.core.jobs.models import JobState


def test_world_holds_every_state(world: World) -> None:
    # Only a bulk file passes through the last one: tests/hubs/ledger/test_bulk_write.py.
    states = set(BatchState.values) - {BatchState.UNDOING}
    assert {batch.state for batch in world.batches.values()} == states
    assert {job.state for job in world.jobs.values()} == set(JobState.values)
    assert {plan.state for plan in world.plans.values()} == {
        "draft",
        "submitted",
        "returned",
        "finalized",
    }
    assert {run.state for run in world.runs.values()} == {
        "computed",
        "fact_check",
        "fixed",
        "published",
    }
    assert {one.state for one in world.months.values()} == {
        "open",
        "submitted",
        "confirmed",
        "accepted",
        "returned",
    }
    assert verify_chain() == []


def test_each_hub_carries_its_own_canary_only(world: World) -> None:
    for code in CODES:
        text = world.books[code, 2].content
        assert canary(code) in text
        assert not any(canary(other) in text for other in CODES if other != code)


def test_world_ends_in_a_judgement_with_money(world: World) -> None:
    assert len(world.runs["published"].result_hash) == 64
    assert total_of(world) > 0
