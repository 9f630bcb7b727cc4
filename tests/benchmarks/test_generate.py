"""The files of the benchmarks: same seed, same bytes; and the manifest says what is in them."""

import csv
import hashlib
import json
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from benchmarks.generate import CHANNELS, HEADER, INVALID, THEMES, Shape, hub_codes, write

SHAPE = Shape(rows=4_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("generated")


def rows_of(path: Path, encoding: str = "utf-8") -> list[list[str]]:
    with path.open(encoding=encoding, newline="") as stream:
        header, *rows = csv.reader(stream)
    assert tuple(header) == HEADER
    return rows


def faults(row: list[str]) -> list[str]:
    """What is wrong with a row, found without the generator."""
    found = []
    if row[0] not in hub_codes(47):
        found.append("unknown_hub")
    if row[2] == "2025-13-45":
        found.append("no_such_day")
    elif date.fromisoformat(row[2]) > date(2026, 3, 31):
        found.append("future_day")
    if row[3] not in CHANNELS:
        found.append("unknown_channel")
    if row[9].startswith("-"):
        found.append("negative_minutes")
    if row[4] not in THEMES:
        found.append("no_theme")
    return found


def test_the_same_seed_gives_the_same_bytes_for_ever(folder: Path) -> None:
    path, manifest = write(SHAPE, folder)
    assert manifest.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert manifest.bytes == path.stat().st_size
    assert manifest.sha256 == "010b00b630a709ce86e61326a7b0b60891e7ae7e2046ea97963cfc428c473f10"
    assert write(Shape(rows=4_000, seed=2), folder)[1].sha256 != manifest.sha256


def test_the_manifest_counts_what_a_plain_reader_counts(folder: Path) -> None:
    path, manifest = write(SHAPE, folder)
    found = dict.fromkeys(INVALID, 0)
    seen: set[tuple[str, str]] = set()
    stored, clients = 0, defaultdict(set)
    consultations: defaultdict[tuple[str, str], int] = defaultdict(int)
    resolved: defaultdict[tuple[str, str], int] = defaultdict(int)
    duplicates = 0
    for row in rows_of(path):
        if wrong := faults(row):
            assert len(wrong) == 1
            found[wrong[0]] += 1
        elif (row[0], row[1]) in seen:
            duplicates += 1
        else:
            seen.add((row[0], row[1]))
            stored += 1
            consultations[row[0], row[2][:7]] += 1
            clients[row[0], row[2][:7]].add(row[8])
            if row[10]:
                resolved[row[0], row[10][:7]] += 1
    assert (found, duplicates, stored) == (
        manifest.invalid,
        manifest.duplicates,
        manifest.stored,
    )
    for code, months in manifest.monthly.items():
        for month, figures in months.items():
            assert figures[0] == consultations[code, month]
            assert figures[2] == len(clients[code, month])
            assert figures[4] == resolved[code, month]
    assert sum(f[0] for months in manifest.monthly.values() for f in months.values()) == stored


def test_the_shares_are_those_asked_for(folder: Path) -> None:
    _, manifest = write(Shape(rows=20_000), folder)
    assert sum(manifest.invalid.values()) == pytest.approx(400, rel=0.2)
    assert max(manifest.invalid.values()) < 2 * min(manifest.invalid.values())
    assert manifest.duplicates == pytest.approx(200, rel=0.25)
    sizes = sorted(sum(f[0] for f in months.values()) for months in manifest.monthly.values())
    assert sizes[-1] > 6 * sizes[0]


def test_characters_that_only_cp932_has_survive_it(folder: Path) -> None:
    path, manifest = write(Shape(rows=1_000, encoding="cp932"), folder)
    text = path.read_bytes().decode("cp932")
    assert {"㈱", "①", "髙"} <= set(text)
    plain, same = write(Shape(rows=1_000), folder)
    assert rows_of(path, "cp932") == rows_of(plain)
    assert (manifest.stored, manifest.monthly) == (same.stored, same.monthly)


def test_realistic_clients_come_back_and_a_clean_file_is_clean(folder: Path) -> None:
    _, uniform = write(SHAPE, folder)
    _, realistic = write(Shape(rows=4_000, realistic=True, clean=True), folder)

    def once(months: dict[str, dict[str, list[int]]], place: int) -> int:
        return sum(figures[place] for per_hub in months.values() for figures in per_hub.values())

    assert once(realistic.monthly, 2) < 0.95 * once(realistic.monthly, 0)
    assert once(uniform.monthly, 2) > 0.95 * once(uniform.monthly, 0)
    assert (realistic.stored, realistic.duplicates) == (4_000, 0)
    assert not any(realistic.invalid.values())


def test_the_manifest_lies_beside_the_file(folder: Path) -> None:
    path, manifest = write(SHAPE, folder)
    beside = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert beside["sha256"] == manifest.sha256
    assert beside["stored"] == manifest.stored
    assert beside["shape"]["rows"] == 4_000


@pytest.mark.parametrize("count", [47, 470, 4700])
def test_every_hub_of_a_larger_network_has_a_code_of_two_characters(count: int) -> None:
    codes = hub_codes(count)
    assert len(set(codes)) == count
    assert {len(code) for code in codes} == {2}
