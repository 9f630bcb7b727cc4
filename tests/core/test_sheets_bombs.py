"""Files made to exhaust the machine are refused in a child process with hard limits."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAX_GROWTH_MB = 300
MAX_SECONDS = 10

# The bomb is made by the parent; the child only reads it, so its growth is the reader's.
CHILD = textwrap.dedent(
    """
    import resource, sys, time
    from tests.core.sheet_corpus import COLUMNS
    from yorozu.core.sheets import read_table
    data = open(sys.argv[1], "rb").read()
    peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    before, start = peak(), time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    table = read_table(data, "bomb", COLUMNS)
    print(peak() - before, time.process_time() - start, len(table.rows))
    print(table.problems[0].message if table.problems else "")
    """
)


def _workbook_bombs() -> dict[str, tuple[str, str]]:
    """Expression that makes the file, and what the refusal must say."""
    return {
        "zeros in a sheet": ("rezip(BASE, {SHEET: bytes(400 << 20)})", "展開すると大きすぎる"),
        "ratio": ("rezip(BASE, add={'xl/media/a.png': bytes(100 << 20)})", "圧縮率"),
        "large styles": ("rezip(BASE, {'xl/styles.xml': b'<a/>' * (2 << 20)})", "付属情報"),
        "many members": (
            "rezip(BASE, add={f'xl/media/{n}.png': b'' for n in range(5000)})",
            "部品が多すぎます",
        ),
        "cells": ("raw_sheet(b'<row><c/><c/><c/></row>' * 300_000)", "セルが多すぎます"),
        "cells in one row": (
            "raw_sheet(b'<row>' + b'<c><v>1</v></c>' * 290_000 + b'</row>')",
            "1行が大きすぎる",
        ),
        "elements in one cell": (
            "raw_sheet(b'<row><c t=\"inlineStr\"><is>' + b'<t/>' * 700_000 + b'</is></c></row>')",
            "異常に複雑",
        ),
        "elements outside rows": ("raw_sheet(b'<x/>' * 2_000_000)", "異常に複雑"),
        "strings": (
            (
                "rezip(BASE, {STRINGS: b'<sst xmlns=\"' + MAIN + b'\">' + b'<si><t>a</t></si>'"
                " * 400_000 + b'</sst>'})"
            ),
            "文字列が多すぎる",
        ),
        "entities": (
            (
                'rezip(BASE, {SHEET: b\'<!DOCTYPE a [<!ENTITY b "bbbbbbbb">'
                '<!ENTITY c "&b;&b;&b;&b;&b;&b;">]><worksheet>&c;</worksheet>\'})'
            ),
            "安全でないXML",
        ),
        "deep nesting": ("raw_sheet(b'<a>' * 250_000)", "異常に複雑|壊れているか"),
        "far rows": (
            (
                "raw_sheet(b''.join(b'<row r=\"%d\"><c><v>1</v></c></row>' % n"
                " for n in range(1, 1048577, 9)))"
            ),
            "",
        ),
        "csv of commas": ("b',' * (40 << 20)", "長すぎます"),
        "csv of blank lines": ("TEXT.encode() + b'\\n' * (40 << 20)", "行数が多すぎます"),
        "csv of one long cell": ("TEXT.encode() + b'x' * (40 << 20)", "長すぎます"),
        "csv of open quotes": ("TEXT.encode() + b'\"\\n' * (10 << 20)", ""),
        "csv of emoji": ("('a' + '\\U0001f600' * (10 << 20)).encode()", "長すぎます"),
        "csv of faults": ("TEXT.encode() + b'x,x,x,x,x,x\\n' * (1 << 20)", ""),
        "csv beyond the size": ("b'a,b\\n' * (13 << 20)", "ファイルが大きすぎます"),
        "zip in disguise": ("b'PK\\x03\\x04' + bytes(40 << 20)", "壊れているか"),
    }


BOMBS = _workbook_bombs()


def _run_child(path: Path) -> tuple[int, float, str]:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    figures, _, message = done.stdout.partition("\n")
    growth, seconds, _ = figures.split()
    return int(growth), float(seconds), message.strip()


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_little(name: str, tmp_path: Path) -> None:
    expression, fragment = BOMBS[name]
    path = tmp_path / "bomb"
    make = f"from tests.core.sheet_corpus import *\nopen({str(path)!r}, 'wb').write({expression})"
    made = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", make], cwd=ROOT, env=made, check=True)
    growth, seconds, message = _run_child(path)
    assert growth < MAX_GROWTH_MB
    assert seconds < MAX_SECONDS
    assert message
    assert not fragment or any(piece in message for piece in fragment.split("|")), message
