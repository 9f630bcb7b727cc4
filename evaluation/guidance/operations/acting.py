"""Doing the actions: evidence, done or reported, confirmed by a second person, moved, dropped."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import PurePath
from typing import Any

from django.db import transaction

from evaluation.guidance.flow import (
    ACTION_FLOW,
    CONFIRM,
    DROP,
    EVIDENCE,
    FINISH,
    PLAN,
    REPORT,
    RETURN,
)
from evaluation.guidance.models import GuidanceAction, GuidanceCase, GuidanceEvidence
from evaluation.guidance.operations.planning import plan_changed
from evaluation.guidance.operations.telling import tell_reported, tell_returned
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, Missing, NotReady, Problem
from yorozu.core.flow import lock

MAX_TEXT = 2_000
MAX_BYTES = 5 * 1024 * 1024
# What a file of each kind begins with; text files begin with anything and are read as text.
KINDS: dict[str, tuple[bytes, ...]] = {
    ".pdf": (b"%PDF-",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".docx": (b"PK\x03\x04",),
    ".xlsx": (b"PK\x03\x04",),
    ".pptx": (b"PK\x03\x04",),
    ".csv": (),
    ".txt": (),
}


@dataclass(frozen=True)
class Attached:
    """A file as it was sent: its name and bytes."""

    name: str
    data: bytes


def file_problem(file: Attached) -> str:
    """Why a file is not taken, "" when it is."""
    ending = PurePath(file.name).suffix.lower()
    kinds = "、".join(sorted(KINDS))
    begins = KINDS.get(ending, ())
    checks = (
        (ending in KINDS, f"この種類のファイルは追加できません。使える種類：{kinds}"),
        (bool(file.data), "ファイルが空です。"),
        (len(file.data) <= MAX_BYTES, f"ファイルは{MAX_BYTES // 1024 // 1024}MBまでです。"),
        (
            not begins or file.data.startswith(begins),
            f"ファイルの中身が{ending}の形式ではありません。",
        ),
        (bool(begins) or b"\x00" not in file.data, "文字のファイルではありません。"),
    )
    return next((why for holds, why in checks if not holds), "")


def add_evidence(
    *, actor: Scope, action: GuidanceAction, text: str, file: Attached | None = None
) -> GuidanceEvidence:
    """Add what shows that an action is done; the file lies in the row, held by its hash.

    Conflict when action or case is over; InvalidInput for a text or file that cannot be taken.
    """
    require(actor, EVIDENCE, hub_id=action.hub_id)
    text = text.strip()
    problems = []
    if not text or len(text) > MAX_TEXT:
        message = (
            f"{MAX_TEXT:,}字以内で入力してください。" if text else "資料の説明を入力してください。"
        )
        problems.append(Problem(None, "説明", message))
    if file is not None and (why := file_problem(file)):
        problems.append(Problem(None, "ファイル", why))
    if problems:
        raise InvalidInput(problems)
    with transaction.atomic():
        row: GuidanceAction = lock(action)
        if row.is_over or not row.case.is_open:
            raise Conflict("この取組は終わっているため、資料を追加できません。")
        evidence = GuidanceEvidence.objects.create(
            action=row,
            text=text,
            filename=PurePath(file.name).name[-200:] if file else "",
            content=file.data if file else None,
            size=len(file.data) if file else 0,
            file_hash=sha256(file.data).hexdigest() if file else "",
            by_id=actor.user_id,
            by_name=actor.label[:200],
        )
        after = {"evidence": evidence.pk, "file_hash": evidence.file_hash}
        record(actor, EVIDENCE, row, after=after, reason=text)
    return evidence


def finish_action(*, actor: Scope, action: GuidanceAction) -> GuidanceAction:
    """The owner's side says that it is done; a serious one then waits for a second person."""
    name = REPORT if action.is_serious else FINISH
    said: dict[str, Any] = {
        "reported_at": clock.now(),
        "reported_by_id": actor.user_id,
        "reported_by_name": actor.label[:200],
        "return_reason": "",
    }
    if not action.is_serious:
        said["done_on"] = clock.today()
    with transaction.atomic():
        moved: GuidanceAction = ACTION_FLOW.apply(action, name, actor=actor, changes=said)
        if moved.is_serious:
            tell_reported(moved, moved.evidence.count())
    return moved


def confirm_action(*, actor: Scope, action: GuidanceAction) -> GuidanceAction:
    """A second person has looked at the evidence of a serious action."""
    moved: GuidanceAction = ACTION_FLOW.apply(
        action,
        CONFIRM,
        actor=actor,
        changes={"done_on": clock.today(), "confirmed_by_name": actor.label[:200]},
    )
    return moved


def return_action(*, actor: Scope, action: GuidanceAction, reason: str) -> GuidanceAction:
    """It is not done yet: the owner reads why."""
    with transaction.atomic():
        moved: GuidanceAction = ACTION_FLOW.apply(
            action,
            RETURN,
            actor=actor,
            reason=reason.strip(),
            changes={"return_reason": reason.strip()},
        )
        tell_returned(moved, moved.evidence.count())
    return moved


def drop_action(*, actor: Scope, action: GuidanceAction, reason: str) -> GuidanceAction:
    """It will not be done; why stays on record. A plan without it has to be agreed on again."""
    with transaction.atomic():
        case: GuidanceCase = lock(action.case)
        moved: GuidanceAction = ACTION_FLOW.apply(action, DROP, actor=actor, reason=reason.strip())
        if case.is_planning:
            plan_changed(actor, case)
    return moved


def move_due(*, actor: Scope, action: GuidanceAction, due: date, reason: str) -> GuidanceAction:
    """Another due date of an agreed plan, with a reason; escalation starts anew from it."""
    require(actor, PLAN, hub_id=action.hub_id)
    if not reason.strip():
        raise NotReady("期限の変更には理由の入力が必要です。", [])
    if due < clock.today():
        raise InvalidInput([Problem(None, "期限", "今日以降の日を入力してください。")])
    with transaction.atomic():
        row: GuidanceAction = lock(action)
        if row.is_over or not row.case.is_open:
            raise Conflict("この取組は終わっているため、期限を変更できません。")
        if row.case.is_planning:
            raise Conflict(
                "計画の作成中は、期限だけを変更できません。「取組を変更する」から変更してください。",
                Missing(str(row), "guidance_action_edit", link_args=(row.pk,)),
            )
        before = row.due
        GuidanceAction.objects.filter(pk=row.pk).update(due=due)
        record(
            actor,
            PLAN,
            row,
            before={"due": before.isoformat()},
            after={"due": due.isoformat()},
            reason=reason.strip(),
        )
        row.refresh_from_db()
    return row
