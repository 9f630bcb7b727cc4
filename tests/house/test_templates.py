"""Every template is used, posts carry a token, nothing is marked safe."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Names Django, allauth and the error handlers look up by themselves.
LOOKED_UP = ("django/forms/", "account/", "allauth/", "403", "404", "409", "422", "500")


def _name(path: Path) -> str:
    return path.relative_to(ROOT / "templates").as_posix()


def _all_text() -> str:
    sources = [
        path
        for folder in ("yorozu", "hubs", "evaluation")
        for path in (ROOT / folder).rglob("*.py")
    ]
    return "\n".join(path.read_text() for path in [*sources, *TEMPLATES])


ALL_TEXT = _all_text()


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_template_is_used(path: Path) -> None:
    name = _name(path)
    assert name.startswith(LOOKED_UP) or f'"{name}"' in ALL_TEXT, "nobody renders or includes it"


# Behind a one-time link there is no session to misuse, and a token would be a cookie.
WITHOUT_SESSION = {"evaluation/surveys/answer.html"}


@pytest.mark.parametrize(
    "path", [path for path in TEMPLATES if _name(path) not in WITHOUT_SESSION], ids=_name
)
def test_post_forms_carry_a_token(path: Path) -> None:
    for form in re.findall(r"<form\b.*?</form>", path.read_text(), flags=re.DOTALL):
        if re.search(r"method=[\"']?post", form, flags=re.IGNORECASE):
            assert "{% csrf_token %}" in form


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_template_has_no_way_around_escaping_or_the_content_policy(path: Path) -> None:
    text = path.read_text()
    assert "|safe" not in text
    assert "autoescape off" not in text
    assert not re.search(r"\sstyle=\"", text), "inline style is refused by the content policy"
    assert not re.search(r"\son[a-z]+=\"", text), "inline handler is refused by the content policy"
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", text)


def test_mark_safe_only_where_svg_is_drawn() -> None:
    allowed = {"yorozu/core/charts.py"}
    users = {
        path.relative_to(ROOT).as_posix()
        for folder in ("yorozu", "hubs", "evaluation")
        for path in (ROOT / folder).rglob("*.py")
        if "mark_safe" in path.read_text() or "SafeString(" in path.read_text()
    }
    assert users <= allowed
