"""The fixed cast: every screen is tried by the owner, the colleague, the stranger and each role."""

from dataclasses import dataclass, field
from datetime import date

from hubs.network.models import Bureau, CommissionContract, Hub, ImplementingBody, Membership
from hubs.network.scope import resolve
from yorozu.core.access import Role, Scope
from yorozu.core.accounts.models import User

PASSWORD = "yorozu-sample-2026"
FROM = date(2020, 4, 1)


@dataclass
class Actor:
    """One person of the cast."""

    key: str
    user: User
    membership: Membership | None

    @property
    def scope(self) -> Scope:
        """Resolved anew at each use, as a request would."""
        return resolve(self.user, self.membership.pk if self.membership else None)


@dataclass
class Cast:
    """All people by key; ``owner`` hub is Tokyo (13), ``colleague`` Kanagawa (14).

    ``stranger`` is Miyagi (04).
    """

    actors: dict[str, Actor] = field(default_factory=dict)

    def __getattr__(self, key: str) -> Actor:
        """cast.cc_tokyo instead of cast.actors["cc_tokyo"]."""
        try:
            return self.__dict__["actors"][key]
        except KeyError:
            raise AttributeError(key) from None

    def all(self) -> list[Actor]:
        """Everybody, in a fixed order."""
        return list(self.actors.values())


KEYS = [
    "agency",
    "bureau_kanto",
    "bureau_tohoku",
    "hq",
    "hq_second",
    "pm_kanto",
    "supporter",
    "liaison",
    "board",
    "cc_tokyo",
    "cc_kanagawa",
    "cc_miyagi",
    "co_tokyo",
    "body_tokyo",
    "body_miyagi",
    "admin",
    "auditor",
    "nobody",
]


def _user(key: str) -> User:
    return User.objects.create_user(
        f"{key.replace('_', '-')}@example.jp", PASSWORD, name=f"配役 {key}"
    )


def make_cast() -> Cast:
    """Create the cast on top of the loaded facts (47 hubs, 9 bureaus)."""
    hubs = {hub.code: hub for hub in Hub.objects.filter(code__in=["04", "13", "14"])}
    kanto = Bureau.objects.get(hubs__code="13")
    tohoku = Bureau.objects.get(hubs__code="04")
    bodies = {
        code: ImplementingBody.objects.create(name=f"配役の実施機関{code}") for code in ("04", "13")
    }
    for code, body in bodies.items():
        for year in range(2024, 2028):
            CommissionContract.objects.create(
                hub=hubs[code],
                implementing_body=body,
                fiscal_year=year,
                amount_yen=60_000_000,
                starts_on=date(year, 4, 1),
                ends_on=date(year + 1, 3, 31),
            )
    links: dict[str, dict[str, object] | None] = {
        "agency": {"role": Role.SME_AGENCY},
        "bureau_kanto": {"role": Role.BUREAU, "bureau": kanto},
        "bureau_tohoku": {"role": Role.BUREAU, "bureau": tohoku},
        "hq": {"role": Role.NATIONAL_HQ},
        "hq_second": {"role": Role.NATIONAL_HQ},
        "pm_kanto": {"role": Role.PROJECT_MANAGER},
        "supporter": {"role": Role.HQ_SUPPORTER},
        "liaison": {"role": Role.LIAISON_EXPERT},
        "board": {"role": Role.BOARD_MEMBER},
        "cc_tokyo": {"role": Role.CHIEF_COORDINATOR, "hub": hubs["13"]},
        "cc_kanagawa": {"role": Role.CHIEF_COORDINATOR, "hub": hubs["14"]},
        "cc_miyagi": {"role": Role.CHIEF_COORDINATOR, "hub": hubs["04"]},
        "co_tokyo": {"role": Role.COORDINATOR, "hub": hubs["13"]},
        "body_tokyo": {"role": Role.IMPLEMENTING_BODY, "implementing_body": bodies["13"]},
        "body_miyagi": {"role": Role.IMPLEMENTING_BODY, "implementing_body": bodies["04"]},
        "admin": {"role": Role.SYSTEM_ADMIN},
        "auditor": {"role": Role.AUDITOR},
        "nobody": None,
    }
    cast = Cast()
    for key in KEYS:
        user, link = _user(key), links[key]
        membership = None
        if link is not None:
            membership = Membership.objects.create(user=user, valid_from=FROM, **link)
        if key == "pm_kanto" and membership is not None:
            membership.assigned_hubs.set(Hub.objects.filter(bureau=kanto))
        cast.actors[key] = Actor(key, user, membership)
    return cast
