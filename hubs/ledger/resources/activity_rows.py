"""Rows of a file of network activities: columns, and what each row would do."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hubs.ledger.forms.files import TAKE
from hubs.ledger.models import CodeKind
from hubs.ledger.queries import ACTIVITY_LABELS, CodeBook, code_books
from hubs.ledger.queries.activity_files import (
    Number,
    Organizations,
    StoredActivity,
    past_numbers,
    stored_activities,
)
from hubs.ledger.queries.imports import accepted_months, closed_years, name_key
from hubs.ledger.resources.columns import FIRST_DAY, number
from hubs.ledger.rules import (
    MAX_COORDINATOR,
    personal_data_in,
    read_record_no,
    record_no_problem,
)
from hubs.network.models import Hub
from yorozu.core import clock
from yorozu.core.errors import Problem
from yorozu.core.fiscal import fiscal_year_of, nendo, wareki_month
from yorozu.core.imports.kinds import ADDED, UNCHANGED, Change
from yorozu.core.sheets import Column, Row, cells, match_key, trim
from yorozu.core.sheets.cells import CellError

MAX_TITLE = 120
SEPARATOR = re.compile(r"[、，,;；\n]")


def activity_columns() -> list[Column]:
    """The columns in the order of the template."""
    return [
        Column("hub_code", "拠点コード", cells.code(2), ("拠点番号",), key=True),
        Column("hub_name", "拠点名", cells.text(40), optional=True, blank=True),
        Column(
            "record_no",
            "受付番号",
            number(read_record_no, record_no_problem),
            ("受付No", "整理番号", "活動番号"),
            key=True,
        ),
        Column("held_on", "実施日", cells.date(FIRST_DAY, clock.today()), ("実施年月日", "開催日")),
        Column("kind", "種類", cells.text(40), ("活動の種類", "区分")),
        Column("title", "件名", cells.text(MAX_TITLE), ("活動名", "内容")),
        Column("coordinator_name", "担当", cells.text(MAX_COORDINATOR), ("担当者", "担当者名")),
        Column(
            "organizations",
            "支援機関",
            cells.text(1_000, multiline=True),
            ("連携機関", "連携先", "相手先"),
        ),
    ]


@dataclass(frozen=True)
class ActivityRow:
    """A row as it is to be stored."""

    hub_id: int
    record_no: str
    held_on: date
    kind: str
    title: str
    coordinator_name: str
    organization_ids: tuple[int, ...]

    @property
    def number(self) -> Number:
        """What tells it from every other."""
        return self.hub_id, self.record_no

    def as_data(self) -> dict[str, Any]:
        """For the stored change."""
        return {
            **vars(self),
            "held_on": self.held_on.isoformat(),
            "organization_ids": list(self.organization_ids),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "ActivityRow":
        """The row of a stored change."""
        return cls(
            **{
                **data,
                "held_on": date.fromisoformat(data["held_on"]),
                "organization_ids": tuple(data["organization_ids"]),
            }
        )


@dataclass(frozen=True)
class Held:
    """Everything the rows of one file are held against, read once."""

    mine: Mapping[str, Hub]
    everywhere: Mapping[str, Hub]
    names: Mapping[int, Mapping[str, str]]
    books: Mapping[int, CodeBook]
    organizations: Organizations
    accepted: set[tuple[int, str]]
    closed: set[int]
    past: set[Number]
    stored: dict[Number, StoredActivity]
    hub_names: dict[int, str] = field(default_factory=dict)

    @classmethod
    def load(
        cls,
        mine: Mapping[str, Hub],
        everywhere: Mapping[str, Hub],
        names: Mapping[int, Mapping[str, str]],
        days: Sequence[date],
    ) -> "Held":
        """A fixed number of queries, however many rows there are."""
        hub_ids = [hub.pk for hub in mine.values()]
        return cls(
            mine=mine,
            everywhere=everywhere,
            names=names,
            books=code_books({fiscal_year_of(day) for day in days}),
            organizations=Organizations(),
            accepted=accepted_months(),
            closed=closed_years(),
            past=past_numbers(hub_ids),
            stored={row.number: row for row in stored_activities(days, hub_ids)},
            hub_names={hub.pk: hub.name for hub in everywhere.values()},
        )


class ActivityReader:
    """Rows against what they are held against; every fault is named by row and heading."""

    def __init__(self, held: Held, columns: Sequence[Column], params: Mapping[str, Any]) -> None:
        self._held, self._takes_alike = held, params.get("alike") == TAKE
        self._headings = {column.name: column.heading for column in columns}
        self._earlier: defaultdict[tuple[date, str], list[tuple[int, ActivityRow]]]
        self._earlier = defaultdict(list)
        self._on_day: defaultdict[tuple[date, str], list[StoredActivity]] = defaultdict(list)
        for stored in held.stored.values():
            self._on_day[stored.held_on, stored.kind].append(stored)
        self.problems: list[Problem] = []

    def _fault(self, row: Row, name: str, message: str) -> None:
        self.problems.append(Problem(row.number, self._headings[name], message))

    def change(self, row: Row) -> Change | None:
        """What the row would do; None when it has a fault."""
        before = len(self.problems)
        hub = self._hub(row)
        kind = self._kind(row)
        ids = self._organizations(row, hub) if hub else ()
        if hub:
            self._check_day(row, hub)
        if hub is None or len(self.problems) > before:
            return None
        read = ActivityRow(
            hub.pk,
            row["record_no"],
            row["held_on"],
            kind,
            row["title"],
            self._held.names.get(hub.pk, {}).get(
                name_key(row["coordinator_name"]), row["coordinator_name"]
            ),
            ids,
        )
        self._check_number(row, read)
        if len(self.problems) > before:
            return None
        is_new = read.number not in self._held.stored
        if is_new and not self._takes_alike:
            self._check_alike(row, read)
        self._earlier[read.held_on, read.kind].append((row.number, read))
        return self._change(row, hub, read, is_new=is_new)

    def _hub(self, row: Row) -> Hub | None:
        code = row["hub_code"]
        hub = self._held.mine.get(code)
        if hub is None and code in self._held.everywhere:
            name = self._held.everywhere[code].name
            self._fault(row, "hub_code", f"{name}は担当する拠点ではありません。")
        elif hub is None:
            self._fault(
                row,
                "hub_code",
                f"拠点コード「{code}」の拠点はありません。01から47までのコードを入力してください。",
            )
        elif row["hub_name"] and match_key(row["hub_name"]) != match_key(hub.name):
            self._fault(row, "hub_name", f"拠点コード{code}の拠点名は「{hub.name}」です。")
        return hub

    def _kind(self, row: Row) -> str:
        book = self._held.books[fiscal_year_of(row["held_on"])]
        labels, kind = book.labels.get(CodeKind.NETWORK_KIND, {}), CodeKind.NETWORK_KIND
        if found := book.find(kind, row["kind"]):
            return found
        try:
            cells.choice({label: code for code, label in labels.items()})(row["kind"])
        except CellError as error:
            self._fault(row, "kind", str(error))
        return ""

    def _organizations(self, row: Row, hub: Hub) -> tuple[int, ...]:
        typed = [name for part in SEPARATOR.split(row["organizations"]) if (name := trim(part))]
        if not typed:
            self._fault(row, "organizations", "支援機関の名称を1つ以上入力してください。")
        ids: set[int] = set()
        for name in typed:
            found, is_registered = self._held.organizations.find(hub.pk, name)
            if len(found) == 1:
                ids |= found
            elif found:
                self._fault(
                    row,
                    "organizations",
                    f"「{name}」は2つ以上の都道府県にあります。前に都道府県名を付けてください。",
                )
            elif is_registered:
                self._fault(
                    row,
                    "organizations",
                    f"「{name}」は{hub.name}と連携する支援機関ではありません。支援機関の画面で"
                    "連携を登録してください。",
                )
            else:
                self._fault(
                    row,
                    "organizations",
                    f"「{name}」は登録されていません。名称を確かめるか、支援機関の画面で"
                    "登録してください。",
                )
        return tuple(sorted(ids))

    def _check_day(self, row: Row, hub: Hub) -> None:
        day: date = row["held_on"]
        year = fiscal_year_of(day)
        if day < hub.opened_on:
            self._fault(row, "held_on", "実施日が拠点の開設日より前です。")
        elif year in self._held.closed:
            self._fault(
                row,
                "held_on",
                f"{nendo(year)}の期は終了しているため、取り込めません。この行を除いてください。",
            )

    def _check_number(self, row: Row, read: ActivityRow) -> None:
        stored = self._held.stored.get(read.number)
        if stored is None and (read.hub_id, f"{read.held_on:%Y-%m}") in self._held.accepted:
            self._fault(
                row,
                "held_on",
                f"{self._held.hub_names[read.hub_id]}の{wareki_month(read.held_on)}の月次実績は"
                "確認済みのため、取り込めません。この行を除いてください。",
            )
        if stored is None and read.number in self._held.past:
            self._fault(
                row,
                "record_no",
                f"受付番号{read.record_no}は、取り消された活動に使われています。"
                "別の番号を付けてください。",
            )
        if stored is None:
            return
        mine, theirs = self._shown(read), self._shown(stored)
        for name, text in mine.items():
            if text != theirs[name]:
                self._fault(
                    row,
                    name,
                    f"受付番号{read.record_no}は、台帳では「{theirs[name]}」、ファイルでは"
                    f"「{text}」です。訂正は、ネットワーク活動の画面で理由を付けて行ってください。",
                )

    def _check_alike(self, row: Row, read: ActivityRow) -> None:
        """The same day, kind and an organisation in common: perhaps the same activity."""
        same, ids = (read.held_on, read.kind), set(read.organization_ids)
        for stored in self._on_day[same]:
            if ids & stored.organization_ids and read.hub_id not in stored.attended_by:
                own = stored.hub_id == read.hub_id
                there = "台帳" if own else self._held.hub_names[stored.hub_id]
                advice = (
                    "同じ活動なら、この行を除いてください。"
                    if own
                    else "同じ活動なら、この行を除き、ネットワーク活動の画面で参加を記録して"
                    "ください。"
                )
                text = f"同じ日・種類・支援機関の活動が、{there}に受付番号{stored.record_no}で"
                self._fault(row, "held_on", f"{text}登録されています。{advice}")
                return
        for line, earlier in self._earlier[same]:
            if ids & set(earlier.organization_ids):
                self._fault(
                    row,
                    "held_on",
                    f"{line}行目と、日・種類・支援機関が同じです。同じ活動なら、どちらかの行を"
                    "削除してください。",
                )
                return

    def _shown(self, read: ActivityRow | StoredActivity) -> dict[str, str]:
        book = self._held.books.get(fiscal_year_of(read.held_on))
        names = self._held.organizations.names
        return {
            "held_on": read.held_on.isoformat(),
            "kind": book.label(CodeKind.NETWORK_KIND, read.kind) if book else read.kind,
            "title": read.title,
            "coordinator_name": read.coordinator_name,
            "organizations": _joined(names[pk] for pk in sorted(read.organization_ids)),
        }

    def _change(self, row: Row, hub: Hub, read: ActivityRow, *, is_new: bool) -> Change:
        shown = self._shown(read)
        fields = [(self._headings[name], "", text) for name, text in shown.items()]
        if kinds := {one.kind for one in personal_data_in(read.title)}:
            said = "、".join(sorted(kinds))
            text = f"{ACTIVITY_LABELS['title']}に個人情報らしい記載（{said}）があります。"
            fields.append(("注意", "", text))
        return Change(
            row=row.number,
            key=f"{hub.code}-{read.record_no}",
            kind=ADDED if is_new else UNCHANGED,
            label=f"{hub.name} {read.record_no}",
            fields=tuple(fields) if is_new else (),
            data=read.as_data(),
        )


def _joined(names: Iterable[str]) -> str:
    return "、".join(names)
