"""For every address: which objects it is tried on, whose they are, and who may see which hub.

Nothing here asks the product: what an actor sees is written down a second time, from the paper's
table of roles. An address without an entry fails the run (``targets_of``).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hubs.people.models import Engagement, QualificationSurvey
from hubs.terms.models import Holiday, YearRules
from tests.world import CODES, World
from tests.world_hearings import PANELS, members_of

NATION = frozenset(CODES)
# Actor -> (column of matrix.csv, hubs of the world that the actor may see).
ACTORS: dict[str, tuple[str, frozenset[str]]] = {
    "agency": ("agency", NATION),
    "bureau_kanto": ("bureau", frozenset({"13", "14"})),
    "bureau_tohoku": ("bureau", frozenset({"04"})),
    "hq": ("hq", NATION),
    "hq_second": ("hq", NATION),
    "pm_kanto": ("pm", frozenset({"13", "14"})),
    "supporter": ("supporter", frozenset()),
    "liaison": ("liaison", frozenset()),
    "board": ("board", frozenset()),
    "cc_tokyo": ("cc", frozenset({"13"})),
    "cc_kanagawa": ("cc", frozenset({"14"})),
    "cc_miyagi": ("cc", frozenset({"04"})),
    "co_tokyo": ("co", frozenset({"13"})),
    "body_tokyo": ("body", frozenset({"13"})),
    "body_miyagi": ("body", frozenset({"04"})),
    "admin": ("admin", NATION),
    "auditor": ("auditor", NATION),
    "nobody": ("nobody", frozenset()),
}
ROLES = list(dict.fromkeys(column for column, _ in ACTORS.values() if column != "nobody"))
HUB_SIDE = {"cc", "co", "body"}
# Which kinds of file a role may bring (product.md 1).
CENTER_FILES = {"people.qualifications", "network.contracts", "network.regional_figures"}
FILES = {"cc": {"results.monthly"}, "admin": CENTER_FILES}
SPREADSHEETS = ("csv", "xlsx")


@dataclass(frozen=True)
class Target:
    """One object (or none) that an address is tried on.

    ``hub``: the hub it belongs to. ``owners``: the columns or actors that see it. ``published``:
    False for runs that the hub side does not know of yet. ``kind``: kind of file of an import.
    ``words``: the hub whose words a person reads from a seat on its panel.
    """

    label: str
    kwargs: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    hub: str = ""
    owners: frozenset[str] | None = None
    published: bool = True
    kind: str = ""
    words: str = ""


def is_visible(target: Target, scope: str, actor: str) -> bool:
    """Whether this actor may know of the object, by the scope rule of the table."""
    column, hubs = ACTORS[actor]
    near = not target.hub or target.hub in hubs
    if scope == "hub":
        return near
    if scope == "seat":
        # Advisers and board members read a hub's hearing from a seat only.
        seated = target.owners is not None and actor in target.owners
        return seated or (near and column not in {"pm", "board"})
    if scope == "flag":
        if target.owners is not None:
            return column in target.owners
        return near and (target.published or column in HUB_SIDE)
    if scope == "run":
        return near and (target.published or column not in HUB_SIDE)
    if scope in {"owner", "file"}:
        mine = {column, actor} | ({"hq_first"} if actor == "hq" else set())
        return target.owners is not None and bool(mine & target.owners)
    if scope == "kind":
        return column == "hq" or target.kind in FILES.get(column, set())
    assert scope in {"none", "all"}, f"unknown scope rule: {scope}"
    return True


Maker = Callable[[World], list[Target]]


def _nothing(world: World) -> list[Target]:
    return [Target("-")]


def _query(*queries: str) -> Maker:
    return lambda world: [Target(query or "-", query=query) for query in ("", *queries)]


def _hubs(world: World) -> list[Target]:
    return [Target(code, {"code": code}, hub=code) for code in CODES]


def _files(world: World) -> list[Target]:
    return [Target(kind, {"kind": kind}) for kind in SPREADSHEETS]


def _terms(world: World) -> list[Target]:
    return [Target(str(year), {"pk": term.pk}) for year, term in world.terms.items()]


def _all_terms(world: World) -> list[Target]:
    """The running and closed terms, and the one that is being prepared."""
    assert world.preparing is not None
    return [*_terms(world), Target("preparing", {"pk": world.preparing.pk})]


def _parts(world: World) -> list[Target]:
    """A part of a registered, a closed and a prepared term, and of one not registered yet."""
    assert world.preparing is not None
    chosen = [
        (world.terms[2026], "calendar"),
        (world.terms[2027], "blocks"),
        (world.terms[2024], "indicators"),
        (world.preparing, "scheme"),
    ]
    return [Target(f"{term}/{code}", {"pk": term.pk, "code": code}) for term, code in chosen]


def _changed_parts(world: World) -> list[Target]:
    """Parts of the open change of 2026, and of a term without one."""
    chosen = [(2026, "checklist"), (2026, "budget_rule"), (2025, "scheme")]
    return [
        Target(f"{year}/{code}", {"pk": world.terms[year].pk, "code": code})
        for year, code in chosen
    ]


def _rules(world: World) -> list[Target]:
    rows = YearRules.objects.filter(term=world.terms[2026]).order_by("version")
    return [Target(f"2026/{row.version}", {"pk": row.pk}) for row in rows]


def _holidays(world: World) -> list[Target]:
    row = Holiday.objects.get(day="2026-04-29")
    return [Target("2026-04-29", {"pk": row.pk})]


def _term_hubs(name: str) -> Maker:
    return lambda world: [
        Target(f"{year}/{code}", {"pk": world.terms[year].pk, name: world.hubs[code].pk}, hub=code)
        for year in (2025, 2026)
        for code in CODES
    ]


def _plans(world: World) -> list[Target]:
    return [
        Target(f"{code}/{year}", {"pk": plan.pk}, hub=code)
        for (code, year), plan in sorted(world.plans.items(), key=lambda item: -item[0][1])
        if year > 2025
    ]


def _versions(world: World) -> list[Target]:
    return [
        Target(f"{code}/2025/1", {"pk": world.plans[code, 2025].pk, "number": 1}, hub=code)
        for code in CODES
    ]


def _amendments(world: World) -> list[Target]:
    return [
        Target(code, {"pk": amendment.pk}, hub=code) for code, amendment in world.amendments.items()
    ]


def _submitted_plans(world: World) -> list[Target]:
    return [
        Target(f"{code}/2026", {"pk": world.plans[code, 2026].pk}, "old=s1&new=last", hub=code)
        for code in CODES
    ]


def _months(world: World) -> list[Target]:
    return [
        Target(f"{code}/{month:%Y-%m}", {"pk": report.pk}, hub=code)
        for (code, month), report in sorted(world.months.items())
        if (month.year, month.month) in STATES_OF_MONTHS[code]
    ]


# A month in every state of Tokyo's; of the others one that is sent and one that is open.
STATES_OF_MONTHS = {
    "13": {(2025, 4), (2026, 5), (2026, 6), (2026, 7), (2026, 8)},
    "14": {(2026, 6), (2026, 8)},
    "04": {(2026, 6), (2026, 8)},
}


def _records(world: World) -> list[Target]:
    return [
        Target(f"{code}/{state}", {"pk": row.pk}, hub=code)
        for (code, state), row in sorted(world.records.items())
    ]


def _activities(*more: str) -> Maker:
    return lambda world: [
        Target(code, {"pk": row.pk, **dict.fromkeys(more, code)}, hub=code)
        for code, row in sorted(world.activities.items())
    ]


def _draws(world: World) -> list[Target]:
    return [Target(code, {"pk": draw.pk}, hub=code) for code, draw in sorted(world.draws.items())]


def _ledger_files(world: World) -> list[Target]:
    return [
        Target(f"{code}/{kind}", {"code": code, "kind": kind}, hub=code)
        for code in CODES
        for kind in SPREADSHEETS
    ]


def _code_kinds(world: World) -> list[Target]:
    return [Target(kind, {"kind": kind}) for kind in ("channel", "network_kind")]


def _partners(world: World) -> list[Target]:
    return [Target(code, {"pk": row.pk}) for code, row in sorted(world.partners.items())]


def _corrections(world: World) -> list[Target]:
    return [
        Target(f"{code}/{state}", {"pk": row.pk}, hub=code)
        for (code, state), row in world.corrections.items()
    ]


def _policies(world: World) -> list[Target]:
    everybody = frozenset(ROLES)
    return [
        Target("2026", {"pk": world.policies["2026"].pk}, owners=everybody),
        # Who writes the draft reads it, and the auditor reads everything.
        Target(
            "draft",
            {"pk": world.policies["draft"].pk},
            owners=frozenset({"agency", "hq", "auditor"}),
        ),
    ]


def _years(*more: dict[str, Any]) -> Maker:
    return lambda world: [
        Target(f"{year}{'/'.join(extra.values())}", {"year": year, **extra})
        for year in (2025, 2026)
        for extra in more or ({},)
    ]


def _year_hubs(world: World) -> list[Target]:
    return [
        Target(f"{year}/{code}", {"year": year, "code": code}, hub=code)
        for year in (2025, 2026)
        for code in CODES
    ]


def _books(query: bool = False) -> Maker:
    def make(world: World) -> list[Target]:
        found = [
            Target(f"{code}/{number}", {"pk": book.pk}, hub=code)
            for (code, number), book in world.books.items()
            if number == 2 or not query
        ]
        if query:
            foreign = {"13": "04", "14": "13", "04": "13"}
            # A book of another hub named in the query: answered as if it did not exist.
            found += [
                Target(
                    f"{code}/foreign",
                    {"pk": world.books[code, 2].pk},
                    query=f"with={world.books[other, 1].pk}",
                    hub="nowhere",
                )
                for code, other in foreign.items()
            ]
        return found

    return make


def _runs(*names: str) -> Maker:
    chosen = names or ("published", "fixed", "computed", "trial")
    return lambda world: [
        Target(name, {"run_id": world.runs[name].pk}, published=name == "published")
        for name in chosen
    ]


def _parts_of_facts(query: str = "") -> Maker:
    """A hub's part of the check that is over, and of the one that is open."""
    return lambda world: [
        Target(f"{name}/{part.hub.code}", {"pk": part.pk}, query, hub=part.hub.code)
        for name in ("published", "facts")
        for part in world.runs[name].fact_checks.select_related("hub").order_by("hub__code")
    ]


