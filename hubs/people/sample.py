"""The shipped sample survey: 557 invented people whose ticks are the paper's (domain.md 1.3).

The same rows come out every time: choices hang on SHA-256 of names, never on a random state.
"""

from hashlib import sha256

from hubs.network.facts import fact_rows
from hubs.people.rules import CC, CO

CHIEFS, COORDINATORS = 47, 510
# The paper's table (S44, S45), in its order: CC, CO.
TICKS = (
    (1, 4), (0, 13), (0, 1), (1, 27), (2, 23), (22, 192), (0, 12), (0, 5), (0, 7), (0, 6), (0, 20),
    (1, 17), (0, 4), (3, 28), (0, 6), (0, 17), (0, 0), (0, 3), (0, 4), (0, 3), (0, 1), (5, 135),
)  # fmt: skip
ROLE_WORDS = {CC: "チーフコーディネーター", CO: "コーディネーター"}
# Family names that nobody bears, among them characters that trip weak software.
FAMILIES = (
    ("見本", "ミホン"), ("例田", "レイダ"), ("仮山", "カリヤマ"), ("架空", "カクウ"),
    ("雛形", "ヒナガタ"), ("試野", "タメシノ"), ("想定", "ソウテイ"), ("例原", "レイハラ"),
    ("仮橋", "カリハシ"), ("見本沢", "ミホンザワ"), ("型谷", "カタタニ"), ("例﨑", "レイザキ"),
    ("髙例", "タカレイ"), ("試川", "タメシカワ"), ("仮德", "カリトク"), ("例塚", "レイヅカ"),
    ("模木", "モギノキ"), ("見本島", "ミホンジマ"), ("仮名井", "カナイ"), ("例ヶ丘", "レイガオカ"),
    ("試森", "タメシモリ"), ("髙﨑見本", "タカサキミホン"), ("例邊", "レイベ"),
    ("仮澤", "カリサワ"), ("型枝", "カタエダ"), ("例々木", "レイレイキ"), ("想野", "ソウノ"),
    ("架橋", "カハシ"), ("ｻﾝﾌﾟﾙ", "ｻﾝﾌﾟﾙ"), ("サンプル", "サンプル"),
)  # fmt: skip
GIVEN = (
    ("太郎", "タロウ"), ("花子", "ハナコ"), ("一郎", "イチロウ"), ("美咲", "ミサキ"),
    ("健太", "ケンタ"), ("由美子", "ユミコ"), ("隆", "タカシ"), ("祥子", "ショウコ"),
    ("誠", "マコト"), ("久美", "クミ"), ("浩之", "ヒロユキ"), ("真理", "マリ"),
    ("大輔", "ダイスケ"), ("恵", "メグミ"), ("朗", "アキラ"), ("さくら", "サクラ"),
    ("克彦", "カツヒコ"), ("直子", "ナオコ"), ("ジョン", "ジョン"), ("亜希", "アキ"),
)  # fmt: skip
OTHERS = (
    "宅地建物取引士", "中小企業組合士", "事業承継士", "食品衛生責任者", "知的財産管理技能士",
    "日商簿記検定1級", "キャリアコンサルタント", "商業施設士", "通関士", "防災士",
    "経営士", "証券アナリスト", "PMP（プロジェクト管理）", "和裁技能士, 着付け講師",
)  # fmt: skip


def _draw(*parts: object) -> int:
    """A number that hangs on the given words only."""
    return int.from_bytes(sha256("|".join(map(str, parts)).encode()).digest()[:8])


def _sizes(codes: list[str]) -> dict[str, int]:
    """How many coordinators each hub has: 6 at least, 510 in all."""
    weights = {code: 40 + _draw("size", code) % 100 for code in codes}
    spare, whole = COORDINATORS - 6 * len(codes), sum(weights.values())
    sizes = {code: 6 + spare * weights[code] // whole for code in codes}
    lacking = COORDINATORS - sum(sizes.values())
    for code in sorted(codes, key=lambda code: -(spare * weights[code] % whole))[:lacking]:
        sizes[code] += 1
    return sizes


def _ticks(role: str, people: int) -> list[set[int]]:
    """Who ticks what: exactly the paper's number per category, most have none to two."""
    ticked: list[set[int]] = [set() for _ in range(people)]
    for category, counts in enumerate(TICKS):
        wanted = counts[0] if role == CC else counts[1]
        order = sorted(
            range(people),
            key=lambda one: (len(ticked[one]) // 2, _draw("tick", role, category, one)),
        )
        for one in order[:wanted]:
            ticked[one].add(category)
    return ticked


def _name(number: int) -> tuple[str, str]:
    """The number-th name of 600; none occurs twice."""
    number = number * 217 % (len(FAMILIES) * len(GIVEN))
    family, family_kana = FAMILIES[number % len(FAMILIES)]
    given, given_kana = GIVEN[number // len(FAMILIES)]
    return f"{family}　{given}", f"{family_kana}　{given_kana}"


def qualification_rows() -> tuple[list[str], list[list[str]]]:
    """Heading and 557 rows of the sample file, readable in UTF-8 and in CP932."""
    hubs = fact_rows("hubs.csv")
    categories = [row["name"] for row in fact_rows("qualification_categories.csv")]
    header = ["拠点コード", "拠点名", "区分", "氏名", "フリガナ", *categories, "その他の内容"]
    sizes = _sizes([hub["code"] for hub in hubs])
    chosen = {CC: iter(_ticks(CC, CHIEFS)), CO: iter(_ticks(CO, COORDINATORS))}
    rows: list[list[str]] = []
    for hub in hubs:
        for role in (CC, *[CO] * sizes[hub["code"]]):
            name, kana = _name(len(rows))
            ticks = next(chosen[role])
            marks = ["○" if place in ticks else "" for place in range(len(categories))]
            other = OTHERS[_draw("other", name) % len(OTHERS)] if marks[-1] else ""
            rows.append([hub["code"], hub["name"], ROLE_WORDS[role], name, kana, *marks, other])
    return header, rows
