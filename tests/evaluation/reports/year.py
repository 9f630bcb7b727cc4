"""A judged year of 47 hubs for the report tests: books, run, scenario by the product's own path."""

from typing import Any

from evaluation.budget.models import BudgetScenario
from evaluation.budget.operations import build_snapshot as budget_snapshot
from evaluation.budget.operations import keep_rule, store_scenario
from evaluation.evidence.models import EvidenceBook
from evaluation.evidence.rules import rater_key
from evaluation.hearings.models import Checklist, ChecklistItem
from evaluation.scoring.models import EvaluationRun
from evaluation.scoring.operations import RunInput, adopt_scheme, build_snapshot, store_run
from hubs.network.models import Hub
from hubs.terms.models import ActivityIndicator, Term
from yorozu.core.access import Scope
from yorozu.core.canonical import canonical_json, sha256_text

INDICATORS = (
    ("CONS", "相談対応件数", "件", 1200),
    ("VISIT", "来訪相談者数", "者", 700),
    ("SOLVE", "課題解決件数", "件", 260),
    ("NETW", "ネットワーク活動件数", "回", 120),
)
MONTHS = [f"2025-{n:02d}" for n in range(4, 13)] + [f"2026-{n:02d}" for n in range(1, 4)]
CHECKS = (
    ("CHK", "C1", "相談者の課題を構造的に整理し、支援方針を書面で共有している"),
    ("CHK", "C2", "支援後の成果を追跡し、次の提案につなげている"),
    ("CHK", "C3", "地域の支援機関と役割を分けて、紹介と引継ぎを行っている"),
    ("UNQ", "U1", "新規性"),
    ("UNQ", "U2", "効果"),
)
PAYLOAD = '=HYPERLINK("http://example.jp","商工会")'
TOTAL_YEN = 4_000_000_000
# Where a frozen value comes from, in the product's shape.
SOURCE = {"table": "hubs_monthlyresult", "id": 1, "import_batch": None, "row": None}


def make_term() -> Term:
    """FY2025 with its indicator definitions and the locked checklist."""
    term, _ = Term.objects.get_or_create(fiscal_year=2025)
    if not term.indicators.exists():
        for order, (code, name, unit, _) in enumerate(INDICATORS, start=1):
            ActivityIndicator.objects.create(
                term=term, code=code, name=name, unit=unit, definition=name, order=order
            )
    checklist = Checklist.objects.create(term=term, version=7, title="令和7年度")
    for order, (component, code, text) in enumerate(CHECKS, start=1):
        anchors = {f"anchor_{level}": f"{code}の段階{level}の説明" for level in range(5)}
        ChecklistItem.objects.create(
            checklist=checklist, component=component, code=code, text=text, order=order, **anchors
        )
    checklist.is_locked = True
    checklist.save()
    return term


def series(code: str, target: int, place: int) -> tuple[list[dict[str, Any]], int]:
    """Twelve months; hub 3 has not reported March, hub 4 has a month not applicable."""
    rows, total = [], 0
    for n, month in enumerate(MONTHS):
        value = target * (88 + (place * 7 + n * 3 + len(code)) % 27) // 1200
        state = "reported"
        if place == 3 and n == 11:
            state = "not_reported"
        if place == 4 and n == 0:
            state = "not_applicable"
        held = value if state == "reported" else None
        total += held or 0
        rows.append({"month": month, "state": state, "value": held, "reason": "", "source": SOURCE})
    return rows, total


