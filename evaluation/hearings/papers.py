"""The hearing on paper: one inner template for the print view and the PDF (ヒアリング票 様式)."""

from collections.abc import Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from evaluation.hearings.flow.panels import SeatFacts
from evaluation.hearings.models import COMPARED, ChecklistComponent, Hearing, HearingState
from evaluation.hearings.queries.results import content_of
from evaluation.hearings.queries.scoring import ScoreItem, ScorePage, score_page
from evaluation.hearings.rules.items import EVIDENCE_FROM, mean_score
from yorozu.core import clock
from yorozu.core.canonical import canonical_hash
from yorozu.core.fiscal import nendo, wareki, weekday_of
from yorozu.core.pdf import render_pdf
from yorozu.core.web.tables import Column, Table

SHORT_HASH = 16
LETTERS = "ABCDEFGH"


def when(hearing: Hearing) -> str:
    """令和8年11月20日（金）13:00～15:00."""
    return day_of_hearing(hearing) + hours(hearing)


def day_of_hearing(hearing: Hearing) -> str:
    """令和8年11月20日（金）."""
    if hearing.starts_at is None:
        return ""
    day = timezone.localtime(hearing.starts_at).date()
    return f"{wareki(day)}（{weekday_of(day)}）"


def hours(hearing: Hearing) -> str:
    """13:00～15:00."""
    if hearing.starts_at is None or hearing.ends_at is None:
        return ""
    start, end = timezone.localtime(hearing.starts_at), timezone.localtime(hearing.ends_at)
    return f"{start:%H:%M}～{end:%H:%M}"


def sheet_name(hearing: Hearing) -> str:
    """File name without ending: 04_宮城県よろず支援拠点_令和8年度ヒアリング票."""
    year = nendo(hearing.term.fiscal_year)
    return f"{hearing.hub.code}_{hearing.hub.name}_{year}ヒアリング票"


def sheet_context(hearing: Hearing, *, for_pdf: bool = False) -> dict[str, Any]:
    """What the shared inside of print view and PDF needs; no score before all are locked."""
    page = score_page(hearing, None)
    is_open = hearing.state in COMPARED
    seats = page.board.seats
    return {
        "hearing": hearing,
        "page": page,
        "when": when(hearing),
        "is_compared": is_open,
        "is_settled": hearing.state == HearingState.SETTLED,
        "panel": _panel_table(seats),
        "parts": [
            {
                "label": label,
                "table": _score_table(label, items, seats) if is_open else None,
                "blank": [] if is_open else _blank(hearing, code),
            }
            for (code, _), (label, items) in zip(
                ChecklistComponent.choices, page.parts, strict=True
            )
        ],
        "remarks": _remarks(page) if is_open else [],
        "signers": [
            f"{facts.member.get_role_display()}　{facts.member.evaluator.name}"
            for facts in seats
            if not facts.barred
        ],
        "checklist_hash": canonical_hash(content_of(hearing.checklist.items.all()))[:SHORT_HASH],
        "made_on": clock.today(),
        "is_sample_data": hearing.term.is_sample,
        "for_pdf": for_pdf,
        "back_url": "",
    }


def _blank(hearing: Hearing, component: str) -> list[dict[str, Any]]:
    """Items with their written levels and room for a score, for a hearing on paper."""
    rows = hearing.checklist.items.filter(component=component).order_by("order", "code")
    return [
        {
            "code": item.code,
            "text": item.text,
            "anchors": [(level, getattr(item, f"anchor_{level}")) for level in (4, 3, 2, 1, 0)],
        }
        for item in rows
    ]


def _letter(place: int) -> str:
    """A, B, C ... for the columns of the members."""
    return LETTERS[place] if place < len(LETTERS) else str(place + 1)


def _panel_table(seats: Sequence[SeatFacts]) -> Table:
    columns = [
        Column("letter", "記号", css="rp-c-13"),
        Column("name", "氏名", header=True),
        Column("organization", "所属"),
        Column("role", "役割", css="rp-c-18"),
        Column("outside", "担当局の外", css="rp-c-21"),
        Column("note", "利益相反・評点の扱い"),
    ]
    rows = [
        {
            "letter": _letter(place),
            "name": facts.member.evaluator.name,
            "organization": facts.member.evaluator.organization,
            "role": facts.member.get_role_display(),
            "outside": "はい" if facts.outside else "いいえ",
            "note": f"評点を数えない（{facts.barred}）" if facts.barred else "なし",
        }
        for place, facts in enumerate(seats)
    ]
    return Table("パネル", columns, rows)


def _score_table(label: str, items: Sequence[ScoreItem], seats: Sequence[SeatFacts]) -> Table:
    columns = [
        Column("code", "コード", css="rp-c-14"),
        Column("text", "項目", header=True),
        *(
            Column(f"m{facts.member.pk}", _letter(place), numeric=True, css="rp-c-14")
            for place, facts in enumerate(seats)
        ),
        Column("mean", "平均", numeric=True, css="rp-c-15"),
        Column("proof", "根拠"),
    ]
    return Table(f"{label}の評点", columns, [_score_row(item) for item in items])


def _score_row(item: ScoreItem) -> dict[str, Any]:
    row: dict[str, Any] = {"code": item.code, "text": item.response.item.text}
    if item.response.is_not_applicable:
        approver = item.response.not_applicable_approver
        row["proof"] = f"該当なし：{item.response.not_applicable_reason}（承認：{approver}）"
        return row
    counted = []
    for other in item.others:
        last = other.second if other.second is not None else other.first
        score = last.score if last is not None else None
        before = ""
        if other.second is not None and other.first is not None:
            before = f"←{other.first.score}"
        row[f"m{other.member.pk}"] = "" if score is None else f"{score}{before}"
        if other.counts and score is not None:
            counted.append(score)
    row["mean"] = mean_score(counted)
    titles = "、".join(proof.title for proof in item.evidence)
    high = any(score >= EVIDENCE_FROM for score in counted)
    row["proof"] = titles or ("なし（3・4は2として数える）" if high else "なし")
    return row


def _remarks(page: ScorePage) -> list[dict[str, str]]:
    """What the members wrote, by item, the later text of each."""
    found = []
    for item in page.items:
        for place, other in enumerate(item.others):
            texts = [
                row.comment
                for row in (other.first, other.second)
                if row is not None and row.comment
            ]
            if texts:
                found.append({"place": f"{item.code}　{_letter(place)}", "text": "\n".join(texts)})
    return found


def sheet_html(hearing: Hearing) -> str:
    """The whole document from which the PDF is made."""
    context = sheet_context(hearing, for_pdf=True)
    return render_to_string("evaluation/hearings/sheet_print.html", context)


def sheet_pdf(hearing: Hearing) -> bytes:
    """One hearing sheet as PDF/UA."""
    return render_pdf(sheet_html(hearing))
