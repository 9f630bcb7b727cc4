"""Two versions of a checklist side by side, and the order of items. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
WORDS = {ADDED: "追加", REMOVED: "削除", CHANGED: "変更"}
MOST_ITEMS = 40


@dataclass(frozen=True)
class Difference:
    """What became of one item: its code, what happened, and the fields that differ."""

    code: str
    kind: str
    fields: tuple[tuple[str, str, str], ...] = ()

    @property
    def word(self) -> str:
        """The kind in Japanese."""
        return WORDS[self.kind]


def differences(
    old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]], labels: Mapping[str, str]
) -> list[Difference]:
    """Items added, changed and removed, in the order of the new version; equal items are left out.

    ``labels``: the columns to compare and their Japanese names. The place among the items is not
    compared number by number: an item moved by an insertion has not changed.
    """
    before = {row["code"]: row for row in old}
    after = {row["code"]: row for row in new}
    found = []
    for code, row in after.items():
        was = before.get(code)
        fields = tuple(
            (label, "" if was is None else str(was[name]), str(row[name]))
            for name, label in labels.items()
            if was is None or str(was[name]) != str(row[name])
        )
        if was is None:
            found.append(Difference(code, ADDED, fields))
        elif fields:
            found.append(Difference(code, CHANGED, fields))
    for code, row in before.items():
        if code not in after:
            fields = tuple((label, str(row[name]), "") for name, label in labels.items())
            found.append(Difference(code, REMOVED, fields))
    return found


def moved(codes: Sequence[str], code: str, step: int) -> list[str]:
    """The codes with one of them ``step`` places further (negative: nearer the top)."""
    order = list(codes)
    place = order.index(code)
    goal = min(max(place + step, 0), len(order) - 1)
    order.insert(goal, order.pop(place))
    return order


def whole_faults(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """What forbids adopting a draft as a whole: a component without items, a code twice, too many.

    Texts and weights are judged item by item (``content_faults``).
    """
    faults = []
    for component, label in (("CHK", "チェックリスト"), ("UNQ", "独自の取組")):
        if not any(row["component"] == component for row in items):
            faults.append(f"「{label}」の項目が1つもありません。")
    codes = [row["code"] for row in items]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        faults.append(f"コード{'、'.join(twice)}が2つ以上あります。")
    if len(items) > MOST_ITEMS:
        faults.append(f"項目は{MOST_ITEMS}までです。")
    return faults
