"""The file of hearing scores: one row per hub, item and rater."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from evaluation.hearings.forms import HearingImportForm
from evaluation.hearings.models import (
    Checklist,
    ChecklistItem,
    ChecklistResponse,
    Hearing,
    Rating,
)
from evaluation.hearings.queries import checklist_of
from evaluation.hearings.rules import HIGHEST
from hubs.network.hub_rows import HubFinder, hub_columns
from hubs.network.models import Hub
from hubs.terms.models import Term, TermState
from yorozu.core.access import Scope
from yorozu.core.errors import Conflict, InvalidInput, Problem
from yorozu.core.figures import Blank
from yorozu.core.fiscal import nendo
from yorozu.core.imports.kinds import (
    ADDED,
    CHANGED,
    UNCHANGED,
    Change,
    Comparison,
    ImportKind,
    register,
)
from yorozu.core.sheets import Column, Row, Table, cells, match_key

MOVED = "この取込で書いた評点が、あとの取込で変わっています。先にあとの取込を取り消してください。"
FINDING = (
    "has_evidence",
    "evidence_note",
    "is_not_applicable",
    "not_applicable_reason",
    "not_applicable_approver",
)
FINDING_LABELS = ("根拠資料", "根拠の内容", "該当なし", "該当なしの理由", "該当なしの承認者")


def open_checklist(params: dict[str, Any]) -> Checklist:
    """The checklist of the import's term; InvalidInput when term or checklist is not there."""
    year = params.get("fiscal_year")
    term = Term.objects.filter(fiscal_year=year).first() if isinstance(year, int) else None
    if term is None:
        raise _refuse("選んだ期がありません。期を選び直してください。")
    if term.state == TermState.PREPARING:
        raise _refuse(f"{nendo(term.fiscal_year)}の期は準備中のため、取り込めません。")
    if term.state == TermState.CLOSED:
        raise _refuse(f"{nendo(term.fiscal_year)}の期は終了しているため、取り込めません。")
    checklist = checklist_of(term)
    if checklist is None:
        text = "のチェックリストがまだ採用されていません。先にチェックリストを採用してください。"
        raise _refuse(nendo(term.fiscal_year) + text)
    return checklist


def _refuse(message: str) -> InvalidInput:
    return InvalidInput([Problem(None, "", message)])


@dataclass
class _Group:
    """The rows of one item of one hub, and what they say together about evidence and N/A."""

    hub: Hub
    item: ChecklistItem
    rows: list[Row]

    @property
    def finding(self) -> dict[str, Any]:
        """Evidence stands when one row ticks it; different notes are joined."""
        notes = dict.fromkeys(row["evidence_note"] for row in self.rows if row["evidence_note"])
        first = self.rows[0]
        values = (
            any(row["has_evidence"] for row in self.rows),
            "／".join(notes)[:200],
            bool(first["is_not_applicable"]),
            first["not_applicable_reason"] or "",
            first["not_applicable_approver"] or "",
        )
        return dict(zip(FINDING, values, strict=True))


