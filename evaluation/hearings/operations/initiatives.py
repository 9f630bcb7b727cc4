"""Own initiatives: the hub writes up to three, with autosave, until the deadline."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import IO

from django.db import transaction

from evaluation.hearings.models import (
    BEFORE_SCORING,
    MOST_INITIATIVES,
    Hearing,
    HearingEvidence,
    InitiativeFile,
    OwnInitiative,
)
from evaluation.hearings.operations.keeping import drop_file, keep_file
from evaluation.hearings.rules.portfolio import LONGEST, portfolio_faults
from hubs.network.models import Hub
from hubs.terms.models import Term, TermState
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Problem
from yorozu.core.fiscal import nendo
from yorozu.core.flow import lock

EDIT = "evaluation.hearings.initiatives"
MOST_FILES = 5


class InitiativeConflict(Conflict):
    """Somebody else wrote meanwhile; carries both texts of every field that differs."""

    def __init__(
        self, initiative: OwnInitiative, differences: Sequence[tuple[str, str, str]]
    ) -> None:
        at = f"{initiative.updated_at.astimezone(clock.now().tzinfo):%H:%M}"
        super().__init__(f"{initiative.updated_by_name or '他の人'}が{at}に更新しました。")
        self.initiative = initiative
        self.differences = list(differences)


def hearing_for(hub: Hub, term: Term) -> Hearing | None:
    """The hearing of a hub and term, if there is one."""
    rows = Hearing.objects.filter(hub=hub, term=term)
    return rows.select_related("hub", "term").first()


def why_closed(hub: Hub, term: Term) -> str:
    """Why the portfolio may not be written now, "" when it may."""
    if term.state != TermState.OPEN:
        return f"{nendo(term.fiscal_year)}の期は実施中ではありません。"
    hearing = hearing_for(hub, term)
    if hearing is None:
        return ""
    if hearing.state not in BEFORE_SCORING:
        return "ヒアリングの採点が始まったため、変更できません。"
    if hearing.initiatives_due is not None and hearing.initiatives_due < clock.now():
        return "提出期限を過ぎたため、変更できません。期限の変更は全国本部に相談してください。"
    return ""


def _require_open(hub: Hub, term: Term) -> None:
    """NotReady with the reason; the hearing is held so that scoring does not begin meanwhile."""
    hearing = hearing_for(hub, term)
    if hearing is not None:
        lock(hearing)
    why = why_closed(hub, term)
    if why:
        raise NotReady(f"独自の取組を変更できません。{why}")


# PLR0913: one field more than the rule; who, whose, which, what and seen version.
def save_initiative(
    actor: Scope,
    *,
    hub: Hub,
    term: Term,
    order: int,
    values: Mapping[str, str],
    version: int,
) -> OwnInitiative:
    """Save typed texts of one of the three; fields not named stay as they are.

    InvalidInput for texts that are too long; InitiativeConflict when a field that differs was
    changed by somebody after ``version`` (0: nothing stood).
    """
    require(actor, EDIT, hub_id=hub.pk)
    if not 1 <= order <= MOST_INITIATIVES:
        text = f"独自の取組は{MOST_INITIATIVES}つまでです。"
        raise InvalidInput([Problem(None, "独自の取組", text)])
    wanted = {
        name: text.replace("\r\n", "\n").strip() for name, text in values.items() if name in LONGEST
    }
    if faults := portfolio_faults(wanted):
        raise InvalidInput([Problem(None, label, text) for label, text in faults])
    with transaction.atomic():
        _require_open(hub, term)
        there = OwnInitiative.objects.filter(hub=hub, term=term, order=order).exists()
        if not there and not any(wanted.values()):
            return OwnInitiative(hub=hub, term=term, order=order, version=0)
        held = _locked(actor, hub, term, order)
        differences = [
            (name, getattr(held, name), text)
            for name, text in wanted.items()
            if getattr(held, name) != text
        ]
        if not differences:
            return held
        if any(held.field_versions.get(name, 0) > version for name, _, _ in differences):
            raise InitiativeConflict(held, differences)
        held.version += 1
        for name, _, text in differences:
            setattr(held, name, text)
            held.field_versions[name] = held.version
        held.updated_at, held.updated_by_name = clock.now(), actor.name[:80]
        held.save()
        before = {name: text for name, text, _ in differences}
        after = {name: text for name, _, text in differences}
        record(actor, EDIT, held, before=before, after=after)
    return held


def _locked(actor: Scope, hub: Hub, term: Term, order: int) -> OwnInitiative:
    """The initiative in its place, made when it is not there, under a lock."""
    found, _ = OwnInitiative.objects.get_or_create(
        hub=hub, term=term, order=order, defaults={"updated_by_name": actor.name[:80]}
    )
    held = lock(found)
    held.hub, held.term = hub, term
    return held


def clear_initiative(actor: Scope, *, initiative: OwnInitiative) -> None:
    """Take an initiative with its files out of the portfolio."""
    hub, term = initiative.hub, initiative.term
    require(actor, EDIT, hub_id=hub.pk)
    with transaction.atomic():
        _require_open(hub, term)
        held = lock(initiative)
        paths = list(InitiativeFile.objects.filter(initiative=held).values_list("path", flat=True))
        record(actor, EDIT, initiative, before={"title": held.title, "files": len(paths)})
        InitiativeFile.objects.filter(initiative=held).delete()
        OwnInitiative.objects.filter(pk=held.pk).delete()
        for path in paths:
            transaction.on_commit(partial(drop_file, path))


def add_file(
    actor: Scope, *, initiative: OwnInitiative, file: IO[bytes], filename: str
) -> InitiativeFile:
    """Attach a file to an initiative; at most five. InvalidInput names what cannot be taken."""
    hub, term = initiative.hub, initiative.term
    require(actor, EDIT, hub_id=hub.pk)
    kept = ""
    try:
        with transaction.atomic():
            _require_open(hub, term)
            held = lock(initiative)
            if InitiativeFile.objects.filter(initiative=held).count() >= MOST_FILES:
                text = f"資料は1つの取組につき{MOST_FILES}つまでです。"
                raise InvalidInput([Problem(None, "ファイル", text)])
            stored = keep_file(f"initiatives/{term.fiscal_year}", file, filename)
            kept = stored.path
            row = InitiativeFile.objects.create(
                initiative=held,
                name=filename.replace("\\", "/").rsplit("/", 1)[-1][-120:],
                path=stored.path,
                sha256=stored.sha256,
                size=stored.size,
                added_by_name=actor.label[:200],
            )
            record(actor, EDIT, row, after={"name": row.name, "sha256": row.sha256}, hub_id=hub.pk)
    except BaseException:
        drop_file(kept)
        raise
    return row


def remove_file(actor: Scope, *, file: InitiativeFile) -> None:
    """Take a file out of the portfolio. Conflict while an item names it as its evidence."""
    initiative = file.initiative
    require(actor, EDIT, hub_id=initiative.hub_id)
    with transaction.atomic():
        _require_open(initiative.hub, initiative.term)
        if HearingEvidence.objects.filter(initiative_file=file).exists():
            raise Conflict("この資料は、ヒアリングの項目の根拠に使われています。")
        record(actor, EDIT, file, before={"name": file.name}, hub_id=initiative.hub_id)
        path = file.path
        InitiativeFile.objects.filter(pk=file.pk).delete()
        transaction.on_commit(lambda: drop_file(path))
