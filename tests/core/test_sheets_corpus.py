"""Every file of the corpus gives exactly its rows, or names exactly its faults."""

import pytest

from tests.core.sheet_corpus import COLUMNS, Case, all_cases
from yorozu.core.errors import InvalidInput
from yorozu.core.sheets import read_table

CASES = all_cases()


def test_the_corpus_is_large_and_its_names_differ() -> None:
    assert len(CASES) >= 150
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_file_gives_its_rows_or_names_its_faults(case: Case) -> None:
    table = read_table(case.data, case.filename, COLUMNS)

    found = [(problem.row, problem.column, problem.message) for problem in table.problems]
    assert len(found) == len(case.faults), found
    for (row, column, message), (want_row, want_column, fragment) in zip(
        found, case.faults, strict=True
    ):
        assert (row, column) == (want_row, want_column), message
        assert fragment in message
    assert tuple(tuple(row.as_dict().values()) for row in table.rows) == case.rows
    assert case.note in " ".join(table.notes)


@pytest.mark.parametrize("case", [c for c in CASES if c.faults], ids=lambda case: case.name)
def test_a_faulty_file_is_refused_as_a_whole(case: Case) -> None:
    table = read_table(case.data, case.filename, COLUMNS)
    with pytest.raises(InvalidInput) as refusal:
        table.checked_rows()
    assert refusal.value.problems == table.problems
    assert all(problem.message.endswith(("。", "」")) for problem in table.problems)
