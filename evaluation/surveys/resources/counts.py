"""Files of this slice: satisfaction counts and partner values, compared, written and taken back."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import models

from evaluation.surveys.forms import SurveyImportForm
from evaluation.surveys.models import PartnerAssessment, SatisfactionSurvey, WaveKind
from evaluation.surveys.queries import (
    EXCLUDED_REASON,
    body_keys,
    covered,
    key_of_organization,
)
from evaluation.surveys.rules import organization_value
from hubs.network.hub_rows import HubFinder, hub_columns
from hubs.network.models import Hub
from hubs.partners.models import OrganizationType
from hubs.terms.models import Term, TermState
from yorozu.core.access import Scope
from yorozu.core.errors import Conflict, InvalidInput, Problem
from yorozu.core.figures import Blank, format_count, format_decimal
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
from yorozu.core.sheets import Column, Row, Table, cells

ACTION = "evaluation.surveys.import"
BY_WAVE = "{hub}の値は、ポータルの調査回から集計します。ファイルからは取り込めません。"
DRAWN_SINCE = "確認の後に、同じ拠点の調査回が抽出されました。調査回から集計してください。"
MOVED = "この取込で書いた値が、あとの取込で変わっています。先にあとの取込を取り消してください。"


def open_term(params: dict[str, Any]) -> Term:
    """The term of the import; InvalidInput when it does not exist or does not run."""
    year = params.get("fiscal_year")
    term = Term.objects.filter(fiscal_year=year).first() if isinstance(year, int) else None
    if term is None:
        raise InvalidInput([Problem(None, "", "選んだ期がありません。期を選び直してください。")])
    if term.state != TermState.OPEN:
        why = "終了している" if term.state == TermState.CLOSED else "準備中の"
        text = f"{nendo(term.fiscal_year)}の期は{why}ため、取り込めません。"
        raise InvalidInput([Problem(None, "", text)])
    return term


class _OneRowPerKey(ImportKind):
    """What both kinds share: rows of one table by natural key, restored from former values."""

    action = ACTION
    params_form = SurveyImportForm
    model: type[models.Model]
    wave_kind: WaveKind
    stored: tuple[str, ...]

    def write(
        self, changes: Sequence[Change], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> list[dict[str, Any]]:
        """Create or change the rows; the undo record keeps what stood before."""
        term = open_term(params)
        asked = covered(term, self.wave_kind)
        if any(change.data["hub_id"] in asked for change in changes):
            raise Conflict(DRAWN_SINCE)
        ids = [change.data["id"] for change in changes if change.data["id"]]
        held = self.model._default_manager.select_for_update(of=("self",)).in_bulk(ids)
        undo: list[dict[str, Any]] = []
        fresh = []
        for change in changes:
            values = {**change.data["values"], "import_batch_id": batch_id}
            values["import_row"] = change.row
            row = held.get(change.data["id"])
            if row is None:
                fresh.append(self.model(hub_id=change.data["hub_id"], term=term, **values))
                continue
            undo.append({"id": row.pk, "before": _plain(row, self.stored)})
            for name, value in values.items():
                setattr(row, name, value)
        self.model._default_manager.bulk_update(held.values(), self.stored)
        made = self.model._default_manager.bulk_create(fresh)
        return undo + [{"id": row.pk, "before": None} for row in made]

    def revert(
        self, undo: list[dict[str, Any]], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> None:
        """Delete what the batch added, restore what it changed, unless a later import moved it."""
        rows = self.model._default_manager.select_for_update(of=("self",)).in_bulk(
            [entry["id"] for entry in undo]
        )
        if len(rows) != len(undo) or any(
            getattr(row, "import_batch_id", None) != batch_id for row in rows.values()
        ):
            raise Conflict(MOVED)
        before = {entry["id"]: entry["before"] for entry in undo}
        added = [pk for pk in rows if before[pk] is None]
        changed = [row for pk, row in rows.items() if before[pk] is not None]
        for row in changed:
            for name, value in before[row.pk].items():
                setattr(row, name, value)
        self.model._default_manager.bulk_update(changed, self.stored)
        self.model._default_manager.filter(pk__in=added).delete()


def _plain(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {name: str(v) if isinstance(v, Decimal) else v for name, v in values.items()}


COUNT_HEADINGS = {
    "sent": ("送付数", "配布数", "発送数"),
    "returned": ("回収数", "回答数"),
    "level_1": ("1 不満", "不満", "1"),
    "level_2": ("2 やや不満", "やや不満", "2"),
    "level_3": ("3 どちらともいえない", "どちらともいえない", "普通", "3"),
    "level_4": ("4 満足", "満足", "4"),
    "level_5": ("5 大変満足", "大変満足", "5"),
}
LEVELS = tuple(name for name in COUNT_HEADINGS if name.startswith("level_"))
EXCUSED = "対象外の承認"


class SatisfactionKind(_OneRowPerKey):
    """Satisfaction survey: one row per hub with counts, never only a percentage (domain.md 2.6)."""

    code = "surveys.satisfaction"
    label = "顧客満足度調査の集計"
    description = "拠点ごとの送付数、回収数、回答の段階別の件数を取り込みます。1拠点1行です。"
    model = SatisfactionSurvey
    wave_kind = WaveKind.SATISFACTION
    stored = (*COUNT_HEADINGS, "is_excused", "import_batch_id", "import_row")

    def columns(self, params: dict[str, Any]) -> list[Column]:
        """Hub, counts, and the tick for an approved exemption."""
        counts = [
            Column(name, heading, cells.count(0, 9_999_999), aliases=tuple(aliases))
            for name, (heading, *aliases) in COUNT_HEADINGS.items()
        ]
        return [*hub_columns(), *counts, Column("is_excused", EXCUSED, cells.mark(), optional=True)]

    def compare(self, table: Table, params: dict[str, Any], actor: Scope) -> Comparison:
        """Check hubs, duplicates and sums; one query for hubs and one for the rows that stand."""
        term = open_term(params)
        problems = list(table.problems)
        finder = HubFinder(actor)
        standing = {row.hub_id: row for row in SatisfactionSurvey.objects.filter(term=term)}
        asked = covered(term, self.wave_kind)
        changes: list[Change] = []
        seen: dict[int, int] = {}
        for row in table.rows:
            hub = finder.find(row, problems)
            faults = _satisfaction_faults(row)
            if hub is not None and seen.setdefault(hub.pk, row.number) != row.number:
                text = f"{hub.name}は{seen[hub.pk]}行目にもあります。1拠点1行にしてください。"
                faults.append(Problem(row.number, "拠点コード", text))
            if hub is not None and hub.pk in asked:
                faults.append(Problem(row.number, "拠点コード", BY_WAVE.format(hub=hub.name)))
            problems += faults
            if hub is not None and not faults:
                changes.append(_satisfaction_change(row, hub, standing.get(hub.pk)))
        return Comparison(changes, problems)

    def example_rows(self, params: dict[str, Any]) -> list[list[Any]]:
        """One row that passes every check."""
        return [["01", "北海道よろず支援拠点", 300, 120, 1, 3, 12, 60, 44, ""]]


def _satisfaction_faults(row: Row) -> list[Problem]:
    faults = [
        Problem(row.number, heading[0], "件数を入力してください。0件のときは0と入力します。")
        for name, heading in COUNT_HEADINGS.items()
        if isinstance(row[name], Blank)
    ]
    if faults:
        return faults
    answered = sum(row[name] for name in LEVELS)
    if row["returned"] > row["sent"]:
        text = f"回収数（{row['returned']:,}）が送付数（{row['sent']:,}）を超えています。"
        faults.append(Problem(row.number, "回収数", text))
    if answered > row["returned"]:
        text = f"段階別の合計（{answered:,}）が回収数（{row['returned']:,}）を超えています。"
        faults.append(Problem(row.number, "回収数", text))
    if row["is_excused"] and answered:
        text = "回答がある拠点は対象外にできません。○か件数を直してください。"
        faults.append(Problem(row.number, EXCUSED, text))
    return faults


def _satisfaction_change(row: Row, hub: Hub, before: SatisfactionSurvey | None) -> Change:
    values = {name: row[name] for name in COUNT_HEADINGS}
    values["is_excused"] = bool(row["is_excused"])
    labels = {name: heading[0] for name, heading in COUNT_HEADINGS.items()} | {
        "is_excused": EXCUSED
    }
    fields = _differences(labels, values, before)
    return _change(row.number, (hub.code, hub.name), before, fields, hub, values)


def _differences(
    labels: dict[str, str], values: dict[str, Any], before: models.Model | None
) -> list[tuple[str, str, str]]:
    old = {name: getattr(before, name) if before is not None else None for name in labels}
    return [
        (label, _shown(old[name]), _shown(values[name]))
        for name, label in labels.items()
        if before is None or old[name] != values[name]
    ]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "○" if value else ""
    if isinstance(value, Decimal):
        return format_decimal(value, 2)
    return format_count(value) if value is None or isinstance(value, int) else str(value)


def _change(
    number: int,
    names: tuple[str, str],
    before: models.Model | None,
    fields: list[tuple[str, str, str]],
    hub: Hub,
    values: dict[str, Any],
) -> Change:
    kind = ADDED if before is None else CHANGED if fields else UNCHANGED
    data = {
        "id": before.pk if before is not None else None,
        "hub_id": hub.pk,
        "values": {n: str(v) if isinstance(v, Decimal) else v for n, v in values.items()},
    }
    return Change(number, names[0], kind, names[1], tuple(fields), data)


VALUE_LABELS = {
    "organization_name": "支援機関",
    "organization_type": "種別",
    "value": "評価値",
    "respondents": "回答者数",
    "is_excluded": "除外",
    "excluded_reason": "除外の理由",
}


class PartnersKind(_OneRowPerKey):
    """Partner assessment: rows of one organisation for a hub become one value (S88)."""

    code = "surveys.partners"
    label = "支援機関による評価"
    description = (
        "支援機関の評価値（1.00～5.00）を取り込みます。同じ拠点・同じ支援機関の行は、"
        "回答者ごとの評価値として平均し、1機関1つの値にします。"
        "拠点の実施機関は自動的に除きます。"
    )
    model = PartnerAssessment
    wave_kind = WaveKind.PARTNER
    stored = (*VALUE_LABELS, "organization_key", "import_batch_id", "import_row")

    def columns(self, params: dict[str, Any]) -> list[Column]:
        """Hub, organisation, kind, value, and how many people stand behind the value."""
        kinds = {label: value for value, label in OrganizationType.choices}
        aliases = {
            "商工会連合会": "商工会",
            "銀行": "金融機関",
            "信用金庫": "金融機関",
            "信用組合": "金融機関",
            "市町村": "自治体",
            "県": "自治体",
        }
        value = cells.decimal(2, Decimal(1), Decimal(5))
        return [
            *hub_columns(),
            Column("organization", "支援機関", cells.text(80), aliases=("支援機関名",), key=True),
            Column("kind", "種別", cells.choice(kinds, aliases), aliases=("機関の種別",)),
            Column("value", "評価値", value, aliases=("評価", "評点")),
            Column(
                "respondents", "回答者数", cells.count(1, 999), aliases=("人数",), optional=True
            ),
        ]

    def compare(self, table: Table, params: dict[str, Any], actor: Scope) -> Comparison:
        """Gather the rows of each organisation, average them exactly, compare with what stands."""
        term = open_term(params)
        problems = list(table.problems)
        finder = HubFinder(actor)
        groups: dict[tuple[int, str], _Answers] = {}
        asked = covered(term, self.wave_kind)
        for row in table.rows:
            hub = finder.find(row, problems)
            if hub is not None and hub.pk in asked:
                text = BY_WAVE.format(hub=hub.name)
                problems.append(Problem(row.number, "拠点コード", text))
            elif isinstance(row["value"], Blank):
                problems.append(Problem(row.number, "評価値", "1.00から5.00で入力してください。"))
            elif hub is not None:
                key = key_of_organization(row["organization"])
                groups.setdefault((hub.pk, key), _Answers(hub, row)).add(row, problems)
        standing = {
            (row.hub_id, row.organization_key): row
            for row in PartnerAssessment.objects.filter(term=term)
        }
        bodies = body_keys(term.fiscal_year)
        changes = [
            _partner_change(answers, key, standing.get((hub_id, key)), key in bodies[hub_id])
            for (hub_id, key), answers in groups.items()
        ]
        return Comparison(changes, problems)

    def example_rows(self, params: dict[str, Any]) -> list[list[Any]]:
        """Two people of one organisation and one answer of another."""
        hub = ["01", "北海道よろず支援拠点"]
        return [
            [*hub, "サンプル商工会議所", "商工会議所", Decimal("4.00"), 1],
            [*hub, "サンプル商工会議所", "商工会議所", Decimal("3.50"), 1],
            [*hub, "サンプル信用金庫", "金融機関", Decimal("4.20"), 3],
        ]


class _Answers:
    """The rows of one organisation for one hub, in file order."""

    def __init__(self, hub: Hub, first: Row) -> None:
        self.hub = hub
        self.row: int = first.number
        self.name: str = first["organization"]
        self.kind: str = first["kind"]
        self.answers: list[tuple[Decimal, int]] = []

    def add(self, row: Row, problems: list[Problem]) -> None:
        """Take one more answer; another kind for the same organisation is a fault."""
        if row["kind"] != self.kind:
            text = f"{self.row}行目の「{self.name}」と種別が違います。種別をそろえてください。"
            problems.append(Problem(row.number, "種別", text))
        count = row["respondents"]
        self.answers.append((row["value"], count if isinstance(count, int) else 1))


def _partner_change(
    answers: _Answers, key: str, before: PartnerAssessment | None, excluded: bool
) -> Change:
    values = {
        "organization_name": answers.name,
        "organization_type": answers.kind,
        "value": organization_value(answers.answers),
        "respondents": sum(count for _, count in answers.answers),
        "is_excluded": excluded,
        "excluded_reason": EXCLUDED_REASON if excluded else "",
    }
    fields = _differences(VALUE_LABELS, values, before)
    named = [(label, _kind(label, old), _kind(label, new)) for label, old, new in fields]
    stored = {**values, "organization_key": key}
    return _change(
        answers.row,
        (f"{answers.hub.code} {answers.name}", f"{answers.hub.name} {answers.name}"),
        before,
        named,
        answers.hub,
        stored,
    )


def _kind(label: str, text: str) -> str:
    return OrganizationType(text).label if label == "種別" and text else text


register(SatisfactionKind())
register(PartnersKind())
