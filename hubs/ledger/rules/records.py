"""What a record of a consultation must satisfy, however it comes in."""

import re
from dataclasses import asdict, dataclass
from datetime import date

MAX_RECORD_NO = 20
MAX_CLIENT_KEY = 32
MAX_COORDINATOR = 40
MAX_NOTE = 2_000
# Ten hours: longer than any desk is open.
MAX_MINUTES = 600

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_FOLD: dict[int, str] = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, "‐‑‒–—―−ー"), "-"),
}


@dataclass(frozen=True)
class RecordValues:
    """The content of one version of a record, without number, origin and history."""

    held_on: date
    channel: str
    theme: str
    industry: str
    employees_band: str
    coordinator_name: str
    client_key: str
    minutes: int
    resolved_on: date | None = None
    client_confirmed_on: date | None = None
    note: str = ""


LABELS = {
    "held_on": "相談日",
    "channel": "相談方法",
    "theme": "相談テーマ",
    "industry": "業種",
    "employees_band": "従業員規模",
    "coordinator_name": "担当",
    "client_key": "相談者番号",
    "minutes": "相談時間（分）",
    "resolved_on": "課題解決日",
    "client_confirmed_on": "相談者確認日",
    "note": "概要",
}


def read_record_no(text: str) -> str:
    """A receipt number as stored: full-width letters, digits and dashes folded."""
    return text.strip().translate(_FOLD)


def read_client_key(text: str) -> str:
    """A client's number as stored: full-width letters, digits and dashes folded."""
    return text.strip().translate(_FOLD)


def record_no_problem(number: str) -> str:
    """Why this is no receipt number; "" when it is one."""
    if not number:
        return "受付番号を入力してください。"
    if len(number) > MAX_RECORD_NO:
        return f"受付番号は{MAX_RECORD_NO}文字までです。"
    if not _KEY.fullmatch(number):
        return "受付番号は半角の英数字と「-」「_」「.」で入力してください。"
    return ""


def client_key_problem(key: str) -> str:
    """Why this is no pseudonymous number; "" when it is one. Names cannot be written so."""
    if not key:
        return "相談者番号を入力してください。"
    if len(key) > MAX_CLIENT_KEY:
        return f"相談者番号は{MAX_CLIENT_KEY}文字までです。"
    if not _KEY.fullmatch(key):
        return (
            "相談者番号は半角の英数字と「-」「_」「.」だけです。氏名や企業名は入力できません"
            "（例：C-00123）。"
        )
    return ""


def problems_of(values: RecordValues, *, today: date, opened_on: date) -> dict[str, str]:
    """What is wrong with dates, minutes and the client's number, by field."""
    found = {
        "held_on": _held_on(values.held_on, today, opened_on),
        "resolved_on": _resolved_on(values, today),
        "client_confirmed_on": _confirmed_on(values, today),
        "client_key": client_key_problem(values.client_key),
        "minutes": _minutes(values.minutes),
        "coordinator_name": _text(values.coordinator_name, "担当", MAX_COORDINATOR, need=True),
        "note": _text(values.note, "概要", MAX_NOTE),
    }
    return {name: text for name, text in found.items() if text}


def _held_on(day: date, today: date, opened_on: date) -> str:
    if day > today:
        return "相談日が先の日付になっています。今日までの日付を入力してください。"
    return "相談日が拠点の開設日より前です。" if day < opened_on else ""


def _resolved_on(values: RecordValues, today: date) -> str:
    day = values.resolved_on
    if day is None:
        return ""
    if day < values.held_on:
        return "課題解決日が相談日より前です。"
    return "課題解決日が先の日付になっています。" if day > today else ""


def _confirmed_on(values: RecordValues, today: date) -> str:
    day = values.client_confirmed_on
    if day is None:
        return ""
    if values.resolved_on is None:
        return "相談者が確認した記録には、課題解決日も入力してください。"
    if day < values.resolved_on:
        return "相談者確認日が課題解決日より前です。"
    return "相談者確認日が先の日付になっています。" if day > today else ""


def _text(text: str, label: str, longest: int, *, need: bool = False) -> str:
    if need and not text:
        return f"{label}を入力してください。"
    return f"{label}は{longest:,}文字までです。" if len(text) > longest else ""


def _minutes(minutes: int) -> str:
    if not 1 <= minutes <= MAX_MINUTES:
        return f"相談時間は1分から{MAX_MINUTES}分までの整数で入力してください。"
    return ""


def differences(old: RecordValues, new: RecordValues) -> list[str]:
    """Names of the fields that differ, in the order of the form."""
    before, after = asdict(old), asdict(new)
    return [name for name in before if before[name] != after[name]]
