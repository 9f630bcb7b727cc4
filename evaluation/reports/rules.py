"""Pure reading of frozen texts for reports: a run and an evidence book (evaluation.md 2.13)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from evaluation.surveys import rules as surveys
from yorozu.core import exact, figures
from yorozu.core.figures import Blank

Json = Mapping[str, Any]
Figure = int | Decimal
Key = tuple[str, str]

STATUS_WORDS = {
    "OK": "算定",
    "NA": "対象外",
    "MISSING": "値なし（0点）",
    "SMALL_N": "回答少数",
    "DROPPED": "比較のため除外",
}
VALUE_STATES = {"not_reported": Blank.NOT_REPORTED, "not_applicable": Blank.NOT_APPLICABLE}


@dataclass(frozen=True)
class Measure:
    """What was measured for an item or component: target and actual where there are any."""

    target: Figure | None = None
    actual: Figure | None = None
    value: Decimal | None = None
    reconcile: bool = False


@dataclass(frozen=True)
class MonthSeries:
    """The accepted monthly values of one indicator; a blank is not a zero."""

    code: str
    name: str
    unit: str
    target: Figure | None
    values: tuple[int | Blank | None, ...]
    total: int | None


@dataclass(frozen=True)
class Survey:
    """The satisfaction survey of one hub: counts, rate, mean, 90 % interval of the 4-5 answers."""

    sent: int | None
    returned: int | None
    rate: Decimal | None
    levels: tuple[int, ...]
    n: int
    mean: Decimal | None
    value: Decimal | None
    prior: Decimal | None
    k: Decimal | None
    top_count: int
    top_share: Decimal | None
    low: Decimal | None
    high: Decimal | None

    @property
    def is_response_low(self) -> bool:
        """True below the response rate that calls for a warning (1.4)."""
        return self.rate is not None and self.rate < surveys.LOW_RESPONSE


@dataclass(frozen=True)
class PartnerType:
    """Support organisations of one type: how many, and the mean of their values."""

    name: str
    count: int
    mean: Decimal | None


@dataclass(frozen=True)
class Excluded:
    """An organisation whose value does not count, and why (1.5)."""

    organization: str
    type: str
    reason: str


@dataclass(frozen=True)
class Partners:
    """The assessment by support organisations."""

    types: tuple[PartnerType, ...]
    excluded: tuple[Excluded, ...]
    n: int
    mean: Decimal | None
    value: Decimal | None
    prior: Decimal | None
    k: Decimal | None


@dataclass(frozen=True)
class Check:
    """One item of the checklist or hearing: the mean of the raters and the anchor it reaches."""

    component: str
    code: str
    text: str
    weight: Decimal | None
    raters: int
    mean: Decimal | None
    anchor: str
    points: Decimal | None
    status: str
    has_evidence: bool
    evidence_note: str
    reconcile: bool
    reason: str


@dataclass(frozen=True)
class Source:
    """Where figures come from: which part, from which record or file, when and by whom."""

    part: str
    origin: str
    moment: str
    who: str
    sha256: str = ""


@dataclass(frozen=True)
class Texts:
    """Words and anchors that belong to codes of a run and its frozen books."""

    organization_types: Mapping[str, str]
    import_kinds: Mapping[str, str]
    anchors: Mapping[str, Sequence[str]]


def number(value: object) -> Figure | None:
    """A figure of the frozen text: int as int, text as Decimal, nothing as None."""
    if value is None or isinstance(value, int):
        return value
    return Decimal(str(value))


def decimal(value: object) -> Decimal | None:
    """A decimal of the frozen text."""
    return None if value is None else Decimal(str(value))


def measures(given: Json, result: Json) -> dict[Key, Measure]:
    """Per component and item what was measured; key (component, "") is a component as a whole."""
    known: dict[Key, Measure] = {}
    for part in result["components"]:
        for code, detail in details(part):
            entry = _entries(given, part["code"]).get(code, {})
            known[part["code"], code] = Measure(
                number(entry.get("target")),
                number(entry.get("actual")),
                decimal(detail.get("ratio", detail.get("mean"))),
                bool(detail.get("reconcile", False)),
            )
        if isinstance(part["detail"], Mapping) and "value" in part["detail"]:
            known[part["code"], ""] = Measure(value=decimal(part["detail"]["value"]))
    return known


def details(part: Json) -> list[tuple[str, Json]]:
    """The items of a component of the result, by code; none for a survey or partner component."""
    detail = part["detail"]
    if isinstance(detail, list):
        return [(entry["code"], entry) for entry in detail]
    if not isinstance(detail, Mapping):
        return []
    return [(code, entry) for code, entry in detail.items() if isinstance(entry, Mapping)]


def _entries(given: Json, component: str) -> dict[str, Json]:
    if component == "IND":
        return dict(given.get("indicators", {}))
    listed = given.get("focus") if component == "FOC" else given.get("checks", {}).get(component)
    return {entry["code"]: entry for entry in listed or []}


def item_means(hubs: Iterable[Json]) -> dict[Key, Decimal]:
    """National mean of the points of each item that all hubs share (focus areas are their own)."""
    held: dict[Key, list[Decimal]] = {}
    for hub in hubs:
        for part in hub["components"]:
            if part["code"] == "FOC":
                continue
            for code, detail in details(part):
                if detail.get("points") is not None:
                    held.setdefault((part["code"], code), []).append(Decimal(detail["points"]))
    return {key: mean(values) for key, values in held.items()}


def mean(values: Sequence[Decimal], places: int = 2) -> Decimal:
    """Mean of printed points, half up; the same rounding as the means of the components."""
    return figures.q(sum(values, Decimal(0)) / len(values), places)


def gate_sentences(gates: Sequence[Json], names: Mapping[str, str], limit: str) -> list[str]:
    """Why the grade has a ceiling, in words (2.8)."""
    sentences = []
    for gate in gates:
        parts = [names[code] for code in gate["because"] if code in names]
        findings = [code for code in gate["because"] if code not in names]
        if parts:
            listed = "、".join(f"「{name}」" for name in parts)
            sentences.append(
                f"{listed}が{limit}点未満のため、評語は{gate['cap']}を上限とします（点数は変わりません）。"
            )
        if findings:
            sentences.append(
                f"データの確認事項（{'、'.join(findings)}）が解決するまで、評語は{gate['cap']}を上限とします。"
            )
    return sentences


def ungraded_sentence(coverage: Decimal, months: int, least: tuple[Decimal, int]) -> str:
    """Why a hub is neither graded nor ranked (2.3, 2.4)."""
    reasons = []
    if coverage < least[0]:
        reasons.append(f"充足率が{coverage}%で、{least[0]}%に満たない")
    if months < least[1]:
        reasons.append(f"稼働月数が{months}か月で、{least[1]}か月に満たない")
    because = "、".join(reasons) or "算定できる区分がない"
    return f"{because}ため、点数は参考とし、評語と順位を付けません。"


def months(content: Json) -> tuple[MonthSeries, ...]:
    """The monthly values of the activity indicators as accepted (S72)."""
    targets = {entry["code"]: entry["target"] for entry in content["plan"]["targets"]}
    return tuple(
        MonthSeries(
            code=entry["code"],
            name=entry["name"],
            unit=entry["unit"],
            target=number(targets.get(entry["code"])),
            values=_month_values(entry["months"], content["hub"]["months"]),
            total=entry["total"],
        )
        for entry in content["results"]["indicators"]
    )


def _month_values(rows: Sequence[Json], wanted: Sequence[str]) -> tuple[int | Blank | None, ...]:
    """One value per month of operation; a month without a row was not reported."""
    held = {row["month"]: VALUE_STATES.get(row["state"], row["value"]) for row in rows}
    return tuple(held.get(month, Blank.NOT_REPORTED) for month in wanted)


def month_days(content: Json) -> tuple[str, ...]:
    """The months the series speak of, as 2025-04."""
    return tuple(content["hub"]["months"])


def survey(given: Json, result: Json, prior: Sequence[str | None], content: Json | None) -> Survey:
    """The survey as counted by the engine, with what the book knows of sending it out."""
    levels = tuple(given.get("survey") or (0,) * len(surveys.SCALE))
    detail = _detail_of(result, "SAT")
    book = (content or {}).get("satisfaction") or {}
    sent, returned = book.get("sent"), book.get("returned")
    counts = list(levels)
    n, top = surveys.answer_count(counts), surveys.top_box_count(counts)
    share = surveys.top_box_share(counts)
    low, high = surveys.wilson(top, n) if n else (None, None)
    return Survey(
        sent=sent,
        returned=returned,
        rate=None if sent is None else surveys.response_rate(sent, returned or 0),
        levels=levels,
        n=n,
        mean=surveys.answer_mean(counts),
        value=decimal(detail.get("value")),
        prior=decimal(prior[0]),
        k=decimal(prior[1]),
        top_count=top,
        top_share=_percent(share),
        low=_percent(low),
        high=_percent(high),
    )


def _percent(share: Decimal | None) -> Decimal | None:
    return None if share is None else exact.rounded(share * 100, 1)


def _detail_of(result: Json, component: str) -> Json:
    found: Any = next(
        (part["detail"] for part in result["components"] if part["code"] == component), {}
    )
    return found if isinstance(found, Mapping) else {}


def partners(
    given: Json, result: Json, prior: Sequence[str | None], rows: Sequence[Json], texts: Texts
) -> Partners:
    """Organisations by type; single values stay with those who judge, so answers stay frank."""
    detail = _detail_of(result, "PAR")
    words = texts.organization_types
    held: dict[str, list[Decimal]] = {}
    for row in rows:
        if not row["is_excluded"]:
            held.setdefault(words.get(row["type"], row["type"]), []).append(Decimal(row["value"]))
    order = {name: place for place, name in enumerate(words.values())}
    types = tuple(
        PartnerType(name, len(held[name]), mean(held[name]))
        for name in sorted(held, key=lambda name: order.get(name, len(order)))
    )
    excluded = tuple(
        Excluded(row["organization"], words.get(row["type"], row["type"]), row["excluded_reason"])
        for row in rows
        if row["is_excluded"]
    )
    return Partners(
        types=types,
        excluded=excluded,
        n=len(given.get("partners") or []),
        mean=decimal(detail.get("raw_mean")),
        value=decimal(detail.get("value")),
        prior=decimal(prior[0]),
        k=decimal(prior[1]),
    )


def checks(given: Json, result: Json, content: Json | None, texts: Texts) -> tuple[Check, ...]:
    """Checklist and hearing items; single scores and names of raters are not shown."""
    hearing = (content or {}).get("hearing") or {}
    book = {(row["component"], row["code"]): row for row in hearing.get("items", [])}
    return tuple(
        _check(part["code"], detail, entry, book.get((part["code"], code), {}), texts)
        for part in result["components"]
        if isinstance(part["detail"], list)
        for code, detail in details(part)
        for entry in [_entries(given, part["code"]).get(code, {})]
    )


def _check(component: str, detail: Json, entry: Json, row: Json, texts: Texts) -> Check:
    found = decimal(detail.get("mean"))
    return Check(
        component=component,
        code=detail["code"],
        text=row.get("text", detail["code"]),
        weight=decimal(entry.get("weight", "1")),
        raters=len(entry.get("scores") or {}),
        mean=found,
        anchor=anchor_text(found, texts.anchors.get(detail["code"], ())),
        points=decimal(detail["points"]),
        status=detail["status"],
        has_evidence=bool(entry.get("evidence", False)),
        evidence_note=row.get("evidence_note") or "",
        reconcile=bool(detail.get("reconcile", False)),
        reason=row.get("not_applicable_reason") or "",
    )


def anchor_text(found: Decimal | None, anchors: Sequence[str]) -> str:
    """The highest anchor that a mean fully reaches: 2.67 has reached 2, not 3."""
    if found is None or not anchors:
        return ""
    level = int(found)
    return f"{level}：{anchors[level]}" if level < len(anchors) else ""


def sources(content: Json, texts: Texts) -> tuple[Source, ...]:
    """The records behind the figures: plan, monthly reports, waves and imported files."""
    return (
        *_plan_source(content),
        *_report_sources(content),
        *_wave_sources(content),
        *_import_sources(content, texts),
    )


def _plan_source(content: Json) -> list[Source]:
    plan = content["plan"]
    if not plan.get("finalized_at"):
        return []
    return [
        Source(
            "数値目標・重点分野",
            "確定した事業計画",
            plan["finalized_at"],
            plan.get("finalized_by") or "",
            plan.get("content_hash") or "",
        )
    ]


def _report_sources(content: Json) -> list[Source]:
    reports = [row for row in content["results"].get("reports", []) if row.get("accepted_at")]
    if not reports:
        return []
    last = max(str(row["accepted_at"]) for row in reports)
    who = "、".join(sorted({row["accepted_by"] for row in reports if row["accepted_by"]}))
    corrections = len(content["results"].get("corrections", []))
    said = f"（反映した修正{corrections}件を含む）" if corrections else ""
    origin = f"確認済みの月次実績{len(reports)}か月分{said}"
    return [Source("活動指標・重点分野の実績", origin, last, who)]


def _wave_sources(content: Json) -> list[Source]:
    """Answers that were counted in the portal, with the hash of what the sample was drawn from."""
    return [
        Source(
            row["title"],
            f"調査回の集計（{row['questionnaire']}）",
            row["counted_at"] or "",
            row["by"] or "",
            row["frame_hash"],
        )
        for row in content.get("waves", [])
    ]


def _import_sources(content: Json, texts: Texts) -> list[Source]:
    return [
        Source(
            texts.import_kinds.get(row["kind"], row["kind"]),
            f"取込{row['id']}「{row['filename']}」",
            row["applied_at"] or "",
            row["by"] or "",
            row["sha256"] or "",
        )
        for row in content.get("imports", [])
    ]


@dataclass(frozen=True)
class IndicatorTotal:
    """Target, actual and attainment of one indicator over some hubs."""

    code: str
    target: int | None
    actual: int | None
    attainment: Decimal | None


def indicator_totals(hubs: Iterable[Json], codes: Sequence[str]) -> tuple[IndicatorTotal, ...]:
    """Sums over hubs; a hub without a value adds nothing, and nothing at all is not zero (S85)."""
    rows = [hub.get("indicators", {}) for hub in hubs]
    totals = []
    for code in codes:
        target = figures.total(row.get(code, {}).get("target") for row in rows)
        actual = figures.total(row.get(code, {}).get("actual") for row in rows)
        totals.append(IndicatorTotal(code, target, actual, figures.percent(actual, target)))
    return tuple(totals)


def remarks(result: Json, names: Mapping[str, str]) -> list[str]:
    """What a reader must know of a hub's input: gaps, few answers, raters apart."""
    found = []
    for status, sentence in (
        ("MISSING", "値がないため0点の項目があります"),
        ("SMALL_N", "回答が少ないため全国の平均までとした区分があります"),
        ("NA", "対象外とした項目があります"),
    ):
        listed = _with_status(result, status, names)
        if listed:
            found.append(f"{sentence}（{'、'.join(listed)}）。")
    apart = [
        code for part in result["components"] for code, d in details(part) if d.get("reconcile")
    ]
    if apart:
        found.append(f"評価者の評点に2以上の開きがあります（{'、'.join(apart)}）。")
    return found


def _with_status(result: Json, status: str, names: Mapping[str, str]) -> list[str]:
    listed = []
    for part in result["components"]:
        name = names.get(part["code"], part["code"])
        items = [code for code, detail in details(part) if detail["status"] == status]
        if items:
            listed.append(f"{name}の{'・'.join(items)}")
        elif part["status"] == status:
            listed.append(name)
    return listed


@dataclass(frozen=True)
class Evaluator:
    """Who judged the hearing, and whether the scores count (evaluation.md 1.7)."""

    name: str
    organization: str
    role: str
    is_outside: bool
    counts: bool
    conflict: str
    waivers: tuple[str, ...]


def evaluators(content: Mapping[str, Any] | None) -> tuple[Evaluator, ...]:
    """The panel of the frozen hearing; scores that came from a file name nobody on the sheet."""
    hearing = (content or {}).get("hearing") or {}
    return tuple(
        Evaluator(
            name=row["evaluator"],
            organization=row["organization"],
            role=row["role"],
            is_outside=row["is_outside"],
            counts=row["counts"],
            conflict=row["conflicts"],
            waivers=tuple(row["waivers"]),
        )
        for row in hearing.get("panel", [])
    )
