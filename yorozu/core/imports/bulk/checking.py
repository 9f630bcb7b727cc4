"""The check of a bulk file: read it all, keep what is good, name what is not. Writes no table."""

import json
from collections.abc import Iterable
from contextlib import closing
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
    Findings,
    LoadFiles,
    RowSet,
    StoredRows,
    keep,
    only,
    workshop,
)
from yorozu.core.imports.bulk.kinds import BulkImportKind, bulk_kind
from yorozu.core.imports.bulk.portion import SHOWN_PROBLEMS, SHOWN_ROWS, Portion, Tally
from yorozu.core.imports.bulk.reading import ChunkReader
from yorozu.core.imports.bulk.second import (
    NotInTwoError,
    Order,
    SecondReader,
    cut_of,
    without_parsers,
)
from yorozu.core.imports.kinds import ADDED, Change
from yorozu.core.imports.models import BatchState, ImportBatch
from yorozu.core.jobs.runner import JobContext
from yorozu.core.sheets.columnwise import uncopy_text
from yorozu.core.sheets.grid import Cell, refuse
from yorozu.core.sheets.streaming import (
    BULK_LIMITS,
    Cut,
    OtherEncodingError,
    RowStream,
    open_stream,
)

# A file that is refused as a whole need not be read to its end to say so.
ENOUGH_PROBLEMS = 100_000
READING = "ファイルを読んで確かめています（{rows:,}行まで）"
READING_IN_TWO = "ファイルを読んで確かめています（前半と後半を同時に）"
COMPARING = "重複と登録済みの行を調べています"
KEEPING = "結果を保存しています"
TOO_MANY_ROWS = "データが{most:,}行を超えています。年度や拠点で分けてください。"
STOPPED = "誤りが{most:,}件を超えたため、ここで確認を止めました。"
NO_ROWS = "見出しの下にデータの行がありません。"
_CHUNKS_A_STEP = 128


@dataclass
class Checked(Tally):
    """What a check came to. ``left_out``: good rows that are not added after all."""

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
    name = source_of(batch)
    with workshop() as folder, default_storage.open(name) as opened:
        source = cast("BinaryIO", opened)
        encoding, shared = "", cut_of(name, source, batch.size)
        cut = shared
        while True:
            attempt = _Attempt(batch, kind, actor, context, folder)
            try:
                attempt.run(source, encoding, cut)
            except OtherEncodingError as other:
                encoding, cut = other.encoding, shared
            except NotInTwoError:
                cut = None
            else:
                break
            attempt.findings.close()
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
        self._ground = kind.ground(batch.params, actor)
        self._reader = kind.reader(self._ground)
        self.findings = Findings(folder, SHOWN_PROBLEMS)
        self.checked = Checked()

    def run(self, source: BinaryIO, encoding: str, cut: Cut | None) -> None:
        """Read, and compare with the database; a file that cannot be read has problems only.

        With a ``cut`` in two processes: NotInTwoError when one must read it all after all.
        """
        try:
            stream = open_stream(source, self._columns, encoding=encoding, cut=cut)
            self.checked.encoding = stream.encoding
            self._read_all(stream, cut)
        except InvalidInput as error:
            if cut is not None:
                raise NotInTwoError from error
            self.findings.add("file", sorted(error.problems, key=lambda one: one.row or 0))

    def _read_all(self, stream: RowStream, cut: Cut | None) -> None:
        checked, kind = self.checked, self._kind
        self._reader.read_as(csv=stream.format == "CSV")
        chunks = ChunkReader(self._reader, stream.header, self._columns, (kind.stored, kind.key))
        with KeyTable(kind) as keys, closing(LoadFiles(self._folder)) as load:
            portion = Portion(chunks, load, keys, self.findings, checked)
            if cut is None:
                self._read(stream, portion)
            else:
                self._read_in_two(stream, portion, keys, cut)
            checked.files, checked.rows_hash = load.close()
            if not checked.rows_total:
                raise refuse(NO_ROWS)
            self._context.progress(self._batch.size, self._batch.size, COMPARING)
            checked.duplicates = DuplicateCheck(keys, self._reader, self.findings).run(self._lines)
        checked.facts = self._reader.facts()
        checked.sample = self._sample()

    def _read(self, stream: RowStream, portion: Portion) -> None:
        for number, (first, rows) in enumerate(stream.chunks):
            if number % _CHUNKS_A_STEP == 0:
                step = READING.format(rows=max(first - 1, 0))
                self._context.progress(stream.position(), self._batch.size, step)
            self._take(portion, first, rows)

    def _take(self, portion: Portion, first: int, rows: list[list[Cell]]) -> None:
        portion.take(first, rows)
        self._refuse_too_much(first)

    def _read_in_two(self, stream: RowStream, portion: Portion, keys: KeyTable, cut: Cut) -> None:
        """The part before the cut here, the one behind it in a second process meanwhile."""
        order = Order(
            source=default_storage.path(source_of(self._batch)),
            cut=cut,
            encoding=stream.encoding,
            kind=self._kind.code,
            ground=self._ground,
            header=stream.header,
            columns=without_parsers(self._columns),
        )
        with SecondReader(order, self._folder / "second") as second:
            for number, (first, rows) in enumerate(stream.chunks):
                if number % _CHUNKS_A_STEP == 0:
                    second.look()
                    self._show_both(stream.position() / cut.at)
                self._take(portion, first, rows)
            if stream.records() != cut.records:
                raise NotInTwoError
            found = second.found(lambda: self._show_both(1))
            second.take_over(found, portion, keys, self._reader)
        self._refuse_too_much(stream.records())

    def _show_both(self, share: float) -> None:
        """The second process is taken to be as far with its part as this one."""
        size = self._batch.size
        self._context.progress(int(share * size), size, READING_IN_TWO)

    def _refuse_too_much(self, row: int) -> None:
        most = BULK_LIMITS.max_rows
        if self.checked.rows_total > most:
            raise refuse(TOO_MANY_ROWS.format(most=most), row)
        hopeless = self.findings.errors > ENOUGH_PROBLEMS
        if hopeless and not self._kind.leaves_out(self._batch.params):
            raise refuse(STOPPED.format(most=ENOUGH_PROBLEMS), row)

    def _lines(self, wanted: RowSet) -> Iterable[bytes]:
        """The lines of certain rows, from the files just written."""
        paths = [str(path) for path in self.checked.files]
        return only(StoredRows(paths, lambda name: Path(name).open("rb")).blocks(), wanted)

    def _sample(self) -> list[Change]:
        """The first rows that would be added, for the preview."""
        sample: list[Change] = []
        for line in self.checked.first:
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
