"""What stays as it was: locked questionnaires, drawings, letters, answers, closed waves."""

from yorozu.core.guards import Guard, frozen_children, frozen_columns

_WAVE = "evaluation_surveywave"
_OVER = "p.state IN ('closed', 'cancelled')"
_CLOSED = "集計済または中止の調査回の記録は、変更も削除もできません。"
_ANSWER = "受け付けた回答は変更できません。"
_LETTER = "発行した依頼は変更も削除もできません。"
_COUNTED = "調査回から集計した値は、変更も削除もできません。"
GUARDS = [
    Guard(
        "evaluation_questionnaire",
        "UPDATE",
        "OLD.is_locked",
        "調査に使った調査票は変更できません。新しい版を作成してください。",
    ),
    Guard(
        "evaluation_questionnaire",
        "DELETE",
        "OLD.is_locked",
        "調査に使った調査票は削除できません。",
    ),
    frozen_columns(
        _WAVE,
        [
            "term_id",
            "kind",
            "questionnaire_id",
            "frame_from",
            "frame_to",
            "share_percent",
            "minimum",
            "maximum",
            "people",
            "seed",
            "frame_hash",
            "drawn_at",
            "drawn_by_name",
        ],
        "OLD.state <> 'draft'",
        "抽出した調査回の条件は変更できません。",
    ),
    Guard(_WAVE, "UPDATE", "OLD.state IN ('closed', 'cancelled')", _CLOSED, "over"),
    Guard(_WAVE, "DELETE", "OLD.state <> 'draft'", _CLOSED),
    Guard("evaluation_surveyframe", "UPDATE", "", "抽出の記録は変更できません。"),
    Guard("evaluation_surveyframe", "DELETE", "", "抽出の記録は削除できません。"),
    frozen_columns(
        "evaluation_surveyinvitation",
        [
            "wave_id",
            "hub_id",
            "number",
            "issue",
            "client_key",
            "organization_id",
            "person",
            "visits",
        ],
        "1 = 1",
        _LETTER,
    ),
    Guard(
        "evaluation_surveyinvitation",
        "UPDATE",
        "(OLD.token_hash <> '' AND OLD.token_hash <> NEW.token_hash)"
        " OR (OLD.voided_at IS NOT NULL AND OLD.voided_at IS DISTINCT FROM NEW.voided_at)",
        _LETTER,
        "issued",
    ),
    Guard("evaluation_surveyinvitation", "DELETE", "", _LETTER),
    *[
        guard
        for guard in frozen_children(
            "evaluation_surveyinvitation", _WAVE, "wave_id", _OVER, _CLOSED
        )
        if guard.event != "DELETE"
    ],
    Guard("evaluation_surveyanswer", "UPDATE", "", _ANSWER),
    *[
        guard
        for guard in frozen_children("evaluation_surveyanswer", _WAVE, "wave_id", _OVER, _CLOSED)
        if guard.event != "UPDATE"
    ],
    *[
        Guard(table, event, "OLD.wave_id IS NOT NULL", _COUNTED)
        for table in ("evaluation_satisfactionsurvey", "evaluation_partnerassessment")
        for event in ("UPDATE", "DELETE")
    ],
]
