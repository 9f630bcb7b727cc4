"""The message folder: nothing half-written is ever visible, every message arrives once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from yorozu.core.jobs.folder import Channel


def channel(folder: Path) -> Any:
    """A channel of its own, as each process has."""
    options = {
        "data_folder_in": str(folder / "messages"),
        "data_folder_out": str(folder / "messages"),
        "control_folder": str(folder / "control"),
    }
    link = Connection(
        "filesystem://localhost",
        transport="yorozu.core.jobs.folder.Transport",
        transport_options=options,
    )
    return link.channel()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty message folder; read messages pass through a temporary folder beside it."""
    for name in ("messages", "control", "tmp"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    return tmp_path


def test_a_message_is_whole_when_its_name_appears(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bool, int]] = []
    rename = Path.rename

    def watch(self: Path, target: Path) -> Path:
        seen.append((any(folder.glob("messages/*.msg")), self.stat().st_size))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", watch)
    channel(folder)._put("celery", {"body": "x"})
    assert seen == [(False, len('{"body": "x"}'))]
    assert len(list(folder.glob("messages/*.celery.msg"))) == 1


def test_a_half_written_message_is_not_taken(folder: Path) -> None:
    (folder / "messages" / "1_a.part").write_text("")
    with pytest.raises(Empty):
        channel(folder)._get("celery")


def write(folder: Path, numbers: range) -> None:
    """Put one message per number, as one process does."""
    mine = channel(folder)
    for number in numbers:
        mine._put("celery", {"n": number})


def read(folder: Path, done: threading.Event) -> list[int]:
    """Take messages until the writers are done and the folder is empty."""
    mine: Channel = channel(folder)
    got: list[int] = []
    while True:
        over = done.is_set()
        try:
            got.append(mine._get("celery")["n"])
        except Empty:
            if over:
                return got


def test_many_writers_and_readers_lose_and_double_nothing(folder: Path) -> None:
    done = threading.Event()
    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read, folder, done) for _ in range(2)]
        writers = [pool.submit(write, folder, range(start, 400, 2)) for start in range(2)]
        try:
            for writer in writers:
                writer.result(timeout=60)
        finally:
            done.set()
        got = [number for reader in readers for number in reader.result(timeout=60)]
    assert sorted(got) == list(range(400))


def test_a_table_still_being_written_is_read_again(folder: Path) -> None:
    table = folder / "control" / "celery.exchange"
    table.touch()
    filled = threading.Timer(0.1, table.write_text, args=('[["celery", "", "celery"]]',))
    filled.start()
    try:
        assert [row.queue for row in channel(folder).get_table("celery")] == ["celery"]
    finally:
        filled.join()
