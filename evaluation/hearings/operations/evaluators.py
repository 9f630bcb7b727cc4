"""Evaluators of a term: register, sign, declare an interest, block, waive (evaluation.md 1.7)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.urls import reverse

from evaluation.hearings.flow.ties import computed, day_of, organization_key
from evaluation.hearings.models import (
    SCORED,
    ConflictBlock,
    ConflictDeclaration,
    ConflictWaiver,
    Evaluator,
    Hearing,
    HearingState,
    PanelMember,
    PanelRating,
)
from evaluation.hearings.operations.comparing import compare_if_all_locked
from evaluation.hearings.queries.people import chairs_of, eligible_memberships, hq_people
from evaluation.hearings.rules.interests import DECLARED
from evaluation.hearings.rules.limits import LONGEST_DETAIL, LONGEST_NAME, LONGEST_WAIVER
from evaluation.hearings.rules.pledge import PLEDGE
from evaluation.policy import RATERS
from hubs.network.models import Hub
from hubs.terms.models import Term, TermState
from yorozu.core.access import Role, Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Problem, Refused
from yorozu.core.fiscal import nendo
from yorozu.core.notices.operations import notify

EDIT, SIGN = "evaluation.hearings.evaluators", "evaluation.hearings.declare"
WAIVE = "evaluation.hearings.waive"


def require_open(term: Term) -> None:
    """NotReady unless the term is running: hearings are planned and held while it is open."""
    if term.state != TermState.OPEN:
        raise NotReady(f"{nendo(term.fiscal_year)}の期は実施中ではないため、変更できません。")


def add_evaluator(actor: Scope, *, term: Term, user_id: int, organization: str = "") -> Evaluator:
    """Enter an account on the term's list of evaluators; a second time returns the first entry.

    InvalidInput when the account holds no role that may rate.
    """
    require(actor, EDIT)
    require_open(term)
    rows = eligible_memberships([user_id])
    if not rows:
        named = "・".join(role.label for role in Role if role in RATERS)
        text = f"評価者になれる役割（{named}）がありません。"
        raise InvalidInput([Problem(None, "利用者", text)])
    bureau = next((row.bureau for row in rows if row.bureau is not None), None)
    first = rows[0]
    known = bureau.name if bureau is not None else str(first.get_role_display())
    name = organization.strip() or known
    if len(name) > LONGEST_NAME:
        raise InvalidInput([Problem(None, "所属", f"{LONGEST_NAME}文字までです。")])
    with transaction.atomic():
        evaluator, created = Evaluator.objects.get_or_create(
            term=term,
            user_id=user_id,
            defaults={
                "name": first.user.name[:LONGEST_NAME],
                "organization": name,
                "organization_key": organization_key(name),
                "bureau": bureau,
                "added_by_name": actor.label[:200],
            },
        )
        if not created and not evaluator.is_active:
            Evaluator.objects.filter(pk=evaluator.pk).update(is_active=True)
            evaluator.is_active = created = True
        if created:
            record(actor, EDIT, evaluator, after={"organization": evaluator.organization})
            notify(
                [user_id],
                key=f"hearings:evaluator:{evaluator.pk}",
                text=f"{term}のヒアリングの評価者に登録されました。利益相反の宣誓をしてください。",
                url=reverse("hearing_declaration", args=[term.fiscal_year]),
                mail=True,
            )
    return evaluator


def retire_evaluator(actor: Scope, *, evaluator: Evaluator) -> Evaluator:
    """Take an evaluator off the list. Conflict while seats of hearings not settled are held."""
    require(actor, EDIT)
    with transaction.atomic():
        held = Evaluator.objects.select_for_update(of=("self",)).get(pk=evaluator.pk)
        seats = PanelMember.objects.filter(evaluator=held)
        if seats.exclude(hearing__state=HearingState.SETTLED).exists():
            raise Conflict("確定していないヒアリングの委員です。先にパネルから外してください。")
        if held.is_active:
            held.is_active = False
            held.save(update_fields=["is_active"])
            record(actor, EDIT, held, before={"is_active": True}, after={"is_active": False})
    return held


@dataclass(frozen=True)
class DeclaredInterest:
    """One interest a person declares: in which hub, of which kind, in words."""

    hub_id: int
    kind: str
    detail: str


def own_evaluator(actor: Scope, term: Term) -> Evaluator:
    """The actor's entry on the term's list; Refused without one."""
    found = Evaluator.objects.filter(term=term, user_id=actor.user_id or 0, is_active=True).first()
    if found is None or actor.user_id is None:
        raise Refused(f"{term}のヒアリングの評価者に登録されていません。")
    return found


def sign_declaration(
    actor: Scope, *, term: Term, said: Iterable[DeclaredInterest] = ()
) -> ConflictDeclaration:
    """Sign the declaration of the term, with the interests one knows of; once only.

    Conflict when it is signed already: a later interest has its own act.
    """
    require(actor, SIGN)
    require_open(term)
    evaluator = own_evaluator(actor, term)
    wanted = _checked(said)
    with transaction.atomic():
        Evaluator.objects.select_for_update(of=("self",)).get(pk=evaluator.pk)
        if ConflictDeclaration.objects.filter(evaluator=evaluator).exists():
            raise Conflict(
                "この期の宣誓は済んでいます。新しい利害関係は「追加の申告」で届け出てください。"
            )
        signed = ConflictDeclaration.objects.create(
            evaluator=evaluator, text=PLEDGE, signed_by_name=actor.label[:200]
        )
        record(actor, SIGN, signed, after={"interests": len(wanted)})
        _block_all(actor, evaluator, wanted)
    return signed


def declare_interest(
    actor: Scope, *, term: Term, said: Iterable[DeclaredInterest]
) -> list[ConflictBlock]:
    """Declare interests that were not known before; the person's scores there count no more.

    The scores stay on record, marked; chair and HQ are told. Returns the new blocks.
    """
    require(actor, SIGN)
    evaluator = own_evaluator(actor, term)
    wanted = _checked(said)
    if not wanted:
        raise InvalidInput([Problem(None, "拠点", "利害関係のある拠点を選んでください。")])
    with transaction.atomic():
        Evaluator.objects.select_for_update(of=("self",)).get(pk=evaluator.pk)
        return _block_all(actor, evaluator, wanted)


def _checked(said: Iterable[DeclaredInterest]) -> list[DeclaredInterest]:
    """Known hubs, kinds that may be declared, and a text."""
    wanted = list(said)
    known = set(
        Hub.objects.filter(pk__in=[one.hub_id for one in wanted]).values_list("pk", flat=True)
    )
    faults = []
    for one in wanted:
        if one.hub_id not in known:
            faults.append(Problem(None, "拠点", "一覧にある拠点を選んでください。"))
        if one.kind not in DECLARED:
            faults.append(Problem(None, "関係", "一覧にある関係を選んでください。"))
        if not one.detail.strip():
            faults.append(Problem(None, "内容", "利害関係の内容を入力してください。"))
        elif len(one.detail) > LONGEST_DETAIL:
            faults.append(Problem(None, "内容", f"内容は{LONGEST_DETAIL}文字までです。"))
    if faults:
        raise InvalidInput(faults)
    return wanted


def _block_all(
    actor: Scope, evaluator: Evaluator, wanted: Iterable[DeclaredInterest]
) -> list[ConflictBlock]:
    made = []
    for one in wanted:
        block = keep_block(actor, evaluator, one.hub_id, one.kind, one.detail.strip())
        if block is not None:
            made.append(block)
    return made


def keep_block(
    actor: Scope, evaluator: Evaluator, hub_id: int, kind: str, detail: str
) -> ConflictBlock | None:
    """Store a block once, in the caller's transaction, and set the person's scores there aside."""
    block, created = ConflictBlock.objects.get_or_create(
        evaluator=evaluator,
        hub_id=hub_id,
        kind=kind,
        defaults={"detail": detail[:LONGEST_DETAIL], "found_by_name": actor.label[:200]},
    )
    if not created:
        return None
    record(
        actor,
        "evaluation.hearings.block",
        block,
        after={"kind": kind},
        reason=detail,
        hub_id=hub_id,
    )
    _set_aside(actor, block)
    return block


def _set_aside(actor: Scope, block: ConflictBlock) -> None:
    """Tell of scores that count no more; a panel that waited for this person alone goes on."""
    seat = (
        PanelMember.objects.filter(evaluator=block.evaluator_id, hearing__hub=block.hub_id)
        .select_related("hearing__hub", "hearing__term", "evaluator")
        .first()
    )
    if seat is None:
        return
    hearing = seat.hearing
    given = PanelRating.objects.filter(member=seat).exclude(score=None).count()
    if given:
        record(
            actor,
            "evaluation.hearings.set_aside",
            seat,
            after={"scores": given, "state": hearing.state},
            reason=block.reason,
            hub_id=hearing.hub_id,
        )
    kept = "この委員の評点は記録に残し、評価には数えません。" if given else ""
    national = hq_people()
    # A chair from the board reads from the seat; the page of the hub is closed to that role.
    for people, url in (
        (national, reverse("hearing_hub", args=[hearing.term.fiscal_year, hearing.hub.code])),
        (chairs_of(hearing) - national, reverse("hearing_score", args=[hearing.pk])),
    ):
        notify(
            people - {seat.evaluator.user_id},
            key=f"hearings:block:{block.pk}",
            text=f"{hearing.hub}のヒアリングの委員に利害関係が見つかりました。{kept}パネルを確認してください。",
            url=url,
            mail=True,
        )
    if hearing.state in SCORED:
        compare_if_all_locked(actor, hearing)


def find_blocks(
    actor: Scope, term: Term, pairs: Collection[tuple[Evaluator, Hearing]]
) -> list[ConflictBlock]:
    """Store what the records say about these people and hearings, in the caller's transaction."""
    wanted: list[tuple[Evaluator, int, date]] = [
        (evaluator, hearing.hub_id, day_of(hearing)) for evaluator, hearing in pairs
    ]
    people = {evaluator.pk: evaluator for evaluator, _ in pairs}
    made = []
    for (pk, hub_id), found in computed(term, wanted).items():
        for interest in found:
            block = keep_block(actor, people[pk], hub_id, interest.kind, interest.detail)
            if block is not None:
                made.append(block)
    return made


