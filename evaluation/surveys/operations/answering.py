"""Taking an answer: from the page behind a link, or from paper that headquarters enter."""

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction

from evaluation.surveys.models import (
    AnswerChannel,
    SurveyAnswer,
    SurveyInvitation,
    SurveyWave,
    WaveState,
)
from evaluation.surveys.queries import LinkState, answerable
from evaluation.surveys.queries.links import state_of
from evaluation.surveys.rules import SCALE, TEXT_LENGTH, read_number
from hubs.ledger.rules import personal_data_in
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, NotReady, Problem, Refused
from yorozu.core.flow import lock

ANSWER, ENTER = "evaluation.surveys.answer", "evaluation.surveys.enter"
# Whoever answers is nobody to the portal, also when a signed-in person opens a link.
RESPONDENT = Scope(user_id=None, name="調査の回答者", role=None, hub_ids=frozenset())
MASK = "○"
NOT_OPEN = {
    LinkState.UNKNOWN: "このリンクは使えません。",
    LinkState.VOID: "このリンクは、新しい手紙のリンクに替わりました。",
    LinkState.EARLY: "回答の受付はまだ始まっていません。",
    LinkState.OVER: "回答の受付は終了しました。",
}


@dataclass(frozen=True)
class Given:
    """What a respondent has said."""

    level: int
    outcome: str = ""
    reasons: tuple[str, ...] = ()
    text: str = ""


def masked(text: str) -> str:
    """The text with every suspicious place (telephone, mail, address, long number) covered."""
    covered = text
    for one in personal_data_in(text):
        covered = covered[: one.start] + MASK * (one.end - one.start) + covered[one.end :]
    return covered


def give_answer(*, letter: SurveyInvitation, given: Given) -> bool:
    """Keep the answer of a link; False when its number has one already, which then stands.

    InvalidInput for what was not asked or looks like personal data, Refused when the link is void,
    early or over. Nothing is kept of who or where the respondent is.
    """
    require(RESPONDENT, ANSWER)
    _check(letter.wave, given)
    with transaction.atomic():
        wave = lock(letter.wave)
        letter = SurveyInvitation.objects.select_related("wave").get(pk=letter.pk)
        state = state_of(letter)
        if state == LinkState.ANSWERED:
            return False
        if state != LinkState.OPEN:
            raise Refused(NOT_OPEN[state])
        row = _row(letter, given, AnswerChannel.WEB, clock.today())
        if not _kept(row):
            return False
        record(RESPONDENT, ANSWER, wave, after={"channel": AnswerChannel.WEB.value})
    return True


def _kept(row: SurveyAnswer) -> bool:
    """Insert; False when another answer of this number was first (the constraint decides)."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        if SurveyAnswer.objects.filter(wave_id=row.wave_id, number=row.number).exists():
            return False
        raise
    return True


def _row(
    letter: SurveyInvitation,
    given: Given,
    channel: AnswerChannel,
    received_on: date,
    who: str = "",
) -> SurveyAnswer:
    return SurveyAnswer(
        wave_id=letter.wave_id,
        hub_id=letter.hub_id,
        invitation=letter,
        number=letter.number,
        level=given.level,
        outcome=given.outcome,
        reasons=list(given.reasons),
        text=given.text,
        channel=channel,
        received_on=received_on,
        answered_at=clock.now(),
        entered_by_name=who,
    )


def _check(wave: SurveyWave, given: Given) -> None:
    asked, problems = wave.questionnaire, []
    if given.level not in SCALE:
        problems.append(Problem(None, "回答", "5つの中から1つを選んでください。"))
    if given.outcome and given.outcome not in dict(asked.outcomes or ()):
        problems.append(Problem(None, "提案の実行", "選択肢から選んでください。"))
    if set(given.reasons) - set(asked.reason_list):
        problems.append(Problem(None, "理由", "選択肢から選んでください。"))
    if given.text and not asked.text_question:
        problems.append(Problem(None, "自由記入", "この調査では自由記入を受け付けていません。"))
    if len(given.text) > TEXT_LENGTH:
        text = f"{TEXT_LENGTH}文字までにしてください。"
        problems.append(Problem(None, "自由記入", text))
    if found := personal_data_in(given.text):
        words = "、".join(f"「{one.text}」（{one.kind}）" for one in found)
        problems.append(Problem(None, "自由記入", f"個人情報らしい記載があります：{words}"))
    if problems:
        raise InvalidInput(problems)


def require_entry(wave: SurveyWave) -> None:
    """Answers on paper and from files are taken while the wave stands open and uncounted."""
    if wave.state != WaveState.OPEN:
        text = f"{wave}は「{wave.get_state_display()}」のため、回答を入力できません。"
        raise Conflict(text)


def received_problem(wave: SurveyWave, received_on: date) -> str:
    """Why an answer received on this day is not taken; empty when it is."""
    zone = clock.now().tzinfo
    first = wave.opens_at.astimezone(zone).date()
    last = wave.closes_at.astimezone(zone).date()
    if received_on > clock.today():
        return "受取日が先の日付です。今日までの日付を入力してください。"
    if received_on < first:
        return "受取日が回答の開始より前です。"
    return "締切の後に届いた回答は入力できません。" if received_on > last else ""


def enter_paper(
    *, actor: Scope, wave: SurveyWave, number: str, given: Given, received_on: date
) -> SurveyAnswer:
    """Keep an answer that came on paper. InvalidInput names a wrong number, day or answer.

    NotReady when the number has an answer already: which one counts is not decided by the last
    one typed.
    """
    require(actor, ENTER)
    known = read_number(number)
    if known is None:
        text = "整理番号が正しくありません。手紙の番号（数字5桁-1桁）を確かめてください。"
        raise InvalidInput([Problem(None, "整理番号", text)])
    if why := received_problem(wave, received_on):
        raise InvalidInput([Problem(None, "受取日", why)])
    _check(wave, given)
    with transaction.atomic():
        row = lock(wave)
        require_entry(row)
        letter = answerable(row, known)
        if letter is None:
            raise InvalidInput([Problem(None, "整理番号", f"{known}の手紙は発行されていません。")])
        answer = _row(letter, given, AnswerChannel.PAPER, received_on, actor.name)
        if not _kept(answer):
            standing = SurveyAnswer.objects.get(wave=row, number=known)
            raise NotReady(
                f"整理番号{known}の回答は、{standing.received_on:%-m月%-d日}に"
                f"{standing.get_channel_display()}で受け付け済みです。先の回答を有効とします。"
            )
        record(actor, ENTER, row, after={"number": known, "channel": AnswerChannel.PAPER.value})
    return answer