def content(hub: Hub, place: int) -> dict[str, Any]:
    """The book of one hub in the product's shape."""
    results = []
    for code, name, unit, target in INDICATORS:
        months, total = series(code, target, place)
        results.append({"code": code, "name": name, "unit": unit, "total": total, "months": months})
    return {
        "format": 1,
        "fiscal_year": 2025,
        "as_of": "2026-03-31",
        "hub": {
            "code": hub.code,
            "name": hub.name,
            "bureau": hub.bureau.name,
            "months": MONTHS if place != 6 else MONTHS[-5:],
        },
        "plan": {
            "content_hash": "ab" * 32,
            "finalized_at": "2025-05-20T10:00:00+09:00",
            "finalized_by": "面談 太郎",
            "targets": [
                {
                    "code": code,
                    "name": name,
                    "unit": unit,
                    "target": target,
                    "challenge": "1.05" if place == 2 else "1.00",
                    "challenge_reason": "",
                    "is_zero_approved": False,
                }
                for code, name, unit, target in INDICATORS
            ],
            "focus_areas": [
                {
                    "code": "F1",
                    "name": "創業支援",
                    "unit": "件",
                    "target": 60,
                    "weight": None,
                    "challenge": "1.00",
                    "challenge_reason": "",
                }
            ],
        },
        "results": {
            "indicators": results,
            "focus_areas": [
                {
                    "code": "F1",
                    "name": "創業支援",
                    "unit": "件",
                    "total": 50 + place % 20,
                    "months": [],
                }
            ],
            "reports": [
                {
                    "month": month,
                    "accepted_at": f"{month}-28T10:00:00+09:00",
                    "accepted_by": "局 花子",
                    "source": SOURCE,
                }
                for month in MONTHS
            ],
        },
        "satisfaction": {
            "sent": 120,
            "returned": 20 if place == 5 else 60,
            "levels": [1, 2, 7, 30, 20 - place % 10],
            "is_excused": False,
            "source": SOURCE,
        },
        "partners": partners(place),
        "hearing": {
            "held_on": "2026-03-10",
            "checklist": {"title": "令和7年度", "version": 7},
            "items": [check(*row, place) for row in CHECKS],
        },
        "contracts": [
            {
                "implementing_body": "配役の実施機関",
                "funding_line": "当初予算",
                "amount_yen": 60_000_000 + place * 500_000,
                "document_number": "",
                "starts_on": "2025-04-01",
                "ends_on": "2026-03-31",
            }
        ],
        "regional_figures": [
            {"code": "smes", "year": 2021, "value": 20_000 + place * 900, "unit": "者"},
            {"code": "area", "year": 2021, "value": 3_000 + place * 50, "unit": "km2"},
        ],
        "imports": [
            {
                "id": 12,
                "kind": "surveys.satisfaction",
                "filename": "満足度調査_令和7年度.csv",
                "sha256": "0f" * 32,
                "applied_at": "2026-03-20T09:00:00+09:00",
                "by": "本部 一郎",
            }
        ],
    }


def partners(place: int) -> list[dict[str, Any]]:
    """Four organisations; the implementing body is left out."""
    names = [
        ("東商工会議所", "商工会議所", "4.20"),
        ("西商工会", "商工会", "3.80"),
        ("北信用金庫", "金融機関", f"{2 + place % 3}.50"),
        (PAYLOAD, "その他", "5.00"),
    ]
    return [
        {
            "organization": name,
            "type": kind,
            "value": value,
            "respondents": 1,
            "is_excluded": name == PAYLOAD,
            "excluded_reason": "拠点の実施機関のため" if name == PAYLOAD else "",
            "source": SOURCE,
        }
        for name, kind, value in names
    ]


def check(component: str, code: str, text: str, place: int) -> dict[str, Any]:
    """One hearing item: raters apart at hub 7, nobody scored U2 of hub 8, N/A at hub 9."""
    scores = [2 + (place + len(code)) % 3, 3, 3]
    if place == 7:
        scores = [1, 4, 3]
    raters = [] if (place == 8 and code == "U2") or (place == 9 and code == "C3") else scores
    absent = place == 9 and code == "C3"
    return {
        "component": component,
        "code": code,
        "text": text,
        "weight": "1.00",
        "has_evidence": code != "U1",
        "evidence_note": "支援記録の抽出10件" if code == "C1" else "",
        "is_not_applicable": absent,
        "not_applicable_reason": "対象となる機関がない" if absent else "",
        "not_applicable_approver": "本部 二郎" if absent else "",
        "source": SOURCE,
        "ratings": [
            {
                "rater": rater_key(f"評価者{n}", "本部"),
                "evaluator": f"評価者{n}",
                "organization": "本部",
                "score": score,
                "source": SOURCE,
            }
            for n, score in enumerate(raters)
        ],
    }


def make_books(term: Term) -> dict[str, EvidenceBook]:
    """One book per hub."""
    hubs = enumerate(Hub.objects.select_related("bureau"))
    return {hub.code: make_book(hub, term, content(hub, place)) for place, hub in hubs}


def make_book(hub: Hub, term: Term, made: dict[str, Any]) -> EvidenceBook:
    """The first book of a hub, with this content."""
    text = canonical_json(made)
    book = EvidenceBook.objects.create(
        hub=hub,
        term=term,
        number=1,
        as_of="2026-03-31",
        content=text,
        content_hash=sha256_text(text),
        previous_hash="0" * 64,
        frozen_by_name="本部",
    )
    book.refresh_from_db()
    return book


def make_run(actor: Scope, kind: str = "final") -> EvaluationRun:
    """A computed run over all hubs."""
    term = make_term()
    scheme = adopt_scheme(actor, term=term)
    books = make_books(term)
    given = RunInput(term=term, kind=kind, scheme=scheme, books=books)
    return store_run(actor, given=given, snapshot=build_snapshot(given))


def make_scenario(actor: Scope, run: EvaluationRun) -> BudgetScenario:
    """A scenario of the default rule from the run."""
    rule = keep_rule(actor)
    snapshot = budget_snapshot(run, rule, TOTAL_YEN)
    return store_scenario(actor, run=run, rule=rule, title="標準案", snapshot=snapshot)