def waive_block(
    actor: Scope, *, evaluator: Evaluator, hub: Hub, kind: str, reason: str
) -> ConflictWaiver:
    """HQ lifts a block, with its reason. Nobody lifts a block of their own.

    InvalidInput without a reason; Conflict when there is no such block or it is lifted already.
    """
    require(actor, WAIVE)
    reason = reason.strip()
    if not reason:
        raise InvalidInput([Problem(None, "解除の理由", "解除の理由を入力してください。")])
    if len(reason) > LONGEST_WAIVER:
        text = f"解除の理由は{LONGEST_WAIVER}文字までです。"
        raise InvalidInput([Problem(None, "解除の理由", text)])
    if actor.user_id is not None and evaluator.user_id == actor.user_id:
        raise Refused(
            "自分の制限を自分で解除することはできません。全国本部の別の担当者が行ってください。"
        )
    with transaction.atomic():
        Evaluator.objects.select_for_update(of=("self",)).get(pk=evaluator.pk)
        block = ConflictBlock.objects.filter(evaluator=evaluator, hub=hub, kind=kind).first()
        if block is None:
            raise Conflict("この制限はありません。画面を開き直して確認してください。")
        if ConflictWaiver.objects.filter(block=block).exists():
            raise Conflict("この制限は、すでに解除されています。")
        waiver = ConflictWaiver.objects.create(
            block=block,
            reason=reason,
            waived_by_id=actor.user_id,
            waived_by_name=actor.label[:200],
        )
        record(actor, WAIVE, waiver, after={"kind": kind}, reason=reason, hub_id=hub.pk)
    return waiver
