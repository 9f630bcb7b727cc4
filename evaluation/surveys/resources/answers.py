"""Single answers of a wave as a file: what an office that opens the returned letters has typed."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from evaluation.surveys.forms import AnswersImportForm
from evaluation.surveys.models import (
    AnswerChannel,
    SurveyAnswer,
    SurveyInvitation,
    SurveyWave,
    WaveKind,
    WaveState,
)
from evaluation.surveys.operations import received_problem
from evaluation.surveys.rules import OUTCOMES, PARTNER_LEVELS, SATISFACTION_LEVELS, read_number
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.errors import Conflict, InvalidInput, Problem
from yorozu.core.flow import lock
from yorozu.core.imports.kinds import ADDED, Change, Comparison, ImportKind, register
from yorozu.core.sheets import Column, Row, Table, cells

ACTION = "evaluation.surveys.import"
NUMBER, LEVEL, OUTCOME, DAY = "整理番号", "回答", "提案の実行", "受取日"
MOVED = "この取込の回答は、すでに集計されているため、取り消せません。"


def open_wave_of(params: dict[str, Any]) -> SurveyWave:
    """The wave of the import; InvalidInput when it takes no answers."""
    pk = params.get("wave")
    rows = SurveyWave.objects.select_related("term", "questionnaire")
    wave = rows.filter(pk=pk).first() if isinstance(pk, int) else None
    if wave is None or wave.state != WaveState.OPEN:
        text = "選んだ調査回は回答を受け付けていません。調査回を選び直してください。"
        raise InvalidInput([Problem(None, "", text)])
    return wave


def _levels(kind: str) -> tuple[dict[str, int], dict[str, str]]:
    """Levels by the words of this kind, and other spellings: digits, the words of the other."""
    own, other = SATISFACTION_LEVELS, PARTNER_LEVELS
    if kind == WaveKind.PARTNER:
        own, other = other, own
    known = {label: level for level, label in own}
    aliases: dict[str, str] = {}
    for level, label in own:
        aliases |= {str(level): label, f"{level} {label}": label}
    by_level = dict(own)
    for level, label in other:
        if label not in known:
            aliases |= {label: by_level[level], f"{level} {label}": by_level[level]}
    return known, aliases


class AnswersKind(ImportKind):
    """Answers by the number of their letter; a number that has an answer is refused."""

    code = "surveys.answers"
    label = "調査の回答（1件ずつ）"
    description = (
        "用紙で届いた回答をまとめて取り込みます。整理番号ごとに1行です。"
        "「回答」は1～5の数字か用紙の言葉、「提案の実行」は用紙の言葉で書きます。理由は取り込みません。"
        "すでに回答のある番号、発行していない番号、締切の後に届いた回答は取り込めません。"
    )
    action = ACTION
    params_form = AnswersImportForm

    def columns(self, params: dict[str, Any]) -> list[Column]:
        """Number, level, and what else is on the sheet."""
        kinds = SurveyWave.objects.filter(pk=params.get("wave", 0)).values_list("kind", flat=True)
        known, aliases = _levels(kinds.first() or WaveKind.SATISFACTION)
        outcomes = {label: code for code, label in OUTCOMES}
        return [
            Column("number", NUMBER, cells.text(12), aliases=("番号",), key=True),
            Column("level", LEVEL, cells.choice(known, aliases), aliases=("満足度", "評価")),
            Column("outcome", OUTCOME, cells.choice(outcomes), optional=True, blank=True),
            Column("received_on", DAY, cells.date(), optional=True, blank=True),
        ]

    def compare(self, table: Table, params: dict[str, Any], actor: Scope) -> Comparison:
        """Check numbers, days and earlier answers; two queries for the whole file."""
        wave = open_wave_of(params)
        letters = _letters(wave)
        answered = dict(SurveyAnswer.objects.filter(wave=wave).values_list("number", "channel"))
        problems, changes = list(table.problems), []
        seen: dict[str, int] = {}
        for row in table.rows:
            number = read_number(row["number"])
            faults = _faults(row, number, wave, letters, answered)
            if number is not None and seen.setdefault(number, row.number) != row.number:
                text = f"{seen[number]}行目と同じ番号です。1つの番号の回答は1件だけです。"
                faults.append(Problem(row.number, NUMBER, text))
            problems += faults
            if not faults and number is not None:
                changes.append(_change(row, number, letters[number], wave))
        return Comparison(changes, problems)

    def write(
        self, changes: Sequence[Change], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> list[dict[str, Any]]:
        """Add the answers; Conflict when one of the numbers was answered meanwhile."""
        wave = lock(open_wave_of(params))
        if wave.state != WaveState.OPEN:
            raise Conflict(f"{wave}は回答を受け付けていません。")
        numbers = [change.key for change in changes]
        if SurveyAnswer.objects.filter(wave=wave, number__in=numbers).exists():
            raise Conflict("確認の後に回答された番号があります。ファイルを確認し直してください。")
        now = clock.now()
        rows = SurveyAnswer.objects.bulk_create(
            [
                SurveyAnswer(
                    wave=wave,
                    hub_id=change.data["hub_id"],
                    invitation_id=change.data["letter"],
                    number=change.key,
                    level=change.data["level"],
                    outcome=change.data["outcome"],
                    channel=AnswerChannel.FILE,
                    received_on=date.fromisoformat(change.data["received_on"]),
                    answered_at=now,
                    entered_by_name=actor.name,
                    import_batch_id=batch_id,
                    import_row=change.row,
                )
                for change in changes
            ],
            batch_size=1_000,
        )
        return [{"id": row.pk} for row in rows]

    def revert(
        self, undo: list[dict[str, Any]], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> None:
        """Take the answers back while the wave is not counted."""
        wave = SurveyWave.objects.filter(pk=params.get("wave", 0)).first()
        if wave is None or lock(wave).state != WaveState.OPEN:
            raise Conflict(MOVED)
        SurveyAnswer.objects.filter(pk__in=[entry["id"] for entry in undo]).delete()

    def example_rows(self, params: dict[str, Any]) -> list[list[Any]]:
        """What the columns take."""
        day = clock.today()
        return [["00001-8", 5, "実行し、成果があった", day], ["00002-6", "満足", "", day]]


Letters = dict[str, tuple[int, int]]


def _letters(wave: SurveyWave) -> Letters:
    """Number -> (newest letter, hub) of everything that was printed."""
    rows = SurveyInvitation.objects.filter(wave=wave).exclude(token_hash="")
    return {
        number: (pk, hub_id)
        for number, pk, hub_id in rows.order_by("issue").values_list("number", "pk", "hub_id")
    }


def _faults(
    row: Row,
    number: str | None,
    wave: SurveyWave,
    letters: Letters,
    answered: dict[str, str],
) -> list[Problem]:
    if number is None:
        text = "整理番号が正しくありません。手紙の番号（数字5桁-1桁）を確かめてください。"
        return [Problem(row.number, NUMBER, text)]
    faults = []
    if number not in letters:
        text = f"{number}の手紙は発行されていません。"
        faults.append(Problem(row.number, NUMBER, text))
    elif number in answered:
        how = AnswerChannel(answered[number]).label
        text = f"{number}の回答は{how}で受け付け済みです。この行を除いてください。"
        faults.append(Problem(row.number, NUMBER, text))
    if why := received_problem(wave, row["received_on"] or clock.today()):
        faults.append(Problem(row.number, DAY, why))
    if row["outcome"] and not wave.questionnaire.outcome_question:
        faults.append(Problem(row.number, OUTCOME, "この調査では聞いていません。"))
    return faults


def _change(row: Row, number: str, letter: tuple[int, int], wave: SurveyWave) -> Change:
    labels = dict(wave.questionnaire.levels)
    day = row["received_on"] or clock.today()
    fields = [("回答", "", f"{row['level']} {labels[row['level']]}")]
    if row["outcome"]:
        fields.append((OUTCOME, "", dict(OUTCOMES)[row["outcome"]]))
    data = {
        "letter": letter[0],
        "hub_id": letter[1],
        "level": row["level"],
        "outcome": row["outcome"] or "",
        "received_on": day.isoformat(),
    }
    return Change(row.number, number, ADDED, f"整理番号{number}", tuple(fields), data)


register(AnswersKind())
