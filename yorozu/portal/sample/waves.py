"""The satisfaction surveys of the sample: last term's is counted, this term's takes answers.

Last term no hub kept its ledger in the portal: its clients are invented, and the wave is written in
the shape that drawing, letters and answers leave behind. It is counted by the operation itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from evaluation.surveys.forms import STANDARD
from evaluation.surveys.models import (
    AnswerChannel,
    ExclusionKind,
    Questionnaire,
    SurveyAnswer,
    SurveyFrame,
    SurveyInvitation,
    SurveyWave,
    WaveKind,
    WaveState,
)
from evaluation.surveys.operations import (
    LettersWanted,
    Mode,
    Printed,
    WavePlan,
    chosen,
    close_wave,
    create_wave,
    draw_wave,
    exclude_partner,
    keep_links,
    make_questionnaire,
    open_wave,
)
from evaluation.surveys.queries import fresh_token, hash_of
from evaluation.surveys.rules import (
    frame_hash,
    letter_number,
    sample,
    shuffled,
    wave_hash,
)
from hubs.network.models import Hub
from hubs.partners.models import OrganizationType, SupportOrganization
from hubs.terms.models import Term
from yorozu.core import clock
from yorozu.core.canonical import sha256_text
from yorozu.core.fiscal import first_day
from yorozu.portal.sample import accounts
from yorozu.portal.sample.dice import between, lot, roll
from yorozu.portal.sample.doors import Say
from yorozu.portal.sample.nation import SampleHub
from yorozu.portal.sample.opinions import satisfaction_counts

DAYS_TO_ANSWER = 33
# Out of every ten asked so many answer on paper.
PAPER_OF_TEN = 3
CHANCES = {"good": 34, "none_yet": 18, "under_way": 26, "not_done": 12, "no_proposal": 10}
TEXTS = (
    "親身に話を聞いていただき、次にすることがはっきりしました。（サンプル）",
    "予約が取りにくいので、夕方の枠を増やしてほしいです。（サンプル）",
    "紹介いただいた支援機関との話合いも進んでいます。（サンプル）",
    "専門的な言葉が多く、少し難しく感じました。（サンプル）",
)


def questionnaires() -> dict[str, Questionnaire]:
    """The first version of each kind, made once."""
    hq = accounts.scope_of_account("hq")
    found = {}
    for kind in WaveKind:
        row = Questionnaire.objects.filter(kind=kind).order_by("version").first()
        if row is None:
            words = replace(STANDARD[kind], title=f"{STANDARD[kind].title}（サンプル）")
            row = make_questionnaire(actor=hq, kind=kind, words=words)
        found[kind.value] = row
    return found


# --- Last term ------------------------------------------------------------------------------------


def ask_clients(term: Term, hubs: Sequence[SampleHub], say: Say) -> SurveyWave:
    """A wave of all hubs with their invented clients, counted."""
    say(f"{term}の顧客満足度調査（標本の抽出、手紙、回答）を集計します。")
    wave = _past_wave(term)
    seed = wave.seed
    known = {hub.code: hub for hub in Hub.objects.all()}
    asked = {hub.code: _clients(hub, term.fiscal_year) for hub in hubs}
    drawn = {
        hub.code: sample(
            asked[hub.code],
            satisfaction_counts(hub, term.fiscal_year)[0],
            seed=seed,
            hub_code=hub.code,
        )
        for hub in hubs
    }
    frames = [
        SurveyFrame(
            wave=wave,
            hub=known[hub.code],
            population=len(asked[hub.code]),
            size=len(drawn[hub.code]),
            frame_hash=frame_hash(asked[hub.code]),
        )
        for hub in hubs
    ]
    digest = wave_hash((one.hub.code, one.population, one.frame_hash) for one in frames)
    wave.frame_hash = digest
    wave.save(force_insert=True)
    SurveyFrame.objects.bulk_create(frames)
    places = [(code, key) for code, keys in drawn.items() for key in keys]
    letters = SurveyInvitation.objects.bulk_create(
        [
            SurveyInvitation(
                wave=wave,
                hub=known[code],
                number=letter_number(serial),
                client_key=key,
                visits=1 + roll("visits", code, key) % 4,
                token_hash=hash_of(fresh_token()),
                issued_at=wave.drawn_at,
            )
            for serial, (code, key) in enumerate(shuffled(places, seed=seed), start=1)
        ],
        batch_size=1_000,
    )
    for hub in hubs:
        mine = [letter for letter in letters if letter.hub_id == known[hub.code].pk]
        _, levels = satisfaction_counts(hub, term.fiscal_year)
        SurveyAnswer.objects.bulk_create(_answers(wave, hub, mine, levels), batch_size=1_000)
    Questionnaire.objects.filter(pk=wave.questionnaire_id, is_locked=False).update(is_locked=True)
    return close_wave(actor=accounts.scope_of_account("hq"), wave=wave)


def _past_wave(term: Term) -> SurveyWave:
    """The wave of the end of the term, taking answers; not stored yet."""
    year = term.fiscal_year
    due = term.deadlines.get(code="survey").due_at
    hq = accounts.scope_of_account("hq")
    opened = due - timedelta(days=DAYS_TO_ANSWER)
    return SurveyWave(
        term=term,
        kind=WaveKind.SATISFACTION,
        questionnaire=questionnaires()[WaveKind.SATISFACTION.value],
        state=WaveState.OPEN,
        opens_at=opened,
        closes_at=due,
        frame_from=first_day(year),
        frame_to=date(year, 12, 28),
        share_percent=30,
        minimum=30,
        maximum=1_000,
        seed=sha256_text(f"sample:{year}")[:32],
        drawn_by_name=hq.name,
        drawn_at=opened - timedelta(days=7),
        opened_at=opened - timedelta(days=1),
    )


def _clients(hub: SampleHub, fiscal_year: int) -> list[str]:
    """So many client numbers that a share of 30 % are the letters that were sent."""
    sent, _ = satisfaction_counts(hub, fiscal_year)
    return [f"C-{number:05d}" for number in range(1, sent * 10 // 3 + 1)]


def _answers(
    wave: SurveyWave, hub: SampleHub, letters: Sequence[SurveyInvitation], levels: Sequence[int]
) -> Iterator[SurveyAnswer]:
    """As many answers per level as the counts say, in mixed order over the days of the wave."""
    said = [level for level, count in enumerate(levels, start=1) for _ in range(count)]
    year = wave.term.fiscal_year
    order = sorted(range(len(said)), key=lambda place: roll("order", hub.code, year, place))
    who = sorted(letters, key=lambda letter: roll("who", hub.code, letter.client_key))
    for place, letter in zip(order, who, strict=False):
        yield _answer(wave, letter, said[place], DAYS_TO_ANSWER)


def _answer(wave: SurveyWave, letter: SurveyInvitation, level: int, days: int) -> SurveyAnswer:
    names = (wave.term.fiscal_year, letter.number)
    paper = roll("paper", *names) % 10 < PAPER_OF_TEN
    # Never in the last hours: what is late is not taken.
    minutes = between(60, days * 24 * 60 - 900, "when", *names)
    moment = wave.opens_at + timedelta(minutes=minutes)
    reasons = wave.questionnaire.reason_list
    good, bad = reasons[: len(reasons) * 2 // 3], reasons[len(reasons) * 2 // 3 :]
    fitting = good if level >= 3 else bad
    return SurveyAnswer(
        wave=wave,
        hub_id=letter.hub_id,
        invitation=letter,
        number=letter.number,
        level=level,
        outcome=lot(CHANCES, "outcome", *names) if roll("says", *names) % 8 else "",
        reasons=[line for line in fitting if roll("reason", line, *names) % 3 == 0],
        text="" if paper or roll("text", *names) % 40 else TEXTS[roll("words", *names) % 4],
        channel=AnswerChannel.PAPER if paper else AnswerChannel.WEB,
        received_on=timezone.localtime(moment).date(),
        answered_at=moment,
        entered_by_name="本部の入力（サンプル）" if paper else "",
    )


# --- This term ------------------------------------------------------------------------------------

ASKING_DAYS, LEFT_DAYS = 6, 24
LEVELS = {5: 38, 4: 42, 3: 13, 2: 5, 1: 2}
MOST_ASKED = 40
# A hub whose desk stands in the rooms of a support organisation.
HOUSED = "32"


def _at(days: int, hour: int) -> datetime:
    """A full hour so many days from today."""
    day = clock.today() + timedelta(days=days)
    return datetime.combine(day, time(hour), tzinfo=timezone.get_default_timezone())


def _plan(term: Term, kind: WaveKind) -> WavePlan:
    return WavePlan(
        questionnaire=questionnaires()[kind.value],
        opens_at=_at(-ASKING_DAYS, 9),
        closes_at=_at(LEFT_DAYS, 17),
        frame_from=first_day(term.fiscal_year),
        frame_to=clock.today(),
        share_percent=5,
        minimum=20,
        maximum=MOST_ASKED,
        people=2 if kind == WaveKind.PARTNER else 1,
    )


def draw_partners(term: Term, say: Say) -> SurveyWave:
    """A wave of the support organisations, drawn; its letters are headquarters' next step."""
    say(f"{term}の支援機関による評価の依頼先を決めます。")
    hq = accounts.scope_of_account("hq")
    host = SupportOrganization.objects.filter(
        hubs__code=HOUSED, merged_into=None, kind=OrganizationType.TOURISM_ASSOCIATION
    ).first()
    if host is not None:
        exclude_partner(
            actor=hq,
            hub=Hub.objects.get(code=HOUSED),
            organization=host,
            kind=ExclusionKind.HOUSES,
        )
    wave = create_wave(
        actor=hq, term=term, kind=WaveKind.PARTNER, plan=_plan(term, WaveKind.PARTNER)
    )
    return draw_wave(actor=hq, wave=wave)


def begin_asking(term: Term, say: Say) -> SurveyWave:
    """A wave of the hubs that keep a ledger: drawn, printed, open, some have answered."""
    say(f"{term}の顧客満足度調査の標本を抽出し、回答の受付を始めます。")
    hq = accounts.scope_of_account("hq")
    plan = _plan(term, WaveKind.SATISFACTION)
    wave = create_wave(actor=hq, term=term, kind=WaveKind.SATISFACTION, plan=plan)
    wave = draw_wave(actor=hq, wave=wave)
    printed = [Printed(row, fresh_token()) for row in chosen(wave, LettersWanted(Mode.FIRST))]
    keep_links(actor=hq, wave=wave, mode=Mode.FIRST, printed=printed)
    wave = open_wave(actor=hq, wave=wave)
    letters = SurveyInvitation.objects.filter(wave=wave).order_by("hub_id", "number")
    answered = [row for place, row in enumerate(letters) if place % 10 < 4]
    SurveyAnswer.objects.bulk_create(
        _answer(wave, row, lot(LEVELS, "level", row.hub_id, place), ASKING_DAYS)
        for place, row in enumerate(answered)
    )
    return wave
