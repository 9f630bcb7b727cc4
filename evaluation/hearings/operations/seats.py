"""Who acts from a seat on a panel: the right comes from the seat, not from the hubs of the role."""

from dataclasses import replace

from evaluation.hearings.flow.panels import SeatFacts, panel_of
from evaluation.hearings.models import Hearing
from yorozu.core.access import Scope
from yorozu.core.errors import Missing, NotReady, Refused

NO_SEAT = "このヒアリングの評価者ではないため、この操作はできません。"


def seated_scope(actor: Scope, hearing: Hearing) -> Scope:
    """The actor's scope with the hub of the hearing added, for somebody who sits on its panel."""
    if actor.hub_ids is None:
        return actor
    return replace(actor, hub_ids=actor.hub_ids | {hearing.hub_id})


def own_seat(actor: Scope, hearing: Hearing) -> SeatFacts:
    """The actor's seat. Refused without one or with an interest; NotReady without declaration."""
    own = [facts for facts in panel_of(hearing) if facts.member.evaluator.user_id == actor.user_id]
    if not own or actor.user_id is None:
        raise Refused(NO_SEAT)
    facts = own[0]
    if facts.barred:
        raise Refused(f"利益相反のため、この拠点を評価できません（{facts.barred}）。")
    if not facts.signed:
        text = "採点の前に、この期の利益相反の宣誓が必要です。"
        way = Missing(text, "hearing_declaration", link_args=(hearing.term.fiscal_year,))
        raise NotReady(text, [way])
    return facts
