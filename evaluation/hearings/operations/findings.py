"""Findings on an item: that it does not apply (by two people), and what proves a 3 or a 4 (1.6)."""

from dataclasses import dataclass
from datetime import date
from typing import IO

from django.db import transaction

from evaluation.hearings.models import (
    AT_WORK,
    ChecklistResponse,
    EvidenceKind,
    Hearing,
    HearingEvidence,
    InitiativeFile,
    NotApplicableProposal,
    PanelMember,
    ProposalState,
)
from evaluation.hearings.operations.holding import hold, require_state, response_of
from evaluation.hearings.operations.keeping import drop_file, keep_file
from evaluation.hearings.operations.seats import own_seat, seated_scope
from evaluation.hearings.rules.limits import LONGEST_FINDING, LONGEST_TITLE
from yorozu.core import clock
from yorozu.core.access import Role, Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, Problem, Refused
from yorozu.core.flow import lock

RATE, DECIDE_NA = "evaluation.hearings.rate", "evaluation.hearings.decide_na"


def _at_work(actor: Scope, hearing: Hearing) -> Hearing:
    """The hearing under a lock while its panel works; the actor has a seat without interest."""
    require(seated_scope(actor, hearing), RATE, hub_id=hearing.hub_id)
    own_seat(actor, hearing)
    return _open(hearing)


def _open(hearing: Hearing) -> Hearing:
    held = hold(hearing)
    require_state(held, AT_WORK)
    return held


def _text(label: str, text: str, longest: int) -> str:
    plain = text.strip()
    if not plain:
        raise InvalidInput([Problem(None, label, f"{label}を入力してください。")])
    if len(plain) > longest:
        raise InvalidInput([Problem(None, label, f"{label}は{longest}文字までです。")])
    return plain


def propose_not_applicable(
    actor: Scope, *, hearing: Hearing, item: str, reason: str
) -> NotApplicableProposal:
    """A member says that an item does not apply; another person decides.

    Conflict while another proposal for the item waits or one was approved.
    """
    reason = _text("該当なしの理由", reason, LONGEST_FINDING)
    with transaction.atomic():
        held = _at_work(actor, hearing)
        response = response_of(held, item)
        if response.is_not_applicable:
            raise Conflict(f"{item}は、すでに該当なしと承認されています。")
        if response.proposals.filter(state=ProposalState.PROPOSED).exists():
            raise Conflict(f"{item}には、承認待ちの提案があります。")
        proposal = NotApplicableProposal.objects.create(
            response=response,
            reason=reason,
            proposed_by_id=actor.user_id,
            proposed_by_name=actor.label[:200],
        )
        record(actor, RATE, proposal, after={"item": item}, reason=reason, hub_id=held.hub_id)
    return proposal


def decide_not_applicable(
    actor: Scope, *, proposal: NotApplicableProposal, approve: bool, note: str = ""
) -> NotApplicableProposal:
    """Another member of the panel, or HQ, approves or refuses that an item does not apply.

    Refused for the person who proposed it, and for members with an interest.
    """
    hearing = proposal.response.hearing
    require(seated_scope(actor, hearing), DECIDE_NA, hub_id=hearing.hub_id)
    if actor.user_id is not None and proposal.proposed_by_id == actor.user_id:
        raise Refused(
            "該当なしは、提案した本人は承認できません。ほかの委員か全国本部が判断してください。"
        )
    sits = PanelMember.objects.filter(
        hearing=hearing, evaluator__user_id=actor.user_id or 0
    ).exists()
    if sits or actor.role != Role.NATIONAL_HQ:
        own_seat(actor, hearing)
    if len(note.strip()) > LONGEST_FINDING:
        text = f"判断の理由は{LONGEST_FINDING}文字までです。"
        raise InvalidInput([Problem(None, "判断の理由", text)])
    with transaction.atomic():
        held = _open(hearing)
        found = lock(proposal)
        if found.state != ProposalState.PROPOSED:
            raise Conflict(f"この提案は、すでに「{found.get_state_display()}」です。")
        found.state = ProposalState.APPROVED if approve else ProposalState.REFUSED
        found.decided_at, found.decided_by_id = clock.now(), actor.user_id
        found.decided_by_name, found.decision_note = actor.label[:200], note.strip()
        found.save(
            update_fields=["state", "decided_at", "decided_by", "decided_by_name", "decision_note"]
        )
        if approve:
            ChecklistResponse.objects.filter(pk=found.response_id).update(
                is_not_applicable=True,
                not_applicable_reason=found.reason,
                not_applicable_approver=actor.label[:80],
            )
        record(
            actor,
            DECIDE_NA,
            found,
            after={"state": found.state},
            reason=note.strip(),
            hub_id=held.hub_id,
        )
    return found


