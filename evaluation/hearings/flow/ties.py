"""What the portal's records say about evaluators: ties to hubs and bodies, and standing blocks.

Read in sets: the number of questions does not grow with evaluators or hubs.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from evaluation.hearings.models import ConflictBlock, Evaluator, Hearing, InterestKind
from evaluation.hearings.rules.interests import HubFacts, Interest, Tie, interests
from hubs.network.models import CommissionContract, Hub, ImplementingBody, Membership
from hubs.people.models import Engagement
from hubs.people.rules import name_key
from hubs.terms.models import Term
from yorozu.core import clock
from yorozu.core.access import Role
from yorozu.core.fiscal import first_day
from yorozu.core.sheets import match_key

COORDINATORS = (Role.CHIEF_COORDINATOR, Role.COORDINATOR)
ADVISERS = (Role.PROJECT_MANAGER, Role.HQ_SUPPORTER)


def organization_key(name: str) -> str:
    """The key under which two spellings of an organisation are the same."""
    return match_key(name).replace(" ", "")


def ties_of(evaluators: Collection[Evaluator]) -> dict[int, list[Tie]]:
    """Every recorded tie by evaluator id: roles of the account, contracts under the same name.

    A contract is found by the name, since people are no accounts; HQ may waive a mere namesake.
    """
    found: dict[int, list[Tie]] = {one.pk: [] for one in evaluators}
    by_user = {one.user_id: one.pk for one in evaluators}
    for row in _memberships(by_user):
        found[by_user[row.user_id]] += _role_ties(row)
    by_name: dict[str, list[int]] = defaultdict(list)
    for one in evaluators:
        by_name[name_key(one.name)].append(one.pk)
    engagements = Engagement.objects.filter(person__name_key__in=list(by_name))
    for held in engagements.select_related("person", "hub__prefecture").order_by("pk"):
        for pk in by_name[held.person.name_key]:
            found[pk].append(_contract_tie(held))
    since = date(1900, 1, 1)
    bodies = {organization_key(body.name): body for body in ImplementingBody.objects.all()}
    for one in evaluators:
        body = bodies.get(one.organization_key)
        if body is not None:
            detail = f"所属が{body.name}"
            found[one.pk].append(Tie("body", since, body_id=body.pk, detail=detail))
    return found


def _memberships(users: Iterable[int]) -> list[Membership]:
    rows = Membership.objects.filter(user_id__in=list(users)).order_by("pk")
    return list(
        rows.select_related("implementing_body", "hub__prefecture").prefetch_related(
            "assigned_hubs__prefecture"
        )
    )


def _role_ties(row: Membership) -> list[Tie]:
    """The ties that one dated role makes."""
    first, last = row.valid_from, row.valid_to
    role = Role(row.role)
    if role == Role.IMPLEMENTING_BODY and row.implementing_body is not None:
        body = row.implementing_body
        return [Tie("body", first, last, body_id=body.pk, detail=f"{body.name}の役職員")]
    if role in COORDINATORS and row.hub is not None:
        return [_coordinator(row.hub, first, last, role.label)]
    if role in ADVISERS:
        hubs = [row.hub] if row.hub is not None else []
        return [
            Tie("adviser", first, last, hub_id=hub.pk, detail=f"{role.label}として{hub.name}を担当")
            for hub in [*hubs, *row.assigned_hubs.all()]
        ]
    return []


def _contract_tie(row: Engagement) -> Tie:
    label = str(row.get_role_display())
    return _coordinator(row.hub, row.starts_on, row.ends_on, f"同じ氏名の{label}")


def _coordinator(hub: Hub, first: date, last: date | None, what: str) -> Tie:
    detail = f"{hub.name}の{what}"
    prefecture = hub.prefecture.jis_code
    return Tie("coordinator", first, last, hub_id=hub.pk, prefecture=prefecture, detail=detail)


def hub_facts(term: Term, hub_ids: Collection[int] | None = None) -> dict[int, HubFacts]:
    """What the rules read of the hubs, with the bodies contracted in the term's year."""
    bodies: dict[int, set[int]] = defaultdict(set)
    contracts = CommissionContract.objects.filter(fiscal_year=term.fiscal_year)
    for hub_id, body_id in contracts.values_list("hub_id", "implementing_body_id"):
        bodies[hub_id].add(body_id)
    hubs = Hub.objects.select_related("prefecture")
    if hub_ids is not None:
        hubs = hubs.filter(pk__in=hub_ids)
    return {
        hub.pk: HubFacts(hub.pk, hub.prefecture.jis_code, frozenset(bodies[hub.pk])) for hub in hubs
    }


def day_of(hearing: Hearing) -> date:
    """The day on which interests are looked at: that of the hearing, today while it has none."""
    if hearing.held_on is not None:
        return hearing.held_on
    if hearing.starts_at is not None:
        return hearing.starts_at.astimezone(clock.now().tzinfo).date()
    return clock.today()


def computed(
    term: Term, pairs: Iterable[tuple[Evaluator, int, date]]
) -> dict[tuple[int, int], list[Interest]]:
    """Automatic interests by (evaluator id, hub id); ``pairs``: evaluator, hub id, day."""
    wanted = list(pairs)
    people = {one.pk: one for one, _, _ in wanted}
    ties = ties_of(list(people.values()))
    facts = hub_facts(term, {hub_id for _, hub_id, _ in wanted})
    first = first_day(term.fiscal_year)
    found = {
        (one.pk, hub_id): interests(ties[one.pk], facts[hub_id], first=first, on=day)
        for one, hub_id, day in wanted
    }
    return {key: value for key, value in found.items() if value}


def stored(term: Term) -> dict[tuple[int, int], list[ConflictBlock]]:
    """Blocks of the term by (evaluator id, hub id), with their waivers; one query."""
    rows = ConflictBlock.objects.filter(evaluator__term=term).select_related("waiver")
    found: dict[tuple[int, int], list[ConflictBlock]] = defaultdict(list)
    for row in rows.order_by("pk"):
        found[row.evaluator_id, row.hub_id].append(row)
    return found


def barring(
    term: Term, pairs: Iterable[tuple[Evaluator, int, date]]
) -> dict[tuple[int, int], list[str]]:
    """Why evaluators may not rate hubs, in words: standing blocks without a waiver, and what the
    records say now. A waiver covers its kind.
    """
    wanted = list(pairs)
    blocks = stored(term)
    auto = computed(term, wanted)
    found: dict[tuple[int, int], list[str]] = {}
    for one, hub_id, _ in wanted:
        key = (one.pk, hub_id)
        held = blocks.get(key, [])
        known = {block.kind for block in held}
        reasons = [block.reason for block in held if not block.is_waived]
        reasons += [reason_of(row) for row in auto.get(key, []) if row.kind not in known]
        if reasons:
            found[key] = reasons
    return found


def reason_of(interest: Interest) -> str:
    """Kind and detail in one line, as a stored block says it."""
    word = str(InterestKind(interest.kind).label)
    return f"{word}：{interest.detail}" if interest.detail else word


def barred_on(
    hearings: Collection[Hearing], members: Mapping[int, Collection[Evaluator]]
) -> dict[tuple[int, int], list[str]]:
    """``barring`` for the panels of hearings of one term; keys (evaluator id, hub id)."""
    if not hearings:
        return {}
    term = next(iter(hearings)).term
    return barring(
        term,
        [
            (one, hearing.hub_id, day_of(hearing))
            for hearing in hearings
            for one in members.get(hearing.pk, ())
        ],
    )
