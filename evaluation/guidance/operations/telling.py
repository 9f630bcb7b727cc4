"""Notices about guidance, in the portal and by mail; without a score or an amount."""

from collections.abc import Iterable

from django.urls import reverse

from evaluation.guidance.models import GuidanceAction, GuidanceCase
from evaluation.guidance.queries import (
    action_people,
    bureau_people,
    chief_people,
    hq_people,
    hub_people,
)
from evaluation.guidance.rules import Step
from yorozu.core.notices.operations import Message, notify, notify_all


def case_url(case: GuidanceCase) -> str:
    """The page of a case."""
    return reverse("guidance_detail", args=[case.pk])


def action_url(action: GuidanceAction) -> str:
    """The page of an action."""
    return reverse("guidance_action", args=[action.pk])


def tell_case(case: GuidanceCase, people: Iterable[int], key: str, text: str) -> None:
    """One notice about a case to these people."""
    notify(people, key=f"guidance:{case.pk}:{key}", text=text, url=case_url(case), mail=True)


def tell_opened(case: GuidanceCase) -> None:
    """The hub and its bureau learn of it on the same day."""
    people = [*hub_people(case.hub_id), *bureau_people(case.hub_id)]
    text = f"{case.hub}の重点指導が始まりました。原因と取組を、関係者で話し合います。"
    tell_case(case, people, "opened", text)
    if case.renewal_referred:
        text = f"{case.hub}は特別指導のため、チーフコーディネーターの更新を審査委員会に付します。"
        tell_case(case, bureau_people(case.hub_id), "renewal", text)


def tell_agreement(case: GuidanceCase, *, whole: bool, by_hub: bool, number: int) -> None:
    """Whose agreement is still waited for, or that both have agreed."""
    if whole:
        people = [*hub_people(case.hub_id), *bureau_people(case.hub_id), *hq_people()]
        text = f"{case.hub}の重点指導の計画に、拠点と経済産業局の双方が合意しました。"
    else:
        people = bureau_people(case.hub_id) if by_hub else hub_people(case.hub_id)
        side = "拠点" if by_hub else "経済産業局"
        text = (
            f"{case.hub}の重点指導の計画に、{side}が合意しました。内容を確かめて合意してください。"
        )
    tell_case(case, people, f"agreed:{number}", text)


def tell_reported(action: GuidanceAction, number: int) -> None:
    """A serious action waits for a second person."""
    people = [*bureau_people(action.case.hub_id), *hq_people()]
    text = f"{action.case.hub}の重点指導の取組{action.number}が、完了の確認を待っています。"
    _tell_action(action, people, f"reported:{number}", text)


def tell_returned(action: GuidanceAction, number: int) -> None:
    """The owner reads that it is not done yet."""
    text = f"{action.case.hub}の重点指導の取組{action.number}が差し戻されました。"
    _tell_action(action, action_people(action), f"returned:{number}", text)


def _tell_action(action: GuidanceAction, people: Iterable[int], key: str, text: str) -> None:
    notify(
        people,
        key=f"guidance-action:{action.pk}:{key}",
        text=text,
        url=action_url(action),
        mail=True,
    )


def step_people(action: GuidanceAction, step: Step) -> list[int]:
    """Whom a late action is brought before."""
    hub_id = action.case.hub_id
    if step == Step.OWNER:
        return action_people(action)
    if step == Step.CHIEF:
        return chief_people(hub_id)
    return bureau_people(hub_id) if step == Step.BUREAU else hq_people()


def tell_late(rows: Iterable[tuple[GuidanceAction, Step, int]], act: str) -> None:
    """One mail a person and night; each step of each action once."""
    messages = [
        Message(
            user_id,
            f"guidance-late:{action.pk}:{step.code}:{action.due:%Y%m%d}",
            f"{action.case.hub}の重点指導の取組{action.number}が、期限を{days}日過ぎています。",
            action_url(action),
        )
        for action, step, days in rows
        for user_id in step_people(action, step)
    ]
    notify_all(messages, act=act, mail=True)
