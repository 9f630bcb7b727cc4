"""The life of a wave: prepared, drawn once, opened with all letters, answered, counted, held."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from evaluation.surveys.models import (
    AnswerChannel,
    ExclusionKind,
    PartnerAssessment,
    PartnerExclusion,
    Questionnaire,
    SatisfactionSurvey,
    SurveyAnswer,
    SurveyFrame,
    SurveyInvitation,
    SurveyWave,
    WaveKind,
    WaveState,
)
from evaluation.surveys.operations import (
    Given,
    LettersWanted,
    Mode,
    Printed,
    cancel_wave,
    change_questionnaire,
    change_wave,
    chosen,
    close_wave,
    create_wave,
    draw_wave,
    enter_paper,
    exclude_partner,
    give_answer,
    include_partner,
    keep_links,
    make_questionnaire,
    open_wave,
)
from evaluation.surveys.operations.questionnaires import Wording
from evaluation.surveys.queries import LinkState, door_of, hash_of, redraw, sources_of, wave_lines
from evaluation.surveys.rules import frame_hash, sample
from evaluation.surveys.tasks import watch_waves
from hubs.integrity.models import FlagState, IntegrityFlag
from hubs.integrity.operations import raise_flags
from hubs.network.models import CommissionContract, Hub, HubSite, ImplementingBody
from hubs.terms.models import Term, TermState
from tests.evaluation.surveys.ground import (
    AFTER,
    CLOSES,
    DURING,
    OPENS,
    YEAR,
    answer_all,
    clients,
    letters,
    made_wave,
    many,
    opened_wave,
    partner,
    plan,
    print_all,
    questionnaire,
    running_term,
    token_of,
)
from yorozu.core.access import system_scope
from yorozu.core.audit.models import AuditEvent
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Refused
from yorozu.core.notices.models import Notice

SYSTEM = system_scope("試験")
LAST_DAY = CLOSES.date()


@pytest.fixture
def hq(cast, at):
    running_term()
    return cast.hq.scope


@pytest.fixture
def asked(hq):
    """Tokyo has 60 clients, Kanagawa 8, Miyagi none."""
    clients("13", many(60))
    clients("14", many(8))
    return hq


# --- Questionnaires ---------------------------------------------------------------------------


def test_a_version_can_be_changed_until_a_wave_is_drawn_with_it(asked):
    wave = made_wave(asked)
    row = wave.questionnaire
    words = Wording("新しい表題", "前文です。", "満足していますか。")
    assert change_questionnaire(actor=asked, questionnaire=row, words=words).title == "新しい表題"
    draw_wave(actor=asked, wave=wave)
    with pytest.raises(Conflict, match="新しい版"):
        change_questionnaire(actor=asked, questionnaire=row, words=words)
    with pytest.raises(DatabaseError), transaction.atomic():
        Questionnaire.objects.filter(pk=row.pk).update(title="すり替え")
    assert make_questionnaire(actor=asked, kind=WaveKind.SATISFACTION, words=words).version == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (Wording("", "前文", "質問"), "入力してください"),
        (Wording("表題", "前文", "質問", "理由は", ""), "両方"),
        (Wording("表題", "前文", "質問", "", "話をよく聞いてもらえた"), "両方"),
        (Wording("表題", "前文", "質問", "理由は", "同じ\n同じ"), "2回"),
        (Wording("表題", "前文", "質問", "理由は", "\n".join("あいうえおかきくけ")), "8個まで"),
        (Wording("表題", "前文", "質問", "理由は", "電話 03-1234-5678"), "個人情報"),
    ],
)
def test_words_that_cannot_be_asked_are_refused(hq, words, said):
    with pytest.raises(InvalidInput) as error:
        make_questionnaire(actor=hq, kind=WaveKind.SATISFACTION, words=words)
    assert any(said in problem.message for problem in error.value.problems)
    assert not Questionnaire.objects.exists()


# --- Preparing and drawing --------------------------------------------------------------------


def test_one_wave_per_term_and_kind_and_another_after_it_was_called_off(asked):
    wave = made_wave(asked)
    with pytest.raises(Conflict, match="すでに作成"):
        create_wave(
            actor=asked,
            term=wave.term,
            kind=WaveKind.SATISFACTION,
            plan=plan(wave.questionnaire),
        )
    cancel_wave(actor=asked, wave=wave, reason="条件を誤ったため。")
    again = create_wave(
        actor=asked, term=wave.term, kind=WaveKind.SATISFACTION, plan=plan(wave.questionnaire)
    )
    assert again.state == WaveState.DRAFT


@pytest.mark.parametrize(
    "changed",
    [
        {"closes_at": OPENS},
        {"closes_at": OPENS - timedelta(days=40), "opens_at": OPENS - timedelta(days=60)},
        {"frame_to": date(YEAR, 3, 1)},
        {"share_percent": 0},
        {"minimum": 10, "maximum": 9},
        {"people": 6},
    ],
)
def test_settings_that_make_no_sense_are_refused(hq, changed):
    with pytest.raises(NotReady):
        made_wave(hq, **changed)
    assert not SurveyWave.objects.exists()


def test_a_questionnaire_of_the_other_kind_is_refused(hq):
    asked = questionnaire(hq, WaveKind.PARTNER)
    with pytest.raises(NotReady):
        create_wave(actor=hq, term=running_term(), kind=WaveKind.SATISFACTION, plan=plan(asked))


def test_a_closed_term_takes_no_wave(hq):
    Term.objects.update(state=TermState.CLOSED)
    with pytest.raises(NotReady):
        made_wave(hq)


def test_the_drawing_is_by_seed_and_can_be_repeated(asked):
    wave = draw_wave(actor=asked, wave=made_wave(asked))
    assert (wave.state, len(wave.seed), wave.drawn_by_name) == ("drawn", 32, asked.name)
    frames = {frame.hub.code: frame for frame in wave.frames.select_related("hub")}
    assert (frames["13"].population, frames["13"].size) == (60, 18)
    # Fewer than the minimum share: five of eight.
    assert (frames["14"].population, frames["14"].size) == (8, 5)
    assert (frames["04"].size, frames["04"].note) == (0, "期間内の相談記録がありません。")
    keys = [f"C-{number:05d}" for number in range(1, 61)]
    assert frames["13"].frame_hash == frame_hash(keys)
    drawn = {letter.client_key for letter in letters(wave, "13")}
    assert drawn == set(sample(keys, 18, seed=wave.seed, hub_code="13"))
    numbers = [letter.number for letter in letters(wave)]
    assert len(set(numbers)) == 23
    event = AuditEvent.objects.get(action="evaluation.surveys.draw")
    assert json.loads(event.after)["seed"] == wave.seed


def test_the_drawing_done_again_shows_where_the_ledger_has_changed(asked):
    wave = draw_wave(actor=asked, wave=made_wave(asked))
    keys = {one.hub.pk: one.keys for one in sources_of(wave, standing=True)}
    rows = {row.hub.code: row for row in redraw(wave, keys)}
    assert all(row.is_same_frame and row.is_same_sample for row in rows.values())
    clients("04", many(3))
    keys = {one.hub.pk: one.keys for one in sources_of(wave, standing=True)}
    rows = {row.hub.code: row for row in redraw(wave, keys)}
    assert not rows["04"].is_same_frame
    assert rows["13"].is_same_sample


def test_the_drawing_happens_once(asked):
    wave = draw_wave(actor=asked, wave=made_wave(asked))
    before = sorted(SurveyInvitation.objects.values_list("number", "client_key"))
    with pytest.raises(Conflict):
        draw_wave(actor=asked, wave=wave)
    with pytest.raises(Conflict):
        change_wave(actor=asked, wave=wave, plan=plan(wave.questionnaire, share_percent=100))
    assert sorted(SurveyInvitation.objects.values_list("number", "client_key")) == before


def test_nobody_to_ask_is_said(hq):
    with pytest.raises(NotReady, match="抽出できる相手"):
        draw_wave(actor=hq, wave=made_wave(hq))
    assert SurveyWave.objects.get().state == WaveState.DRAFT


def test_only_records_of_the_days_and_in_force_are_drawn_from(asked):
    wave = made_wave(asked, frame_from=date(2026, 6, 1))
    with pytest.raises(NotReady):
        draw_wave(actor=asked, wave=wave)


def test_a_hub_whose_figures_came_by_file_is_not_asked(asked):
    tokyo = Hub.objects.get(code="13")
    SatisfactionSurvey.objects.create(
        hub=tokyo,
        term=running_term(),
        sent=1,
        returned=0,
        **{f"level_{level}": 0 for level in range(1, 6)},
    )
    wave = draw_wave(actor=asked, wave=made_wave(asked))
    frame = wave.frames.get(hub=tokyo)
    assert (frame.size, frame.note) == (0, "集計済みのファイルが取り込まれています。")
    assert {letter.hub.code for letter in letters(wave)} == {"14"}


@pytest.mark.parametrize("key", ["agency", "bureau_kanto", "cc_tokyo", "auditor", "admin"])
def test_only_headquarters_act(cast, asked, key):
    actor, wave = cast.actors[key].scope, made_wave(asked)
    acts = [
        lambda: draw_wave(actor=actor, wave=wave),
        lambda: open_wave(actor=actor, wave=wave),
        lambda: close_wave(actor=actor, wave=wave),
        lambda: cancel_wave(actor=actor, wave=wave, reason="理由"),
        lambda: change_wave(actor=actor, wave=wave, plan=plan(wave.questionnaire)),
        lambda: enter_paper(
            actor=actor, wave=wave, number="00001-8", given=Given(5), received_on=OPENS.date()
        ),
        lambda: keep_links(actor=actor, wave=wave, mode=Mode.FIRST, printed=[]),
    ]
    for act in acts:
        with pytest.raises(Refused):
            act()


# --- Letters ----------------------------------------------------------------------------------


def test_a_wave_opens_only_with_all_letters(asked):
    wave = draw_wave(actor=asked, wave=made_wave(asked))
    with pytest.raises(NotReady) as error:
        open_wave(actor=asked, wave=wave)
    assert "23通" in error.value.missing[0].text
    print_all(asked, wave)
    assert open_wave(actor=asked, wave=wave).state == WaveState.OPEN
    texts = set(Notice.objects.values_list("text", flat=True))
    assert any("回答の受付を始めました" in text for text in texts)


def test_only_the_hash_of_a_link_is_kept(asked):
    wave, tokens = opened_wave(asked)
    number, token = next(iter(tokens.items()))
    letter = SurveyInvitation.objects.get(wave=wave, number=number)
    assert letter.token_hash == hash_of(token)
    kept = json.dumps(list(SurveyInvitation.objects.values()), default=str)
    assert token not in kept
    assert not any(token in event.after for event in AuditEvent.objects.all())


def test_a_reminder_leaves_the_first_link_and_one_answer_counts(asked, at):
    wave, tokens = opened_wave(asked)
    at(DURING)
    answer_all(wave, "14", [5, 4])
    rows = list(chosen(wave, LettersWanted(Mode.REMIND)))
    assert len(rows) == 21
    new = [Printed(row, token_of(row.number, "r")) for row in rows]
    keep_links(actor=asked, wave=wave, mode=Mode.REMIND, printed=new)
    one = new[0]
    assert door_of(tokens[one.letter.number]).state == LinkState.OPEN
    second = door_of(one.token)
    assert (second.state, second.letter.issue) == (LinkState.OPEN, 2)
    assert give_answer(letter=second.letter, given=Given(3))
    assert door_of(tokens[one.letter.number]).state == LinkState.ANSWERED
    first = SurveyInvitation.objects.get(wave=wave, number=one.letter.number, issue=1)
    assert not give_answer(letter=first, given=Given(1))
    assert SurveyAnswer.objects.get(number=one.letter.number).level == 3


def test_a_new_issue_ends_the_link_before(asked, at):
    wave, tokens = opened_wave(asked)
    at(DURING)
    number = letters(wave, "13")[0].number
    [row] = chosen(wave, LettersWanted(Mode.AGAIN, number=number))
    keep_links(actor=asked, wave=wave, mode=Mode.AGAIN, printed=[Printed(row, "n" * 26)])
    old = door_of(tokens[number])
    assert old.state == LinkState.VOID
    with pytest.raises(Refused, match="新しい手紙"):
        give_answer(letter=old.letter, given=Given(5))
    assert give_answer(letter=door_of("n" * 26).letter, given=Given(4))


def test_two_bundles_of_the_same_letters_do_not_both_count(asked):
    wave = draw_wave(actor=asked, wave=made_wave(asked))
    printed = [Printed(row, token_of(row.number, "x")) for row in letters(wave)]
    keep_links(actor=asked, wave=wave, mode=Mode.FIRST, printed=printed)
    with pytest.raises(Conflict, match="ほかで作成"):
        keep_links(actor=asked, wave=wave, mode=Mode.FIRST, printed=printed)


# --- Answers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        (OPENS - timedelta(minutes=1), LinkState.EARLY),
        (OPENS, LinkState.OPEN),
        (CLOSES - timedelta(minutes=1), LinkState.OPEN),
        (CLOSES, LinkState.OVER),
    ],
)
def test_a_link_is_open_from_minute_to_minute(asked, at, moment, state):
    _, tokens = opened_wave(asked)
    at(moment)
    token = next(iter(tokens.values()))
    door = door_of(token)
    assert door.state == state
    if state == LinkState.OPEN:
        assert give_answer(letter=door.letter, given=Given(4))
    else:
        with pytest.raises(Refused):
            give_answer(letter=door.letter, given=Given(4))
        assert not SurveyAnswer.objects.exists()


@pytest.mark.parametrize(
    "token", ["", "x", "a" * 25, "a" * 27, "a" * 26, "o" * 26, "日" * 26, "../" * 9]
)
def test_other_links_are_unknown(asked, token):
    opened_wave(asked)
    assert door_of(token).state == LinkState.UNKNOWN


@pytest.mark.parametrize(
    "given",
    [
        Given(0),
        Given(6),
        Given(5, outcome="よかった"),
        Given(5, reasons=("聞いていない理由",)),
        Given(5, text="あ" * 401),
        Given(5, text="連絡は 090-1234-5678 へ"),
    ],
)
def test_an_answer_that_was_not_asked_for_is_refused(asked, at, given):
    wave, _ = opened_wave(asked)
    at(DURING)
    with pytest.raises(InvalidInput):
        give_answer(letter=letters(wave)[0], given=given)
    assert not SurveyAnswer.objects.exists()


def test_nothing_of_the_respondent_is_kept(asked, at):
    wave, _ = opened_wave(asked)
    at(DURING)
    letter = letters(wave)[0]
    reasons = ("提案が具体的だった",)
    assert give_answer(letter=letter, given=Given(5, "good", reasons, "助かりました。"))
    row = SurveyAnswer.objects.get()
    assert (row.level, row.outcome, row.reasons, row.text) == (
        5,
        "good",
        [*reasons],
        "助かりました。",
    )
    assert (row.channel, row.entered_by_name) == (AnswerChannel.WEB, "")
    event = AuditEvent.objects.get(action="evaluation.surveys.answer")
    assert (event.actor_id, event.hub_id, json.loads(event.after)) == (
        None,
        None,
        {"channel": "web"},
    )
    assert letter.number not in event.object_label


def test_paper_is_entered_once_with_a_right_number_and_in_time(asked, at):
    wave, _ = opened_wave(asked)
    at(AFTER)
    letter = letters(wave, "13")[0]

    def enter(number: str, day: date = LAST_DAY, level: int = 4) -> SurveyAnswer:
        return enter_paper(
            actor=asked, wave=wave, number=number, given=Given(level), received_on=day
        )

    wrong = letter.number[:-1] + str((int(letter.number[-1]) + 1) % 10)
    for number in (wrong, "abc", "99999-9"):
        with pytest.raises(InvalidInput):
            enter(number)
    with pytest.raises(InvalidInput, match="先の日付"):
        enter(letter.number, CLOSES.date() + timedelta(days=1))
    at(AFTER + timedelta(days=3))
    with pytest.raises(InvalidInput, match="締切の後"):
        enter(letter.number, CLOSES.date() + timedelta(days=1))
    row = enter(letter.number)
    assert (row.channel, row.entered_by_name) == (AnswerChannel.PAPER, asked.name)
    with pytest.raises(NotReady, match="受け付け済み"):
        enter(letter.number, level=1)
    assert SurveyAnswer.objects.get().level == 4


# --- The count --------------------------------------------------------------------------------


def test_answers_are_counted_after_the_end_and_become_the_figures(asked, at):
    wave, _ = opened_wave(asked)
    at(DURING)
    answer_all(wave, "13", [5, 5, 4, 3, 1])
    with pytest.raises(NotReady, match="集計の確定"):
        close_wave(actor=asked, wave=wave)
    at(AFTER)
    closed = close_wave(actor=asked, wave=wave)
    assert (closed.state, closed.closed_by_name) == (WaveState.CLOSED, asked.name)
    tokyo = SatisfactionSurvey.objects.get(hub__code="13")
    assert (tokyo.sent, tokyo.returned, tokyo.histogram) == (18, 5, [1, 0, 1, 1, 2])
    assert tokyo.wave_id == wave.pk
    kanagawa = SatisfactionSurvey.objects.get(hub__code="14")
    assert (kanagawa.sent, kanagawa.returned) == (5, 0)
    # Miyagi was not asked: its figures may still come by file.
    assert not SatisfactionSurvey.objects.filter(hub__code="04").exists()


def test_a_counted_wave_shows_its_figures_and_an_open_one_does_not(asked, at, cast):
    wave, _ = opened_wave(asked)
    at(DURING)
    answer_all(wave, "13", [5] * 6 + [4] * 6)
    found = wave_lines(wave, cast.bureau_kanto.scope)
    line = next(line for line in found.lines if line.hub.code == "13")
    assert (line.sent, line.returned, line.rate) == (18, 12, Decimal("66.7"))
    assert line.satisfaction is None
    at(AFTER)
    closed = close_wave(actor=asked, wave=wave)
    found = wave_lines(closed, cast.bureau_kanto.scope)
    line = next(line for line in found.lines if line.hub.code == "13")
    # Only Tokyo has ten answers, so the national value is its own mean.
    assert (line.shrunk.mean, line.shrunk.value) == (Decimal("4.5000"), Decimal("4.5000"))
    assert all(one.hub.bureau.name == "関東経済産業局" for one in found.lines)


def test_nothing_of_a_counted_wave_changes(asked, at):
    wave, _ = opened_wave(asked)
    at(DURING)
    answer_all(wave, "13", [5, 4])
    at(AFTER)
    close_wave(actor=asked, wave=wave)
    answer, letter = SurveyAnswer.objects.first(), letters(wave, "14")[0]
    figures = SatisfactionSurvey.objects.filter(wave=wave)
    attempts = [
        lambda: SurveyAnswer.objects.filter(pk=answer.pk).update(level=1),
        lambda: SurveyAnswer.objects.filter(pk=answer.pk).delete(),
        lambda: SurveyAnswer.objects.bulk_create(
            [
                SurveyAnswer(
                    wave=wave,
                    hub=letter.hub,
                    invitation=letter,
                    number=letter.number,
                    level=5,
                    channel="web",
                    received_on=DURING.date(),
                    answered_at=DURING,
                )
            ]
        ),
        lambda: SurveyInvitation.objects.filter(pk=letter.pk).update(voided_at=AFTER),
        lambda: SurveyInvitation.objects.filter(pk=letter.pk)._raw_delete("default"),
        lambda: SurveyWave.objects.filter(pk=wave.pk).update(state="open"),
        lambda: SurveyWave.objects.filter(pk=wave.pk).update(seed="0" * 32),
        lambda: SurveyFrame.objects.filter(wave=wave).update(population=1),
        lambda: figures.update(level_5=99),
        lambda: figures._raw_delete("default"),
    ]
    for attempt in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


def test_what_was_drawn_and_answered_is_held_before_the_count_too(asked, at):
    wave, _ = opened_wave(asked)
    at(DURING)
    answer_all(wave, "13", [5])
    letter = letters(wave, "14")[0]
    attempts = [
        lambda: SurveyWave.objects.filter(pk=wave.pk).update(seed="0" * 32),
        lambda: SurveyWave.objects.filter(pk=wave.pk).update(share_percent=100),
        lambda: SurveyInvitation.objects.filter(pk=letter.pk).update(token_hash="0" * 64),
        lambda: SurveyInvitation.objects.filter(pk=letter.pk).update(client_key="C-99999"),
        lambda: SurveyAnswer.objects.update(level=1),
    ]
    for attempt in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


def test_a_cancelled_wave_counts_for_nothing(asked, at):
    wave, tokens = opened_wave(asked)
    at(DURING)
    answer_all(wave, "13", [5])
    cancel_wave(actor=asked, wave=wave, reason="文面の誤りのため。")
    answered = SurveyAnswer.objects.get().number
    other = next(token for number, token in tokens.items() if number != answered)
    assert door_of(other).state == LinkState.OVER
    at(AFTER)
    with pytest.raises(Conflict):
        close_wave(actor=asked, wave=wave)
    assert not SatisfactionSurvey.objects.exists()


# --- Questions about the answers --------------------------------------------------------------


def test_strange_answers_raise_questions_and_no_points(asked, at):
    wave, _ = opened_wave(asked, share_percent=100)
    for place, letter in enumerate(letters(wave, "13")[:30]):
        at(DURING + timedelta(hours=place))
        give_answer(letter=letter, given=Given([4, 3, 4][place % 3]))
    for place, letter in enumerate(letters(wave, "13")[30:45]):
        at(DURING + timedelta(days=5, seconds=20 * place))
        give_answer(letter=letter, given=Given(5))
    at(AFTER)
    close_wave(actor=asked, wave=wave)
    flags = IntegrityFlag.objects.order_by("check_code")
    assert [flag.check_code for flag in flags] == ["survey_time", "survey_top"]
    assert {flag.state for flag in flags} == {FlagState.RAISED}
    assert {flag.subject for flag in flags} == {"2026/survey"}
    # The nightly run knows nothing of the answers and lets the questions stand.
    raise_flags(SYSTEM)
    assert {flag.state for flag in IntegrityFlag.objects.all()} == {FlagState.RAISED}


def test_calm_answers_raise_none(asked, at):
    wave, _ = opened_wave(asked)
    for place, letter in enumerate(letters(wave, "13")):
        at(DURING + timedelta(hours=place))
        give_answer(letter=letter, given=Given([5, 4, 3][place % 3]))
    at(AFTER)
    close_wave(actor=asked, wave=wave)
    assert not IntegrityFlag.objects.exists()


# --- Partners ---------------------------------------------------------------------------------


def test_partners_one_value_each_without_body_payer_and_host(hq, at):
    tokyo = Hub.objects.get(code="13")
    body = ImplementingBody.objects.create(name="公益財団法人東京振興公社")
    CommissionContract.objects.create(
        hub=tokyo,
        implementing_body=body,
        fiscal_year=YEAR,
        funding_line="補正予算",
        amount_yen=1,
        starts_on=date(YEAR, 4, 1),
        ends_on=date(YEAR + 1, 3, 31),
    )
    HubSite.objects.create(
        hub=tokyo,
        name="八王子商工会議所サテライト",
        municipality="八王子",
        opened_on=date(2020, 4, 1),
    )
    partner("（公財）東京振興公社", "13")
    partner("八王子商工会議所", "13")
    payer, good, other = (partner(f"配役{kind}", "13") for kind in ("市役所", "商工会", "銀行"))
    alias = partner("配役商工会（旧）", "13")
    alias.merged_into = good
    alias.save()
    exclude_partner(actor=hq, hub=tokyo, organization=payer, kind=ExclusionKind.PAYS)
    with pytest.raises(Conflict):
        exclude_partner(actor=hq, hub=tokyo, organization=payer, kind=ExclusionKind.HOUSES)
    wave, _ = opened_wave(hq, WaveKind.PARTNER, people=2)
    frame = wave.frames.get(hub=tokyo)
    assert {name for name, _ in frame.left_out} == {
        "（公財）東京振興公社",
        "八王子商工会議所",
        "配役市役所",
    }
    asked = letters(wave, "13")
    assert sorted((row.organization.name, row.person) for row in asked) == [
        ("配役商工会", 1),
        ("配役商工会", 2),
        ("配役銀行", 1),
        ("配役銀行", 2),
    ]
    at(DURING)
    levels = {("配役商工会", 1): 5, ("配役商工会", 2): 4, ("配役銀行", 1): 3}
    for row in asked:
        if level := levels.get((row.organization.name, row.person)):
            give_answer(letter=row, given=Given(level))
    at(AFTER)
    close_wave(actor=hq, wave=wave)
    rows = PartnerAssessment.objects.order_by("organization_name")
    assert [(row.organization_name, row.value, row.respondents) for row in rows] == [
        ("配役商工会", Decimal("4.50"), 2),
        ("配役銀行", Decimal("3.00"), 1),
    ]
    assert other.pk
    include_partner(actor=hq, exclusion=PartnerExclusion.objects.get())
    assert not PartnerExclusion.objects.exists()


def test_a_payer_stays_out_when_it_is_merged_later(hq):
    tokyo = Hub.objects.get(code="13")
    payer, kept, _ = (partner(f"配役{kind}", "13") for kind in ("市役所", "市", "銀行"))
    exclude_partner(actor=hq, hub=tokyo, organization=payer, kind=ExclusionKind.PAYS)
    payer.merged_into = kept
    payer.save()
    wave = draw_wave(actor=hq, wave=made_wave(hq, WaveKind.PARTNER))
    assert [name for name, _ in wave.frames.get(hub=tokyo).left_out] == ["配役市"]
    assert {row.organization.name for row in letters(wave, "13")} == {"配役銀行"}


# --- The clock --------------------------------------------------------------------------------


def test_ends_are_told_once(asked, at, cast):
    wave, _ = opened_wave(asked)
    at(DURING)
    watch_waves()
    assert not Notice.objects.filter(text__contains="近づいて").exists()
    at(CLOSES - timedelta(days=6))
    watch_waves()
    watch_waves()
    mine = Notice.objects.filter(user=cast.cc_tokyo.user, text__contains="近づいて")
    assert mine.count() == 1
    at(AFTER)
    watch_waves()
    told = Notice.objects.filter(user=cast.hq.user, text__contains="集計を確定してください")
    assert told.count() == 1
    assert not any(str(wave.seed) in text for text in Notice.objects.values_list("text", flat=True))
