"""PDF from HTML, in a child process with limits and with nothing to fetch.

A page may hold text that someone typed, so rendering is treated as hostile: the child process has
a limit of time, memory and pages and none of the portal's secrets in its environment, the document
itself can fetch nothing at all, and only the two vendored fonts are readable, by name, from our own
style sheets. WeasyPrint is imported only in the child: the import fails where pango is lacking.

`render_pdf` serves one document; `PdfSession` keeps one child (one import, one font set) for a
batch; `render_side_by_side` keeps a few of them. `python -m yorozu.core.pdf` is the child.
"""

import contextlib
import ctypes
import importlib.util
import json
import logging
import os
import resource
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, BinaryIO, Self

from yorozu.core.errors import NotReady, UserError

ROOT = Path(__file__).resolve().parents[2]
STYLES = (ROOT / "static/css/report-font.css", ROOT / "static/css/report.css")
FONT_DIR = ROOT / "static/vendor/biz-udpgothic-0.4.2"
FONTS = (FONT_DIR / "BIZUDPGothic_400Regular.ttf", FONT_DIR / "BIZUDPGothic_700Bold.ttf")
VARIANT = "pdf/ua-1"
# One process per core of the smallest machine we serve.
SESSIONS = 2
PANGO_NAMES = (
    ("libpango-1.0.so.0", "libpango-1.0-0", "libpango-1.0.dylib"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0-0", "libpangoft2-1.0.dylib"),
)
# What the child may see of the environment: enough to start, no addresses and no keys.
KEPT_ENVIRONMENT = (
    "PATH",
    "HOME",
    "LANG",
    "LD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "FONTCONFIG_FILE",
    "FONTCONFIG_PATH",
    "XDG_CACHE_HOME",
    "SOURCE_DATE_EPOCH",
    "COVERAGE_PROCESS_START",
)
_HEADER = struct.Struct(">cI")
log = logging.getLogger(__name__)


class PdfError(UserError):
    """The document could not be made within the limits; the session itself goes on."""


@dataclass(frozen=True)
class Limits:
    """What one document may use; time counts both as seconds of waiting and of processor time."""

    timeout_s: int = 60
    memory_mb: int = 600
    max_pages: int = 200


def pdf_available() -> str | None:
    """None when PDFs can be made here, else the reason in Japanese for the screen and the check."""
    lacking = [path.name for path in (*FONTS, *STYLES) if not path.is_file()]
    if lacking:
        return f"PDFを作成できません。必要なファイルがありません（{'、'.join(lacking)}）。"
    if importlib.util.find_spec("weasyprint") is None:
        return "PDFを作成できません。WeasyPrintがインストールされていません。"
    if not _pango_loads():
        return (
            "PDFを作成できません。文字組版ライブラリ（libpango-1.0-0、libpangoft2-1.0-0）が"
            "インストールされていません。印刷用画面をご利用ください。"
        )
    return None


@cache
def _pango_loads() -> bool:
    return all(any(_loads(name) for name in names) for names in PANGO_NAMES)


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def render_pdf(
    html: str, *, timeout_s: int = 60, memory_mb: int = 600, max_pages: int = 200
) -> bytes:
    """One PDF (PDF/UA-1) from a whole HTML document; raises NotReady or PdfError."""
    with PdfSession(timeout_s=timeout_s, memory_mb=memory_mb, max_pages=max_pages) as session:
        return session.render(html)


class PdfSession:
    """One child process for many documents; a document that breaks the limits costs only itself."""

    def __init__(self, *, timeout_s: int = 60, memory_mb: int = 600, max_pages: int = 200) -> None:
        self.limits = Limits(timeout_s, memory_mb, max_pages)
        self._child: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        reason = pdf_available()
        if reason:
            raise NotReady(reason)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def render(self, html: str) -> bytes:
        """The PDF of one document; a child that failed is replaced before the next."""
        child = self._child or self._start()
        overdue = threading.Event()

        def give_up() -> None:
            overdue.set()
            child.kill()

        # The import of the first document is not the document's time.
        timer = threading.Timer(self.limits.timeout_s + 10, give_up)
        timer.start()
        try:
            kind, answer = _ask(child, html)
        finally:
            timer.cancel()
        if kind == b"P":
            return answer
        self._stop()
        reason = "" if overdue.is_set() else answer.decode("utf-8", "replace")
        log.warning("PDF refused: %s", reason or "the child was ended by its limits")
        raise PdfError(reason or self._exhausted())

    def _exhausted(self) -> str:
        limits = self.limits
        return (
            "PDFを作成できませんでした。内容が大きすぎるため、上限"
            f"（{limits.timeout_s}秒・{limits.memory_mb}MB）で打ち切りました。"
        )

    def _start(self) -> subprocess.Popen[bytes]:
        # Font copies of a killed child would stay behind; this folder goes with the session.
        self._folder = tempfile.TemporaryDirectory(prefix="yorozu-pdf-")
        self._child = subprocess.Popen(  # noqa: S603 - own interpreter and module, no shell
            [sys.executable, "-m", "yorozu.core.pdf", json.dumps(asdict(self.limits))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env=_environment(os.environ, self._folder.name),
        )
        return self._child

    def _stop(self) -> None:
        child, folder, self._child, self._folder = self._child, self._folder, None, None
        if child is not None:
            child.kill()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            child.wait()
        if folder is not None:
            folder.cleanup()


def render_side_by_side(pages: Iterable[str]) -> Iterator[bytes]:
    """The PDFs in order, from a few child processes; who stops asking stops those not begun."""
    free: SimpleQueue[PdfSession] = SimpleQueue()

    def render(page: str) -> bytes:
        session = free.get()
        try:
            return session.render(page)
        finally:
            free.put(session)

    with contextlib.ExitStack() as stack:
        for _ in range(SESSIONS):
            free.put(stack.enter_context(PdfSession()))
        pool = stack.enter_context(ThreadPoolExecutor(SESSIONS))
        yield from pool.map(render, pages)


def _environment(outer: Mapping[str, str], folder: str) -> dict[str, str]:
    kept = {name: outer[name] for name in KEPT_ENVIRONMENT if name in outer}
    return {**kept, "TMPDIR": folder, "PYTHONUTF8": "1"}


def _ask(child: subprocess.Popen[bytes], html: str) -> tuple[bytes, bytes]:
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("the child has no pipes")
    try:
        _send(child.stdin, b"H", html.encode())
        return _receive(child.stdout) or (b"E", b"")
    except (BrokenPipeError, EOFError):
        return b"E", b""


def _send(stream: BinaryIO | Any, kind: bytes, body: bytes) -> None:
    stream.write(_HEADER.pack(kind, len(body)) + body)
    stream.flush()


def _receive(stream: BinaryIO | Any) -> tuple[bytes, bytes] | None:
    head = stream.read(_HEADER.size)
    if not head:
        return None
    if len(head) < _HEADER.size:
        raise EOFError
    kind, size = _HEADER.unpack(head)
    body = stream.read(size)
    if len(body) < size:
        raise EOFError
    return kind, body


# --- The child ----------------------------------------------------------------------------------


class _Printer:
    """WeasyPrint with one font configuration and one style sheet, read once."""

    def __init__(self) -> None:
        import weasyprint  # noqa: PLC0415 - fails without pango; only the child may try
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415
        from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415

        named = {path.as_uri(): path for path in FONTS}

        class NamedFilesOnly(URLFetcher):
            def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
                if url not in named:
                    raise ValueError(f"not on the list: {url}")
                return URLFetcherResponse(url, named[url].read_bytes())

        class NothingAtAll(URLFetcher):
            def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
                raise ValueError(f"a document may not fetch: {url}")

        self.fonts = FontConfiguration()
        self.html = weasyprint.HTML
        self.nothing = NothingAtAll(allowed_protocols=set(), allow_redirects=False)
        fetcher = NamedFilesOnly(allowed_protocols={"file"}, allow_redirects=False)
        self.styles = [
            weasyprint.CSS(
                string=path.read_text(encoding="utf-8"),
                base_url=path.as_uri(),
                url_fetcher=fetcher,
                font_config=self.fonts,
            )
            for path in STYLES
        ]

    def pdf(self, html: str, max_pages: int) -> bytes:
        page = self.html(string=html, url_fetcher=self.nothing)
        document = page.render(
            font_config=self.fonts, stylesheets=self.styles, pdf_variant=VARIANT, pdf_tags=True
        )
        if len(document.pages) > max_pages:
            raise _TooLongError
        made: bytes = document.write_pdf(pdf_variant=VARIANT, pdf_tags=True)
        return made


class _TooLongError(Exception):
    pass


def _answer(printer: _Printer, html: str, limits: Limits) -> tuple[bytes, bytes]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used + limits.timeout_s, resource.RLIM_INFINITY))
    try:
        return b"P", printer.pdf(html, limits.max_pages)
    except _TooLongError:
        text = (
            f"PDFを作成できませんでした。ページ数が上限（{limits.max_pages}ページ）を超えています。"
        )
    except (MemoryError, RecursionError):
        text = ""  # the parent names the limits
    except BaseException as error:  # noqa: BLE001 - a fatal fetching error is a BaseException
        text = f"PDFを作成できませんでした（{type(error).__name__}）。"
    return b"E", text.encode()


def _child_main(argument: str) -> None:
    limits = Limits(**json.loads(argument))
    inbox, outbox = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a stray print must not fall into the answer
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_mb << 20, limits.memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))
    printer = _Printer()
    while request := _receive(inbox):
        _send(outbox, *_answer(printer, request[1].decode(), limits))


if __name__ == "__main__":
    _child_main(sys.argv[1])
