"""A whole final run: score, leave-one-out, variants, 1,000 draws, budget; and the sheets as PDF.

The fair other sides are in the same round: the simulation against the plain form that says what its
numbers must be (P3) and against the SHA-256 calls alone (P3b); 470 hubs against 47 (growth). The
seconds of the whole run and the sheets a minute are told beside their limits and judge nothing:
seconds are the machine's. Before any time counts, a run and its analysis are recomputed from the
certificate, as a stranger would, and the analysis once more by the plain form.
"""

import hashlib
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from benchmarks import ground
from benchmarks.frame import Bench, WrongResultError, same, timed
from benchmarks.judging import Metric, Target, at_least, at_most, exponent, ratio
from evaluation.budget.operations import build_snapshot, keep_rule, store_scenario
from evaluation.budget.rules.check import check_file
from evaluation.evidence.rules import rater_key
from evaluation.reports import files, queries
from evaluation.scoring.analysis import operations as analyses
from evaluation.scoring.models import EvaluationRun, RunKind
from evaluation.scoring.operations import adopt_scheme, start_run
from evaluation.scoring.queries import certificate
from evaluation.scoring.rules import intervals, noise, simulation
from evaluation.scoring.rules.analysis import DELTA, DRAWS
from hubs.network.models import Hub
from hubs.terms.models import Term
from tests.evaluation.reports.year import content as plain_content
from tests.evaluation.reports.year import make_book
from yorozu.core.canonical import canonical_json, parse_canonical, sha256_text
from yorozu.core.jobs import runner
from yorozu.core.jobs.models import Job, JobState
from yorozu.core.pdf import PdfSession, pdf_available

SMALL, LARGE = 47, 470
YEARS = {SMALL: 2025, LARGE: 2024}
ITEMS = {"CHK": 8, "UNQ": 4}
AREAS = 3
BUDGET_YEN = 4_000_000_000
LIMIT_SECONDS = 10
SHEETS_A_MINUTE = 60
SHEETS = 12

NO_GATE = Target(None, None, more=False)
TIMES_FASTER = Metric(
    "P3", "simulation: plain form / product, identical text", at_least(3, 6), ("plain",)
)
OVER_HASHES = Metric("P3b", "simulation / its SHA-256 calls alone", at_most(3, 1.6), ("hashes",))
DRAWN_GROWTH = Metric("P3c", "growth exponent of the simulation in hubs", NO_GATE)
WHOLE = Metric("P3d", "seconds of a whole final run of 47 hubs (limit 10 on 2 cores)", NO_GATE)
WHOLE_GROWTH = Metric("P3d", "growth exponent of a whole final run in hubs", NO_GATE)
SHEETS_MADE = Metric(
    "P4b", "hub sheets as PDF per minute and core (wanted: 60)", Target(None, None, more=True)
)


@dataclass
class _Whole:
    """One run by its job and one budget: seconds, of the processor alone, by the named steps."""

    run: EvaluationRun
    seconds: float
    cpu: float
    steps: dict[str, float]