def _remarks(world: World) -> list[Target]:
    return [Target(name, {"pk": row.pk}, hub=row.hub.code) for name, row in world.remarks.items()]


def _panel_rows(world: World) -> list[Target]:
    return [Target(name, {"pk": row.pk}) for name, row in world.adjustments.items()]


def _run_hubs(*names: str) -> Maker:
    return lambda world: [
        Target(
            f"{name}/{code}",
            {"run_id": world.runs[name].pk, "code": code},
            hub=code,
            published=name == "published",
        )
        for name in names or ("published", "fixed", "computed")
        for code in CODES
    ]


def _scenarios(world: World) -> list[Target]:
    return [
        Target(name, {"scenario_id": scenario.pk}) for name, scenario in world.scenarios.items()
    ]


def _compared(world: World) -> list[Target]:
    pair = [world.scenarios[name].pk for name in ("adopted", "proposed")]
    return [Target("two", query="&".join(f"s={pk}" for pk in pair))]


def _scenario_hubs(world: World) -> list[Target]:
    return [
        Target(f"{name}/{code}", {"scenario_id": world.scenarios[name].pk, "code": code}, hub=code)
        for name in ("proposed", "of_fixed")
        for code in CODES
    ]


def _jobs(*names: str) -> Maker:
    def make(world: World) -> list[Target]:
        owners = {"failed_cc": frozenset({"cc_tokyo", "admin", "auditor"})}
        return [
            Target(
                name,
                {"pk": world.jobs[name].pk},
                owners=owners.get(name, frozenset({"hq_first", "admin", "auditor"})),
            )
            for name in names or tuple(world.jobs)
        ]

    return make


