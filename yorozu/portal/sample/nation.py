"""What is invented about the nation: sizes of the hubs, bodies, contracts and regional figures.

Sizes are rounded general knowledge, good enough for realistic skew; every row is marked サンプル
on screen.
"""

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings

from yorozu.portal.sample.dice import bell, between, factor, spread

LAST_TERM = 2025
THIS_TERM = 2026
# 事業者の規模感（千者）と面積（km2）、拠点コード順。概数のサンプル。
_SMES = (
    "140 38 36 58 32 38 56 80 58 62 155 122 420 190 72 34 38 30 32 70 70 110 205 50 34 80 270 145 "
    "32 34 16 21 50 80 40 25 30 44 25 140 24 43 50 35 35 52 47"
)
_AREAS = (
    "83424 9646 15275 7282 11638 9323 13784 6098 6408 6362 3798 5157 2200 2416 12584 4248 4186 "
    "4191 4465 13562 10621 7777 5173 5774 4017 4612 1905 8401 3691 4725 3507 6708 7115 8479 6113 "
    "4147 1877 5676 7103 4988 2441 4131 7409 6341 7734 9186 2282"
)


def bodies() -> dict[str, str]:
    """Sample names of implementing bodies by hub code (unverified, hence sample data)."""
    path = settings.BASE_DIR / "fixtures" / "sample_bodies.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {row["hub_code"]: row["implementing_body"] for row in csv.DictReader(file)}


# One hub was without a body until the end of August: its year has seven months.
LATE_HUB = "19"
LATE_START = date(2025, 9, 1)
# One hub is far below its plan, so that low ratings have something to show.
WEAK_HUB = "36"
# One hub's survey came back with six answers only.
SMALL_SURVEY_HUB = "31"
SEASON = (92, 96, 104, 103, 90, 102, 110, 108, 94, 96, 101, 104)


@dataclass(frozen=True)
class SampleHub:
    """What the generator knows of one hub."""

    code: str
    name: str
    body: str
    smes: int
    area: int

    @property
    def is_late(self) -> bool:
        """True for the hub that started in September of the last term."""
        return self.code == LATE_HUB

    def quality(self, fiscal_year: int) -> Decimal:
        """How well the hub does, around 1; the weak hub is far below."""
        if self.code == WEAK_HUB:
            return Decimal("0.50")
        lasting = bell("quality", self.code) * Decimal("0.115")
        yearly = bell("quality", self.code, fiscal_year) * Decimal("0.05")
        return Decimal("1.00") + lasting + yearly


def sample_hubs(facts: list[tuple[str, str, str]]) -> list[SampleHub]:
    """Combine the facts (code, name, body name) with the invented sizes, in code order."""
    sizes = list(zip(_SMES.split(), _AREAS.split(), strict=True))
    return [
        SampleHub(code, name, body, int(smes) * 1000, int(area))
        for (code, name, body), (smes, area) in zip(sorted(facts), sizes, strict=True)
    ]


def contract_rows(hubs: list[SampleHub], fiscal_year: int) -> list[dict[str, object]]:
    """One commission contract per hub and year."""
    rows: list[dict[str, object]] = []
    for hub in hubs:
        base = 38_000 + hub.smes * 9 // 25
        amount = int(base * factor("0.93", "1.07", "contract", hub.code)) * 1000
        if fiscal_year == THIS_TERM:
            amount = amount * between(99, 102, "contract", hub.code, fiscal_year) // 100
            amount = amount // 1000 * 1000
        start = date(fiscal_year, 4, 1)
        if hub.is_late and fiscal_year == LAST_TERM:
            start, amount = LATE_START, amount * 7 // 12 // 1000 * 1000
        rows.append(
            {
                "拠点コード": hub.code,
                "拠点名": hub.name,
                "実施機関": hub.body,
                "年度": fiscal_year,
                "予算区分": "当初予算",
                "契約額(円)": amount,
                "文書番号": f"サンプル{fiscal_year}第{int(hub.code)}号",
                "開始日": start.isoformat(),
                "終了日": date(fiscal_year + 1, 3, 31).isoformat(),
            }
        )
    return rows


# Invented shares of the industries (per thousand), A to R without the smallest.
SHARES = {
    "農業、林業": 9,
    "建設業": 118,
    "製造業": 105,
    "情報通信業": 14,
    "運輸業、郵便業": 22,
    "卸売業、小売業": 262,
    "金融業、保険業": 11,
    "不動産業、物品賃貸業": 96,
    "学術研究、専門・技術サービス業": 54,
    "宿泊業、飲食サービス業": 132,
    "生活関連サービス業、娯楽業": 92,
    "教育、学習支援業": 24,
    "医療、福祉": 46,
    "サービス業（他に分類されないもの）": 15,
}
# The sample figures stand for no real survey; the names say of which kind they would be.
_SURVEYS = {
    "中小企業数": "経済センサスを模した概数",
    "従業者数": "経済センサスを模した概数",
    "開業事業所数": "雇用保険事業年報を模した概数",
    "廃業事業所数": "雇用保険事業年報を模した概数",
    "面積": "面積調を模した概数",
}


def regional_rows(hubs: list[SampleHub]) -> list[dict[str, object]]:
    """Public figures per hub for two years: SMEs by industry, employees, openings, closings, area.

    SMEs and area of the last term are the need factors of the budget rule.
    """
    return [
        row
        for hub in hubs
        for year in (LAST_TERM - 1, LAST_TERM)
        for row in _figures_of_hub(hub, year)
    ]


def _figures_of_hub(hub: SampleHub, year: int) -> list[dict[str, object]]:
    smes = hub.smes
    if year != LAST_TERM:
        smes = hub.smes * between(1002, 1018, "smes", hub.code) // 1000
    rows = [_figure(hub, year, "中小企業数", smes, "者")]
    weights = [
        share * between(70, 130, "industry", hub.code, name) for name, share in SHARES.items()
    ]
    rows += [
        _figure(hub, year, "中小企業数", value, "者", name)
        for name, value in zip(SHARES, spread(smes, weights), strict=True)
    ]
    rows += [
        _figure(hub, year, "従業者数", smes * between(58, 74, "staff", hub.code) // 10, "人"),
        _figure(hub, year, "開業事業所数", smes * between(36, 52, "open", hub.code) // 1000, "所"),
        _figure(hub, year, "廃業事業所数", smes * between(30, 44, "shut", hub.code) // 1000, "所"),
        _figure(hub, year, "面積", hub.area, "km2"),
    ]
    return rows


def _figure(
    hub: SampleHub, year: int, kind: str, value: int, unit: str, industry: str = ""
) -> dict[str, object]:
    return {
        "拠点コード": hub.code,
        "種類": kind,
        "産業大分類": industry,
        "時点": year,
        "調査の時点": f"{year}-06-01",
        "値": value,
        "単位": unit,
        "調査名": _SURVEYS[kind],
        "出典": "サンプル（概数）",
    }
