"""A second process that reads the last part of a large CSV while the first one reads the rest.

Reading is most of a check and keeps one processor busy; the database waits meanwhile. The second
process gets the ground of the rows from the first and asks no database. It leaves files in a folder
and says what it found; the first one appends all of it to its own, so that nothing tells later how
many have read. Whatever is out of the ordinary (a break in the file, a cut that proves wrong, a
limit, a process that fails) ends with the whole file being read by one process from the start,
whose word alone counts then.
"""

import json
import logging
import os
import pickle
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from django.conf import settings
from django.core.files.storage import default_storage

from yorozu.core.errors import InvalidInput
from yorozu.core.imports.bulk.duplicates import KeyFile, KeyTable
from yorozu.core.imports.bulk.files import Findings, LoadFiles
from yorozu.core.imports.bulk.kinds import RowReader, bulk_kind
from yorozu.core.imports.bulk.portion import SHOWN_PROBLEMS, Portion, Tally
from yorozu.core.imports.bulk.reading import ChunkReader
from yorozu.core.sheets import Column
from yorozu.core.sheets.cells import Parser
from yorozu.core.sheets.header import Header
from yorozu.core.sheets.streaming import Cut, OtherEncodingError, find_cut, rows_behind

logger = logging.getLogger("yorozu.imports")
# What the first process reads: half, and what it reads while the second one starts.
FIRST_SHARE = 0.6
ORDER, KEYS, FOUND = "order", "keys", "found.json"
_BROKEN = 3
_PATIENCE, _LOOK = 60, 0.5
_START = (
    "import sys, django; django.setup(); "
    "from yorozu.core.imports.bulk.second import serve; serve(sys.argv[1])"
)


class NotInTwoError(Exception):
    """Read the whole file by one process from the start."""


@dataclass(frozen=True)
class Order:
    """What the second process is to do. ``columns`` are without their parsers."""

    source: str
    cut: Cut
    encoding: str
    kind: str
    ground: Any
    header: Header
    columns: Sequence[Column]


def cut_of(name: str, source: BinaryIO, size: int) -> Cut | None:
    """Where two processes share a stored file; None when one reads it all."""
    least = settings.BULK_TWO_READERS_FROM
    if not least or size < least or processors() < 2:
        return None
    try:
        default_storage.path(name)
    except NotImplementedError:
        return None
    return find_cut(source, int(size * FIRST_SHARE))


def processors() -> int:
    """How many the machine has."""
    return os.cpu_count() or 1


def without_parsers(columns: Sequence[Column]) -> list[Column]:
    """Columns that can be pickled: names and headings."""
    return [replace(column, parse=Parser(str)) for column in columns]


class SecondReader:
    """The second process as the first one sees it; ended in any case when the block is left."""

    def __init__(self, order: Order, folder: Path) -> None:
        self._order, self._folder = order, folder
        self._child: subprocess.Popen[bytes] | None = None
        self._began = 0.0

    def __enter__(self) -> Self:
        # Of an attempt before this one nothing may stay.
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        (self._folder / ORDER).write_bytes(pickle.dumps(self._order))
        self._began = time.monotonic()
        # Nothing is written to its input: that closes when this process ends, in whatever way.
        self._child = subprocess.Popen(  # noqa: S603 - own interpreter and module, no shell
            [sys.executable, "-c", _START, str(self._folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            cwd=settings.BASE_DIR,
            start_new_session=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            if child.stdin is not None:
                child.stdin.close()
            child.wait()

    def look(self) -> None:
        """NotInTwoError when it has ended without success."""
        status = self._child.poll() if self._child else 1
        if status:
            if status != _BROKEN:
                logger.warning("the second reader of an import ended with %s", status)
            raise NotInTwoError

    def found(self, waiting: Callable[[], None]) -> dict[str, Any]:
        """What it found, once it has; NotInTwoError when that cannot be used.

        ``waiting`` is called now and then. A process that takes several times as long as this one
        took for the larger part stands still.
        """
        most = _PATIENCE + 4 * (time.monotonic() - self._began)
        while not self._has_ended():
            waiting()
            if time.monotonic() - self._began > most:
                logger.warning("the second reader of an import stood still")
                raise NotInTwoError
        self.look()
        found: dict[str, Any] = json.loads((self._folder / FOUND).read_text(encoding="utf-8"))
        return found

    def _has_ended(self) -> bool:
        try:
            return self._child is None or self._child.wait(_LOOK) is not None
        except subprocess.TimeoutExpired:
            return False

    def take_over(
        self,
        found: Mapping[str, Any],
        portion: Portion,
        keys: KeyTable,
        reader: RowReader,
    ) -> None:
        """Append its files to those of the first process."""
        portion.take_over(found, self._folder)
        keys.take_over(self._folder / KEYS)
        reader.take_over(found["facts"])


def serve(place: str) -> None:
    """The second process: read behind the cut, and leave what was found in the folder."""
    threading.Thread(target=_end_with_the_first, daemon=True).start()
    folder = Path(place)
    order: Order = pickle.loads((folder / ORDER).read_bytes())  # noqa: S301 - of the first process
    try:
        found = _read(order, folder)
    except (InvalidInput, OtherEncodingError):
        # The first process comes to the same place and names it.
        os._exit(_BROKEN)
    (folder / FOUND).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    # Everything is written; there is nothing to tidy up.
    os._exit(0)


def _end_with_the_first() -> None:
    os.read(0, 1)
    os._exit(1)


def _read(order: Order, folder: Path) -> dict[str, Any]:
    kind = bulk_kind(order.kind)
    reader = kind.reader(order.ground)
    reader.read_as(csv=True)
    findings, tally = Findings(folder, SHOWN_PROBLEMS), Tally()
    load, keys = LoadFiles(folder), KeyFile(folder / KEYS)
    chunks = ChunkReader(reader, order.header, order.columns, (kind.stored, kind.key))
    portion = Portion(chunks, load, keys, findings, tally)
    with Path(order.source).open("rb") as source:
        for first, rows in rows_behind(source, order.cut, order.encoding):
            portion.take(first, rows)
    load.close()
    keys.close()
    return {
        "tally": tally.hand_over(),
        "findings": findings.hand_over(),
        "facts": reader.facts(),
        "peak_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }
