"""What a response body says, whatever it is wrapped in: HTML, CSV, JSON, XLSX, PDF, zip."""

import io
import json
import re
import zipfile
from functools import lru_cache
from typing import Any

from pypdf import PdfReader

from tests.world import CODES, canary


def body_of(response: Any) -> bytes:
    """The whole body, streamed or not."""
    if response.streaming:
        return b"".join(response.streaming_content)
    return bytes(response.content)


@lru_cache(maxsize=4096)
def text_of(body: bytes) -> tuple[str, str]:
    """(kind, text) of a body; kind is what its first bytes say it is."""
    if body.startswith(b"%PDF"):
        pages = PdfReader(io.BytesIO(body)).pages
        return "pdf", "".join(page.extract_text() for page in pages)
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            parts = [text_of(packed.read(name))[1] for name in packed.namelist()]
        return "xlsx", "\n".join(parts)
    head = body.lstrip(b"\xef\xbb\xbf \r\n")[:1]
    kind = {b"<": "html", b"{": "json", b"[": "json"}.get(head, "csv")
    try:
        return kind, body.decode("utf-8")
    except UnicodeDecodeError:
        return kind, body.decode("cp932", errors="replace")


def canaries_in(text: str) -> set[str]:
    """Codes of the hubs whose word stands in the text, also escaped or broken over lines."""
    plain = re.sub(r"\s+", "", text)
    return {
        code
        for code in CODES
        if canary(code) in plain or json.dumps(canary(code)).strip('"') in plain
    }
