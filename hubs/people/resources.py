"""The survey of qualifications as an import: both shapes of file, compared, written, taken back."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from hubs.people.forms import SurveyImportForm
from hubs.people.matrix_rows import (
    MatrixReader,
    MatrixTable,
    cells_now,
    is_matrix,
    matrix_changes,
    take_back_cells,
    write_cells,
)
from hubs.people.models import QualificationResponse, QualificationSurvey
from hubs.people.operations import (
    MOVED,
    refuse_moved_people,
    take_back_answers,
    write_answers,
)
from hubs.people.person_rows import (
    HELD,
    answer_state,
    changes_of,
    load_known,
    match_people,
    person_columns,
    read_answers,
    refuse_doubles,
    refuse_second_chiefs,
)
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.errors import Conflict, InvalidInput, Problem
from yorozu.core.fiscal import wareki
from yorozu.core.imports.kinds import Change, Comparison, ImportKind, register
from yorozu.core.sheets import Column, Table, heading_key, open_grid, read_table
from yorozu.core.sheets.header import HEADER_WITHIN

PERSONS, MATRIX = "person_rows", "matrix"


def as_of(params: dict[str, Any]) -> date:
    """The day of the survey; InvalidInput when it is missing or still to come."""
    try:
        day = date.fromisoformat(str(params.get("as_of", "")))
    except ValueError:
        raise InvalidInput([Problem(None, "調査時点", "日付を入力してください。")]) from None
    if day > clock.today():
        raise InvalidInput([Problem(None, "調査時点", "将来の日付は入力できません。")])
    return day


def survey_of(params: dict[str, Any]) -> QualificationSurvey | None:
    """The survey of that day, if it exists; InvalidInput when it bears another name."""
    day, name = as_of(params), str(params.get("name", "")).strip()
    if not name:
        raise InvalidInput([Problem(None, "調査名", "必須です。値を入力してください。")])
    survey = QualificationSurvey.objects.filter(as_of=day).first()
    if survey is not None and survey.name != name:
        text = f"{wareki(day)}時点の調査は「{survey.name}」として登録されています。"
        raise InvalidInput([Problem(None, "調査名", text)])
    return survey


def has_one_cell(data: bytes) -> bool:
    """True when the file gives all qualifications of a person in one column 保有資格."""
    wanted = heading_key(HELD)
    for number, row in open_grid(data).rows:
        if any(isinstance(cell, str) and heading_key(cell[:200]) == wanted for cell in row):
            return True
        if number >= HEADER_WITHIN:
            break
    return False


class QualificationKind(ImportKind):
    """Person rows or the paper's matrix; which of them, the heading decides (product.md)."""

    code = "people.qualifications"
    label = "体制・保有資格調査"
    action = "hubs.people.import"
    description = (
        "チーフコーディネーターとコーディネーターの保有資格（自己申告、複数回答）を取り込みます。"
        "1人1行の表と、CC・COの2行に22の資格区分を並べた集計表のどちらも読み取ります。"
    )
    params_form = SurveyImportForm

    def columns(self, params: dict[str, Any]) -> list[Column]:
        """The template: person rows with one mark column per category."""
        return person_columns(held=False)

    def example_rows(self, params: dict[str, Any]) -> list[list[Any]]:
        """Two people, one with two qualifications and one with none."""
        marks = [column.name for column in self.columns(params) if column.name.startswith("q_")]
        ticked = {"q_sme_management_consultant", "q_it_coordinator"}
        return [
            ["13", "東京都よろず支援拠点", "CC", "見本　太郎", "ミホン　タロウ",
             *("○" if name in ticked else "" for name in marks), ""],
            ["13", "東京都よろず支援拠点", "CO", "見本　花子", "ミホン　ハナコ",
             *("" for _ in marks), ""],
        ]  # fmt: skip

    def read(self, data: bytes, filename: str, params: dict[str, Any]) -> Table:
        """Read the shape the heading announces."""
        survey_of(params)
        if is_matrix(data):
            return MatrixReader(data).read()
        return read_table(data, filename, person_columns(held=has_one_cell(data)))

    def compare(self, table: Table, params: dict[str, Any], actor: Scope) -> Comparison:
        """Compare with the survey of that day; a fixed number of queries."""
        survey = survey_of(params)
        if isinstance(table, MatrixTable):
            return self._compare_matrix(table, survey)
        problems: list[Problem] = []
        if survey is not None and survey.aggregates.exists():
            text = (
                f"「{survey.name}」は集計表として登録されているため、1人1行の表は取り込めません。"
            )
            problems.append(Problem(None, "", text))
        answers = read_answers(table, actor, problems)
        refuse_doubles(answers, problems)
        known = load_known(as_of(params), survey)
        match_people(answers, known, problems)
        refuse_second_chiefs(answers, known, problems)
        changes = changes_of(answers, known, problems)
        return Comparison(changes, sorted(problems, key=lambda problem: problem.row or 0))

    def _compare_matrix(self, table: MatrixTable, survey: QualificationSurvey | None) -> Comparison:
        if survey is not None and survey.responses.exists():
            text = f"「{survey.name}」は1人1行で登録されているため、集計表は取り込めません。"
            return Comparison([], [Problem(None, "", text)])
        return Comparison(matrix_changes(table, survey), [])

    def write(
        self, changes: Sequence[Change], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> list[dict[str, Any]]:
        """Write the survey and its rows; the first undo record says what kind they are."""
        is_sample = bool(params.get("is_sample"))
        survey, created = QualificationSurvey.objects.get_or_create(
            as_of=as_of(params),
            defaults={"name": str(params["name"]).strip(), "is_sample": is_sample},
        )
        rows = [change.data for change in changes]
        matrix = bool(rows) and "code" in rows[0]
        head = {
            "survey": survey.pk,
            "survey_created": created,
            "shape": MATRIX if matrix else PERSONS,
        }
        if matrix:
            write_cells(survey, rows)
            return [head, *rows]
        return [head, *write_answers(survey=survey, changes=rows, is_sample=is_sample)]

    def revert(
        self, undo: list[dict[str, Any]], params: dict[str, Any], actor: Scope, batch_id: int
    ) -> None:
        """Take the whole file back; Conflict when something of it has changed since."""
        head, *entries = undo
        survey = QualificationSurvey.objects.filter(pk=head["survey"]).first()
        if survey is None:
            raise Conflict(MOVED)
        if head["shape"] == MATRIX:
            now = cells_now(survey)
            if any(now.get((row["role"], row["code"])) != row["after"] for row in entries):
                raise Conflict(MOVED)
            take_back_cells(survey, entries)
        else:
            self._refuse_moved(entries)
            take_back_answers(entries=entries)
        if head["survey_created"] and not (survey.responses.exists() or survey.aggregates.exists()):
            survey.delete()

    def _refuse_moved(self, entries: list[dict[str, Any]]) -> None:
        rows = (
            QualificationResponse.objects.filter(pk__in=[row["response"] for row in entries])
            .select_related("person")
            .prefetch_related("ticks__category")
        )
        now = {row.pk: answer_state(row, row.person) for row in rows}
        if any(now.get(entry["response"]) != entry["after"] for entry in entries):
            raise Conflict(MOVED)
        refuse_moved_people(entries=entries)


register(QualificationKind())
