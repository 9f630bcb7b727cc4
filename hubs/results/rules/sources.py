"""Where a monthly figure comes from, and how it stands to what the ledger counts."""

from dataclasses import dataclass
from enum import StrEnum

from hubs.results.rules.entry import Entry
from yorozu.core import figures

DECLARED, LEDGER = "declared", "ledger"


class Standing(StrEnum):
    """How a figure stands to the ledger's count of the same month."""

    NOT_KEPT = "not_kept"
    AGREES = "agrees"
    BLANK = "blank"
    STALE = "stale"
    DIFFERS = "differs"


@dataclass(frozen=True)
class Origin:
    """What is known of one figure's source.

    ``now`` is the ledger's count of this moment and ``then`` the one of the day the month was sent;
    None where the hub keeps no records. ``is_sent`` says which of the two the figure answers to.
    """

    source: str = DECLARED
    then: int | None = None
    now: int | None = None
    is_sent: bool = False
    is_accepted: bool = False

    @property
    def counted(self) -> int | None:
        """The count that stands beside the figure: as sent, or while it is written as of now."""
        return self.then if self.is_sent else self.now

    @property
    def is_ledger(self) -> bool:
        """The figure was drawn from the ledger."""
        return self.source == LEDGER

    @property
    def has_drifted(self) -> bool:
        """The records changed after the month was sent."""
        return self.is_sent and self.then != self.now

    @property
    def drift(self) -> int | None:
        """By how much the count has changed since; None when one of the two sides has none."""
        if self.then is None or self.now is None:
            return None
        return self.now - self.then


NO_ORIGIN = Origin()


def source_of(entry: Entry, counted: int | None) -> str:
    """A figure that is the ledger's own count comes from the ledger, whoever typed it."""
    return LEDGER if counted is not None and entry.value == counted else DECLARED


def standing(entry: Entry, origin: Origin) -> Standing:
    """How the figure stands to the count beside it."""
    counted = origin.counted
    if counted is None:
        return Standing.NOT_KEPT
    if entry.value == counted:
        return Standing.AGREES
    if entry.state == "not_reported":
        return Standing.BLANK
    return Standing.STALE if origin.is_ledger else Standing.DIFFERS


def difference(entry: Entry, origin: Origin) -> int | None:
    """Figure less count; None when there is nothing to subtract."""
    if entry.value is None or origin.counted is None:
        return None
    return entry.value - origin.counted


def signed(value: int) -> str:
    """A change with its sign: +10, ▲5, 0."""
    return f"+{value:,}" if value > 0 else figures.format_count(value)


def difference_text(entry: Entry, origin: Origin) -> str:
    """The difference with its sign; empty when one side is no number."""
    found = difference(entry, origin)
    return "" if found is None else signed(found)


def ledger_problem(name: str, entry: Entry, origin: Origin, reason: str) -> str:
    """Why a figure may not be sent as it stands beside the ledger; empty when it may.

    A figure other than the count needs a reason. One drawn from records that have changed since is
    named as such, whatever reason stands there: a reason given now makes it a declared figure. A
    blank is a gap like any other.
    """
    counted = origin.counted or 0
    kind = standing(entry, origin)
    if kind is Standing.STALE:
        return (
            f"{name}は、取り込んだあとに相談記録が変わりました（取込時 {entry.value:,}、"
            f"現在 {counted:,}）。もう一度取り込むか、異なる理由を入力してください。"
        )
    if reason:
        return ""
    if kind is Standing.DIFFERS:
        said = "該当なし（－）" if entry.value is None else f"{entry.value:,}"
        return (
            f"{name}の申告（{said}）が相談記録の件数（{counted:,}）と異なります。"
            "相談記録から取り込むか、異なる理由を入力してください。"
        )
    return ""


EXPLAIN = "相談記録から数えた件数なので、理由を入力すると提出できます。"


def may_be_explained(code: str, source: str) -> bool:
    """Whether more issues than consultations may be sent once a reason stands there.

    Issues count in the month they were resolved in, so the records may say so; a declared figure
    that exceeds the consultations stays a contradiction.
    """
    return code == "SOLVE" and source == LEDGER


def drift_text(origin: Origin) -> str:
    """What became of the records after the month was sent; empty when nothing did."""
    if not origin.has_drifted:
        return ""
    said = "確認後" if origin.is_accepted else "提出後"
    if origin.then is None:
        return f"{said}に相談記録が登録されました：{origin.now:,}"
    if origin.now is None:
        return f"{said}に相談記録がなくなりました：{origin.then:,} → 0"
    return f"{said}に相談記録が変わりました：{signed(origin.now - origin.then)}"