class ScoresKind(ImportKind):
    """Scores of the hearing, first versions of all raters (S89, S90)."""

    code = "hearings.scores"
    label = "ヒアリングの評点"
    action = "evaluation.hearings.import"
    description = (
        "拠点・項目・評価者ごとに1行の評点（0～4）を取り込みます。"
        "該当なしには理由と、評価者ではない承認者が必要です。"
    )
    params_form = HearingImportForm

    def columns(self, params: dict[str, Any]) -> list[Column]:
        """Hub, item, rater, score, evidence, and N/A with its reason and approver."""
        note, name = cells.text(200), cells.text(80)
        return [
            *hub_columns(),
            Column("item", "項目コード", cells.text(8), aliases=("項目",), key=True),
            Column("evaluator", "評価者", name, aliases=("評価者名",)),
            Column("organization", "所属", name, aliases=("評価者の所属",)),
            Column("score", "評点", cells.count(0, HIGHEST), aliases=("点",)),
            Column("has_evidence", "根拠資料", cells.mark(), optional=True),
            Column("evidence_note", "根拠の内容", note, optional=True, blank=True),
            Column("is_not_applicable", "該当なし", cells.mark(), optional=True),
            Column("not_applicable_reason", "該当なしの理由", note, optional=True, blank=True),
            Column("not_applicable_approver", "該当なしの承認者", name, optional=True, blank=True),
            Column("held_on", "実施日", cells.date(), optional=True, blank=True),
        ]

    def example_rows(self, params: dict[str, Any]) -> list[list[Any]]:
        """Two raters of one item, and an item that does not apply."""
        hub = ["01", "北海道よろず支援拠点"]
        day = date(2026, 4, 20)
        return [
            [*hub, "C1", "評価者A", "全国本部", 3, "○", "相談記録の写し", "", "", "", day],
            [*hub, "C1", "評価者B", "外部有識者", 3, "○", "相談記録の写し", "", "", "", day],
            [*hub, "C2", "評価者A", "全国本部", "", "", "", "○", "対象の取組なし", "承認者C", day],
        ]

    def compare(self, table: Table, params: dict[str, Any], actor: Scope) -> Comparison:
        """Check every row and every item's rows together; four queries for the whole file."""
        checklist = open_checklist(params)
        problems = list(table.problems)
        groups = _groups(table, checklist, actor, problems)
        days = _days(groups, problems)
        standing = _Standing(checklist.term_id)
        changes = []
        seen: set[int] = set()
        for group in groups:
            problems += _group_faults(group)
            first_of_hub = group.hub.pk not in seen
            seen.add(group.hub.pk)
            day = days.get(group.hub.pk)
            changes += standing.changes(group, day if first_of_hub else None)
        return Comparison(sorted(changes, key=lambda change: change.row), problems)

    def write(
        self, changes: Sequence[Change], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> list[dict[str, Any]]:
        """Write hearings, findings and scores; the undo records keep what stood before."""
        return _Writing(open_checklist(params), batch_id).run(changes)

    def revert(
        self, undo: list[dict[str, Any]], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> None:
        """Take scores and findings back, unless a later import moved or joined them."""
        for table, model in (("rating", Rating), ("response", ChecklistResponse)):
            entries = [entry for entry in undo if entry["table"] == table]
            _take_back(model, entries, batch_id)
        _take_back_hearings([entry for entry in undo if entry["table"] == "hearing"])


def _groups(
    table: Table, checklist: Checklist, actor: Scope, problems: list[Problem]
) -> list[_Group]:
    finder = HubFinder(actor)
    items = {match_key(item.code): item for item in checklist.items.all()}
    groups: dict[tuple[int, int], _Group] = {}
    for row in table.rows:
        hub = finder.find(row, problems)
        item = items.get(match_key(row["item"]))
        if item is None:
            text = f"項目コード「{row['item']}」はチェックリストにありません。"
            problems.append(Problem(row.number, "項目コード", text))
        problems += _row_faults(row)
        if hub is not None and item is not None:
            groups.setdefault((hub.pk, item.pk), _Group(hub, item, [])).rows.append(row)
    return list(groups.values())


def _row_faults(row: Row) -> list[Problem]:
    if not row["is_not_applicable"]:
        if isinstance(row["score"], Blank):
            return [Problem(row.number, "評点", "0から4の評点を入力してください。")]
        return []
    faults = []
    if not isinstance(row["score"], Blank):
        faults.append(Problem(row.number, "評点", "該当なしの行には評点を入力しません。"))
    if not row["not_applicable_reason"]:
        faults.append(Problem(row.number, "該当なしの理由", "該当なしには理由が必要です。"))
    if not row["not_applicable_approver"]:
        faults.append(Problem(row.number, "該当なしの承認者", "該当なしには承認者が必要です。"))
    return faults


def _group_faults(group: _Group) -> list[Problem]:
    faults = []
    first: dict[str, int] = {}
    for row in group.rows:
        key = match_key(row["evaluator"])
        if first.setdefault(key, row.number) != row.number:
            text = f"{first[key]}行目と同じ評価者・同じ項目です。"
            faults.append(Problem(row.number, "評価者", text))
    for row in group.rows:
        approver = match_key(row["not_applicable_approver"] or "")
        if row["is_not_applicable"] and approver in first:
            text = "評価者本人は承認できません。評価者ではない人の承認が必要です。"
            faults.append(Problem(row.number, "該当なしの承認者", text))
    kinds = {bool(row["is_not_applicable"]) for row in group.rows}
    if len(kinds) > 1:
        for row in group.rows:
            if row["is_not_applicable"]:
                text = "同じ項目に評点もあります。該当なしか評点のどちらかにしてください。"
                faults.append(Problem(row.number, "該当なし", text))
    return faults


def _days(groups: list[_Group], problems: list[Problem]) -> dict[int, date]:
    """The day of each hub's hearing; two different days in one file are a fault."""
    days: dict[int, date] = {}
    for group in groups:
        for row in group.rows:
            day = row["held_on"]
            if day is not None and days.setdefault(group.hub.pk, day) != day:
                text = f"{group.hub.name}の実施日が行によって違います。"
                problems.append(Problem(row.number, "実施日", text))
    return days


class _Standing:
    """What the term holds already, read once."""

    def __init__(self, term_id: int) -> None:
        self.hearings = {row.hub_id: row for row in Hearing.objects.filter(term_id=term_id)}
        self.responses = {
            (row.hearing_id, row.item_id): row
            for row in ChecklistResponse.objects.filter(hearing__term_id=term_id)
        }
        self.ratings: dict[int, dict[str, Rating]] = defaultdict(dict)
        for rating in Rating.objects.filter(response__hearing__term_id=term_id):
            self.ratings[rating.response_id][match_key(rating.evaluator_name)] = rating

    def changes(self, group: _Group, day: date | None) -> list[Change]:
        """One change per row; what the finding or the day changes stands at the first row."""
        hearing = self.hearings.get(group.hub.pk)
        response = self.responses.get((hearing.pk, group.item.pk)) if hearing else None
        finding = group.finding
        shared = _finding_fields(finding, response)
        if day is not None and (hearing is None or hearing.held_on != day):
            before = f"{hearing.held_on}" if hearing and hearing.held_on else ""
            shared.append(("実施日", before, f"{day}"))
        rated = self.ratings[response.pk] if response is not None else {}
        made = []
        for place, row in enumerate(group.rows):
            rating = rated.get(match_key(row["evaluator"]))
            fields = [*(shared if place == 0 else []), *_score_fields(row, rating)]
            is_new = response is None if row["is_not_applicable"] else rating is None
            made.append(_change(group, row, fields, finding, day, is_new=is_new))
        return made


def _finding_fields(
    finding: dict[str, Any], response: ChecklistResponse | None
) -> list[tuple[str, str, str]]:
    if response is None:
        return [
            (label, "", _shown(finding[name]))
            for name, label in zip(FINDING, FINDING_LABELS, strict=True)
            if finding[name]
        ]
    return [
        (label, _shown(getattr(response, name)), _shown(finding[name]))
        for name, label in zip(FINDING, FINDING_LABELS, strict=True)
        if getattr(response, name) != finding[name]
    ]


def _shown(value: Any) -> str:
    return ("○" if value else "") if isinstance(value, bool) else str(value)


def _score_fields(row: Row, rating: Rating | None) -> list[tuple[str, str, str]]:
    if row["is_not_applicable"]:
        return [("評点", str(rating.score), "該当なし")] if rating is not None else []
    new = {"評点": str(row["score"]), "所属": row["organization"]}
    if rating is None:
        return [(label, "", value) for label, value in new.items()]
    old = {"評点": str(rating.score), "所属": rating.evaluator_organization}
    return [(label, old[label], new[label]) for label in new if old[label] != new[label]]


def _change(
    group: _Group,
    row: Row,
    fields: list[tuple[str, str, str]],
    finding: dict[str, Any],
    day: date | None,
    *,
    is_new: bool,
) -> Change:
    kind = ADDED if is_new else CHANGED if fields else UNCHANGED
    data = {
        "hub_id": group.hub.pk,
        "item_id": group.item.pk,
        "evaluator": row["evaluator"],
        "organization": row["organization"],
        # A blank score outside N/A is a fault of the row; the file is refused anyway.
        "score": row["score"] if isinstance(row["score"], int) else None,
        "finding": finding,
        "held_on": day.isoformat() if day is not None else None,
    }
    key = f"{group.hub.code} {group.item.code} {row['evaluator']}"
    label = f"{group.hub.name} {group.item.code} {row['evaluator']}"
    return Change(row.number, key, kind, label, tuple(fields), data)


class _Writing:
    """The write of one batch, in the caller's transaction."""

    def __init__(self, checklist: Checklist, batch_id: int) -> None:
        self.checklist = checklist
        self.batch_id = batch_id
        self.undo: list[dict[str, Any]] = []
        term = checklist.term_id
        locked = Hearing.objects.select_for_update(of=("self",)).filter(term_id=term)
        self.hearings = {row.hub_id: row for row in locked}
        self.standing = _Standing(term)

    def run(self, changes: Sequence[Change]) -> list[dict[str, Any]]:
        """Hearings first, then findings, then scores."""
        self._hearings(changes)
        responses = self._responses(changes)
        self._ratings(changes, responses)
        return self.undo

    def _hearings(self, changes: Sequence[Change]) -> None:
        days: dict[int, date | None] = {}
        for change in changes:
            held = change.data["held_on"]
            day = date.fromisoformat(held) if held else None
            days[change.data["hub_id"]] = day or days.get(change.data["hub_id"])
        fresh = [
            Hearing(
                hub_id=hub_id, term_id=self.checklist.term_id, checklist=self.checklist, held_on=day
            )
            for hub_id, day in days.items()
            if hub_id not in self.hearings
        ]
        for hub_id, day in days.items():
            row = self.hearings.get(hub_id)
            if row is not None and day is not None and row.held_on != day:
                before = {"held_on": row.held_on.isoformat() if row.held_on else None}
                self.undo.append({"table": "hearing", "id": row.pk, "before": before})
                row.held_on = day
                row.save(update_fields=["held_on"])
        for row in Hearing.objects.bulk_create(fresh):
            self.hearings[row.hub_id] = row
            self.undo.append({"table": "hearing", "id": row.pk, "before": None})

    def _responses(self, changes: Sequence[Change]) -> dict[tuple[int, int], ChecklistResponse]:
        held, fresh, moved = self.standing.responses, {}, []
        for change in changes:
            hearing_id = self.hearings[change.data["hub_id"]].pk
            key = (hearing_id, change.data["item_id"])
            if key in fresh:
                continue
            row = held.get(key)
            mark = {"import_batch_id": self.batch_id, "import_row": change.row}
            values = {**change.data["finding"], **mark}
            if row is None:
                fresh[key] = ChecklistResponse(hearing_id=hearing_id, item_id=key[1], **values)
            elif any(getattr(row, name) != values[name] for name in FINDING):
                self._keep("response", row, (*FINDING, *mark))
                for name, value in values.items():
                    setattr(row, name, value)
                moved.append(row)
        ChecklistResponse.objects.bulk_update(moved, [*FINDING, "import_batch_id", "import_row"])
        for row in ChecklistResponse.objects.bulk_create(fresh.values()):
            self.undo.append({"table": "response", "id": row.pk, "before": None})
        return {**held, **fresh}

    def _keep(self, table: str, row: ChecklistResponse | Rating, names: Sequence[str]) -> None:
        before = {name: getattr(row, name) for name in names}
        self.undo.append({"table": table, "id": row.pk, "before": before})

    def _ratings(
        self, changes: Sequence[Change], responses: dict[tuple[int, int], ChecklistResponse]
    ) -> None:
        fresh, moved = [], []
        dropped: dict[int, Rating] = {}
        names = ("evaluator_organization", "score", "import_batch_id", "import_row")
        for change in changes:
            data = change.data
            response = responses[(self.hearings[data["hub_id"]].pk, data["item_id"])]
            rated = self.standing.ratings[response.pk]
            if data["score"] is None:
                dropped |= {row.pk: row for row in rated.values()}
                continue
            mark = (data["organization"], data["score"], self.batch_id, change.row)
            values = dict(zip(names, mark, strict=True))
            row = rated.get(match_key(data["evaluator"]))
            if row is None:
                name = data["evaluator"]
                fresh.append(Rating(response=response, evaluator_name=name, **values))
                continue
            self._keep("rating", row, names)
            for name, value in values.items():
                setattr(row, name, value)
            moved.append(row)
        Rating.objects.bulk_update(moved, names)
        for row in Rating.objects.bulk_create(fresh):
            self.undo.append({"table": "rating", "id": row.pk, "before": None})
        self._drop(dropped.values())

    def _drop(self, rows: Any) -> None:
        """An item that became N/A loses its scores; undo writes them again."""
        for row in rows:
            lost = {name: getattr(row, name) for name in RATING_COLUMNS}
            self.undo.append({"table": "rating", "id": row.pk, "lost": lost})
        Rating.objects.filter(pk__in=[row.pk for row in rows]).delete()


RATING_COLUMNS = (
    "response_id",
    "evaluator_name",
    "evaluator_organization",
    "score",
    "import_batch_id",
    "import_row",
)


def _take_back(
    model: type[Rating] | type[ChecklistResponse], entries: list[dict[str, Any]], batch_id: int
) -> None:
    lost = [entry["lost"] for entry in entries if "lost" in entry]
    written = [entry for entry in entries if "lost" not in entry]
    manager = model._default_manager
    rows = manager.select_for_update(of=("self",)).in_bulk([entry["id"] for entry in written])
    if len(rows) != len(written) or any(r.import_batch_id != batch_id for r in rows.values()):
        raise Conflict(MOVED)
    added = [entry["id"] for entry in written if entry["before"] is None]
    if model is ChecklistResponse and Rating.objects.filter(response_id__in=added).exists():
        raise Conflict(MOVED)
    changed = [entry for entry in written if entry["before"] is not None]
    for entry in changed:
        manager.filter(pk=entry["id"]).update(**entry["before"])
    manager.filter(pk__in=added).delete()
    Rating.objects.bulk_create([Rating(**values) for values in lost])


def _take_back_hearings(entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        if entry["before"] is not None:
            Hearing.objects.filter(pk=entry["id"]).update(**entry["before"])
    added = [entry["id"] for entry in entries if entry["before"] is None]
    Hearing.objects.filter(pk__in=added, responses=None).delete()


register(ScoresKind())
