"""States of a wave: drawn once, opened with all letters made, counted once after its end."""

from evaluation.surveys.models import SurveyFrame, SurveyInvitation, SurveyWave, WaveState
from hubs.terms.models import TermState
from yorozu.core import clock
from yorozu.core.access import Scope
from yorozu.core.errors import Missing
from yorozu.core.fiscal import wareki
from yorozu.core.flow import Flow, arrow

DRAW, OPEN = "evaluation.surveys.draw", "evaluation.surveys.open"
CLOSE, CANCEL = "evaluation.surveys.close", "evaluation.surveys.cancel"


def term_runs(wave: SurveyWave, actor: Scope) -> list[Missing]:
    """The term is open: a closed year takes no more figures."""
    if wave.term.state == TermState.OPEN:
        return []
    return [Missing(f"{wave.term}の期が実施中ではありません。", "term_detail", "", (wave.term_id,))]


def somebody_is_asked(wave: SurveyWave, actor: Scope) -> list[Missing]:
    """The drawing found somebody."""
    if SurveyFrame.objects.filter(wave=wave, size__gt=0).exists():
        return []
    return [Missing("抽出できた相手がいません。調査を中止して、条件を見直してください。")]


def letters_are_made(wave: SurveyWave, actor: Scope) -> list[Missing]:
    """Every drawn addressee has a letter, so that nobody is asked later than the others."""
    left = SurveyInvitation.objects.filter(wave=wave, issue=1, token_hash="").count()
    if not left:
        return []
    return [
        Missing(
            f"まだ作成していない手紙が{left:,}通あります。", "survey_wave", "letters", (wave.pk,)
        )
    ]


def end_lies_ahead(wave: SurveyWave, actor: Scope) -> list[Missing]:
    """There is time left to answer."""
    if clock.now() < wave.closes_at:
        return []
    return [Missing("回答の締切を過ぎています。調査を中止して、新しく作成してください。")]


def end_has_come(wave: SurveyWave, actor: Scope) -> list[Missing]:
    """Answers are counted when no more can come."""
    if clock.now() >= wave.closes_at:
        return []
    local = wave.closes_at.astimezone(clock.now().tzinfo)
    text = (
        f"回答の締切（{wareki(local.date())} {local:%H:%M}）の前です。締切を過ぎると確定できます。"
    )
    return [Missing(text)]


WAVE_FLOW = Flow(
    name="survey_wave",
    label="調査回",
    states=WaveState,
    page="survey_wave",
    transitions=(
        arrow(DRAW, "標本の抽出", [WaveState.DRAFT], WaveState.DRAWN, term_runs, end_lies_ahead),
        arrow(
            OPEN,
            "回答の受付",
            [WaveState.DRAWN],
            WaveState.OPEN,
            term_runs,
            somebody_is_asked,
            letters_are_made,
            end_lies_ahead,
        ),
        arrow(CLOSE, "集計の確定", [WaveState.OPEN], WaveState.CLOSED, term_runs, end_has_come),
        arrow(
            CANCEL,
            "調査の中止",
            [WaveState.DRAFT, WaveState.DRAWN, WaveState.OPEN],
            WaveState.CANCELLED,
            needs_reason=True,
        ),
    ),
)
