"""Notices about flags, in the portal and by mail; without a single figure."""

from collections.abc import Sequence

from django.urls import reverse

from hubs.integrity.models import FlagState, IntegrityFlag
from hubs.integrity.queries.people import agency_people, bureau_people, hub_people
from yorozu.core.fiscal import wareki
from yorozu.core.notices.operations import Message, notify, notify_all


def tell_hubs(flags: Sequence[IntegrityFlag], act: str) -> None:
    """New questions: each person of the hub's side gets one notice with their number."""
    if not flags:
        return
    due = wareki(flags[0].answer_due)
    people = hub_people(flag.hub_id for flag in flags if flag.hub_id is not None)
    notify_all(
        [
            Message(
                user_id,
                f"{act}:hub",
                f"実績について、確認をお願いしたい点が{_count(flags, hubs)}件あります。"
                f"{due}までに説明を入力してください。",
                _list_url(flags, hubs),
            )
            for user_id, hubs in sorted(people.items())
        ],
        act=act,
        mail=True,
    )


def tell_bureaus(flags: Sequence[IntegrityFlag], act: str) -> None:
    """Flags that wait for a decision now."""
    if not flags:
        return
    people = bureau_people(flag.hub_id for flag in flags if flag.hub_id is not None)
    notify_all(
        [
            Message(
                user_id,
                f"{act}:bureau",
                f"拠点の確認事項{_count(flags, hubs)}件が、判断待ちになりました。",
                f"{reverse('integrity_list')}?state={FlagState.WAITING.value}",
            )
            for user_id, hubs in sorted(people.items())
        ],
        act=act,
        mail=True,
    )


def tell_the_agency(flags: Sequence[IntegrityFlag], act: str) -> None:
    """A finding of the whole network."""
    if flags:
        notify(
            agency_people(),
            key=f"{act}:agency",
            text=f"全国の実績について、確認事項が{len(flags)}件あります。",
            url=_url(flags[0]) if len(flags) == 1 else reverse("integrity_list"),
            mail=True,
        )


def tell_of_note(flag: IntegrityFlag, number: int) -> None:
    """The hub has answered: it is the bureau's turn."""
    people = bureau_people([flag.hub_id] if flag.hub_id is not None else [])
    notify(
        people,
        key=f"integrity:note:{number}",
        text=f"{flag.hub}から、確認事項「{flag.kind.label}」への説明が届きました。",
        url=_url(flag),
        mail=True,
    )


def tell_of_decision(flag: IntegrityFlag, number: int) -> None:
    """The bureau has decided: the hub reads how."""
    people = hub_people([flag.hub_id] if flag.hub_id is not None else [])
    notify(
        people,
        key=f"integrity:decision:{number}",
        text=f"{flag.hub}の確認事項「{flag.kind.label}」が判断されました"
        f"（{flag.get_outcome_display()}）。",
        url=_url(flag),
        mail=True,
    )


def _count(flags: Sequence[IntegrityFlag], hubs: set[int]) -> int:
    return sum(flag.hub_id in hubs for flag in flags)


def _list_url(flags: Sequence[IntegrityFlag], hubs: set[int]) -> str:
    mine = [flag for flag in flags if flag.hub_id in hubs]
    return _url(mine[0]) if len(mine) == 1 else reverse("integrity_list")


def _url(flag: IntegrityFlag) -> str:
    return reverse("integrity_detail", args=[flag.pk])
