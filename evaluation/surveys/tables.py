"""Waves and questionnaires as tables."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse

from evaluation.surveys.models import Questionnaire, SurveyFrame, SurveyWave, WaveState
from evaluation.surveys.queries import (
    HAS_FILE,
    NO_PARTNERS,
    NO_RECORDS,
    Asides,
    HubLine,
    Redrawn,
    WaveLines,
    wave_chip,
)
from evaluation.surveys.rules import LOW_RESPONSE, SMALL_N, SMALL_PARTNERS
from hubs.integrity.models import IntegrityFlag
from hubs.integrity.tables import flag_chip
from yorozu.core.figures import format_decimal, format_percent, percent
from yorozu.core.web.chips import Chip, Status
from yorozu.core.web.tables import Cell, Column, Empty, Table

# Beside the counts of a wide table, few words are enough; files carry the whole sentence.
IN_SHORT = {NO_RECORDS: "相談記録なし", NO_PARTNERS: "依頼先なし", HAS_FILE: "ファイルの値あり"}
HUB_COLUMNS = [
    Column("code", "コード", sort=True),
    Column("hub", "拠点", header=True, sort=True),
]


def questionnaire_table(rows: Iterable[Questionnaire], waves: dict[int, int]) -> Table:
    """All versions; ``waves`` counts the waves of each."""
    return Table(
        caption="調査票",
        columns=[
            Column("name", "調査票", header=True),
            Column("title", "表題"),
            Column("state", "状態"),
            Column("waves", "使った調査回", numeric=True, unit="回"),
            Column("who", "作成者"),
            Column("at", "作成日時"),
        ],
        rows=[
            {
                "name": Cell(str(row), reverse("questionnaire_detail", args=[row.pk])),
                "title": row.title,
                "state": Chip(Status.FINALIZED, "使用中") if row.is_locked else Chip(Status.DRAFT),
                "waves": waves.get(row.pk, 0),
                "who": row.made_by_name,
                "at": row.made_at,
            }
            for row in rows
        ],
        empty=Empty(
            "調査票はまだありません。",
            "標準の文面から作成できます。作成した版は、調査に使うまで何度でも直せます。",
        ),
    )


def wave_table(rows: Iterable[SurveyWave]) -> Table:
    """All waves with their times."""
    return Table(
        caption="調査回",
        columns=[
            Column("name", "調査回", header=True),
            Column("state", "状態"),
            Column("asked", "調査票"),
            Column("opens", "回答の開始"),
            Column("closes", "回答の締切"),
            Column("counted", "集計の確定"),
        ],
        rows=[
            {
                "name": Cell(str(row), reverse("survey_wave", args=[row.pk])),
                "state": wave_chip(row),
                "asked": Cell(
                    f"第{row.questionnaire.version}版",
                    reverse("questionnaire_detail", args=[row.questionnaire_id]),
                ),
                "opens": row.opens_at,
                "closes": row.closes_at,
                "counted": row.closed_at,
            }
            for row in rows
        ],
        empty=Empty(
            "調査回はまだありません。",
            "全国本部が期ごとに作成し、相談記録から標本を抽出します。",
        ),
    )


def hub_table(wave: SurveyWave, found: WaveLines, sort: str) -> Table:
    """The hubs of a wave; levels and means stand there once it is counted."""
    counted = wave.state == WaveState.CLOSED
    columns = [
        *HUB_COLUMNS,
        *(_counted_columns(wave) if counted else []),
        Column("rate", "回収率", numeric=True, unit="％", sort=True),
        Column("returned", "回収数", numeric=True, unit="件", sort=True),
        Column("sent", "送付数", numeric=True, unit="件", sort=True),
        _population(wave),
        Column("note", "注意"),
    ]
    rows = [_hub_row(wave, line, counted) for line in found.lines]
    totals = {
        "code": "計",
        "hub": "全国" if len(found.lines) > 1 else "",
        "sent": found.sent,
        "returned": found.returned,
        "rate": found.rate,
    }
    caption = f"{wave}　拠点別"
    table = Table(caption, columns, rows, totals, sticky=True)
    return table.sorted_by(sort)


def _population(wave: SurveyWave) -> Column:
    label, unit = ("依頼できる機関", "機関") if wave.is_partner else ("相談者", "人")
    return Column("population", label, numeric=True, unit=unit, sort=True)


def _counted_columns(wave: SurveyWave) -> list[Column]:
    if wave.is_partner:
        return [
            Column("mean", "平均", numeric=True, unit="1～5", sort=True),
            Column("shrunk", "縮小推定値", numeric=True, unit="1～5", sort=True),
            Column("organizations", "評価した機関", numeric=True, unit="機関", sort=True),
        ]
    return [
        Column("mean", "平均", numeric=True, unit="1～5", sort=True),
        Column("shrunk", "縮小推定値", numeric=True, unit="1～5", sort=True),
        Column("top", "満足以上", numeric=True, unit="％", sort=True),
        Column("interval", "90％区間", numeric=True, unit="％"),
    ]


def _hub_row(wave: SurveyWave, line: HubLine, counted: bool) -> dict[str, Any]:
    frame = line.frame
    url = reverse("survey_hub", args=[wave.term.fiscal_year, line.hub.code])
    row: dict[str, Any] = {
        "code": line.hub.code,
        "hub": Cell(line.hub.name, url),
        "population": frame.population if frame else None,
        "sent": line.sent if line.is_asked else None,
        "returned": line.returned if line.is_asked else None,
        "rate": line.rate,
        "note": "、".join(IN_SHORT.get(one, one) for one in notes(wave, line, counted)),
    }
    if counted and line.shrunk is not None:
        row |= {"mean": line.shrunk.mean, "shrunk": line.shrunk.value}
        row["organizations"] = line.organizations
        if line.satisfaction is not None:
            row["top"] = line.satisfaction.top_box
            row["interval"] = interval_text(line.satisfaction.interval)
    return row


def interval_text(interval: tuple[Any, Any] | None) -> str:
    """Both ends of an interval in percent."""
    if interval is None:
        return ""
    low, high = interval
    return f"{format_decimal(low)}–{format_decimal(high)}"


def notes(wave: SurveyWave, line: HubLine, counted: bool) -> list[str]:
    """What a reader must know before comparing this hub."""
    found = [line.frame.note] if line.frame is not None and line.frame.note else []
    if line.frame is not None and line.frame.left_out:
        found.append(f"除いた機関{len(line.frame.left_out)}")
    if line.is_low and counted:
        found.append(f"低回収率（{LOW_RESPONSE}%未満）")
    if counted and line.shrunk is not None and line.shrunk.is_small:
        least = f"{SMALL_PARTNERS}機関" if wave.is_partner else f"{SMALL_N}件"
        found.append(f"少数（{least}未満）")
    return found


HEADER = [
    "拠点コード",
    "拠点名",
    "抽出元の数",
    "送付数",
    "回収数",
    "回収率（％）",
    "平均",
    "満足以上（％）",
    "90％区間の下限（％）",
    "90％区間の上限（％）",
    "縮小推定値",
    "注意",
]


def file_rows(wave: SurveyWave, found: WaveLines) -> list[list[Any]]:
    """The same table as rows of a file."""
    counted = wave.state == WaveState.CLOSED
    rows = []
    for line in found.lines:
        one, shrunk = line.satisfaction, line.shrunk
        low, high = (one.interval if one else None) or (None, None)
        rows.append(
            [
                line.hub.code,
                line.hub.name,
                line.frame.population if line.frame else None,
                line.sent if line.is_asked else None,
                line.returned if line.is_asked else None,
                line.rate,
                shrunk.mean if shrunk else None,
                one.top_box if one else None,
                low,
                high,
                shrunk.value if shrunk else None,
                "、".join(notes(wave, line, counted)),
            ]
        )
    return rows


def count_table(caption: str, head: str, rows: Iterable[tuple[str, int]], n: int) -> Table:
    """Counts with their share of the answers."""
    return Table(
        f"{caption}（回答{n:,}件）",
        [
            Column("label", head, header=True),
            Column("count", "件数", numeric=True, unit="件"),
            Column("share", "割合", numeric=True),
        ],
        [
            {"label": label, "count": count, "share": format_percent(percent(count, n))}
            for label, count in rows
        ],
    )


def aside_tables(wave: SurveyWave, said: Asides) -> list[Table]:
    """Tables of the questions beside the level, those that were asked."""
    found = []
    if wave.questionnaire.outcome_question and said.n:
        question = wave.questionnaire.outcome_question
        silent = ("無回答", said.n - sum(count for _, count in said.outcomes))
        found.append(count_table(question, "提案の実行", [*said.outcomes, silent], said.n))
    if wave.questionnaire.reason_question and said.n:
        question = wave.questionnaire.reason_question
        found.append(count_table(question, "理由（複数回答）", said.reasons, said.n))
    return found


def left_out_table(frames: Iterable[SurveyFrame]) -> Table:
    """Organisations that were left out, hub by hub, and why."""
    return Table(
        caption="除いた支援機関",
        columns=[
            Column("hub", "拠点"),
            Column("name", "支援機関", header=True),
            Column("why", "除いた理由"),
        ],
        rows=[
            {"hub": frame.hub.name, "name": name, "why": why}
            for frame in frames
            for name, why in frame.left_out
        ],
        empty=Empty("除いた支援機関はありません。"),
    )


def flag_table(flags: Iterable[IntegrityFlag]) -> Table:
    """Questions about the answers, with where each stands."""
    return Table(
        caption="回答の確認事項",
        columns=[
            Column("hub", "拠点"),
            Column("sentence", "確認したいこと", header=True),
            Column("state", "状態"),
        ],
        rows=[
            {
                "hub": flag.hub.name if flag.hub else "",
                "sentence": Cell(flag.sentence, reverse("integrity_detail", args=[flag.pk])),
                "state": flag_chip(flag),
            }
            for flag in flags
        ],
        empty=Empty(
            "回答に確認したい点はありません。",
            "拠点の説明を待っている確認事項は、説明のあとでここに並びます。",
        ),
    )


def redraw_table(rows: Sequence[Redrawn]) -> Table:
    """The drawing done again, hub by hub."""

    def said(row: Redrawn) -> Chip | str:
        if not row.is_same_frame:
            return "比べられません"
        return (
            Chip(Status.ACCEPTED, "一致") if row.is_same_sample else Chip(Status.REVIEW, "不一致")
        )

    return Table(
        caption="抽出の検算",
        columns=[
            Column("hub", "拠点", header=True),
            Column("sample", "抽出の結果"),
            Column("frame", "抽出元"),
            Column("population", "抽出時の数", numeric=True),
            Column("size", "抽出数", numeric=True),
        ],
        rows=[
            {
                "hub": row.hub.name,
                "sample": said(row),
                "frame": "同じ" if row.is_same_frame else "変わった",
                "population": row.population,
                "size": row.size,
            }
            for row in rows
        ],
    )


def redraw_sentence(rows: Sequence[Redrawn]) -> str:
    """How many hubs were drawn alike, otherwise, or cannot be compared any more."""
    same = sum(row.is_same_frame and row.is_same_sample for row in rows)
    other = sum(row.is_same_frame and not row.is_same_sample for row in rows)
    parts = [f"{len(rows)}拠点のうち{same}拠点で、抽出の結果が一致しました。"]
    if other:
        parts.append(f"{other}拠点で一致しません。全国本部に確かめてください。")
    if left := len(rows) - same - other:
        parts.append(f"{left}拠点は、抽出元が変わったため比べられません。")
    return "".join(parts)
