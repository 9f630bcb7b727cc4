"""Sample checks on the desks of those who look at what was drawn."""

from django.urls import reverse

from hubs.ledger.queries import open_draws
from yorozu.core.access import decide
from yorozu.core.web.chips import Status
from yorozu.portal.home.desk import Desk, Task, Work, hub_names

CHECK = "hubs.ledger.check"


def check_work(desk: Desk) -> Work:
    """Records drawn and not yet looked at: one drawing opens itself, several open their list."""
    if not decide(desk.scope, CHECK).allowed:
        return Work()
    draws = list(open_draws(desk.scope))
    if not draws:
        return Work()
    hubs = list({draw.hub_id: draw.hub for draw in draws}.values())
    url = reverse("ledger_hubs")
    if len(draws) == 1:
        url = reverse("check_draw", args=[draws[0].pk])
    elif len(hubs) == 1:
        url = reverse("ledger_checks", args=[hubs[0].code])
    text = f"抽出した課題解決の記録を確かめる（{sum(draw.open for draw in draws)}件）"
    return Work([Task(text, url, hub_names(hubs), None, Status.WAITING)])
