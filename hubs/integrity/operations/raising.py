"""The nightly run: asks what is new, keeps what still holds, closes what has vanished.

Running it twice changes nothing. Everything is done in sets: the number of statements does not
depend on the number of hubs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from hubs.integrity.models import FlagDecision, FlagNote, FlagState, IntegrityFlag, Outcome
from hubs.integrity.operations.telling import tell_bureaus, tell_hubs, tell_the_agency
from hubs.integrity.queries.material import Network, network_material
from hubs.integrity.rules import (
    CURRENT,
    RAISED_ABOVE,
    Check,
    Finding,
    findings_of_hub,
    just_over,
)
from hubs.terms.models import Term, TermState
from hubs.terms.queries import closed_days
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import Act, record, record_many
from yorozu.core.business_days import add_business_days
from yorozu.core.canonical import canonical_hash, canonical_json
from yorozu.core.fiscal import last_day

RAISE = "hubs.integrity.raise"
VANISHED = (
    "確認の原因がなくなりました。数値が修正されたか、"
    "その後の実績により確認の基準に当てはまらなくなりました。"
)
OVER = "説明の期限を過ぎたため、説明のないまま判断に進みます。"
GIVEN_AT_ENTRY = "月次実績の入力時の理由：{reason}"
ENTRY = "拠点（月次実績の入力）"
SYSTEM = "自動処理"
# Checks whose question the hub may have answered already, when it typed the figure.
ANSWERED_AT_ENTRY = frozenset({Check.JUMP, Check.REPEAT})

Key = tuple[int | None, int, str, str]


@dataclass
class Raised:
    """What a run has done."""

    raised: list[IntegrityFlag] = field(default_factory=list)
    updated: list[IntegrityFlag] = field(default_factory=list)
    waiting: list[IntegrityFlag] = field(default_factory=list)
    resolved: list[IntegrityFlag] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Numbers for the job's result, the command and the trail."""
        return {
            "raised": len(self.raised),
            "updated": len(self.updated),
            "waiting": len(self.waiting),
            "resolved": len(self.resolved),
        }


def raise_flags(actor: Scope) -> Raised:
    """Check all hubs in all open terms and bring the flags up to date in one transaction."""
    require(actor, RAISE)
    terms = list(Term.objects.filter(state=TermState.OPEN).order_by("fiscal_year"))
    if not terms:
        return Raised()
    network = network_material(terms)
    found = {term.pk: _findings(term, network) for term in terms}
    with transaction.atomic():
        # Two runs at once wait here for each other, on either database.
        list(Term.objects.select_for_update().filter(pk__in=found).order_by("pk"))
        done = _Night(found, network).run()
        _record(actor, terms, done)
        _tell(done)
    return done


def _findings(term: Term, network: Network) -> list[Finding]:
    names, year = network.indicators[term.pk], term.fiscal_year
    found = [
        finding for hub in network.hubs for finding in findings_of_hub(hub, names, year, CURRENT)
    ]
    if clock.today() > last_day(year):
        found += just_over(network.hubs, names, year, CURRENT)
    return found


