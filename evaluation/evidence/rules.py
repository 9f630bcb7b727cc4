"""Pure rules of the evidence book: months owed, totals, difference, what the engine reads of it."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from hubs.results.rules import MIN_DAYS, last_day_of, open_days
from yorozu.core.fiscal import months_of, wareki, wareki_month

FORMAT = 1
REPORTED = "reported"
Content = dict[str, Any]


def operating_months(
    fiscal_year: int, opened_on: date, closed_on: date | None, as_of: date
) -> list[date]:
    """Months a hub answers for up to the cut: open on 15 days or more, and over by ``as_of``."""
    return [
        month
        for month in months_of(fiscal_year)
        if last_day_of(month) <= as_of and open_days(opened_on, closed_on, month) >= MIN_DAYS
    ]


def year_total(months: Iterable[Mapping[str, Any]]) -> int | None:
    """Sum of the reported months; None when no month was reported (a reported 0 stays 0)."""
    values = [entry["value"] for entry in months if entry["state"] == REPORTED]
    return sum(values) if values else None


def rater_key(name: str, organization: str) -> str:
    """An ASCII name of a rater, the same in every hub's book, for the engine's input."""
    digest = hashlib.sha256(f"{name}|{organization}".encode()).hexdigest()
    return f"R-{digest[:8]}"


def engine_hub(content: Content) -> dict[str, Any]:
    """One element of the engine's ``hubs`` from one book: exactly the shape of the vectors.

    Values only; who, when and where from stay in the book.
    """
    survey = content["satisfaction"]
    given = {
        "code": content["hub"]["code"],
        "months": len(content["hub"]["months"]),
        "indicators": _indicators(content),
        "focus": _focus(content),
        "survey": list(survey["levels"]),
        "partners": [row["value"] for row in content["partners"] if not row["is_excluded"]],
        "checks": _checks(content["hearing"]["items"]),
    }
    if survey["is_excused"]:
        given["survey_excused"] = True
    return given


def _indicators(content: Content) -> dict[str, Any]:
    totals = {entry["code"]: entry["total"] for entry in content["results"]["indicators"]}
    read = {}
    for target in content["plan"]["targets"]:
        entry: dict[str, Any] = {
            "target": target["target"],
            "actual": totals.get(target["code"]),
            "challenge": target["challenge"],
        }
        if target["is_zero_approved"]:
            entry["zero_target_approved"] = True
        read[target["code"]] = entry
    return read


def _focus(content: Content) -> list[dict[str, Any]]:
    totals = {entry["code"]: entry["total"] for entry in content["results"]["focus_areas"]}
    areas = []
    for area in content["plan"]["focus_areas"]:
        entry = {
            "code": area["code"],
            "target": area["target"],
            "actual": totals.get(area["code"]),
            "challenge": area["challenge"],
        }
        if area["weight"] is not None:
            entry["weight"] = area["weight"]
        areas.append(entry)
    return areas


def _checks(items: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    checks: dict[str, list[dict[str, Any]]] = {"CHK": [], "UNQ": []}
    for item in items:
        checks[item["component"]].append(
            {
                "code": item["code"],
                "weight": item["weight"],
                "scores": {rating["rater"]: rating["score"] for rating in item["ratings"]},
                "evidence": item["has_evidence"],
                "na": item["is_not_applicable"],
            }
        )
    return checks


LABELS = {
    "fiscal_year": "年度",
    "as_of": "基準日",
    "format": "様式",
    "hub": "拠点",
    "code": "コード",
    "name": "名称",
    "bureau": "経済産業局",
    "prefecture": "都道府県",
    "opened_on": "開設日",
    "closed_on": "廃止日",
    "months": "月",
    "plan": "事業計画",
    "content_hash": "ハッシュ",
    "finalized_at": "確定日時",
    "finalized_by": "確定者",
    "effective_month": "適用開始月",
    "targets": "数値目標",
    "target": "目標値",
    "unit": "単位",
    "challenge": "挑戦係数",
    "challenge_reason": "挑戦係数の理由",
    "is_zero_approved": "目標0の承認",
    "focus_areas": "重点分野",
    "weight": "重み",
    "results": "実績",
    "indicators": "活動指標",
    "total": "年計",
    "month": "月",
    "state": "状態",
    "value": "値",
    "reason": "理由",
    "drawn_from": "集計元",
    "counted": "相談記録の件数",
    "reports": "月次実績",
    "accepted_state": "確認時の状態",
    "accepted_value": "確認時の値",
    "corrected_by": "修正番号",
    "corrections": "修正",
    "in_month": "対象月",
    "item": "項目",
    "item_name": "項目の名称",
    "old_state": "修正前の状態",
    "old_value": "修正前の値",
    "new_state": "修正後の状態",
    "new_value": "修正後の値",
    "proof": "根拠",
    "requested_at": "申請日時",
    "requested_by": "申請者",
    "confirmed_at": "実施機関の確認日時",
    "confirmed_by": "実施機関の確認者",
    "decided_at": "反映日時",
    "decided_by": "反映した人",
    "accepted_at": "確認日時",
    "accepted_by": "確認者",
    "satisfaction": "顧客満足度調査",
    "sent": "送付数",
    "returned": "回収数",
    "levels": "段階別の件数",
    "is_excused": "対象外の承認",
    "partners": "支援機関による評価",
    "organization": "支援機関",
    "type": "種別",
    "respondents": "回答者数",
    "is_excluded": "除外",
    "excluded_reason": "除外の理由",
    "hearing": "ヒアリング",
    "held_on": "実施日",
    "checklist": "チェックリスト",
    "title": "標題",
    "version": "版",
    "items": "項目",
    "component": "区分",
    "text": "内容",
    "has_evidence": "根拠資料",
    "evidence_note": "根拠の内容",
    "is_not_applicable": "該当なし",
    "not_applicable_reason": "該当なしの理由",
    "not_applicable_approver": "該当なしの承認者",
    "ratings": "評点",
    "rater": "評価者番号",
    "evaluator": "評価者",
    "score": "評点",
    "first_score": "協議前の評点",
    "panel": "パネル",
    "role": "役割",
    "is_outside": "担当局の外",
    "counts": "評点を数える",
    "conflicts": "利益相反",
    "scores_given": "入力した評点の数",
    "waivers": "制限の解除",
    "initiatives": "独自の取組",
    "order": "番号",
    "what": "内容",
    "effect": "効果",
    "transfer": "展開",
    "files": "資料",
    "contracts": "委託契約",
    "implementing_body": "実施機関",
    "funding_line": "予算区分",
    "amount_yen": "契約額（円）",
    "document_number": "文書番号",
    "starts_on": "開始日",
    "ends_on": "終了日",
    "coordinators": "コーディネーターの契約",
    "days": "契約日数",
    "regional_figures": "地域の数値",
    "smes": "中小企業数",
    "employees": "従業者数",
    "openings": "開業事業所数",
    "closings": "廃業事業所数",
    "area": "面積",
    "year": "時点（年）",
    "origin": "出典",
    "imports": "取込",
    "waves": "調査回",
    "questionnaire": "調査票",
    "seed": "乱数の種",
    "frame_hash": "抽出元のハッシュ",
    "counted_at": "集計の確定",
    "id": "番号",
    "kind": "種類",
    "filename": "ファイル名",
    "sha256": "ファイルのハッシュ",
    "applied_at": "反映日時",
    "by": "取り込んだ人",
    "source": "取込元",
    "table": "表",
    "import_batch": "取込番号",
    "row": "行",
}
# Codes that stand as values in a book, as the portal calls them.
WORDS = {
    "reported": "報告済",
    "not_reported": "未報告",
    "not_applicable": "該当なし",
    "CHK": "チェックリスト",
    "UNQ": "独自の取組",
}
MONTH = re.compile(r"\d{4}-\d\d")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)?)?")
# The field that names an element of a list, so that a new row does not shift all the others.
IDENTITY = ("month", "rater", "organization", "funding_line", "code", "id", "order", "filename")


def difference(old: Content, new: Content) -> list[tuple[str, str, str]]:
    """What differs between two books: (path in words, before, after), in the new book's order."""
    return list(_walk("", old, new))


