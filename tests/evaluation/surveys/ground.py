"""Common ground of the survey tests: a running term, clients in the ledger, a wave in any state."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from evaluation.surveys.forms import STANDARD
from evaluation.surveys.models import (
    Questionnaire,
    SurveyInvitation,
    SurveyWave,
    WaveKind,
)
from evaluation.surveys.operations import (
    Given,
    Mode,
    Printed,
    WavePlan,
    close_wave,
    create_wave,
    draw_wave,
    give_answer,
    keep_links,
    make_questionnaire,
    open_wave,
)
from hubs.ledger.models import IndividualConsultation
from hubs.network.models import Hub
from hubs.partners.models import OrganizationType, SupportOrganization
from hubs.terms.models import Term, TermState
from yorozu.core.access import Scope

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=TOKYO)
OPENS, CLOSES = NOW + timedelta(days=1), NOW + timedelta(days=30)
DURING = NOW + timedelta(days=2)
AFTER = CLOSES + timedelta(hours=1)
YEAR = 2026


def running_term() -> Term:
    """The term of the year, open."""
    return Term.objects.get_or_create(fiscal_year=YEAR, defaults={"state": TermState.OPEN})[0]


def clients(code: str, visits: Mapping[str, int]) -> None:
    """Consultations of these clients (key -> how many) in the ledger of a hub."""
    hub = Hub.objects.get(code=code)
    rows = [key for key, count in visits.items() for _ in range(count)]
    IndividualConsultation.objects.bulk_create(
        IndividualConsultation(
            hub=hub,
            record_no=f"2026-{place:05d}",
            held_on=date(2026, 5, 12),
            channel="1",
            theme="01",
            industry="E",
            employees_band="2",
            coordinator_name="配役",
            client_key=key,
            minutes=60,
            created_by_name="配役",
            created_at=NOW,
        )
        for place, key in enumerate(rows, start=1)
    )


def many(count: int, *, visits: int = 1, start: int = 1) -> dict[str, int]:
    """So many clients with so many visits each."""
    return {f"C-{number:05d}": visits for number in range(start, start + count)}


def questionnaire(actor: Scope, kind: WaveKind = WaveKind.SATISFACTION) -> Questionnaire:
    """A version with the standard words."""
    return make_questionnaire(actor=actor, kind=kind, words=STANDARD[kind])


def plan(asked: Questionnaire, **changed: Any) -> WavePlan:
    """Settings of a wave: everybody of the year, answers for a month from tomorrow."""
    standing = WavePlan(
        questionnaire=asked,
        opens_at=OPENS,
        closes_at=CLOSES,
        frame_from=date(YEAR, 4, 1),
        frame_to=date(YEAR, 11, 20),
        share_percent=30,
        minimum=5,
        maximum=300,
        people=1,
    )
    return replace(standing, **changed)


def made_wave(actor: Scope, kind: WaveKind = WaveKind.SATISFACTION, **changed: Any) -> SurveyWave:
    """A wave in preparation."""
    asked = questionnaire(actor, kind)
    return create_wave(actor=actor, term=running_term(), kind=kind, plan=plan(asked, **changed))


def token_of(number: str, mark: str) -> str:
    """A token that tests can tell from others: the number behind so many marks."""
    return number.replace("-", "").rjust(26, mark)


def print_all(actor: Scope, wave: SurveyWave) -> dict[str, str]:
    """Keep links for all letters that have none, as the job does; number -> token."""
    rows = list(SurveyInvitation.objects.filter(wave=wave, issue=1, token_hash=""))
    tokens = {row.number: token_of(row.number, "t") for row in rows}
    printed = [Printed(row, tokens[row.number]) for row in rows]
    keep_links(actor=actor, wave=wave, mode=Mode.FIRST, printed=printed)
    return tokens


def opened_wave(
    actor: Scope, kind: WaveKind = WaveKind.SATISFACTION, **changed: Any
) -> tuple[SurveyWave, dict[str, str]]:
    """A wave that takes answers from tomorrow on, and its tokens by number."""
    wave = draw_wave(actor=actor, wave=made_wave(actor, kind, **changed))
    tokens = print_all(actor, wave)
    return open_wave(actor=actor, wave=wave), tokens


def letters(wave: SurveyWave, code: str = "") -> list[SurveyInvitation]:
    """First letters, of one hub or all, by number."""
    rows = SurveyInvitation.objects.filter(wave=wave, issue=1).select_related("wave", "hub")
    if code:
        rows = rows.filter(hub__code=code)
    return list(rows.order_by("number"))


def answer_all(wave: SurveyWave, code: str, levels: list[int]) -> None:
    """Answers of the first letters of a hub, one after the other."""
    for letter, level in zip(letters(wave, code), levels, strict=False):
        assert give_answer(letter=letter, given=Given(level))


def counted(actor: Scope, wave: SurveyWave) -> SurveyWave:
    """The wave, counted."""
    return close_wave(actor=actor, wave=wave)


def partner(name: str, *codes: str) -> SupportOrganization:
    """A chamber that works with these hubs."""
    hubs = Hub.objects.filter(code__in=codes)
    row = SupportOrganization.objects.create(
        name=name,
        name_key=name,
        kind=OrganizationType.CHAMBER_OF_COMMERCE,
        prefecture=hubs[0].prefecture,
    )
    row.hubs.set(hubs)
    return row
