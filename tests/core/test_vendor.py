"""The vendored files are the ones that static/vendor/VENDOR.md names, byte for byte."""

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIST = (ROOT / "static/vendor/VENDOR.md").read_text(encoding="utf-8")
ROWS = re.findall(r"\| `([^`]+\.(?:css|js|ttf))` \| `([0-9a-f]{64})` \|", LIST)


def test_list_names_every_vendored_code_and_font_file():
    named = {path for path, _ in ROWS}
    found = {
        str(path.relative_to(ROOT))
        for folder in ("static/vendor", "tests/browser/vendor")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".css", ".js", ".ttf", ".woff2"}
    }
    assert found == named


@pytest.mark.parametrize(("path", "digest"), ROWS)
def test_file_has_the_recorded_sum_and_a_licence(path, digest):
    file = ROOT / path
    assert hashlib.sha256(file.read_bytes()).hexdigest() == digest
    assert [other for other in file.parent.iterdir() if "LICENSE" in other.name]