def run(bench: Bench) -> None:
    """P3, P3b, the whole run and its growth, the sheets."""
    if not simulation.HAS_NUMPY:
        raise WrongResultError("numpy (requirements-numbers.txt) is missing: nothing to compare")
    term = _judged(bench, SMALL)
    first = _whole(term, SMALL)
    _recomputed(bench, first.run)
    small = _input(first.run)
    times = bench.rounds(
        {
            "plain": lambda: _same_text(small),
            "product": lambda: timed(lambda: simulation.intervals(small))[0],
            "hashes": lambda: _hashes(small),
            "whole, 47": lambda: _whole(term, SMALL).seconds,
        }
    )
    facts = {"hubs": SMALL, "draws": DRAWS, "hashes": _count(small) * DRAWS}
    bench.report(TIMES_FASTER, ratio(times["plain"], times["product"]), times, **facts)
    bench.report(OVER_HASHES, ratio(times["product"], times["hashes"]), times, **facts)
    seconds = sorted(times["whole, 47"])[len(times["whole, 47"]) // 2]
    bench.report(
        WHOLE,
        seconds,
        {"whole, 47": times["whole, 47"]},
        limit_seconds=LIMIT_SECONDS,
        is_within=seconds <= LIMIT_SECONDS,
        cpu_seconds=round(first.cpu, 3),
        steps={name: round(spent, 3) for name, spent in first.steps.items()},
    )
    _sheets(bench, first.run)
    _grown(bench, times)


def _grown(bench: Bench, few: dict[str, list[float]]) -> None:
    """The same over ten times as many hubs."""
    term = _judged(bench, LARGE)
    made = _whole(term, LARGE)
    given = _input(made.run)
    many = bench.rounds(
        {
            "product, 470": lambda: timed(lambda: simulation.intervals(given))[0],
            "whole, 470": lambda: _whole(term, LARGE).seconds,
        }
    )
    factor = LARGE / SMALL
    drawn = exponent(few["product"], many["product, 470"], factor)
    both = {"product": few["product"], "product, 470": many["product, 470"]}
    bench.report(DRAWN_GROWTH, drawn, both)
    whole = exponent(few["whole, 47"], many["whole, 470"], factor)
    both = {"whole, 47": few["whole, 47"], "whole, 470": many["whole, 470"]}
    steps = {name: round(spent, 3) for name, spent in made.steps.items()}
    bench.report(WHOLE_GROWTH, whole, both, steps_470=steps)


def _judged(bench: Bench, count: int) -> Term:
    """A year of so many hubs with frozen books of 21 items each."""
    bench.say(f"a year of {count} hubs")
    ground.make_hubs(count)
    hubs = list(Hub.objects.select_related("bureau").order_by("code"))
    term = ground.make_term(YEARS[count])
    for place, hub in enumerate(hubs[:count]):
        make_book(hub, term, _content(hub, place))
    adopt_scheme(ground.actor(), term=term)
    return term


def _content(hub: Hub, place: int) -> dict[str, Any]:
    """A book as large as a real one: three focus areas, twelve hearing items, three raters."""
    made = plain_content(hub, place % SMALL)
    made["hub"]["months"] = [row["month"] for row in made["results"]["reports"]]
    area, counted = made["plan"]["focus_areas"][0], made["results"]["focus_areas"][0]
    codes = [f"F{number}" for number in range(1, AREAS + 1)]
    made["plan"]["focus_areas"] = [{**area, "code": code} for code in codes]
    made["results"]["focus_areas"] = [
        {**counted, "code": code, "total": 40 + (place * 7 + number * 11) % 40}
        for number, code in enumerate(codes)
    ]
    model = made["hearing"]["items"][0]
    made["hearing"]["items"] = [
        {**model, "component": part, "code": f"{part[0]}{n}", "ratings": _ratings(place, n)}
        for part, many in ITEMS.items()
        for n in range(1, many + 1)
    ]
    return made


def _ratings(place: int, number: int) -> list[dict[str, Any]]:
    """Three raters: two of the area, one who links the areas."""
    names = [f"評価者{place % 9}A", f"評価者{place % 9}B", "評価者X"]
    return [
        {
            "rater": rater_key(name, "本部"),
            "evaluator": name,
            "organization": "本部",
            "score": (place * 3 + number * 2 + turn * place) % 3 + 2,
            "source": {"table": "", "id": None, "import_batch": None, "row": None},
        }
        for turn, name in enumerate(names)
    ]


def _whole(term: Term, count: int) -> _Whole:
    """A final run by its job as a worker runs it, then a budget over it."""
    job = start_run(ground.actor(), term=term, kind=RunKind.FINAL)
    clock, busy = _Steps(), time.process_time()
    with clock.watching():
        seconds, state = timed(lambda: runner.run(job.pk))
    same("the job", state, JobState.SUCCEEDED)
    Job.objects.filter(pk=job.pk).delete()
    made = EvaluationRun.objects.filter(term=term).latest("number")
    same("hubs of the run", made.hub_results.count(), count)
    rule = keep_rule(ground.actor())
    spent, _ = timed(lambda: _budget(made, rule))
    busy = time.process_time() - busy
    return _Whole(made, seconds + spent, busy, {**clock.spent(), "配分": spent})


def _budget(made: EvaluationRun, rule: Any) -> None:
    snapshot = build_snapshot(made, rule, BUDGET_YEN)
    with transaction.atomic():
        store_scenario(ground.actor(), run=made, rule=rule, title="配分", snapshot=snapshot)


def _recomputed(bench: Bench, made: EvaluationRun) -> None:
    """A stranger's check of run and analysis, and the analysis by the plain form alone."""
    file = certificate(made)
    same("the certificate", check_file(file), (2, 0, []))
    bench.say("the analysis by the plain form")
    has, simulation.HAS_NUMPY = simulation.HAS_NUMPY, False
    try:
        again = analyses.compute_for(made).result
    finally:
        simulation.HAS_NUMPY = has
    same("analysis by the plain form", sha256_text(again), file["analysis"]["result_hash"])


def _input(made: EvaluationRun) -> dict[str, Any]:
    """The simulation's input of a run, as its analysis draws it."""
    snapshot: Any = parse_canonical(made.snapshot)
    result: Any = parse_canonical(made.result)
    further: Any = parse_canonical(made.analysis.snapshot)
    spreads = noise.noise_of(snapshot["input"], further["months"])
    drawn = noise.simulation_input(snapshot["input"], result, spreads)
    return {**drawn, "seed": made.input_hash, "draws": DRAWS, "delta": DELTA}


def _same_text(given: dict[str, Any]) -> float:
    """Seconds of the plain form, whose text the product's must be."""
    seconds, found = timed(lambda: intervals.intervals(given))
    same(
        "text of the intervals", canonical_json(simulation.intervals(given)), canonical_json(found)
    )
    return seconds


def _keys(given: dict[str, Any]) -> list[bytes]:
    """What is hashed: every item that errs at all."""
    return [
        f"{given['seed']}|{code}|{name}|{row[0]}|".encode()
        for code, parts in given["hubs"].items()
        for name, rows in parts.items()
        for row in rows
        if float(row[2])
    ]


def _count(given: dict[str, Any]) -> int:
    return len(_keys(given))


def _hashes(given: dict[str, Any]) -> float:
    """The SHA-256 calls of the simulation and nothing else."""
    keys, endings = _keys(given), [str(draw).encode() for draw in range(given["draws"])]

    def all_of_them() -> None:
        for key in keys:
            for ending in endings:
                hashlib.sha256(key + ending).digest()

    return timed(all_of_them)[0]


def _sheets(bench: Bench, made: EvaluationRun) -> None:
    """Sheets of the first hubs, by one child process after another in turn: one core."""
    if problem := pdf_available():
        bench.say(f"no sheets: {problem}")
        return
    pages = []
    for sheet in queries.hub_sheets(made, ground.actor()):
        pages.append(files.hub_sheet_html(sheet))
        if len(pages) == SHEETS:
            break
    made_by: list[float] = []

    def batch() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds, documents = timed(lambda: _rendered(pages))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        same("sheets", [page[:5] for page in documents], [b"%PDF-"] * SHEETS)
        spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        made_by.append(SHEETS * 60 / spent)
        return seconds

    times = bench.rounds({"sheets": batch})
    per_core = sorted(made_by)[len(made_by) // 2]
    waited = [SHEETS * 60 / seconds for seconds in times["sheets"]]
    bench.report(
        SHEETS_MADE,
        per_core,
        times,
        wanted=SHEETS_A_MINUTE,
        is_enough=per_core >= SHEETS_A_MINUTE,
        by_the_clock={"min": round(min(waited), 1), "max": round(max(waited), 1)},
        sheets=SHEETS,
    )


def _rendered(pages: Sequence[str]) -> list[bytes]:
    with PdfSession() as session:
        return [session.render(page) for page in pages]


class _Steps:
    """Seconds between the steps that a job names."""

    def __init__(self) -> None:
        self.marks: list[tuple[str, float]] = []

    def watching(self) -> Any:
        """While this holds, every named step is noted."""
        return _Watched(self)

    def note(self, step: str, moment: float) -> None:
        """One named step begins."""
        self.marks.append((step, moment))

    def spent(self) -> dict[str, float]:
        """Seconds of each step."""
        ends = [moment for _, moment in self.marks[1:]]
        return {step: end - began for (step, began), end in zip(self.marks, ends, strict=False)}


class _Watched:
    def __init__(self, steps: _Steps) -> None:
        self.steps = steps
        self.plain = runner.JobContext.progress

    def __enter__(self) -> None:
        steps, plain = self.steps, self.plain

        def noted(context: runner.JobContext, done: int, total: int, step: str) -> None:
            steps.note(step, time.perf_counter())
            plain(context, done, total, step)

        setattr(runner.JobContext, "progress", noted)  # noqa: B010 (mypy: another's method)

    def __exit__(self, *failure: object) -> None:
        setattr(runner.JobContext, "progress", self.plain)  # noqa: B010
        self.steps.note("", time.perf_counter())