def _job_files(world: World) -> list[Target]:
    # Only who asked for a file and the auditor read it; other jobs have none.
    owners = {"file": frozenset({"hq_first", "auditor"})}
    return [
        Target(name, {"pk": job.pk}, owners=owners.get(name, frozenset()))
        for name, job in world.jobs.items()
    ]


def _batches(*names: str) -> Maker:
    return lambda world: [
        Target(
            name, {"pk": batch.pk}, owners=frozenset({"hq", "admin", "auditor"}), kind=batch.kind
        )
        for name, batch in world.batches.items()
        if not names or name in names
    ]


def _file_kinds(*more: dict[str, Any]) -> Maker:
    kinds = (
        "people.qualifications",
        "network.contracts",
        "network.regional_figures",
        "plans.plan",
        "results.monthly",
        "surveys.satisfaction",
        "surveys.partners",
        "surveys.answers",
        "hearings.scores",
    )
    return lambda world: [
        Target(kind, {"kind": kind, **extra}, kind=kind)
        for kind in kinds
        for extra in more or ({},)
    ]


def _notices(world: World) -> list[Target]:
    found = []
    for key in ("cc_tokyo", "cc_miyagi", "bureau_kanto"):
        notice = world.notice_of(world.cast.actors[key])
        assert notice is not None, f"{key} has no notice"
        found.append(Target(key, {"pk": notice.pk}, owners=frozenset({key})))
    return found