@dataclass(frozen=True)
class Proof:
    """What is attached to an item: a file with its name, a sit-in, or a file of the portfolio."""

    title: str
    file: IO[bytes] | None = None
    filename: str = ""
    sat_in_on: date | None = None
    initiative_file_id: int | None = None


def add_evidence(actor: Scope, *, hearing: Hearing, item: str, proof: Proof) -> HearingEvidence:
    """Attach a document, a sit-in record or a file of the portfolio to an item.

    InvalidInput names what cannot be taken. A file that could not be recorded is not kept.
    """
    values = _values(hearing, proof)
    kept = ""
    try:
        with transaction.atomic():
            held = _at_work(actor, hearing)
            response = response_of(held, item)
            if values["kind"] == EvidenceKind.DOCUMENT and proof.file is not None:
                stored = keep_file(f"hearings/{held.pk}", proof.file, proof.filename)
                kept = stored.path
                values |= {"path": stored.path, "sha256": stored.sha256, "size": stored.size}
            evidence = HearingEvidence.objects.create(
                response=response,
                added_by_id=actor.user_id,
                added_by_name=actor.label[:200],
                **values,
            )
            _refresh(response)
            after = {"item": item, "kind": evidence.kind, "title": evidence.title}
            record(actor, RATE, evidence, after=after, hub_id=held.hub_id)
    except BaseException:
        drop_file(kept)
        raise
    return evidence


def _values(hearing: Hearing, proof: Proof) -> dict[str, object]:
    if proof.initiative_file_id is not None:
        found = InitiativeFile.objects.filter(
            pk=proof.initiative_file_id,
            initiative__hub=hearing.hub_id,
            initiative__term=hearing.term_id,
        ).first()
        if found is None:
            text = "この拠点の独自の取組の資料から選んでください。"
            raise InvalidInput([Problem(None, "独自の取組の資料", text)])
        title = proof.title.strip() or found.name
        return {
            "kind": EvidenceKind.PORTFOLIO,
            "title": title[:LONGEST_TITLE],
            "initiative_file": found,
        }
    if proof.file is not None:
        title = _text("名称", proof.title or proof.filename, LONGEST_TITLE)
        return {"kind": EvidenceKind.DOCUMENT, "title": title}
    title = _text("名称", proof.title, LONGEST_TITLE)
    if proof.sat_in_on is None:
        text = "資料のファイルか、同席記録の日付、または独自の取組の資料を指定してください。"
        raise InvalidInput([Problem(None, "根拠", text)])
    if proof.sat_in_on > clock.today():
        raise InvalidInput([Problem(None, "同席日", "今日までの日付を入力してください。")])
    return {"kind": EvidenceKind.SIT_IN, "title": title, "sat_in_on": proof.sat_in_on}


def remove_evidence(actor: Scope, *, evidence: HearingEvidence) -> None:
    """Take a proof off an item before the hearing is settled; whoever attached it does that."""
    hearing = evidence.response.hearing
    with transaction.atomic():
        held = _at_work(actor, hearing)
        if evidence.added_by_id != actor.user_id:
            raise Refused("根拠は、登録した本人だけが外せます。")
        before = {"item": evidence.response.item.code, "title": evidence.title}
        record(actor, RATE, evidence, before=before, hub_id=held.hub_id)
        response, path = evidence.response, evidence.path
        HearingEvidence.objects.filter(pk=evidence.pk).delete()
        _refresh(response)
        transaction.on_commit(lambda: drop_file(path))


def _refresh(response: ChecklistResponse) -> None:
    """What the item says about its evidence, for the engine and the book."""
    titles = [str(row) for row in HearingEvidence.objects.filter(response=response).order_by("pk")]
    ChecklistResponse.objects.filter(pk=response.pk).update(
        has_evidence=bool(titles), evidence_note="、".join(titles)[:LONGEST_FINDING]
    )
