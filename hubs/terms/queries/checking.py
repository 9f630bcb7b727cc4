"""Checking a registered year's rules from its file: the hash, the registration, what is in use."""

from collections.abc import Iterator, Mapping
from typing import Any

from hubs.terms.models import YearRules
from hubs.terms.queries.registry import FORMAT, deviating
from yorozu.core.canonical import canonical_json, parse_canonical, sha256_text

KEYS = frozenset({"kind", "fiscal_year", "version", "content", "content_hash", "previous_hash"})

Check = tuple[str, list[str]]


def check_rules_file(data: Mapping[str, Any]) -> tuple[list[Check], bool]:
    """Checks by name with their faults, and whether the registration was there to compare with.

    ValueError for a file of another kind.
    """
    missing = sorted(KEYS - set(data))
    if missing or data.get("kind") != "year_rules":
        message = (
            f"年度の規則のファイルではありません（ない項目：{'、'.join(missing) or 'なし'}）。"
        )
        raise ValueError(message)
    checks = list(_of_the_file(data))
    stored = (
        YearRules.objects.select_related("term")
        .filter(term__fiscal_year=data["fiscal_year"], version=data["version"])
        .first()
    )
    if stored is not None:
        checks += _with_the_registration(data, stored)
    return checks, stored is not None


def _of_the_file(data: Mapping[str, Any]) -> Iterator[Check]:
    text = str(data["content"])
    digest = sha256_text(text)
    yield "ハッシュ", _unless(digest == data["content_hash"], f"内容のハッシュは {digest} です。")
    try:
        content = parse_canonical(text)
    except (ValueError, TypeError) as error:
        yield "内容", [f"内容を読めません：{error}"]
        return
    yield "書き方", _unless(canonical_json(content) == text, "正規の書き方ではありません。")
    said = content if isinstance(content, dict) else {}
    names = ("fiscal_year", "version", "previous_hash")
    wrong = [name for name in names if said.get(name) != data[name]]
    if said.get("format") != FORMAT:
        wrong.append("format")
    yield "見出し", [f"{name} が内容と違います。" for name in wrong]


def _with_the_registration(data: Mapping[str, Any], stored: YearRules) -> Iterator[Check]:
    same = (stored.content, stored.content_hash) == (data["content"], data["content_hash"])
    yield "登録との照合", _unless(same, "登録されている内容と違います。")
    before = stored.term.year_rules.filter(version=stored.version - 1).first()
    chained = stored.previous_hash == (before.content_hash if before else "")
    yield "前の版とのつながり", _unless(chained, "前の版のハッシュと違います。")
    newest = stored.term.year_rules.order_by("-version").first()
    if newest is not None and newest.pk == stored.pk:
        parts = deviating(stored.term, stored)
        yield "使われている内容", [f"「{part.label}」が登録と違います。" for part in parts]


def _unless(holds: bool, fault: str) -> list[str]:
    return [] if holds else [fault]
