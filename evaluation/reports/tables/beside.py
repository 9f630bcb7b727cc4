"""The hub beside those of its size, beside its earlier years, and what HQ says in words."""

from evaluation.reports.queries import HubSheet
from evaluation.reports.tables.common import Fact, grade_word
from yorozu.core import fiscal
from yorozu.core.web.tables import Column, Table


def peer(sheet: HubSheet) -> dict[str, str] | None:
    """Rank among the hubs of like size as it is printed; None without a number of SMEs."""
    found = sheet.peer
    if found is None:
        return None
    return {
        "rank": f"{found.rank}位" if found.rank else "－",
        "among": f"/ {found.graded}拠点",
        "group": str(found.group),
        "hubs": str(found.hubs),
        "mean": "－" if found.mean is None else str(found.mean),
    }


def peer_facts(sheet: HubSheet) -> list[Fact]:
    """The same for the workbook."""
    shown = peer(sheet)
    if shown is None:
        return []
    return [
        Fact("規模別グループ", f"第{shown['group']}グループ（{shown['hubs']}拠点）"),
        Fact("規模別の順位", f"{shown['rank']} {shown['among']}"),
        Fact("規模別グループの平均", shown["mean"]),
    ]


def remark_facts(sheet: HubSheet) -> list[Fact]:
    """What was written about the hub, for the workbook."""
    row = sheet.remarks
    if row is None:
        return []
    texts = [("強み", row.strengths), ("課題", row.issues), ("今後の取組", row.next_steps)]
    return [Fact(label, text) for label, text in texts if text]


def earlier_table(sheet: HubSheet) -> Table | None:
    """The last three years; a year judged by another scheme says so. None without any."""
    if not sheet.earlier:
        return None
    columns = [
        Column("year", "年度", header=True),
        Column("final", "総合点", numeric=True),
        Column("grade", "評語"),
        Column("rank", "順位", numeric=True),
        Column("scheme", "評価基準"),
    ]
    rows = [
        {
            "year": fiscal.nendo(one.fiscal_year),
            "final": one.final,
            "grade": grade_word(one.grade),
            "rank": f"{one.rank}位" if one.rank else "－",
            "scheme": "同じ" if one.is_same_scheme else "変更あり（点数は比べられません）",
        }
        for one in sheet.earlier
    ]
    return Table("これまでの評価結果", columns, rows)