def _accounts(world: World) -> list[Target]:
    return [
        Target(key, {"pk": world.cast.actors[key].user.pk})
        for key in ("cc_tokyo", "nobody", "admin")
    ]


def _flags(world: World) -> list[Target]:
    """Flags: one that only its hub may know of yet, and one of the network."""
    hubs = {"raised": "13", "waiting": "13", "finding": "14", "closed": "04"}
    found = [
        Target(name, {"pk": world.flags[name].pk}, hub=code, published=name != "raised")
        for name, code in hubs.items()
    ]
    nation = frozenset({"agency", "hq", "auditor"})
    return [*found, Target("national", {"pk": world.flags["national"].pk}, owners=nation)]


def _seats(**more: Any) -> Maker:
    """Hearings by their number: seen by those who sit on the panel, and by nobody else."""
    return lambda world: [
        Target(code, {"pk": hearing.pk, **more}, owners=frozenset(PANELS[code]), words=code)
        for code, hearing in world.panels.hearings.items()
    ]


def _seat_hubs(**more: Any) -> Maker:
    """Hearings of the running year by hub: seen in the scope of a role, or from a seat."""
    return lambda world: [
        Target(
            f"2026/{code}",
            {"year": 2026, "code": code, **more},
            hub=code,
            owners=frozenset(PANELS[code]),
            words=code,
        )
        for code in CODES
    ]


def _plan_hubs(**more: Any) -> Maker:
    return lambda world: [
        Target(f"2026/{code}", {"year": 2026, "code": code, **more}, hub=code) for code in CODES
    ]


def _panel_members(world: World) -> list[Target]:
    return [
        Target(f"{code}/{row.evaluator.name}", {"pk": row.pk}, hub=code)
        for code, hearing in world.panels.hearings.items()
        for row in members_of(hearing)
    ]


def _seated_rows(name: str) -> Maker:
    """Evidence, files and proposals of hearings."""
    return lambda world: [
        Target(code, {"pk": row.pk}, hub=code, owners=frozenset(PANELS[code]), words=code)
        for code, row in getattr(world.panels, name).items()
    ]


def _proposals(world: World) -> list[Target]:
    """A proposal of N/A: decided by the panel or HQ."""
    return [
        Target(code, {"pk": row.pk}, owners=frozenset({*PANELS[code], "hq"}))
        for code, row in world.panels.proposals.items()
    ]


def _evaluators(world: World) -> list[Target]:
    nation = frozenset({"agency", "hq", "auditor"})
    return [
        Target(key, {"year": 2026, "pk": row.pk}, owners=nation | {key})
        for key, row in world.panels.evaluators.items()
    ]


def _declarations(world: World) -> list[Target]:
    return [Target("2026", {"year": 2026}, owners=frozenset(world.panels.evaluators))]


def _drafts(*more: dict[str, Any]) -> Maker:
    return lambda world: [
        Target("/".join(["2027", *extra.values()]), {"year": 2027, **extra})
        for extra in more or ({},)
    ]


def _cases(world: World) -> list[Target]:
    """Guidance: checked in Tokyo, being planned in Kanagawa, agreed in Miyagi."""
    return [Target(code, {"pk": case.pk}, hub=code) for code, case in world.cases.items()]


def _guided_actions(world: World) -> list[Target]:
    return [
        Target(f"{code}/{row.number}", {"pk": row.pk}, hub=code)
        for code, case in world.cases.items()
        for row in case.actions.all()
    ]


def _guided_evidence(world: World) -> list[Target]:
    return [
        Target(f"{code}/{action.number}", {"pk": row.pk}, hub=code)
        for code, case in world.cases.items()
        for action in case.actions.all()
        for row in action.evidence.exclude(file_hash="")
    ]


def _links(world: World) -> list[Target]:
    tokens = {**world.tokens, "unknown": "x" * 26, "short": "x"}
    return [Target(name, {"token": token}) for name, token in tokens.items()]


def _questionnaires(world: World) -> list[Target]:
    return [Target(name, {"pk": row.pk}) for name, row in world.questionnaires.items()]