def _walk(path: str, old: Any, new: Any) -> Iterable[tuple[str, str, str]]:
    if old == new:
        return
    old_parts, new_parts = _parts(old), _parts(new)
    if old_parts is None and new_parts is None:
        yield path, _shown(old), _shown(new)
        return
    before, after = old_parts or {}, new_parts or {}
    for key in [*after, *(key for key in before if key not in after)]:
        step = _step(key, after.get(key, before.get(key)))
        below = f"{path} › {step}" if path else step
        yield from _walk(below, before.get(key), after.get(key))


def _parts(value: Any) -> dict[str, Any] | None:
    """A container as named parts; None for a plain value or a list of plain values."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and any(isinstance(entry, dict) for entry in value):
        return {_identity(entry): entry for entry in value}
    return None


def _identity(entry: dict[str, Any]) -> str:
    return next((str(entry[name]) for name in IDENTITY if entry.get(name) is not None), "")


def _step(key: str, entry: Any) -> str:
    """One step of a path in words: the name of an element where it has one, else its key."""
    named = entry if isinstance(entry, dict) else {}
    if key in {named.get("rater"), named.get("code")}:
        said = str(named.get("evaluator") or named.get("name") or "")
        if said:
            return said
    if MONTH.fullmatch(key):
        return wareki_month(date.fromisoformat(f"{key}-01"))
    return LABELS.get(key, key)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, list):
        return "、".join(_shown(entry) for entry in value)
    return _said(str(value))


def _said(text: str) -> str:
    """A text of a book: days in the Japanese calendar, codes in words."""
    if MONTH.fullmatch(text):
        return wareki_month(date.fromisoformat(f"{text}-01"))
    if MOMENT.fullmatch(text):
        moment = datetime.fromisoformat(text)
        return f"{wareki(moment.date())} {moment:%H:%M}" if "T" in text else wareki(moment.date())
    return WORDS.get(text, text)
