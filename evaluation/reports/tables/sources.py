"""The hub sheet's sources: survey, partners, hearing, where each figure comes from."""

from decimal import Decimal
from typing import Any

from evaluation.reports.queries import HubSheet
from evaluation.reports.rules import STATUS_WORDS
from evaluation.reports.tables.common import LEVELS, NOT_HERE, Fact, day_of
from yorozu.core import figures
from yorozu.core.web.tables import Column, Empty, Table


def survey_table(sheet: HubSheet) -> Table:
    """The distribution of answers, never only a percentage."""
    found = sheet.survey
    columns = [
        Column("level", "回答", header=True),
        Column("count", "回答数", numeric=True, unit="件", css="rp-w-3"),
        Column("share", "割合", numeric=True, unit="％", css="rp-w-3"),
    ]
    rows = [
        {"level": name, "count": count, "share": figures.percent(count, found.n)}
        for name, count in zip(LEVELS, found.levels, strict=True)
    ]
    return Table("回答の分布", columns, rows, {"level": "計", "count": found.n, "share": None})


def survey_facts(sheet: HubSheet) -> list[Fact]:
    """Counts, mean and interval of the survey."""
    found = sheet.survey
    facts = []
    if found.sent is not None:
        warn = "（20%未満のため、結果の読み方に注意が必要です）" if found.is_response_low else ""
        facts.append(
            Fact(
                "送付数・回収数",
                f"送付{found.sent:,}件、回収{found.returned or 0:,}件"
                f"（回収率{figures.format_percent(found.rate)}）{warn}",
            )
        )
    facts.append(Fact("有効回答・平均", f"{found.n:,}件、平均 {figure_text(found.mean)}"))
    interval = f"{figure_text(found.low)}%～{figure_text(found.high)}%" if found.n else "－"
    facts.append(
        Fact(
            "満足以上（4・5）の割合",
            f"{figures.format_percent(found.top_share)}（{found.top_count:,}件）、"
            f"90%信頼区間（Wilson） {interval}",
        )
    )
    facts.append(
        Fact(
            "評価に用いた値",
            f"{figure_text(found.value)}（全国の平均 {figure_text(found.prior)} へ "
            f"k={figure_text(found.k)} で補正）",
        )
    )
    return facts


def figure_text(value: Decimal | None) -> str:
    return "－" if value is None else f"{value:f}"


def partner_table(sheet: HubSheet) -> Table:
    """Support organisations by type; single values stay with those who judge."""
    found = sheet.partners
    columns = [
        Column("type", "支援機関の種別", header=True),
        Column("count", "機関数", numeric=True, unit="機関", css="rp-w-3"),
        Column("mean", "平均", numeric=True, unit="1～5", css="rp-w-3"),
    ]
    rows = [{"type": row.name, "count": row.count, "mean": row.mean} for row in found.types]
    totals = {"type": "計", "count": found.n, "mean": found.mean}
    empty = Empty("支援機関による評価の値はありません。")
    return Table("種別ごとの評価", columns, rows, totals if rows else None, empty)


def partner_value(sheet: HubSheet) -> str:
    """How the mean became the value used."""
    found = sheet.partners
    return (
        f"1機関を1つの値として平均し、全国の平均 {figure_text(found.prior)} へ "
        f"k={figure_text(found.k)} で補正した値は {figure_text(found.value)} です。"
    )


def excluded_table(sheet: HubSheet) -> Table:
    """Organisations whose value does not count, with the reason."""
    columns = [
        Column("organization", "支援機関", header=True),
        Column("type", "種別", css="rp-w-4"),
        Column("reason", "除外の理由", css="rp-w-5"),
    ]
    rows = [
        {"organization": row.organization, "type": row.type, "reason": row.reason}
        for row in sheet.partners.excluded
    ]
    return Table("評価から除いた支援機関", columns, rows, empty=NOT_HERE)


def check_table(sheet: HubSheet, component: str, caption: str) -> Table:
    """Items with the mean of the raters, the anchor it reaches, evidence and marks."""
    national = {line.item: line.national for line in sheet.of_level("item")}
    columns = [
        Column("text", "項目", header=True),
        Column("mean", "評価者の平均", numeric=True, unit="0～4", css="rp-c-18"),
        Column("anchor", "到達した段階", css="rp-c-38"),
        Column("evidence", "根拠", css="rp-c-26"),
        Column("points", "得点", numeric=True, css="rp-c-21"),
        Column("national", "全国平均", numeric=True, css="rp-c-16"),
        Column("remark", "備考", css="rp-c-20"),
    ]
    rows = [
        {
            "text": f"{row.code}　{row.text}" if row.text != row.code else row.code,
            "mean": row.mean,
            "anchor": row.anchor,
            "evidence": _evidence(row),
            "points": row.points,
            "national": national.get(row.code),
            "remark": _remark(row),
        }
        for row in sheet.checks
        if row.component == component
    ]
    return Table(caption, columns, rows, empty=NOT_HERE)


def _evidence(row: Any) -> str:
    if row.has_evidence:
        return row.evidence_note or "あり"
    return "" if row.status == "NA" else "なし（3以上は2と数えます）"


def _remark(row: Any) -> str:
    words = ["再協議"] if row.reconcile else []
    if row.status != "OK":
        words.append(STATUS_WORDS.get(row.status, row.status))
    if row.reason:
        words.append(row.reason)
    return "、".join(words)


def source_table(sheet: HubSheet) -> Table:
    """Where the figures come from, down to the imported file."""
    columns = [
        Column("part", "資料", header=True, css="rp-c-38"),
        Column("origin", "出所"),
        Column("day", "確認・取込日", css="rp-c-32"),
        Column("who", "担当", css="rp-c-26"),
        Column("sha", "ハッシュ（先頭12桁）", css="rp-c-34"),
    ]
    rows = [
        {
            "part": row.part,
            "origin": row.origin,
            "day": day_of(row.moment),
            "who": row.who,
            "sha": row.sha256[:12],
        }
        for row in sheet.sources
    ]
    return Table("資料の出所", columns, rows, empty=Empty("証拠台帳に出所の記録がありません。"))