class _Night:
    """One run inside its transaction: the flags as they stand, and what becomes of them."""

    def __init__(self, found: Mapping[int, Sequence[Finding]], network: Network) -> None:
        self.found = found
        self.network = network
        self.today = clock.today()
        self.due = add_business_days(self.today, CURRENT.answer_days, closed_days())
        self.done = Raised()
        self.latest: dict[Key, IntegrityFlag] = {}
        flags = IntegrityFlag.objects.filter(term_id__in=found).select_related("hub")
        for flag in flags.order_by("round"):
            self.latest[flag.hub_id, flag.term_id, flag.check_code, flag.subject] = flag

    def run(self) -> Raised:
        """Meet every finding with its flag, then write what is new, changed, gone and overdue."""
        held: set[Key] = set()
        new: list[IntegrityFlag] = []
        for term_id, findings in self.found.items():
            for finding in findings:
                key = (finding.hub_id, term_id, finding.check.value, finding.subject)
                held.add(key)
                flag = self.latest.get(key)
                if flag is None or _asks_anew(flag, finding):
                    new.append(self._new_flag(finding, term_id, flag))
                elif flag.state == FlagState.RAISED:
                    self._refresh(flag, finding)
        self._store(new)
        self._resolve(
            [
                flag
                for key, flag in self.latest.items()
                # What was raised above from other material has not vanished because it is not here.
                if key not in held and flag.kind not in RAISED_ABOVE
            ]
        )
        self._pass_on()
        IntegrityFlag.objects.filter(term_id__in=self.found).exclude(state=FlagState.CLOSED).update(
            last_seen=self.today
        )
        return self.done

    def _new_flag(
        self, finding: Finding, term_id: int, before: IntegrityFlag | None
    ) -> IntegrityFlag:
        number = before.round + 1 if before else 1
        return _flag(finding, term_id, self.today, self.due, number=number)

    def _refresh(self, flag: IntegrityFlag, finding: Finding) -> None:
        """The hub has not answered yet: it reads the figures as they are today."""
        if flag.figures == _figures(finding):
            return
        flag.sentence, flag.basis_hash = finding.sentence, _basis(finding)
        flag.figures, flag.rule_version = _figures(finding), CURRENT.version
        self.done.updated.append(flag)

    def _store(self, new: list[IntegrityFlag]) -> None:
        """Write new and changed flags; a reason typed with the figure is the hub's first note."""
        notes = []
        for flag in new:
            if reason := self._reason_at_entry(flag):
                flag.state = FlagState.WAITING
                text = GIVEN_AT_ENTRY.format(reason=reason)
                notes.append(FlagNote(flag=flag, text=text, by_name=ENTRY))
        self.done.raised = IntegrityFlag.objects.bulk_create(new, batch_size=500)
        FlagNote.objects.bulk_create(notes, batch_size=500)
        IntegrityFlag.objects.bulk_update(
            self.done.updated,
            ["sentence", "basis_hash", "figures", "rule_version"],
            batch_size=500,
        )
        self.done.waiting += [flag for flag in new if flag.state == FlagState.WAITING]

    def _reason_at_entry(self, flag: IntegrityFlag) -> str:
        if flag.kind not in ANSWERED_AT_ENTRY or flag.hub_id is None or flag.month is None:
            return ""
        return self.network.reasons.get((flag.hub_id, flag.indicator_code, flag.month), "")

    def _resolve(self, not_found: list[IntegrityFlag]) -> None:
        """The cause has vanished: closed by the system, with a row that says so."""
        gone = [flag for flag in not_found if flag.is_open]
        IntegrityFlag.objects.filter(pk__in=[flag.pk for flag in gone]).update(
            state=FlagState.CLOSED, outcome=Outcome.RESOLVED
        )
        FlagDecision.objects.bulk_create(
            [
                FlagDecision(flag=flag, outcome=Outcome.RESOLVED, reason=VANISHED, by_name=SYSTEM)
                for flag in gone
            ],
            batch_size=500,
        )
        self.done.resolved = gone

    def _pass_on(self) -> None:
        """The days for an answer have passed: the bureau decides without one."""
        closed = {flag.pk for flag in self.done.resolved}
        late = [
            flag
            for flag in self.latest.values()
            if flag.state == FlagState.RAISED
            and flag.pk not in closed
            and flag.answer_due < self.today
        ]
        IntegrityFlag.objects.filter(pk__in=[flag.pk for flag in late]).update(
            state=FlagState.WAITING
        )
        self.done.waiting += late


def _flag(
    finding: Finding, term_id: int, today: date, due: date, *, number: int = 1
) -> IntegrityFlag:
    """The flag of a finding, not yet stored."""
    national = finding.hub_id is None
    return IntegrityFlag(
        hub_id=finding.hub_id,
        term_id=term_id,
        check_code=finding.check.value,
        rule_version=CURRENT.version,
        subject=finding.subject,
        month=finding.month,
        indicator_code=finding.code,
        round=number,
        sentence=finding.sentence,
        basis_hash=_basis(finding),
        figures=_figures(finding),
        # Nobody is to be heard first on the network as a whole.
        state=FlagState.WAITING if national else FlagState.RAISED,
        first_seen=today,
        last_seen=today,
        answer_due=today if national else due,
    )


def raise_found(actor: Scope, *, term: Term, found: Sequence[Finding]) -> list[IntegrityFlag]:
    """Raise what was found on a higher floor (``RAISED_ABOVE``), once; the hubs are told.

    Call it inside the transaction of the act that found it.
    """
    require(actor, RAISE)
    if not found:
        return []
    today = clock.today()
    due = add_business_days(today, CURRENT.answer_days, closed_days())
    with transaction.atomic():
        flags = IntegrityFlag.objects.bulk_create(
            [_flag(finding, term.pk, today, due) for finding in found], batch_size=500
        )
        done = Raised(raised=flags)
        _record(actor, [term], done)
        _tell(done)
    return flags


def _asks_anew(flag: IntegrityFlag, finding: Finding) -> bool:
    """What was decided is asked again only when the figures behind it have changed."""
    return flag.state == FlagState.CLOSED and flag.basis_hash != _basis(finding)


def _basis(finding: Finding) -> str:
    return canonical_hash(dict(finding.basis))


def _figures(finding: Finding) -> str:
    return canonical_json(dict(finding.figures))


def _record(actor: Scope, terms: Sequence[Term], done: Raised) -> None:
    """The trail is read by bureaus too: what only the hub may know yet stands there as a count."""
    if not any(done.counts.values()):
        return
    record(actor, RAISE, terms[-1], after=done.counts)
    known = [flag for flag in done.resolved if flag.state != FlagState.RAISED]
    record_many(
        actor,
        RAISE,
        [
            *(
                Act(flag, {"state": flag.state}, {"state": FlagState.CLOSED.value}, VANISHED)
                for flag in known
            ),
            *(
                Act(flag, {"state": flag.state}, {"state": FlagState.WAITING.value}, OVER)
                for flag in done.waiting
                if flag.state == FlagState.RAISED
            ),
        ],
    )


def _tell(done: Raised) -> None:
    """One mail per person and run."""
    act = f"integrity:{clock.now():%Y%m%d%H%M%S%f}"
    tell_hubs([flag for flag in done.raised if flag.state == FlagState.RAISED], act)
    tell_bureaus([flag for flag in done.waiting if flag.hub_id is not None], act)
    tell_the_agency([flag for flag in done.waiting if flag.hub_id is None], act)