def _waves(*names: str) -> Maker:
    return lambda world: [
        Target(name, {"pk": world.waves[name].pk}) for name in names or tuple(world.waves)
    ]


def _exclusions(world: World) -> list[Target]:
    assert world.exclusion is not None
    return [Target("13", {"pk": world.exclusion.pk})]


def _surveys(*more: dict[str, Any]) -> Maker:
    def make(world: World) -> list[Target]:
        pk = QualificationSurvey.objects.get().pk
        return [Target("/".join(extra.values()), {"pk": pk, **extra}) for extra in more or ({},)]

    return make


def _people(world: World) -> list[Target]:
    return [
        Target(f"{row.hub.code}/{row.role}", {"pk": row.person_id}, hub=row.hub.code)
        for row in Engagement.objects.select_related("hub")
    ]


def _engagements(world: World) -> list[Target]:
    return [
        Target(f"{row.hub.code}/{row.role}", {"pk": row.pk}, hub=row.hub.code)
        for row in Engagement.objects.select_related("hub")
    ]


_KINDS = tuple({"kind": kind} for kind in SPREADSHEETS)
TARGETS: dict[str, Maker] = {
    "healthz": _nothing,
    "readyz": _nothing,
    "home": _query("term=2025", "year=2025"),
    "results_overview": _nothing,
    "process_matrix": _query("term=2025", "year=2025"),
    "matrix_export": _files,
    "search": _query("q=機密", "q=東京", "q=XQ"),
    "hub_record": _hubs,
    "role_switch": _nothing,
    "account_list": _query("q=配役", "state=locked"),
    "account_detail": _accounts,
    "account_lock": _accounts,
    "job_list": _query("state=failed"),
    "job_detail": _jobs(),
    "job_progress": _jobs(),
    "job_file": _job_files,
    "job_retry": _jobs("failed", "failed_cc", "queued"),
    "import_list": _query("state=applied"),
    "import_new": _nothing,
    "import_upload": _file_kinds(),
    "import_template": _file_kinds(*({"extension": ending} for ending in SPREADSHEETS)),
    "import_detail": _batches(),
    "import_progress": _batches("applying", "ready", "checking"),
    "import_problems": _batches("refused", "ready"),
    "import_apply": _batches("ready", "applying", "undone"),
    "import_undo": _batches("satisfaction", "undone", "people"),
    "audit_list": _query("q=機密", "page=2"),
    "audit_csv": _query("q=機密"),
    "notices": _nothing,
    "notices_read": _nothing,
    "notice_settings": _nothing,
    "notice_read": _notices,
    "hub_list": _query("bureau=tohoku", "sort=-hub"),
    "hub_export": _files,
    "hub_detail": _hubs,
    "hub_people": _hubs,
    "person_detail": _people,
    "engagement_end": _engagements,
    "qualification_surveys": _nothing,
    "qualification_survey": _surveys(),
    "qualification_export": _surveys(*_KINDS, {"kind": "pdf"}),
    "term_list": _nothing,
    "term_open": _nothing,
    "term_detail": _all_terms,
    "term_close": _all_terms,
    "term_discard": _all_terms,
    "term_parts": _all_terms,
    "term_take_over": _all_terms,
    "term_part": _parts,
    "term_start": _all_terms,
    "year_rules": _all_terms,
    "year_rules_register": _all_terms,
    "year_rules_file": _rules,
    "rule_change": _terms,
    "rule_change_part": _changed_parts,
    "rule_change_sign": _terms,
    "rule_change_withdraw": _terms,
    "holiday_list": _nothing,
    "holiday_new": _nothing,
    "holiday_edit": _holidays,
    "holiday_estimate": lambda world: [Target(f"{y}", {"year": y}) for y in (2026, 2029)],
    "policy_edit": _terms,
    "policy_detail": _policies,
    "policy_difference": _policies,
    "policy_unsign": _policies,
    "policy_publish": _policies,
    "plan_list": _terms,
    "plan_export": lambda world: [
        Target(f"{year}/{kind}", {"pk": world.terms[year].pk, "kind": kind})
        for year in (2025, 2026)
        for kind in SPREADSHEETS
    ],
    "plan_forms_start": _terms,
    "plan_open": _term_hubs("hub_pk"),
    "plan_finalize_many": _terms,
    **dict.fromkeys(
        (
            "plan_detail",
            "plan_print",
            "plan_edit",
            "plan_autosave",
            "plan_submit",
            "plan_interview_print",
            "plan_renew_figures",
            "plan_review",
            "plan_comment",
            "plan_answer",
            "plan_propose",
            "plan_accept",
            "plan_return",
            "plan_finalize",
        ),
        _plans,
    ),
    # First a year whose rules are registered: before that no interview is recorded.
    "plan_interview": lambda world: _plans(world)[::-1],
    "amendment_new": lambda world: _plans(world)[:3],
    **dict.fromkeys(
        (
            "amendment_detail",
            "amendment_edit",
            "amendment_autosave",
            "amendment_submit",
            "amendment_withdraw",
            "amendment_return",
            "amendment_refuse",
            "amendment_approve",
        ),
        _amendments,
    ),
    # A PDF is the print page on paper: one plan of each hub is enough.
    "plan_pdf": lambda world: _plans(world)[:3],
    "plan_versions": _plans,
    **dict.fromkeys(("plan_difference", "plan_difference_print"), _submitted_plans),
    **dict.fromkeys(
        (
            "plan_version",
            "plan_version_print",
            "plan_version_pdf",
            "plan_version_json",
        ),
        _versions,
    ),
    **dict.fromkeys(
        (
            "results_list",
            "results_submit_many",
            "results_confirm_many",
            "results_accept_many",
            "results_matrix_csv",
            "results_matrix_xlsx",
            "results_changed",
            "results_changed_csv",
            "results_changed_xlsx",
            "results_remind",
            "results_compilation",
            "results_compilation_print",
            "results_compilation_csv",
            "results_compilation_xlsx",
        ),
        _terms,
    ),
    **dict.fromkeys(
        (
            "results_grid",
            "results_check",
            "results_take",
            "results_autosave",
            "results_print",
            "results_csv",
            "results_xlsx",
        ),
        _term_hubs("hub_pk"),
    ),
    **dict.fromkeys(
        (
            "month_detail",
            "month_submit",
            "month_withdraw",
            "month_confirm",
            "month_accept",
            "month_return",
            "correction_new",
        ),
        _months,
    ),
    **dict.fromkeys(
        ("ledger_hubs", "ledger_months_all", "ledger_months_all_csv", "ledger_months_all_xlsx"),
        _nothing,
    ),
    **dict.fromkeys(
        (
            "ledger_list",
            "ledger_entry",
            "ledger_breakdown",
            "ledger_months",
            "ledger_months_csv",
            "ledger_months_xlsx",
        ),
        _hubs,
    ),
    **dict.fromkeys(("activity_list", "activity_entry"), _hubs),
    **dict.fromkeys(
        ("activity_detail", "activity_correct", "activity_withdraw", "activity_leave"),
        _activities(),
    ),
    "activity_join": _activities("code"),
    "ledger_checks": _hubs,
    "check_draw": _draws,
    "ledger_export": _ledger_files,
    "code_lists": _nothing,
    "code_list": _code_kinds,
    "code_version": _code_kinds,
    "partner_list": _query("area=all&q=配役"),
    "partner_new": _nothing,
    **dict.fromkeys(("partner_tie", "partner_edit", "partner_merge"), _partners),
    **dict.fromkeys(
        ("ledger_record", "ledger_correct", "ledger_withdraw", "ledger_outcome"), _records
    ),
    "integrity_list": _query("state=waiting&check=jump", "hub=13", "bureau=tohoku"),
    "integrity_csv": _nothing,
    "integrity_xlsx": _nothing,
    "integrity_method": _nothing,
    **dict.fromkeys(
        (
            "integrity_detail",
            "integrity_note",
            "integrity_decide",
            "integrity_settle",
            "integrity_close_national",
        ),
        _flags,
    ),
    **dict.fromkeys(
        (
            "correction_detail",
            "correction_confirm",
            "correction_accept",
            "correction_decline",
            "correction_refuse",
            "correction_withdraw",
        ),
        _corrections,
    ),
    "results_compilation_pdf": _terms,
    "survey_answer": _links,
    "questionnaire_list": _nothing,
    "questionnaire_new": lambda world: [
        Target(kind, {"kind": kind}) for kind in ("satisfaction", "partner_assessment")
    ],
    "questionnaire_detail": _questionnaires,
    "questionnaire_edit": _questionnaires,
    "survey_waves": _nothing,
    "survey_wave_new": _nothing,
    "survey_exclude": _nothing,
    "survey_include": _exclusions,
    "survey_wave": _waves(),
    "survey_wave_edit": _waves("draft"),
    "survey_wave_export": lambda world: [
        Target(f"{name}/{kind}", {"pk": wave.pk, "kind": kind})
        for name, wave in world.waves.items()
        for kind in SPREADSHEETS
    ],
    "survey_redraw": _waves("open", "closed"),
    "survey_texts": _waves("closed"),
    "survey_draw": _waves(),
    "survey_open": _waves(),
    "survey_close": _waves(),
    "survey_cancel": _waves(),
    "survey_letters": lambda world: [
        Target(f"{name}/{mode}", {"pk": world.waves[name].pk, "mode": mode})
        for name, mode in (("drawn", "first"), ("open", "remind"), ("closed", "remind"))
    ],
    "survey_bundle": lambda world: [
        Target("open", {"pk": world.waves["open"].pk, "job_id": world.jobs["letters"].pk})
    ],
    "survey_paper": _waves("open"),
    "survey_list": _nothing,
    "survey_term": _years(),
    "survey_export": _years(*_KINDS),
    "survey_hub": _year_hubs,
    "partner_term": _years(),
    "partner_export": _years(*_KINDS),
    "hearing_list": _nothing,
    "hearing_term": _years(),
    "hearing_export": _years(*_KINDS),
    "checklist_detail": _years(),
    "checklist_adopt": _years(),
    "hearing_hub": _year_hubs,
    "hearing_desk": _nothing,
    "hearing_score": _seats(),
    "hearing_autosave": _seats(),
    "hearing_open": _seats(),
    "hearing_lock": _seats(),
    "hearing_settle": _seats(),
    "hearing_finding": _seats(item="C1"),
    "hearing_evidence": _seats(item="C1"),
    "hearing_na": _seats(item="C1"),
    "hearing_evidence_file": _seated_rows("evidence"),
    "hearing_evidence_remove": lambda world: [
        Target(code, {"pk": row.pk}, owners=frozenset(PANELS[code]), words=code)
        for code, row in world.panels.evidence.items()
    ],
    "hearing_na_decide": _proposals,
    "hearing_unseat": _panel_members,
    "hearing_chair": _panel_members,
    "initiative_file": _seated_rows("files"),
    "initiative_file_remove": _seated_rows("files"),
    "hearing_schedule": _years(),
    "hearing_schedule_export": _years(*_KINDS),
    "hearing_sheets_make": _years(),
    "hearing_prepare": _years(),
    "hearing_declaration": _declarations,
    "evaluator_list": _years(),
    "evaluator_add": _years(),
    "evaluator_detail": _evaluators,
    "evaluator_waive": _evaluators,
    "evaluator_retire": _evaluators,
    "checklist_compare": _years(),
    "checklist_begin": _years(),
    "checklist_draft": _drafts(),
    "checklist_item_new": _drafts(),
    "checklist_item": _drafts({"item": "C1"}),
    "checklist_item_act": _drafts(
        {"item": "C2", "act": "up"}, {"item": "C1", "act": "down"}, {"item": "C1", "act": "remove"}
    ),
    "checklist_draft_act": _drafts({"act": "adopt"}, {"act": "propose"}, {"act": "discard"}),
    "hearing_plan": _plan_hubs(),
    "hearing_seat": _plan_hubs(),
    "hearing_step": lambda world: [
        target
        for step in ("schedule", "unschedule", "refill")
        for target in _plan_hubs(step=step)(world)
    ],
    "hearing_sheet": _seat_hubs(),
    "hearing_sheet_pdf": _seat_hubs(),
    "initiatives": _seat_hubs(),
    "initiative_edit": _seat_hubs(order=1),
    "initiative_autosave": _seat_hubs(order=1),
    "initiative_clear": _seat_hubs(order=1),
    "initiative_file_add": _seat_hubs(order=1),
    "evidence_list": _nothing,
    "evidence_term": _years(),
    "evidence_check": _years(),
    "evidence_freeze": _years(),
    "evidence_freeze_hub": _year_hubs,
    "evidence_book": _books(),
    "evidence_json": _books(),
    "evidence_difference": _books(query=True),
    "run_list": _nothing,
    "run_detail": _runs(),
    "run_hub": _run_hubs(),
    **dict.fromkeys(
        (
            "run_ask",
            "run_facts",
            "run_close_facts",
            "run_panel",
            "run_apply",
            "run_fix",
            "run_publish",
            "run_discard",
        ),
        _runs(),
    ),
    **dict.fromkeys(("fact_check", "fact_confirm"), _parts_of_facts()),
    "fact_remark_new": _parts_of_facts("cell=results/CONS/2025-05"),
    **dict.fromkeys(
        ("fact_remark", "fact_remark_answer", "fact_remark_withdraw", "fact_evidence_file"),
        _remarks,
    ),
    **dict.fromkeys(("adjustment_second", "adjustment_drop"), _panel_rows),
    "run_delete": _runs(),
    "run_analysis": _runs(),
    "run_analysis_start": _runs(),
    "run_analysis_hubs_csv": _runs("published", "computed"),
    "run_analysis_hubs_xlsx": _runs("published", "computed"),
    "run_analysis_shifts_csv": _runs("published", "computed"),
    "run_analysis_shifts_xlsx": _runs("published", "computed"),
    **dict.fromkeys(
        ("report_changes", "report_changes_csv", "report_changes_xlsx"),
        _runs("published", "facts", "computed"),
    ),
    **dict.fromkeys(("report_verification", "report_certificate"), _runs("published", "computed")),
    "scenario_list": _nothing,
    "scenario_new": _runs("published", "computed"),
    "scenario_detail": _scenarios,
    "scenario_hub": _scenario_hubs,
    "scenario_formula": _scenarios,
    "scenario_compare": lambda world: [Target("choice"), *_compared(world)],
    "report_compare_print": _compared,
    "report_compare_csv": _compared,
    "report_compare_xlsx": _compared,
    "scenario_adopt": _scenarios,
    "scenario_certificate": _scenarios,
    "guidance_list": _query("state=open&level=2", "hub=13", "bureau=tohoku"),
    "guidance_csv": _nothing,
    "guidance_xlsx": _nothing,
    "guidance_method": _nothing,
    "guidance_effect": _nothing,
    "guidance_preview": _runs("published"),
    **dict.fromkeys(
        (
            "guidance_detail",
            "guidance_plan",
            "guidance_action_new",
            "guidance_note",
            "guidance_agree",
            "guidance_start",
            "guidance_resume",
            "guidance_replan",
            "guidance_cancel",
            "guidance_checkpoint",
            "guidance_decide",
            "guidance_print",
            "guidance_pdf",
        ),
        _cases,
    ),
    **dict.fromkeys(
        (
            "guidance_action",
            "guidance_action_edit",
            "guidance_evidence",
            "guidance_action_done",
            "guidance_action_confirm",
            "guidance_action_return",
            "guidance_action_drop",
            "guidance_action_due",
        ),
        _guided_actions,
    ),
    "guidance_evidence_file": _guided_evidence,
    **dict.fromkeys(
        (
            "report_hub_sheet",
            "report_hub_sheet_print",
            "report_hub_sheet_csv",
            "report_hub_sheet_xlsx",
        ),
        _run_hubs(),
    ),
    "report_remarks": _run_hubs(),
    # A PDF is the print page on paper: one run is enough.
    "report_hub_sheet_pdf": _run_hubs("published"),
    "report_hub_sheets_start": _runs("published", "computed"),
    "report_results_csv": _runs("published", "computed"),
    "report_results_xlsx": _runs("published", "computed"),
    **dict.fromkeys(
        (
            "report_compilation",
            "report_compilation_print",
            "report_compilation_csv",
            "report_compilation_xlsx",
        ),
        _runs("published", "computed"),
    ),
    "report_compilation_pdf": _runs("published"),
    "why_hub": _run_hubs(),
    "workbench_latest": _nothing,
    "workbench": _runs("published", "computed"),
    "workbench_hub": _run_hubs("published", "computed"),
    "trial_list": _nothing,
    "trial_hub": _year_hubs,
    **dict.fromkeys(
        (
            "report_budget",
            "report_budget_print",
            "report_budget_paper",
            "report_budget_csv",
            "report_budget_xlsx",
            "report_ministry_csv",
            "report_ministry_xlsx",
        ),
        _scenarios,
    ),
}


def targets_of(name: str, world: World) -> list[Target]:
    """The objects of an address; KeyError tells to add them."""
    try:
        make = TARGETS[name]
    except KeyError:
        raise KeyError(f"add objects for the address {name!r} to tests/access/targets.py") from None
    return make(world)
