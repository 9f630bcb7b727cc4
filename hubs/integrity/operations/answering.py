"""The hub's note to a flag."""

from django.db import transaction

from hubs.integrity.flow import FLAG_FLOW, NOTE
from hubs.integrity.models import FlagNote, FlagState, IntegrityFlag
from hubs.integrity.operations.telling import tell_of_note
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, Problem
from yorozu.core.flow import lock

CLOSED = "この確認事項は終了しているため、説明を追加できません。"
EMPTY = "説明を入力してください。"
MAX_TEXT = 2_000


def add_note(*, actor: Scope, flag: IntegrityFlag, text: str) -> FlagNote:
    """Add the hub's explanation; the first one passes the flag on to the bureau.

    InvalidInput without a text, Conflict when the flag is over.
    """
    require(actor, NOTE, hub_id=flag.hub_id)
    text = text.strip()
    if not text or len(text) > MAX_TEXT:
        message = f"説明は{MAX_TEXT:,}字以内で入力してください。" if text else EMPTY
        raise InvalidInput([Problem(None, "説明", message)])
    with transaction.atomic():
        row: IntegrityFlag = lock(flag)
        if row.state == FlagState.CLOSED or row.hub_id is None:
            raise Conflict(CLOSED)
        if row.state == FlagState.RAISED:
            row = FLAG_FLOW.apply(row, NOTE, actor=actor, reason=text)
        else:
            record(actor, NOTE, row, reason=text)
        note = FlagNote.objects.create(
            flag=row, text=text, by_id=actor.user_id, by_name=actor.label[:200]
        )
        tell_of_note(row, note.pk)
    return note
