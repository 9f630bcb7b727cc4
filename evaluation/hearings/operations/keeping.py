"""Files that people attach: checked, kept under a name of our own, never opened by the portal."""

import hashlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO
from uuid import uuid4

from django.core.files import File
from django.core.files.storage import default_storage

from yorozu.core.errors import InvalidInput, Problem

MOST_BYTES = 20 * 1024 * 1024
KINDS = (".pdf", ".docx", ".xlsx", ".pptx", ".csv", ".txt", ".jpg", ".jpeg", ".png")
# What a file of a kind begins with; a page or a program under another ending is refused.
BEGINNINGS = {
    ".pdf": (b"%PDF-",),
    ".docx": (b"PK\x03\x04",),
    ".xlsx": (b"PK\x03\x04",),
    ".pptx": (b"PK\x03\x04",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
}


@dataclass(frozen=True)
class Kept:
    """A stored file: where it lies, its hash and its size in bytes."""

    path: str
    sha256: str
    size: int


def keep_file(folder: str, file: IO[bytes], filename: str) -> Kept:
    """Check and store a file. InvalidInput for kinds that are not taken, empty or large files."""
    ending = PurePath(filename).suffix.lower()
    if ending not in KINDS:
        listed = "、".join(kind.removeprefix(".") for kind in KINDS)
        raise _refuse(f"この種類のファイルは登録できません（登録できる種類：{listed}）。")
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while block := file.read(1 << 20):
        if size == 0 and not block.startswith(BEGINNINGS.get(ending, (b"",))):
            raise _refuse(f"ファイルの中身が{ending.removeprefix('.')}ではありません。")
        size += len(block)
        if size > MOST_BYTES:
            raise _refuse("ファイルは20MBまでです。")
        digest.update(block)
    if size == 0:
        raise _refuse("ファイルの中身がありません。")
    file.seek(0)
    path = default_storage.save(f"{folder}/{uuid4().hex}{ending}", File(file))
    return Kept(path, digest.hexdigest(), size)


def _refuse(text: str) -> InvalidInput:
    return InvalidInput([Problem(None, "ファイル", text)])


def drop_file(path: str) -> None:
    """Delete a stored file, if there is one."""
    if path and default_storage.exists(path):
        default_storage.delete(path)
