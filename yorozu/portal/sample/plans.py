"""Invented plans: analysis, targets, focus areas and the interview of each hub."""

from datetime import date, timedelta
from decimal import Decimal

from yorozu.portal.sample.dice import between, factor, pick, roll
from yorozu.portal.sample.nation import SampleHub

THEMES = (
    ("創業支援", "創業前後の事業者に、事業計画の作成から開業後の販路づくりまで伴走します。"),
    (
        "事業承継",
        "後継者のいない小規模事業者の早期の気づきを促し、引継ぎ支援センターにつなぎます。",
    ),
    ("IT活用", "会計・受発注・予約の電子化を、現場に合う小さな単位から進めます。"),
    ("販路開拓", "商品の見せ方と値付けを見直し、県外とオンラインの販路を広げます。"),
    ("資金繰り改善", "資金繰り表の作成を支援し、金融機関との早期の相談につなげます。"),
    ("観光需要の取込み", "観光協会と連携し、飲食・宿泊・土産の商品づくりを支援します。"),
    ("人手不足への対応", "業務の見直しと多様な働き手の受入れを、個別相談で支援します。"),
    ("価格転嫁", "原価の把握と交渉資料の作成を支援し、取引条件の改善につなげます。"),
)
INDICATORS = ("相談対応件数", "来訪相談者数", "課題解決件数", "ネットワーク活動件数")
MAX_AREAS = 5


def targets(hub: SampleHub, fiscal_year: int) -> dict[str, int]:
    """Targets of the four indicators: sizes differ more than tenfold between hubs."""
    growth = 103 if fiscal_year % 2 == 0 else 100
    thousands = Decimal(hub.smes) / 1000
    size = int(
        Decimal(300) * thousands ** Decimal("0.8") * factor("0.78", "1.25", "size", hub.code)
    )
    consultations = max(900, size * growth // 100) // 10 * 10
    return {
        "相談対応件数": consultations,
        "来訪相談者数": consultations * between(52, 68, "visit", hub.code) // 100,
        "課題解決件数": consultations * between(27, 36, "solve", hub.code) // 100,
        "ネットワーク活動件数": 60 + consultations * between(12, 26, "network", hub.code) // 1000,
    }


def focus_areas(hub: SampleHub, fiscal_year: int) -> list[dict[str, object]]:
    """One to four focus areas; weights are given by some hubs only."""
    count = between(1, 4, "areas", hub.code, fiscal_year)
    start = roll("theme", hub.code) % len(THEMES)
    areas: list[dict[str, object]] = []
    for index in range(count):
        name, text = THEMES[(start + index * 3) % len(THEMES)]
        base = 12 if index == 3 else 40
        areas.append(
            {
                "名称": name,
                "内容": text,
                "単位": "件",
                "目標": base + hub.smes // 2000 + between(0, 30, "focus", hub.code, name),
                "重み": "",
            }
        )
    if count == 3 and roll("weights", hub.code) % 2:
        for area, weight in zip(areas, ("0.5", "0.3", "0.2"), strict=True):
            area["重み"] = weight
    return areas


def _analysis(hub: SampleHub) -> str:
    trait = pick(
        ("製造業の集積", "観光と食", "農林水産物の加工", "商業とサービス", "建設と運輸"),
        hub.code,
        "trait",
    )
    worry = pick(
        ("後継者の不足", "人手の不足", "原材料の値上がり", "来店客の減少", "設備の老朽化"),
        hub.code,
        "worry",
    )
    return (
        f"域内の中小企業・小規模事業者は約{hub.smes:,}者です。産業の特徴は{trait}で、{worry}を課題に挙げる事業者が増えています。\n"
        "商工会・商工会議所の経営指導員だけでは対応しにくい専門的な相談が拠点に寄せられており、地域の支援機関との役割分担が必要です。"
    )


def plan_row(hub: SampleHub, fiscal_year: int) -> dict[str, object]:
    """One line of the plan file."""
    goals = targets(hub, fiscal_year)
    stretched = roll("challenge", hub.code, fiscal_year) % 9 == 0
    areas = focus_areas(hub, fiscal_year)
    held = date(fiscal_year, 5, 7) + timedelta(
        days=between(0, 18, "interview", hub.code, fiscal_year)
    )
    while held.weekday() >= 5:
        held += timedelta(days=1)
    row: dict[str, object] = {
        "拠点コード": hub.code,
        "拠点名": hub.name,
        "地域分析": _analysis(hub),
        "事業計画": (
            f"{'、'.join(str(area['名称']) for area in areas)}を重点に、"
            "出張相談会と専門家の同席による支援を行います。"
            "毎月、実施機関と経済産業局に進み具合を報告し、四半期ごとに取組を見直します。"
        ),
        **goals,
        "課題解決件数の挑戦係数": "1.05" if stretched else "",
        "課題解決件数の挑戦係数の理由": "前年度実績を上回る目標を設定したため" if stretched else "",
        "面談日": held.isoformat(),
        "出席者": (
            "経済産業局 担当官、全国本部 プロジェクトマネージャー、"
            "チーフコーディネーター、実施機関 担当者"
        ),
        "面談記録": (
            "地域分析と数値目標の根拠を確認しました。"
            "重点分野の目標は四半期ごとに進み具合を共有することとしました。"
        ),
    }
    for number in range(1, MAX_AREAS + 1):
        area = areas[number - 1] if number <= len(areas) else {}
        for key in ("名称", "内容", "単位", "目標", "重み"):
            row[f"F{number}{key}"] = area.get(key, "")
    return row
