"""The check of a bulk file: read it all, keep what is good, name what is not. Writes no table."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.core.files.storage import default_storage

from yorozu.core.access import Scope, require
from yorozu.core.canonical import canonical_json, sha256_text
from yorozu.core.errors import InvalidInput
from yorozu.core.imports.bulk.duplicates import DuplicateCheck, Duplicates, KeyTable
from yorozu.core.imports.bulk.files import (
    FACTS,
    LEFT_OUT,
    PROBLEMS,
    WARNED,
    WARNING,
    Findings,
    LoadFiles,
    RowSet,
    StoredRows,
    keep,
    only,
    workshop,
)
from yorozu.core.imports.bulk.kinds import BulkImportKind, RowReader, bulk_kind
from yorozu.core.imports.bulk.reading import ChunkReader, Taken
from yorozu.core.imports.kinds import ADDED, Change
from yorozu.core.imports.models import BatchState, ImportBatch
from yorozu.core.jobs.runner import JobContext
from yorozu.core.sheets.columnwise import uncopy_text
from yorozu.core.sheets.grid import refuse
from yorozu.core.sheets.streaming import BULK_LIMITS, OtherEncodingError, RowStream, open_stream

SHOWN_PROBLEMS = 2_000
SHOWN_ROWS = 100
# A file that is refused as a whole need not be read to its end to say so.
ENOUGH_PROBLEMS = 100_000
READING = "ファイルを読んで確かめています（{rows:,}行まで）"
COMPARING = "重複と登録済みの行を調べています"
KEEPING = "結果を保存しています"
TOO_MANY_ROWS = "データが{most:,}行を超えています。年度や拠点で分けてください。"
STOPPED = "誤りが{most:,}件を超えたため、ここで確認を止めました。"
NO_ROWS = "見出しの下にデータの行がありません。"
_CHUNKS_A_STEP = 128


@dataclass
class Checked:
    """What a check came to. ``left_out``: good rows that are not added after all."""

    rows_total: int = 0
    good: int = 0
    faulty_rows: int = 0
    warned_rows: int = 0
    encoding: str = ""
    duplicates: Duplicates = field(default_factory=Duplicates)
    rows_hash: str = ""
    files: list[Path] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    sample: list[Change] = field(default_factory=list)

    @property
    def left_out(self) -> RowSet:
        """Rows of the files that are not to be loaded."""
        return self.duplicates.left_out

    @property
    def to_add(self) -> int:
        """How many rows applying adds."""
        return self.good - self.left_out.count

    @property
    def hash(self) -> str:
        """Of everything that applying would write."""
        return sha256_text(
            canonical_json({"rows": self.rows_hash, "left_out": bytes(self.left_out).hex()})
        )


def check(batch: ImportBatch, actor: Scope, context: JobContext) -> tuple[dict[str, Any], int]:
    """Read the stored file, keep its good rows beside it, and say what applying would do.

    Returns the columns of the batch, not stored yet, and the number of problems. Refused when the
    right was lost.
    """
    kind = bulk_kind(batch.kind)
    require(actor, kind.action)
    with workshop() as folder, default_storage.open(source_of(batch)) as source:
        encoding = ""
        while True:
            attempt = _Attempt(batch, kind, actor, context, folder)
            try:
                attempt.run(cast("BinaryIO", source), encoding)
            except OtherEncodingError as other:
                attempt.findings.close()
                encoding = other.encoding
                continue
            context.progress(batch.size, batch.size, KEEPING)
            attempt.keep(f"{batch.folder}/{context.token}")
            return attempt.columns(context.token), attempt.findings.errors


def source_of(batch: ImportBatch) -> str:
    """Where the uploaded file lies in the storage."""
    return f"{batch.folder}/source"


class _Attempt:
    """One reading of the file with one encoding."""

    def __init__(
        self,
        batch: ImportBatch,
        kind: BulkImportKind,
        actor: Scope,
        context: JobContext,
        folder: Path,
    ) -> None:
        self._batch, self._kind, self._context, self._folder = batch, kind, context, folder
        self._columns = kind.columns(batch.params)
        self._reader: RowReader = kind.reader(batch.params, actor)
        self._first: list[str] = []
        self.findings = Findings(folder, SHOWN_PROBLEMS)
        self.checked = Checked()

    def run(self, source: BinaryIO, encoding: str) -> None:
        """Read, and compare with the database; a file that cannot be read has problems only."""
        try:
            stream = open_stream(source, self._columns, encoding=encoding)
            self.checked.encoding = stream.encoding
            self._read_all(stream)
        except InvalidInput as error:
            self.findings.add("file", sorted(error.problems, key=lambda one: one.row or 0))

    def _read_all(self, stream: RowStream) -> None:
        checked, kind = self.checked, self._kind
        for reader in self._reader.readers.values():
            reader.read_as(csv=stream.format == "CSV")
        load = LoadFiles(self._folder)
        with KeyTable(kind) as keys:
            chunks = ChunkReader(
                self._reader, stream.header, self._columns, (kind.stored, kind.key)
            )
            for number, (first, rows) in enumerate(stream.chunks):
                if number % _CHUNKS_A_STEP == 0:
                    step = READING.format(rows=max(first - 1, 0))
                    self._context.progress(stream.position(), self._batch.size, step)
                taken = chunks.take(first, rows)
                self._note(taken, first)
                load.add(taken.keys[0], taken.lines)
                keys.add(taken.keys, taken.numbers)
            checked.files, checked.rows_hash = load.close()
            if not checked.rows_total:
                raise refuse(NO_ROWS)
            self._context.progress(self._batch.size, self._batch.size, COMPARING)
            checked.duplicates = DuplicateCheck(keys, self._reader, self.findings).run(self._lines)
        checked.facts = self._reader.facts()
        checked.sample = self._sample()

    def _note(self, taken: Taken, first: int) -> None:
        checked = self.checked
        checked.rows_total += taken.filled
        checked.good += len(taken.lines)
        checked.faulty_rows += taken.faulty_rows
        checked.warned_rows += len({warning.row for warning in taken.warnings})
        self.findings.add("rows", taken.problems)
        self.findings.add("warnings", taken.warnings, WARNING)
        if len(self._first) < 3 * SHOWN_ROWS:
            self._first += taken.lines
        most = BULK_LIMITS.max_rows
        if checked.rows_total > most:
            raise refuse(TOO_MANY_ROWS.format(most=most), first)
        hopeless = self.findings.errors > ENOUGH_PROBLEMS
        if hopeless and not self._kind.leaves_out(self._batch.params):
            raise refuse(STOPPED.format(most=ENOUGH_PROBLEMS), first)

    def _lines(self, wanted: RowSet) -> Iterable[bytes]:
        """The lines of certain rows, from the files just written."""
        paths = [str(path) for path in self.checked.files]
        return only(StoredRows(paths, lambda name: Path(name).open("rb")).blocks(), wanted)

    def _sample(self) -> list[Change]:
        """The first rows that would be added, for the preview."""
        sample: list[Change] = []
        for line in self._first:
            *fields, number = line.split("\t")
            if int(number) not in self.checked.left_out and len(sample) < SHOWN_ROWS:
                sample.append(self._change(int(number), fields))
        return sample

    def _change(self, number: int, fields: list[str]) -> Change:
        texts = {
            name: self._reader.shown(name, uncopy_text(text) or "")
            for name, text in zip(self._kind.stored, fields, strict=True)
        }
        label = " ".join(texts[name] for name in self._kind.key)
        shown = tuple(
            (self._reader.readers[name].column.heading, "", text)
            for name, text in texts.items()
            if name not in self._kind.key and text
        )
        return Change(number, label, ADDED, label, shown)

    def keep(self, work: str) -> None:
        """Move everything that applying and the screens need into the storage."""
        checked = self.checked
        for path in checked.files:
            keep(path, f"{work}/{path.name}")
        facts = {
            "files": [path.name for path in checked.files],
            "rows_hash": checked.rows_hash,
            "added": checked.to_add,
            "facts": checked.facts,
        }
        written = {
            FACTS: json.dumps(facts, ensure_ascii=False).encode(),
            LEFT_OUT: bytes(checked.left_out),
        }
        for name, content in written.items():
            (self._folder / name).write_bytes(content)
            keep(self._folder / name, f"{work}/{name}")
        if self.findings.errors or self.findings.warnings:
            self.findings.write(self._folder / PROBLEMS)
            keep(self._folder / PROBLEMS, f"{work}/{PROBLEMS}")
        self.findings.close()

    def columns(self, token: str) -> dict[str, Any]:
        """The columns of the batch."""
        checked, found = self.checked, self.checked.duplicates
        faulty = checked.faulty_rows + found.within + found.past + found.differing
        return {
            "work": token,
            "state": self._state(),
            "encoding": checked.encoding,
            "rows_total": checked.rows_total,
            "rows_added": checked.to_add,
            "rows_unchanged": found.unchanged,
            "rows_left_out": faulty,
            "problems_total": self.findings.errors,
            "problems": [[p.row, p.column, p.message] for p in self.findings.first()],
            "changes": [change.as_json() for change in checked.sample],
            "changes_hash": checked.hash,
            "summary": [
                ["読んだ行", checked.rows_total],
                ["誤りのある行", checked.faulty_rows],
                ["ファイルの中で重複する行", found.within],
                ["登録済みと同じ内容の行", found.unchanged],
                ["登録済みと内容が違う行", found.differing],
                ["取り消された記録と同じ番号の行", found.past],
                [WARNED, checked.warned_rows],
            ],
        }

    def _state(self) -> str:
        refused = self.findings.errors and not self._kind.leaves_out(self._batch.params)
        if refused or (self.findings.errors and not self.checked.to_add):
            return BatchState.REFUSED
        return BatchState.READY if self.checked.to_add else BatchState.UNCHANGED
