"""Invented plans: analysis, targets, focus areas and the interview of each hub."""

from datetime import date, timedelta
from decimal import Decimal

from yorozu.portal.sample.dice import between, factor, pick, roll, spread
from yorozu.portal.sample.nation import SEASON, SampleHub

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
EVIDENCE = {
    "創業支援": "開業届の写しまたは創業計画書",
    "事業承継": "引継ぎ支援センターへの紹介状の写し",
    "IT活用": "導入したシステムの申込書または利用開始の記録",
    "販路開拓": "商談の記録または新しい取引先との契約",
    "資金繰り改善": "作成した資金繰り表",
    "観光需要の取込み": "新しい商品または体験の案内",
    "人手不足への対応": "見直した業務手順または求人票",
    "価格転嫁": "交渉に使った原価の資料",
}
# One area of the sample is counted as the consultations are.
COUNTED = {"資金繰り改善": "相談対応件数"}
INDICATORS = ("相談対応件数", "来訪相談者数", "課題解決件数", "ネットワーク活動件数")
MAX_AREAS = 5
AREA_COLUMNS = ("名称", "内容", "数え方", "独自の指標", "根拠の定め", "単位", "目標", "重み")


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
                "数え方": COUNTED.get(name, ""),
                "独自の指標": "" if name in COUNTED else f"{name}の支援件数",
                "根拠の定め": EVIDENCE[name],
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


def _support(hub: SampleHub) -> str:
    gap = pick(
        ("専門家の数", "夜間と休日の相談", "山間部への出張", "IT分野の助言"), hub.code, "gap"
    )
    return (
        "商工会・商工会議所、金融機関、県の支援センターがそれぞれ相談を受けています。"
        f"{gap}が足りないという声が、支援機関からも事業者からも寄せられています。"
    )


def _issues(hub: SampleHub) -> str:
    return (
        f"約{hub.smes:,}者のうち拠点を知らない事業者がまだ多く、支援機関からの紹介を増やすことが課題です。\n"
        "紹介を受けたあとの結果を、紹介元に伝える仕組みも必要です。"
    )


def _staffing(hub: SampleHub) -> str:
    days = between(3, 5, "days", hub.code)
    return (
        f"チーフコーディネーターが週{days}日、コーディネーターが交代で相談に対応します。"
        "月2回、サテライトと商工会の会場で出張相談会を開きます。"
    )


def is_negotiated(hub: SampleHub, fiscal_year: int) -> bool:
    """Whether the solved issues of this hub were talked about before they were agreed."""
    return roll("rounds", hub.code, fiscal_year) % 8 == 0


def first_offer(agreed: int) -> int:
    """What the hub wrote first, before the talk led to the agreed value."""
    return agreed * 92 // 100


def _typed_months(hub: SampleHub, fiscal_year: int, total: int) -> str:
    """Some hubs type the months of their consultations; the others leave them to the season."""
    if hub.is_late or roll("typed months", hub.code, fiscal_year) % 5:
        return ""
    weights = [weight + between(-4, 4, "months", hub.code, weight) for weight in SEASON]
    return "/".join(str(part) for part in spread(total, weights))


def _interview(hub: SampleHub, fiscal_year: int) -> dict[str, object]:
    held = date(fiscal_year, 5, 7) + timedelta(
        days=between(0, 18, "interview", hub.code, fiscal_year)
    )
    while held.weekday() >= 5:
        held += timedelta(days=1)
    people = (
        ("経済産業局", "産業部 中小企業課", "担当官（サンプル）"),
        ("全国本部", "全国本部", "プロジェクトマネージャー（サンプル）"),
        ("拠点", hub.name, "チーフコーディネーター（サンプル）"),
        ("実施機関", hub.body, "担当者（サンプル）"),
    )
    return {
        "面談日": held.isoformat(),
        "出席者": "\n".join("／".join(person) for person in people),
        "面談記録": (
            "地域分析と数値目標の根拠を確認しました。"
            "重点分野の目標は四半期ごとに進み具合を共有することとしました。"
        ),
        "合意事項": "四半期ごとに重点分野の進み具合を共有する。\n出張相談会の会場を見直す。",
    }


def plan_row(hub: SampleHub, fiscal_year: int) -> dict[str, object]:
    """One line of the plan file."""
    goals = targets(hub, fiscal_year)
    stretched = roll("challenge", hub.code, fiscal_year) % 9 == 0
    areas = focus_areas(hub, fiscal_year)
    if is_negotiated(hub, fiscal_year):
        goals["課題解決件数"] = first_offer(goals["課題解決件数"])
    row: dict[str, object] = {
        "拠点コード": hub.code,
        "拠点名": hub.name,
        "地域分析": _analysis(hub),
        "支援の状況": _support(hub),
        "地域の課題": _issues(hub),
        "事業計画": (
            f"{'、'.join(str(area['名称']) for area in areas)}を重点に、"
            "出張相談会と専門家の同席による支援を行います。"
            "毎月、実施機関と経済産業局に進み具合を報告し、四半期ごとに取組を見直します。"
        ),
        "体制": _staffing(hub),
        **goals,
        "相談対応件数の月別目標": _typed_months(hub, fiscal_year, goals["相談対応件数"]),
        "課題解決件数の挑戦係数": "1.05" if stretched else "",
        "課題解決件数の挑戦係数の理由": "前年度実績を上回る目標を設定したため" if stretched else "",
        "挑戦係数の承認": "承認" if stretched else "",
        **_interview(hub, fiscal_year),
    }
    for number in range(1, MAX_AREAS + 1):
        area = areas[number - 1] if number <= len(areas) else {}
        for key in AREA_COLUMNS:
            row[f"F{number}{key}"] = area.get(key, "")
    return row
