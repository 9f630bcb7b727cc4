"""Engine v1: all hubs of one term from frozen input to score, grade and rank.

A fixed run names its engine; once a run is fixed with it, this engine is never changed again.
Input and result have the shape of the shipped vectors (evaluation.md section 8).
"""

from collections.abc import Iterable
from typing import Any

from evaluation.scoring.rules import checks, compose, indicators, opinions
from evaluation.scoring.rules.opinions import Prior
from evaluation.scoring.rules.scheme import Scheme, read_scheme
from yorozu.core import exact

ENGINE = "v1"

INPUT_KEYS = frozenset({"scheme", "hubs", "drop"})
HUB_FLAGS = ("focus_excused", "survey_excused", "partners_excused", "target_is_prorated")
HUB_KEYS = frozenset(
    {
        "code",
        "months",
        "indicators",
        "focus",
        "survey",
        "partners",
        "checks",
        "adjust",
        "integrity_findings",
        *HUB_FLAGS,
    }
)


@exact.exactly
def score(given: dict[str, Any]) -> dict[str, Any]:
    """Score, grade and rank all hubs; refuse unreadable input with ValueError or TypeError.

    `given`: `hubs` (list), optional `scheme` (whole top-level entries that replace those of the
    default scheme) and optional `drop` ("IND" or "IND.SOLVE", for the leave-one-out table).
    """
    exact.refuse_unknown(given, INPUT_KEYS, "評価の入力")
    scheme = read_scheme(given.get("scheme"))
    hubs = given.get("hubs")
    if not isinstance(hubs, list) or not hubs:
        message = "評価する拠点がありません。"
        raise ValueError(message)
    for hub in hubs:
        _refuse_hub(hub, scheme)
    _refuse_doubled([hub["code"] for hub in hubs])
    drop = _read_drop(given.get("drop"), scheme, hubs)
    priors = {
        entry.code: opinions.prior(
            [opinions.read_answers(hub, entry.kind) for hub in hubs], entry, scheme
        )
        for entry in scheme.components
        if entry.kind in opinions.FIELD_OF_KIND
    }
    return {
        "priors": _printed(priors),
        "hubs": compose.ranked([compose.score_hub(hub, scheme, priors, drop) for hub in hubs]),
    }


def _printed(priors: dict[str, Prior]) -> dict[str, list[str | None]]:
    return {code: known.printed() for code, known in priors.items()}


def _refuse_hub(hub: dict[str, Any], scheme: Scheme) -> None:
    exact.refuse_unknown(hub, HUB_KEYS, "拠点の入力")
    code = hub.get("code")
    if not isinstance(code, str) or not code:
        message = "拠点の入力に拠点コードがありません。"
        raise ValueError(message)
    for flag in HUB_FLAGS:
        if not isinstance(hub.get(flag, False), bool):
            message = f"{code}: {flag} は真偽で書いてください: {hub[flag]!r}"
            raise TypeError(message)
    if exact.whole(hub.get("months", scheme.term_months), f"{code}: 月数") > scheme.term_months:
        message = f"{code}: 月数が期の月数 {scheme.term_months} を超えています。"
        raise ValueError(message)
    findings = hub.get("integrity_findings", [])
    if not isinstance(findings, list) or not all(isinstance(entry, str) for entry in findings):
        message = f"{code}: integrity_findings は記号の並びにしてください。"
        raise TypeError(message)
    indicators.refuse_indicators(hub, scheme)
    indicators.refuse_focus(hub)
    checks.refuse_checks(hub, scheme)


def _refuse_doubled(codes: list[str]) -> None:
    doubled = sorted({code for code in codes if codes.count(code) > 1})
    if doubled:
        message = f"同じ拠点が2回あります: {'、'.join(doubled)}"
        raise ValueError(message)


def _read_drop(given: object, scheme: Scheme, hubs: list[dict[str, Any]]) -> compose.Drop:
    """Read what to leave out; a name that no hub has is refused, not ignored."""
    if given is None:
        return compose.Drop()
    code, _, item = str(given).partition(".")
    component = next((entry for entry in scheme.components if entry.code == code), None)
    known: set[str] = set()
    if component is not None:
        known = {""} if not item else set(_item_codes(component.kind, code, hubs))
        known |= set(component.items)
    if item not in known:
        message = f"除く項目が評価基準と入力にありません: {given}"
        raise ValueError(message)
    return compose.Drop(code, item or None)


def _item_codes(kind: str, code: str, hubs: list[dict[str, Any]]) -> Iterable[str]:
    for hub in hubs:
        areas = (hub.get("focus") or []) if kind == "focus" else []
        entries = hub.get("checks", {}).get(code, []) if kind == "check" else []
        yield from (entry["code"] for entry in (*areas, *entries))
