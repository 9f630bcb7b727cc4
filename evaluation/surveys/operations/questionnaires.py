"""Writing the questions: a new version, and changing one that no wave has used."""

from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import Max

from evaluation.surveys.models import Questionnaire, WaveKind
from evaluation.surveys.rules import reason_lines, reason_problem
from hubs.ledger.rules import personal_data_in
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import Conflict, InvalidInput, Problem

ACTION = "evaluation.surveys.word"


@dataclass(frozen=True)
class Wording:
    """All words of a questionnaire; an empty question is not asked."""

    title: str
    introduction: str
    level_question: str
    reason_question: str = ""
    reasons: str = ""
    outcome_question: str = ""
    text_question: str = ""


def check_wording(words: Wording) -> list[Problem]:
    """What is wrong with the words; empty when they can be used."""
    problems = [
        Problem(None, label, "入力してください。")
        for label, text in (
            ("表題", words.title),
            ("前文", words.introduction),
            ("5段階の質問", words.level_question),
        )
        if not text.strip()
    ]
    if bool(words.reason_question) != bool(reason_lines(words.reasons)):
        text = "理由の質問と選択肢は、両方を入力するか、両方を空にしてください。"
        problems.append(Problem(None, "理由の選択肢", text))
    if why := reason_problem(words.reasons):
        problems.append(Problem(None, "理由の選択肢", why))
    problems += [
        Problem(None, "理由の選択肢", f"個人情報らしい記載「{one.text}」があります。")
        for one in personal_data_in(words.reasons)
    ]
    return problems


def _clean(words: Wording) -> dict[str, str]:
    values = {name: text.strip() for name, text in asdict(words).items()}
    return {**values, "reasons": "\n".join(reason_lines(words.reasons))}


def make_questionnaire(*, actor: Scope, kind: WaveKind, words: Wording) -> Questionnaire:
    """The next version of a kind. InvalidInput lists what is wrong with the words."""
    require(actor, ACTION)
    _require_words(words)
    with transaction.atomic():
        rows = Questionnaire.objects.filter(kind=kind)
        # Two who write at once: the second waits, and gets the number after.
        list(rows.select_for_update().order_by("pk"))
        latest = rows.aggregate(latest=Max("version"))["latest"] or 0
        row = Questionnaire.objects.create(
            kind=kind,
            version=latest + 1,
            made_by_name=actor.name,
            made_at=clock.now(),
            **_clean(words),
        )
        record(actor, ACTION, row, after={"kind": kind.value, "version": row.version})
    return row


def change_questionnaire(
    *, actor: Scope, questionnaire: Questionnaire, words: Wording
) -> Questionnaire:
    """Other words for a version that no wave has used. Conflict once one has."""
    require(actor, ACTION)
    _require_words(words)
    with transaction.atomic():
        row = Questionnaire.objects.select_for_update().get(pk=questionnaire.pk)
        if row.is_locked:
            raise Conflict(
                f"{row}は調査に使われているため変更できません。新しい版を作成してください。"
            )
        values = _clean(words)
        before = {name: getattr(row, name) for name in values if getattr(row, name) != values[name]}
        for name, text in values.items():
            setattr(row, name, text)
        row.save(update_fields=list(values))
        record(actor, ACTION, row, before=before, after={name: values[name] for name in before})
    return row


def _require_words(words: Wording) -> None:
    if problems := check_wording(words):
        raise InvalidInput(problems)
