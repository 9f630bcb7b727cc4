"""Invented records of the hubs that keep a ledger: consultations and network activities.

The records of a month add up to the figures that the hub would have declared for it.
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from functools import cache

from hubs.people import sample as people
from yorozu.portal.sample.dice import between, lot, pick, roll
from yorozu.portal.sample.nation import SHARES, SampleHub
from yorozu.portal.sample.opinions import partner_names
from yorozu.portal.sample.results import (
    MONTHS_SO_FAR,
    ledger_months,
    month_of,
    monthly_values,
)

VISIT = "来訪"
OTHER_CHANNELS = {"電話": 45, "オンライン": 35, "出張": 18, "その他": 2}
THEMES = {
    "売上拡大": 31,
    "経営改善・事業再生": 12,
    "創業": 16,
    "事業承継": 5,
    "資金繰り": 11,
    "ものづくり・生産性向上": 5,
    "IT・デジタル活用": 9,
    "雇用・労務": 5,
    "海外展開": 2,
    "廃業": 2,
    "その他": 2,
}
BANDS = {"0人（創業前・本人のみ）": 22, "1～5人": 48, "6～20人": 19, "21～50人": 7, "51～100人": 4}
MINUTES = (30, 45, 60, 60, 60, 90, 90, 120)
NOTES = {
    "売上拡大": "商品の見せ方と値付けを見直し、案内の文案を一緒に作成した。",
    "経営改善・事業再生": "月次の損益を確かめ、固定費の見直しの順番を決めた。",
    "創業": "創業計画書の収支の根拠を整理し、次回までの宿題を決めた。",
    "事業承継": "後継者候補との話合いの進め方を助言し、支援センターを案内した。",
    "資金繰り": "資金繰り表を作成し、金融機関への説明の要点を整理した。",
    "ものづくり・生産性向上": "工程ごとの手待ちを書き出し、改善する工程を決めた。",
    "IT・デジタル活用": "予約と受発注の電子化について、小さく始める方法を助言した。",
    "雇用・労務": "求人票の書き方と、業務の見直しについて助言した。",
}
# Kind and title of the activities, in turn.
KINDS = (
    ("会議・打合せ", "支援機関との連携会議"),
    ("共同相談会", "支援機関との合同相談会"),
    ("訪問", "経営指導員への訪問と事例の共有"),
    ("セミナー・研修会", "支援機関と共催の創業セミナー"),
)
PARTNERS_PER_HUB = 6
# So many clients for a hundred consultations: the others come again.
POOL_PERCENT = 62
MOST_DAYS_TO_CONFIRM = 20


@cache
def _people() -> dict[str, list[str]]:
    """Names of the people of each hub as the sample survey has them."""
    names: dict[str, list[str]] = {}
    for code, _, _, name, *_ in people.qualification_rows()[1]:
        names.setdefault(code, []).append(name)
    return names


def working_days(month: date, closed: Collection[date]) -> list[date]:
    """The days of a month on which the desk is open."""
    days = [month + timedelta(days=place) for place in range(31)]
    return [
        day for day in days if day.month == month.month and day.weekday() < 5 and day not in closed
    ]


def partners(hub: SampleHub) -> list[tuple[str, str]]:
    """Name and kind of the support organisations the hub works with."""
    return partner_names(hub)[:PARTNERS_PER_HUB]


def record_rows(
    hub: SampleHub, fiscal_year: int, closed: Collection[date]
) -> list[dict[str, object]]:
    """Lines of the file of consultations of one hub, in the order of their days."""
    values = monthly_values(hub, fiscal_year)
    months = ledger_months(hub, fiscal_year)
    pool = sum(values["相談対応件数"][index] for index in months) * POOL_PERCENT // 100
    rows: list[dict[str, object]] = []
    before: list[dict[str, object]] = []
    for index in months:
        days = working_days(month_of(fiscal_year, index), closed)
        count, visits = values["相談対応件数"][index], values["来訪相談者数"][index]
        new = [
            _record(
                hub,
                f"{fiscal_year}-{len(rows) + place + 1:05d}",
                days[place * len(days) // count],
                between(1, pool, "client", hub.code, fiscal_year, index, place),
                is_visit=(place + 1) * visits // count > place * visits // count,
            )
            for place in range(count)
        ]
        rows += new
        _resolve([*before, *new], values["課題解決件数"][index], days, fiscal_year)
        before = [row for row in new if not row["課題解決日"]]
    return rows


def _record(
    hub: SampleHub, number: str, day: date, client: int, *, is_visit: bool
) -> dict[str, object]:
    names = (hub.code, number)
    who = (hub.code, "client", client)
    theme = lot(THEMES, "theme", *names)
    note = NOTES.get(theme, "") if roll("note", *names) % 3 == 0 else ""
    return {
        "拠点コード": hub.code,
        "拠点名": hub.name,
        "受付番号": number,
        "相談日": day.isoformat(),
        "相談方法": VISIT if is_visit else lot(OTHER_CHANNELS, "channel", *names),
        "相談テーマ": theme,
        "業種": lot(SHARES, "industry", *who),
        "従業員規模": lot(BANDS, "band", *who),
        "担当": pick(_people()[hub.code], "coordinator", *names),
        "相談者番号": f"C-{client:05d}",
        "相談時間（分）": pick(MINUTES, "minutes", *names),
        "課題解決日": "",
        "相談者確認日": "",
        "概要": f"{note}（サンプル）" if note else "",
    }


def _resolve(
    waiting: Sequence[dict[str, object]], count: int, days: Sequence[date], fiscal_year: int
) -> None:
    """Resolve so many of the records in the month of these days; some clients confirm it."""
    last = month_of(fiscal_year, MONTHS_SO_FAR) - timedelta(days=1)
    for place in range(count):
        row = waiting[place * len(waiting) // count]
        names = (row["拠点コード"], row["受付番号"])
        held = str(row["相談日"])
        day = pick([one for one in days if one.isoformat() >= held], "resolved", *names)
        row["課題解決日"] = day.isoformat()
        said = day + timedelta(days=between(2, MOST_DAYS_TO_CONFIRM, "confirmed", *names))
        if roll("says so", *names) % 10 < 6 and said <= last:
            row["相談者確認日"] = said.isoformat()


def activity_rows(
    hub: SampleHub, fiscal_year: int, closed: Collection[date]
) -> list[dict[str, object]]:
    """Lines of the file of network activities of one hub.

    None is like another: on one day each has a kind of its own.
    """
    values = monthly_values(hub, fiscal_year)["ネットワーク活動件数"]
    names = [name for name, _ in partners(hub)]
    rows: list[dict[str, object]] = []
    for index in ledger_months(hub, fiscal_year):
        days = working_days(month_of(fiscal_year, index), closed)
        for place in range(values[index]):
            kind, title = KINDS[place % len(KINDS)]
            rows.append(
                {
                    "拠点コード": hub.code,
                    "拠点名": hub.name,
                    "受付番号": f"N{fiscal_year}-{len(rows) + 1:05d}",
                    "実施日": days[place * len(days) // values[index]].isoformat(),
                    "種類": kind,
                    "件名": f"{title}（サンプル）",
                    "担当": pick(_people()[hub.code], "activity", hub.code, index, place),
                    "支援機関": names[place // len(KINDS) % len(names)],
                }
            )
    return rows
