"""What the year itself asks for: its preparation, its registered rules, its signed policy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from hubs.terms.models import (
    OPEN_CHANGES,
    ActivityPolicy,
    PolicyState,
    RuleChange,
    Term,
    TermState,
    TwoSignatures,
    YearRules,
)
from hubs.terms.queries import signatures, undecided
from hubs.terms.rules.signing import side_of
from yorozu.core.fiscal import fiscal_year_of, nendo
from yorozu.core.web.chips import Status
from yorozu.portal.home.desk import Desk, Task, Work, joined
from yorozu.portal.home.matrix import Matrix

# From December on next year's term is due to be prepared.
PREPARE_FROM = frozenset({12, 1, 2, 3})


def preparation(desk: Desk) -> Work:
    """Terms being prepared with what is still open; before that, the year that is due."""
    tasks = []
    terms = list(Term.objects.all())
    for term in (row for row in terms if row.state == TermState.PREPARING):
        left, name = len(undecided(term)), nendo(term.fiscal_year)
        text = f"{name}の期の準備を進める（残り{left}項目）" if left else f"{name}の期を開始する"
        hint = "年度の項目を1つずつ確認して、引き継ぐか変更します。"
        url = reverse("term_parts", args=[term.pk])
        tasks.append(Task(text, url, hint, None, Status.NOT_STARTED))
    year, there = fiscal_year_of(desk.today), {term.fiscal_year for term in terms}
    due = [year, year + 1] if desk.today.month in PREPARE_FROM else [year]
    for one in (wanted for wanted in due if wanted not in there):
        text = f"{nendo(one)}の期の準備を始める"
        tasks.append(Task(text, reverse("term_list"), "", None, Status.NOT_STARTED))
    return Work(tasks)


@dataclass(frozen=True)
class Papers:
    """What lies between state and HQ in the running terms, by term; three queries in all."""

    drafts: Mapping[int, ActivityPolicy]
    registered: frozenset[int]
    changes: Mapping[int, RuleChange]


def papers(desk: Desk) -> Papers:
    """Drafts of the policy, registered terms, open changes of the rules."""
    drafts = ActivityPolicy.objects.filter(term__in=desk.terms).exclude(state=PolicyState.PUBLISHED)
    rules = YearRules.objects.filter(term__in=desk.terms, version=1)
    changes = RuleChange.objects.filter(term__in=desk.terms, state__in=OPEN_CHANGES)
    return Papers(
        {row.term_id: row for row in drafts.defer("body")},
        frozenset(rules.values_list("term_id", flat=True)),
        {row.term_id: row for row in changes.defer("content")},
    )


def together(desk: Desk, found: Matrix, held: Papers) -> Work:
    """What state and HQ sign together in a term: policy and rules, and whose turn it is."""
    return joined(_policy(desk, found, held), _rules(found, held), _change(desk, found, held))


@dataclass(frozen=True)
class _Paper:
    """A paper both sides sign: words before the act, where it lies, what it says, until when."""

    name: str
    first: str
    second: str
    url: str
    hint: str
    due: datetime | None = None


def _turn(desk: Desk, record: TwoSignatures, paper: _Paper) -> Work:
    """A task while one's own signature lacks, else a line that says whose turn it is."""
    side = side_of(desk.scope.role)
    signed = [one for one in signatures(record) if one.at is not None]
    if side is not None and any(one.side == side for one in signed):
        other = next(one.side.label for one in signatures(record) if one.at is None)
        hint = f"{other}の番です。{paper.hint}"
        row = Task(f"{paper.name}の承認", paper.url, hint, paper.due, Status.WAITING)
        return Work(waiting=[row])
    act = paper.second if signed else paper.first
    status = Status.WAITING if signed else Status.DRAFT
    return Work([Task(f"{paper.name}{act}", paper.url, paper.hint, paper.due, status)])


def _policy(desk: Desk, found: Matrix, held: Papers) -> Work:
    year, draft = nendo(found.term.fiscal_year), held.drafts.get(found.term.pk)
    due = found.ground.deadlines.get("policy") if found.policy_id is None else None
    if draft is not None:
        url = reverse("policy_detail", args=[draft.pk])
        name = f"{year}の活動方針"
        return _turn(
            desk, draft, _Paper(name, "を承認する", "を承認して公表する", url, str(draft), due)
        )
    if found.policy_id is not None:
        return Work()
    url = reverse("policy_edit", args=[found.term.pk])
    hint = "公表後に、各拠点が事業計画を提出できます。"
    return Work([Task(f"{year}の活動方針を作成する", url, hint, due, Status.NOT_STARTED)])


def _rules(found: Matrix, held: Papers) -> Work:
    if found.term.pk in held.registered:
        return Work()
    url = reverse("year_rules_register", args=[found.term.pk])
    text = f"{nendo(found.term.fiscal_year)}の規則を登録する"
    hint = "登録するまで、期初面談を記録できません。"
    due = found.ground.deadlines.get("interview")
    return Work([Task(text, url, hint, due, Status.NOT_STARTED)])


def _change(desk: Desk, found: Matrix, held: Papers) -> Work:
    change = held.changes.get(found.term.pk)
    if change is None:
        return Work()
    url = reverse("rule_change", args=[found.term.pk])
    name = f"{nendo(found.term.fiscal_year)}の規則の変更案"
    return _turn(
        desk, change, _Paper(name, "を確認する", "に同意して登録する", url, change.reason[:60])
    )
