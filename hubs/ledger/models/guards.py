"""What the database refuses: a record is corrected by a new row, never changed or thrown away."""

from yorozu.core.guards import Guard, append_only, first_of_month, frozen_columns

_CHANGE = "記録は書き換えられません。訂正は新しい行として残します。"
_DELETE = "この記録は取り除けません。"
_AGAIN = "前の版を有効に戻すことはできません。"

_REVISION = [
    "revision",
    "is_withdrawn",
    "correction_reason",
    "import_batch_id",
    "import_line",
    "created_by_name",
    "created_at",
]
_CONSULTATION = [
    "id",
    "hub_id",
    "record_no",
    "held_on",
    "channel",
    "theme",
    "industry",
    "employees_band",
    "coordinator_name",
    "client_key",
    "minutes",
    "resolved_on",
    "client_confirmed_on",
    "note",
    *_REVISION,
]
_ACTIVITY = [
    "id",
    "hub_id",
    "record_no",
    "held_on",
    "kind",
    "title",
    "coordinator_name",
    *_REVISION,
]


def _accepted(day: str) -> str:
    """SQL: the month of this day is accepted.

    The reports belong to a higher slice, so the table is named here and no model is imported.
    """
    same = f"r.hub_id = OLD.hub_id AND r.month = {first_of_month(day)}"
    row = f"FROM hubs_monthlyreport r WHERE {same} AND r.state = 'accepted'"
    return f"EXISTS (SELECT 1 {row})"


def _kept(*days: str) -> str:
    """SQL: the row is no longer (or never was) open to the undo of a file."""
    parts = ["OLD.import_batch_id IS NULL", "NOT OLD.is_current", *map(_accepted, days)]
    return " OR ".join(parts)


def _records(table: str, columns: list[str], *days: str) -> list[Guard]:
    return [
        frozen_columns(table, columns, "1 = 1", _CHANGE),
        Guard(table, "UPDATE", "NEW.is_current AND NOT OLD.is_current", _AGAIN, "again"),
        Guard(table, "DELETE", _kept(*days), _DELETE),
    ]


_LINK = "hubs_networkactivity_organizations"
_LINK_KEPT = (
    "EXISTS (SELECT 1 FROM hubs_networkactivity a WHERE a.id = OLD.networkactivity_id"
    " AND (a.import_batch_id IS NULL OR NOT a.is_current))"
)

GUARDS = [
    *_records("hubs_individualconsultation", _CONSULTATION, "OLD.held_on", "OLD.resolved_on"),
    *_records("hubs_networkactivity", _ACTIVITY, "OLD.held_on"),
    Guard(_LINK, "UPDATE", "", _CHANGE),
    Guard(_LINK, "DELETE", _LINK_KEPT, _DELETE),
    *append_only("hubs_codelist", "コード表は書き換えられません。新しい版を作ってください。"),
    *append_only("hubs_codeitem", "コードは書き換えられません。新しい版を作ってください。"),
    frozen_columns(
        "hubs_samplecheck",
        ["draw_id", "consultation_id", "outcome", "checked_on", "checked_by_name", "remark"],
        "OLD.outcome <> ''",
        "抽出確認の結果は変更できません。",
    ),
    Guard("hubs_samplecheck", "DELETE", "", "抽出した記録は外せません。"),
    *append_only("hubs_sampledraw", "抽出の記録は変更できません。"),
]
