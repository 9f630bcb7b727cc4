"""What a hub says to a fact of its book, and what national HQ answers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse

from evaluation.scoring.flow import ACCEPT, NOTE, REJECT, REMARK_FLOW, WITHDRAW
from evaluation.scoring.models import (
    FactCheck,
    FactCheckState,
    FactRemark,
    RemarkKind,
    RunState,
)
from evaluation.scoring.queries import facts_of_part, hub_people, people_of
from yorozu.core import clock
from yorozu.core.access import Role, Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, Problem
from yorozu.core.flow import lock
from yorozu.core.notices.operations import notify

REMARK = "evaluation.scoring.remark"
MAX_TEXT = 2_000
MAX_VALUE = 120
MAX_FILE = 10 * 1024 * 1024
# What an office sends along; nothing a browser would run.
ENDINGS = frozenset({".pdf", ".xlsx", ".csv", ".docx", ".jpg", ".jpeg", ".png", ".txt"})


@dataclass(frozen=True)
class Evidence:
    """A file sent along: its name as the hub calls it, and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Said:
    """What a hub says to the fact at an address of its book (rules.facts)."""

    kind: RemarkKind
    cell: str
    text: str
    proposed: str = ""
    evidence: Evidence | None = None


def remark_on_fact(actor: Scope, *, part: FactCheck, said: Said) -> FactRemark:
    """Comment on one fact, or object to it, while the fact check is open to the hub.

    InvalidInput names an unknown fact, an empty text, or a file that cannot be taken; Conflict when
    the hub has confirmed, or its deadline or the check is over.
    """
    require(actor, REMARK, hub_id=part.hub_id)
    fact = next((one for one in facts_of_part(part) if one.path == said.cell), None)
    problems = _faults(said)
    if fact is None:
        problems.insert(0, Problem(None, "項目", "台帳の項目を選び直してください。"))
    if fact is None or problems:
        raise InvalidInput(problems)
    with transaction.atomic():
        row: FactCheck = lock(part)
        _refuse_late(row)
        kept = _keep(row, said.evidence)
        remark = FactRemark.objects.create(
            check_part=row,
            hub_id=row.hub_id,
            kind=said.kind,
            cell=said.cell,
            label=fact.label[:240],
            shown=fact.said[:240],
            proposed=said.proposed.strip(),
            text=said.text.strip(),
            made_by_id=actor.user_id,
            made_by_name=actor.label[:200],
            **kept,
        )
        record(
            actor,
            REMARK,
            remark,
            after={
                "kind": said.kind.value,
                "cell": said.cell,
                "evidence": kept["evidence_hash"],
            },
        )
        notify(
            people_of(Role.NATIONAL_HQ),
            key=f"fact-remark-{remark.pk}",
            text=f"{row.hub.name}から、事実確認の{remark.get_kind_display()}が届きました。",
            url=reverse("fact_remark", args=[remark.pk]),
            mail=True,
        )
    return remark


def _faults(said: Said) -> list[Problem]:
    problems, evidence = [], said.evidence
    if not said.text.strip():
        problems.append(Problem(None, "内容", "意見または異議の内容を入力してください。"))
    elif len(said.text.strip()) > MAX_TEXT:
        problems.append(Problem(None, "内容", f"{MAX_TEXT:,}字以内で入力してください。"))
    if len(said.proposed.strip()) > MAX_VALUE:
        problems.append(Problem(None, "正しいと考える値", f"{MAX_VALUE}字以内で入力してください。"))
    if evidence is None:
        return problems
    if PurePath(evidence.name).suffix.lower() not in ENDINGS:
        kinds = "、".join(sorted(ending[1:] for ending in ENDINGS))
        problems.append(Problem(None, "根拠資料", f"添付できるのは次の種類です：{kinds}"))
    if not evidence.data or len(evidence.data) > MAX_FILE:
        problems.append(Problem(None, "根拠資料", "空でない、10MB以内のファイルを選んでください。"))
    return problems


def _refuse_late(part: FactCheck) -> None:
    if part.run.state != RunState.FACT_CHECK:
        raise Conflict("この事実確認は終わっているため、意見・異議を提出できません。")
    if part.state != FactCheckState.WAITING:
        raise Conflict("台帳の内容を確認済のため、意見・異議を提出できません。")
    if clock.now() > part.due_at:
        raise Conflict("回答の期限を過ぎているため、意見・異議を提出できません。")


def _keep(part: FactCheck, evidence: Evidence | None) -> Mapping[str, str]:
    """Store the file under a name of our own; its own name is kept as text only."""
    if evidence is None:
        return {"evidence_name": "", "evidence_path": "", "evidence_hash": ""}
    digest = hashlib.sha256(evidence.data).hexdigest()
    ending = PurePath(evidence.name).suffix.lower()
    path = f"evaluation/facts/{part.pk}/{digest}{ending}"
    if not default_storage.exists(path):
        path = default_storage.save(path, ContentFile(evidence.data))
    name = PurePath(evidence.name).name[:200]
    return {"evidence_name": name, "evidence_path": path, "evidence_hash": digest}


def withdraw_remark(actor: Scope, *, remark: FactRemark) -> FactRemark:
    """Take back a remark nobody has answered yet."""
    withdrawn: FactRemark = REMARK_FLOW.apply(remark, WITHDRAW, actor=actor)
    return withdrawn


def accept_remark(actor: Scope, *, remark: FactRemark, answer: str) -> FactRemark:
    """The objection holds: the source is corrected, frozen anew and computed into another run."""
    return _answer(actor, remark, ACCEPT, answer)


def reject_remark(actor: Scope, *, remark: FactRemark, answer: str) -> FactRemark:
    """The fact stands as it is, for the reason in the answer."""
    return _answer(actor, remark, REJECT, answer)


def note_remark(actor: Scope, *, remark: FactRemark, answer: str) -> FactRemark:
    """A comment is taken note of, in words."""
    return _answer(actor, remark, NOTE, answer)


def _answer(actor: Scope, remark: FactRemark, action: str, answer: str) -> FactRemark:
    answer = answer.strip()
    if len(answer) > MAX_TEXT:
        raise InvalidInput([Problem(None, "回答", f"{MAX_TEXT:,}字以内で入力してください。")])
    with transaction.atomic():
        answered: FactRemark = REMARK_FLOW.apply(
            remark,
            action,
            actor=actor,
            reason=answer,
            changes={
                "answer": answer,
                "answered_at": clock.now(),
                "answered_by_id": actor.user_id,
                "answered_by_name": actor.label[:200],
            },
        )
        notify(
            hub_people([answered.hub_id]),
            key=f"fact-answer-{answered.pk}",
            text=f"{answered.hub.name}の事実確認の{answered.get_kind_display()}に回答がありました。",
            url=reverse("fact_remark", args=[answered.pk]),
            mail=True,
        )
    return answered
