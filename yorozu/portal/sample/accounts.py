"""Accounts of the demonstration: one per role to sign in with, and who acts in the sample year."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from django.contrib.auth.hashers import make_password

from hubs.network.models import Bureau, Hub, ImplementingBody
from hubs.network.operations import Place, grant_membership
from hubs.network.scope import resolve
from yorozu.core.access import Role, Scope
from yorozu.core.accounts.models import User

# S105: the sample accounts are public on purpose; the name and this word stand in the README.
PASSWORD = "yorozu-sample-2026"  # noqa: S105
SINCE = date(2020, 4, 1)
TOKYO = "13"


@dataclass(frozen=True)
class Account:
    """One account to print at the end: address, who it is."""

    email: str
    label: str


# key of the address -> (name, role); the first of each role is printed.
NATIONAL = {
    "agency": ("霞 清（サンプル）", Role.SME_AGENCY),
    "hq": ("本部 花子（サンプル）", Role.NATIONAL_HQ),
    "hq2": ("本部 次郎（サンプル）", Role.NATIONAL_HQ),
    "admin": ("管理 真（サンプル）", Role.SYSTEM_ADMIN),
    "auditor": ("監査 誠（サンプル）", Role.AUDITOR),
    "supporter": ("支援 望（サンプル）", Role.HQ_SUPPORTER),
    "liaison": ("連携 結（サンプル）", Role.LIAISON_EXPERT),
    "board": ("委員 明（サンプル）", Role.BOARD_MEMBER),
    "board2": ("委員 恵（サンプル）", Role.BOARD_MEMBER),
    "board3": ("委員 薫（サンプル）", Role.BOARD_MEMBER),
    "board4": ("委員 渉（サンプル）", Role.BOARD_MEMBER),
    "board5": ("委員 悟（サンプル）", Role.BOARD_MEMBER),
}


def address(key: str) -> str:
    """The sign-in address of a sample account."""
    return f"{key}@example.jp"


@cache
def _hashed() -> str:
    """One hash for all sample accounts: a hundred slow ones would hold up the demonstration."""
    return make_password(PASSWORD)


def _user(key: str, name: str) -> User:
    user, _ = User.objects.get_or_create(
        email=address(key), defaults={"name": name, "is_sample": True, "password": _hashed()}
    )
    return user


def _grant(actor: Scope, user: User, role: Role, place: Place) -> None:
    grant_membership(actor, user=user, role=role, valid_from=SINCE, place=place)


def make_accounts(actor: Scope) -> None:
    """Create all accounts with their memberships; all sign in with the same password."""
    for key, (name, role) in NATIONAL.items():
        _grant(actor, _user(key, name), role, Place())
    for bureau in Bureau.objects.all():
        name = f"{bureau.name} 担当官（サンプル）"
        user = _user(f"bureau-{bureau.code}", name)
        _grant(actor, user, Role.BUREAU, Place(bureau=bureau))
    kanto = tuple(Hub.objects.filter(bureau=Hub.objects.get(code=TOKYO).bureau))
    manager = _user("pm", "巡回 歩（サンプル）")
    _grant(actor, manager, Role.PROJECT_MANAGER, Place(assigned_hubs=kanto))
    for hub in Hub.objects.all():
        own = hub.code == TOKYO
        chief = _user(f"cc-{hub.code}", f"{hub.name} CC（サンプル）")
        _grant(actor, chief, Role.CHIEF_COORDINATOR, Place(hub=hub))
        if own:
            colleague = _user(f"co-{hub.code}", f"{hub.name} CO（サンプル）")
            _grant(actor, colleague, Role.COORDINATOR, Place(hub=hub))


def make_body_accounts(actor: Scope) -> None:
    """One account per implementing body, once the contracts are in."""
    for hub in Hub.objects.all():
        body = (
            ImplementingBody.objects.filter(contracts__hub=hub)
            .order_by("-contracts__fiscal_year")
            .first()
        )
        if body is not None:
            user = _user(f"body-{hub.code}", f"{body.name} 担当（サンプル）")
            _grant(actor, user, Role.IMPLEMENTING_BODY, Place(implementing_body=body))


def scope_of_account(key: str) -> Scope:
    """The scope an account has now."""
    return resolve(User.objects.get(email=address(key)))


def bureau_key(hub: Hub) -> str:
    """Address key of the bureau of a hub."""
    return f"bureau-{hub.bureau.code}"


def bureau_keys() -> list[str]:
    """Address keys of the nine bureaus, in their order."""
    return [f"bureau-{bureau.code}" for bureau in Bureau.objects.order_by("order")]


def one_per_role() -> list[Account]:
    """What the demonstration prints: one account per role."""
    tokyo = Hub.objects.select_related("bureau").get(code=TOKYO)
    rows = [
        ("agency", Role.SME_AGENCY.label),
        (bureau_key(tokyo), f"{Role.BUREAU.label}（{tokyo.bureau.name}）"),
        ("hq", Role.NATIONAL_HQ.label),
        ("hq2", f"{Role.NATIONAL_HQ.label}（確定を行う2人目）"),
        ("pm", Role.PROJECT_MANAGER.label),
        (f"cc-{TOKYO}", f"{Role.CHIEF_COORDINATOR.label}（{tokyo.name}）"),
        (f"co-{TOKYO}", f"{Role.COORDINATOR.label}（{tokyo.name}）"),
        (f"body-{TOKYO}", f"{Role.IMPLEMENTING_BODY.label}（{tokyo.name}）"),
        ("supporter", Role.HQ_SUPPORTER.label),
        ("liaison", Role.LIAISON_EXPERT.label),
        ("board", Role.BOARD_MEMBER.label),
        ("admin", Role.SYSTEM_ADMIN.label),
        ("auditor", Role.AUDITOR.label),
    ]
    return [Account(address(key), label) for key, label in rows]
