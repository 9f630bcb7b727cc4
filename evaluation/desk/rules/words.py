"""The way to the next grade in plain Japanese."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from evaluation.desk.rules import levers
from evaluation.desk.rules.distance import HELD, TOO_SMALL, Combination, Distance, HubDistance, Step
from yorozu.core import figures

WHY = {
    levers.EXCUSED: "対象外の項目です。重みはほかの項目に移っています。",
    levers.NO_TARGET: "目標がないため、必要な量を計算できません。",
    levers.ZERO_TARGET: "目標が0のため、必要な量を計算できません。",
    levers.NO_ANSWERS: "回答がないため、必要な量を計算できません。",
    levers.NO_ITEMS: "項目がないため、必要な量を計算できません。",
}


@dataclass(frozen=True)
class Named:
    """What an item is called, and the unit it is counted in."""

    label: str
    unit: str = "件"


Names = Mapping[tuple[str, str], Named]


def plain(value: Decimal | int | None) -> str:
    """A count with commas, with its decimals if it has any; － for none."""
    if value is None:
        return "－"
    return f"{int(value):,}" if value == int(value) else f"{value:,f}"


def average(value: Decimal | None) -> str:
    """A mean to two decimals; － for none."""
    return "－" if value is None else f"{figures.q(value, 2)}"


def named(distance: Distance, names: Names) -> Named:
    """The name of an item, else of its component, else its code."""
    key = (distance.component, distance.item)
    return names.get(key) or names.get((key[0], "")) or Named(key[1] or key[0])


def change(distance: Distance, step: Step, names: Names) -> str:
    """What has to be done: 課題解決件数をあと37件増やす（260→297）."""
    name = named(distance, names)
    if distance.kind in {levers.COUNT, levers.FEWER}:
        way = "増やす" if distance.kind == levers.COUNT else "減らす"
        moved = f"（{plain(_now(distance))}→{plain(step.value)}）"
        return f"{name.label}をあと{step.steps:,}{name.unit}{way}{moved}"
    if distance.kind == levers.EVENLY:
        return f"活動指標と重点分野の実績を、すべて一律{step.value:f}%増やす"
    return _opinion(distance, name, step)


def _now(distance: Distance) -> Decimal | None:
    return distance.now.value if distance.now else None


def _opinion(distance: Distance, name: Named, step: Step) -> str:
    mean = f"（平均{average(_now(distance))}→{average(step.value)}）"
    if distance.kind == levers.ANSWERS:
        return (
            f"{name.label}の回答{plain(step.total)}件の満足度を、"
            f"合わせて{step.steps:,}段階分上げる{mean}"
        )
    if distance.kind == levers.TENTHS:
        gained = levers.TENTH * step.steps
        return f"{plain(step.total)}機関の評価を、合わせて{gained:f}点上げる{mean}"
    return _raters(name, step, mean)


def _raters(name: Named, step: Step, mean: str) -> str:
    paper = "根拠資料を添え、" if step.paper else ""
    if not step.total:
        return f"「{name.label}」に根拠資料を添える"
    return f"「{name.label}」に{paper}評価者の評点を合わせて{plain(step.total)}点上げる{mean}"


def amount(distance: Distance, step: Step, names: Names) -> str:
    """The same in a table's cell: あと37件."""
    if distance.kind in {levers.COUNT, levers.FEWER}:
        sign = "▲" if distance.kind == levers.FEWER else "あと"
        return f"{sign}{step.steps:,}{named(distance, names).unit}"
    if distance.kind == levers.EVENLY:
        return f"一律{step.value:f}%"
    if distance.kind == levers.ANSWERS:
        return f"あと{step.steps:,}段階分"
    if distance.kind == levers.TENTHS:
        return f"あと{levers.TENTH * step.steps:f}点"
    points = f"あと{plain(step.total)}点" if step.total else ""
    return f"{points}{'＋' if points and step.paper else ''}{'根拠資料' if step.paper else ''}"


def leads_to(step: Step) -> str:
    """What comes of it: 総合点が80.00点になり、評語がAになります。"""
    return f"総合点が{step.final}点になり、評語が{step.grade}になります。"


def sentence(distance: Distance, names: Names) -> str:
    """課題解決件数をあと37件増やす（260→297）と、総合点が80.00点になり、評語がAになります。"""
    if distance.reach is None:
        return ""
    return f"{change(distance, distance.reach, names)}と、{leads_to(distance.reach)}"


def combination(found: Combination, names: Names) -> str:
    """The parts of a combination and where they lead together."""
    full = [f"{change(part, step, names)}" for part, step in found.parts[:-1]]
    last, step = found.parts[-1]
    before = "、".join(f"{text}（上限まで）" for text in full)
    return f"{before}。さらに{change(last, step, names)}と、{leads_to(step)}"


def reason(distance: Distance, hub: HubDistance, names: Names) -> str:
    """Why an item alone does not reach the next grade; empty when it does."""
    if distance.why in WHY:
        return WHY[distance.why]
    if distance.why == HELD:
        return f"この項目を上限まで上げても、{held_by(distance.held_by, names)}"
    if distance.why != TOO_SMALL or distance.most is None or hub.cut is None:
        return ""
    if not distance.gain:
        return "すでに上限です。この項目では、これ以上は上がりません。"
    most = distance.most.final
    return f"この項目だけでは届きません（上限まで上げて総合点{most}点、あと{hub.cut - most}点）。"


def held_by(gates: Sequence[Mapping[str, object]], names: Names) -> str:
    """What holds the grade: 「重点分野」が基準の点に満たないため、評語はBまでです。"""
    said = []
    for gate in gates:
        because = gate["because"]
        codes = [str(code) for code in because] if isinstance(because, list) else []
        parts = [names[code, ""].label for code in codes if (code, "") in names]
        if parts:
            listed = "、".join(f"「{part}」" for part in parts)
            said.append(f"{listed}が基準の点に満たないため、評語は{gate['cap']}までです。")
        else:
            said.append(f"データの確認事項が解決するまで、評語は{gate['cap']}までです。")
    return "".join(said)
