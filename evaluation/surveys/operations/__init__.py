"""Every write of the surveys: questionnaires, waves, letters, answers, the count."""

from evaluation.surveys.operations.answering import (
    MASK,
    NOT_OPEN,
    RESPONDENT,
    Given,
    enter_paper,
    give_answer,
    masked,
    received_problem,
)
from evaluation.surveys.operations.closing import close_wave, subject_of
from evaluation.surveys.operations.letters import (
    LettersWanted,
    Mode,
    Printed,
    chosen,
    keep_links,
    start_letters,
    take_letters,
)
from evaluation.surveys.operations.questionnaires import (
    Wording,
    change_questionnaire,
    check_wording,
    make_questionnaire,
)
from evaluation.surveys.operations.telling import tell_after_the_end, tell_before_the_end
from evaluation.surveys.operations.waves import (
    WavePlan,
    cancel_wave,
    change_wave,
    create_wave,
    draw_wave,
    exclude_partner,
    include_partner,
    open_wave,
    require_draft,
)

__all__ = [
    "MASK",
    "NOT_OPEN",
    "RESPONDENT",
    "Given",
    "LettersWanted",
    "Mode",
    "Printed",
    "WavePlan",
    "Wording",
    "cancel_wave",
    "change_questionnaire",
    "change_wave",
    "check_wording",
    "chosen",
    "close_wave",
    "create_wave",
    "draw_wave",
    "enter_paper",
    "exclude_partner",
    "give_answer",
    "include_partner",
    "keep_links",
    "make_questionnaire",
    "masked",
    "open_wave",
    "received_problem",
    "require_draft",
    "start_letters",
    "subject_of",
    "take_letters",
    "tell_after_the_end",
    "tell_before_the_end",
]
