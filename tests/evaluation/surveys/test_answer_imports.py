"""Files of single answers, and that a figure has one home: the wave or the file."""

import pytest

from evaluation.evidence.rules import difference
from evaluation.surveys.models import SatisfactionSurvey, SurveyAnswer, WaveKind
from evaluation.surveys.operations import Given, close_wave, give_answer
from tests.evaluation.surveys.ground import (
    AFTER,
    DURING,
    YEAR,
    answer_all,
    clients,
    letters,
    many,
    opened_wave,
    partner,
    running_term,
)
from tests.world import import_file
from yorozu.core.errors import Conflict
from yorozu.core.imports.operations import undo

HEAD = "整理番号,回答,提案の実行,受取日\n"


@pytest.fixture
def opened(cast, at):
    running_term()
    clients("13", many(20))
    wave, _ = opened_wave(cast.hq.scope)
    at(DURING)
    return wave


def bring(cast, wave, rows, *, apply=True):
    text = HEAD + "\n".join(rows) + "\n"
    params = {"wave": wave.pk}
    return import_file(cast.hq.scope, "surveys.answers", params, text.encode(), apply=apply)


def test_answers_of_a_file_are_kept_with_their_line_and_taken_back(cast, opened):
    numbers = [letter.number for letter in letters(opened)]
    batch = bring(
        cast,
        opened,
        [
            f"{numbers[0]},5,実行し、成果があった,2026-11-21",
            f"{numbers[1]},やや不満,,",
            f"{numbers[2].replace('-', '')},4 満足,,2026/11/22",
        ],
    )
    rows = {row.number: row for row in SurveyAnswer.objects.all()}
    assert [rows[number].level for number in numbers[:3]] == [5, 2, 4]
    first = rows[numbers[0]]
    assert (first.outcome, first.channel, first.import_batch_id, first.import_row) == (
        "good",
        "file",
        batch.pk,
        2,
    )
    undo(cast.hq.scope, batch=batch, reason="別の調査の用紙でした。")
    assert not SurveyAnswer.objects.exists()


def test_a_faulty_line_refuses_the_whole_file(cast, opened):
    number = letters(opened)[0].number
    give_answer(letter=letters(opened)[1], given=Given(5))
    answered = letters(opened)[1].number
    rows = [
        f"{number},5,,",
        f"{number},4,,",
        f"{answered},3,,",
        "99999-5,3,,",
        "12345-0,3,,",
        f"{letters(opened)[2].number},9,,",
        f"{letters(opened)[3].number},3,,2026-11-01",
    ]
    batch = bring(cast, opened, rows, apply=False)
    assert batch.state == "refused"
    found = {(problem[0], problem[1]) for problem in batch.problems}
    assert found >= {
        (3, "整理番号"),
        (4, "整理番号"),
        (5, "整理番号"),
        (6, "整理番号"),
        (7, "回答"),
    }
    assert SurveyAnswer.objects.count() == 1


def test_a_refusal_names_the_words_of_the_sheet(cast, at):
    running_term()
    partner("サンプル商工会", "13")
    partner("サンプル信用金庫", "13")
    wave, _ = opened_wave(cast.hq.scope, WaveKind.PARTNER)
    at(DURING)
    one, two = (letter.number for letter in letters(wave))
    batch = bring(cast, wave, [f"{one},9,,"], apply=False)
    texts = " ".join(problem[2] for problem in batch.problems)
    assert "大変よい" in texts
    assert "大変満足" not in texts
    bring(cast, wave, [f"{one},大変よい,,", f"{two},満足,,"])
    assert sorted(SurveyAnswer.objects.values_list("level", flat=True)) == [4, 5]


def test_a_day_outside_the_wave_is_refused(cast, opened):
    batch = bring(cast, opened, [f"{letters(opened)[0].number},3,,2026-11-01"], apply=False)
    assert [(problem[0], problem[1]) for problem in batch.problems] == [(2, "受取日")]


def test_counted_answers_are_not_taken_back(cast, opened, at):
    batch = bring(cast, opened, [f"{letters(opened)[0].number},5,,"])
    at(AFTER)
    close_wave(actor=cast.hq.scope, wave=opened)
    with pytest.raises(Conflict, match="集計されている"):
        undo(cast.hq.scope, batch=batch, reason="誤り")
    assert SurveyAnswer.objects.count() == 1


COUNTS = (
    "拠点コード,拠点名,送付数,回収数,"
    "1 不満,2 やや不満,3 どちらともいえない,4 満足,5 大変満足,対象外の承認\n"
)


def test_a_file_of_counts_may_not_bring_what_a_wave_asks(cast, opened):
    text = COUNTS + "13,,300,120,0,2,10,60,48,\n04,,300,120,0,2,10,60,48,\n"
    params = {"fiscal_year": YEAR}
    batch = import_file(cast.hq.scope, "surveys.satisfaction", params, text.encode(), apply=False)
    assert [(problem[0], problem[1]) for problem in batch.problems] == [(2, "拠点コード")]
    assert "調査回から集計" in batch.problems[0][2]
    # Miyagi was not asked by the wave: its file stands beside it.
    text = COUNTS + "04,,300,120,0,2,10,60,48,\n"
    import_file(cast.hq.scope, "surveys.satisfaction", params, text.encode())
    assert SatisfactionSurvey.objects.get().hub.code == "04"


def test_a_file_of_partners_may_not_bring_what_a_wave_asks(cast, at):
    running_term()
    partner("配役商工会", "13")
    opened_wave(cast.hq.scope, WaveKind.PARTNER)
    text = "拠点コード,拠点名,支援機関,種別,評価値,回答者数\n13,,配役銀行,金融機関,4.00,1\n"
    batch = import_file(
        cast.hq.scope, "surveys.partners", {"fiscal_year": YEAR}, text.encode(), apply=False
    )
    assert [(problem[0], problem[1]) for problem in batch.problems] == [(2, "拠点コード")]


def test_a_difference_of_books_names_the_wave():
    old = {"waves": [{"id": 1, "seed": "a"}]}
    new = {"waves": [{"id": 1, "seed": "b"}]}
    assert difference(old, new) == [("調査回 › 1 › 乱数の種", "a", "b")]


def test_answers_make_the_figures(cast, opened, at):
    answer_all(opened, "13", [5])
    bring(cast, opened, [f"{letters(opened)[5].number},1,,"])
    at(AFTER)
    close_wave(actor=cast.hq.scope, wave=opened)
    assert SatisfactionSurvey.objects.get(hub__code="13").histogram == [1, 0, 0, 0, 1]
