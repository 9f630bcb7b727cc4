"""Invented survey answers, partner assessments and hearing scores of the last term."""

from decimal import Decimal

from yorozu.portal.sample.dice import bell, between, roll, spread
from yorozu.portal.sample.nation import SMALL_SURVEY_HUB, SampleHub

PARTNERS = (
    ("サンプル{p}商工会連合会", "商工会"),
    ("サンプル{p}中央商工会議所", "商工会議所"),
    ("サンプル{p}信用金庫", "金融機関"),
    ("サンプル{p}銀行", "金融機関"),
    ("サンプル{p}商店街振興組合", "商店街振興組合"),
    ("サンプル{p}観光協会", "観光協会"),
    ("サンプル{p}市産業振興課", "自治体"),
    ("サンプル{p}南商工会", "商工会"),
)
RATERS = (("評価者A", "全国本部"), ("評価者B", "経済産業局"), ("評価者C", "外部有識者"))


def _warmth(hub: SampleHub, fiscal_year: int, topic: str) -> Decimal:
    """How well others think of the hub, around 0."""
    lift = (hub.quality(fiscal_year) - 1) * 4
    return lift + bell("warmth", topic, hub.code, fiscal_year) * Decimal("0.5")


def satisfaction_counts(hub: SampleHub, fiscal_year: int) -> tuple[int, list[int]]:
    """Letters sent, and answers per level 1 to 5, of one hub."""
    sent = 150 + hub.smes // 500
    returned = sent * between(16, 46, "returned", hub.code, fiscal_year) // 100
    if hub.code == SMALL_SURVEY_HUB:
        returned = 6
    warm = int(_warmth(hub, fiscal_year, "survey") * 10)
    weights = [max(1, w) for w in (2 - warm // 6, 5 - warm // 3, 14 - warm, 46, 33 + warm)]
    return sent, spread(returned, weights)


def partner_names(hub: SampleHub) -> list[tuple[str, str]]:
    """Name and kind of the invented support organisations around a hub."""
    place = hub.name.removesuffix("よろず支援拠点")
    return [(name.format(p=place), kind) for name, kind in PARTNERS]


def partner_rows(hub: SampleHub, fiscal_year: int) -> list[dict[str, object]]:
    """Assessments by three to eight support organisations; some hubs get one of their own body."""
    names = partner_names(hub)
    count = between(3, len(names), "partners", hub.code, fiscal_year)
    if roll("own body", hub.code) % 5 == 0:
        names.insert(0, (hub.body, "その他"))
    rows: list[dict[str, object]] = []
    for name, kind in names[:count]:
        halves = Decimal(8) + _warmth(hub, fiscal_year, name) * Decimal("1.2")
        value = min(Decimal(5), max(Decimal(1), Decimal(int(halves + Decimal("0.5"))) / 2))
        rows.append(
            {
                "拠点コード": hub.code,
                "拠点名": hub.name,
                "支援機関": name,
                "種別": kind,
                "評価値": f"{value:.2f}",
            }
        )
    return rows


def _score(hub: SampleHub, fiscal_year: int, item: str, rater: str) -> int:
    level = Decimal(3) + _warmth(hub, fiscal_year, item) * Decimal("0.8")
    level += bell("rater", hub.code, item, rater) * Decimal("0.35")
    return min(4, max(0, int(level + Decimal("0.5"))))


def hearing_rows(hub: SampleHub, fiscal_year: int, items: list[str]) -> list[dict[str, object]]:
    """One line per item and rater; few items lack evidence, few do not apply."""
    rows: list[dict[str, object]] = []
    for item in items:
        leaves = item == items[-5] and roll("na", hub.code) % 12 == 0
        proven = roll("evidence", hub.code, item) % 15 != 0
        for rater, organization in RATERS:
            row: dict[str, object] = {
                "拠点コード": hub.code,
                "拠点名": hub.name,
                "項目コード": item,
                "評価者": rater,
                "所属": organization,
                "評点": "" if leaves else _score(hub, fiscal_year, item, rater),
                "根拠資料": "○" if proven and not leaves else "",
                "根拠の内容": "相談記録の抜粋と実施要領" if proven and not leaves else "",
                "該当なし": "○" if leaves else "",
                "該当なしの理由": "管内に対象となる団体がないため" if leaves else "",
                "該当なしの承認者": "全国本部 課長" if leaves else "",
            }
            rows.append(row)
    return rows
