"""Person rows of a qualification survey: from the file to changes against the database."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hubs.network.hub_rows import HubFinder, hub_columns
from hubs.network.models import Hub
from hubs.people.models import (
    CoordinatorRole,
    Engagement,
    Person,
    QualificationAlias,
    QualificationCategory,
    QualificationResponse,
    QualificationSurvey,
)
from hubs.people.rules import (
    CC,
    Candidate,
    CategoryNames,
    Step,
    Stint,
    engagement_step,
    find_person,
    kana_fault,
    kana_key,
    name_key,
    read_held,
)
from yorozu.core.access import Scope
from yorozu.core.errors import Problem
from yorozu.core.fiscal import wareki
from yorozu.core.imports.kinds import ADDED, CHANGED, UNCHANGED, Change
from yorozu.core.sheets import Column, Row, Table, cells

HELD, OTHER_TEXT = "保有資格", "その他の内容"
ROLE, NAME, KANA = "区分", "氏名", "フリガナ"
ROLE_WORDS = {
    "CC": "CC",
    "CO": "CO",
    "チーフコーディネーター": "CC",
    "コーディネーター": "CO",
}
ROLE_ALIASES = {"チーフコーディネータ": "CC", "コーディネータ": "CO", "CCO": "CC"}
FIXED = ("拠点コード", "拠点名", ROLE, NAME, KANA, HELD, OTHER_TEXT)


def load_names() -> tuple[list[QualificationCategory], CategoryNames]:
    """Categories in the paper's order, and every spelling of them."""
    categories = list(QualificationCategory.objects.all())
    aliases = QualificationAlias.objects.values_list("category__code", "alias")
    spellings = [(row.code, row.name) for row in categories] + list(aliases)
    other = next(row.code for row in categories if row.is_other)
    return categories, CategoryNames(spellings, other)


def person_columns(*, held: bool) -> list[Column]:
    """The columns of person rows: one mark column per category, or all names in one column."""
    categories, names = load_names()
    by_code: dict[str, list[str]] = defaultdict(list)
    for spelling, code in names.spellings_apart_from(FIXED).items():
        by_code[code].append(spelling)
    marks = [
        Column(f"q_{row.code}", row.name, cells.mark(), aliases=tuple(by_code[row.code]))
        for row in categories
    ]
    one_cell = [Column("held", HELD, cells.text(400, multiline=True), blank=True)]
    return [
        *hub_columns(),
        Column("role", ROLE, cells.choice(ROLE_WORDS, ROLE_ALIASES), aliases=("役割",)),
        Column("name", NAME, cells.text(80), aliases=("名前",), key=True),
        Column(
            "kana", KANA, cells.text(120), aliases=("カナ", "ふりがな"), optional=True, blank=True
        ),
        *(one_cell if held else marks),
        Column("other_text", OTHER_TEXT, cells.text(120), optional=True, blank=True),
    ]


@dataclass
class Answer:
    """One faultless row of the file."""

    row: int
    hub: Hub
    role: str
    name: str
    kana: str
    codes: frozenset[str]
    other_text: str
    person_id: int | None = None

    @property
    def key(self) -> tuple[int, str, str]:
        """The natural key: hub, name and reading as folded."""
        return self.hub.pk, name_key(self.name), kana_key(self.kana)


@dataclass
class Known:
    """What the database holds, loaded once for a whole file."""

    as_of: date
    people: dict[int, Person] = field(default_factory=dict)
    candidates: dict[tuple[int, str], list[Candidate]] = field(
        default_factory=lambda: defaultdict(list)
    )
    stints: dict[tuple[int, int], list[Stint]] = field(default_factory=lambda: defaultdict(list))
    chiefs: dict[int, list[tuple[int, Stint]]] = field(default_factory=lambda: defaultdict(list))
    responses: dict[tuple[int, int], QualificationResponse] = field(default_factory=dict)


def load_known(as_of: date, survey: QualificationSurvey | None) -> Known:
    """Three queries: engagements with people, answers of this survey, their ticks."""
    known = Known(as_of)
    for engagement in Engagement.objects.select_related("person").order_by("starts_on", "pk"):
        person, place = engagement.person, (engagement.hub_id, engagement.person.name_key)
        known.people[person.pk] = person
        candidate = Candidate(person.pk, person.kana_key)
        if candidate not in known.candidates[place]:
            known.candidates[place].append(candidate)
        stint = Stint(engagement.pk, engagement.role, engagement.starts_on, engagement.ends_on)
        known.stints[person.pk, engagement.hub_id].append(stint)
        if engagement.role == CC:
            known.chiefs[engagement.hub_id].append((person.pk, stint))
    if survey is not None:
        answered = QualificationResponse.objects.filter(survey=survey)
        for response in answered.prefetch_related("ticks__category"):
            known.responses[response.person_id, response.hub_id] = response
    return known


def read_answers(table: Table, actor: Scope, problems: list[Problem]) -> list[Answer]:
    """Rows to answers; every fault of a row is added to ``problems``."""
    finder = HubFinder(actor)
    categories, names = load_names()
    answers = []
    for row in table.rows:
        before = len(problems)
        hub = finder.find(row, problems)
        codes, other_text = _ticks(row, categories, names, problems)
        kana = row["kana"] or ""
        if kana and (fault := kana_fault(kana)):
            problems.append(Problem(row.number, KANA, fault))
        if hub is not None and len(problems) == before:
            answers.append(
                Answer(row.number, hub, row["role"], row["name"], kana, codes, other_text)
            )
    return answers


def _ticks(
    row: Row, categories: list[QualificationCategory], names: CategoryNames, problems: list[Problem]
) -> tuple[frozenset[str], str]:
    values = row.as_dict()
    other_text = values.get("other_text") or ""
    if "held" in values:
        found = read_held(values["held"] or "", names)
        for word in found.unknown:
            text = (
                f"「{word[:40]}」は資格区分にありません。"
                "22区分の名称か「その他（資格の名称）」で入力してください。"
            )
            problems.append(Problem(row.number, HELD, text))
        codes = found.codes
        other_text = "、".join(filter(None, (found.other_text, other_text)))
    else:
        codes = frozenset(one.code for one in categories if values[f"q_{one.code}"])
    if other_text and names.other not in codes:
        text = "「その他」が選ばれていません。「その他」を選ぶか、この欄を空にしてください。"
        problems.append(Problem(row.number, OTHER_TEXT, text))
    if len(other_text) > 120:
        text = f"その他の内容は合わせて120文字以内で入力してください（{len(other_text)}文字）。"
        problems.append(Problem(row.number, OTHER_TEXT, text))
    return codes, other_text


def refuse_doubles(answers: list[Answer], problems: list[Problem]) -> None:
    """The same person twice, or two chief coordinators of one hub, in one file."""
    people: dict[tuple[int, str, str], int] = {}
    chiefs: dict[int, int] = {}
    for answer in answers:
        first = people.setdefault(answer.key, answer.row)
        if first != answer.row:
            text = f"{first}行目と同じ人です（拠点、氏名、フリガナが同じ）。1行にまとめてください。"
            problems.append(Problem(answer.row, NAME, text))
            continue
        if answer.role == CC:
            first = chiefs.setdefault(answer.hub.pk, answer.row)
            if first != answer.row:
                text = (
                    f"{answer.hub.name}のチーフコーディネーターが{first}行目にもいます。"
                    "1つの拠点に1人です。"
                )
                problems.append(Problem(answer.row, ROLE, text))


def match_people(answers: list[Answer], known: Known, problems: list[Problem]) -> None:
    """Find each answer's person; a doubtful name asks for the reading."""
    taken: dict[tuple[int, int], int] = {}
    for answer in answers:
        place = (answer.hub.pk, name_key(answer.name))
        found, doubtful = find_person(known.candidates[place], kana_key(answer.kana))
        if doubtful:
            text = "この拠点に同じ氏名の人が2人以上います。フリガナで区別してください。"
            problems.append(Problem(answer.row, KANA, text))
        elif found is not None:
            answer.person_id = found
            first = taken.setdefault((found, answer.hub.pk), answer.row)
            if first != answer.row:
                text = f"{first}行目と同じ人と読めます。どちらの行にもフリガナを入力してください。"
                problems.append(Problem(answer.row, KANA, text))


def refuse_second_chiefs(answers: list[Answer], known: Known, problems: list[Problem]) -> None:
    """A hub has one chief coordinator at a time (S6); the predecessor's end is recorded first."""
    leaving = {(answer.person_id, answer.hub.pk) for answer in answers if answer.role != CC}
    for answer in answers:
        if answer.role != CC:
            continue
        for person_id, stint in known.chiefs[answer.hub.pk]:
            stays = (person_id, answer.hub.pk) not in leaving
            if stays and person_id != answer.person_id and stint.covers(known.as_of):
                name = known.people[person_id].name
                text = (
                    f"{answer.hub.name}には{wareki(known.as_of)}にチーフコーディネーター（{name}）"
                    "がいます。交代した場合は、先に前任者の契約の終了を記録してください。"
                )
                problems.append(Problem(answer.row, ROLE, text))


def changes_of(answers: list[Answer], known: Known, problems: list[Problem]) -> list[Change]:
    """One change per answer, in the order of the file."""
    categories = {row.code: row for row in QualificationCategory.objects.all()}
    changes = []
    for answer in answers:
        step = _step(answer, known)
        if step is None:
            text = "登録されている契約と区分が合いません。契約の期間を確かめてください。"
            problems.append(Problem(answer.row, ROLE, text))
            continue
        changes.append(_change(answer, known, step, categories))
    return changes


def _step(answer: Answer, known: Known) -> Step | None:
    later = [
        stint.starts_on
        for person_id, stint in known.chiefs[answer.hub.pk]
        if stint.starts_on > known.as_of and person_id != answer.person_id
    ]
    stints = known.stints[answer.person_id, answer.hub.pk] if answer.person_id else []
    return engagement_step(stints, answer.role, known.as_of, min(later, default=None))


def answer_state(response: QualificationResponse, person: Person) -> dict[str, Any]:
    """A stored answer in the form that files are compared with."""
    ticks = sorted(response.ticks.all(), key=lambda tick: tick.category.order)
    return {
        "role": response.role,
        "name": person.name,
        "kana": person.kana,
        "codes": [tick.category.code for tick in ticks],
        "other_text": next((tick.other_text for tick in ticks if tick.category.is_other), ""),
    }


def _change(
    answer: Answer, known: Known, step: Step, categories: dict[str, QualificationCategory]
) -> Change:
    person = known.people.get(answer.person_id) if answer.person_id else None
    response = known.responses.get((answer.person_id or 0, answer.hub.pk))
    before = answer_state(response, person) if response and person else None
    kana = answer.kana or (person.kana if person else "")
    after = {
        "role": answer.role,
        "name": answer.name,
        "kana": kana,
        "codes": [code for code in categories if code in answer.codes],
        "other_text": answer.other_text,
    }
    same = before == after and step.kind == "none"
    return Change(
        row=answer.row,
        key="-".join([answer.hub.code, name_key(answer.name), kana_key(kana)]),
        kind=ADDED if before is None else UNCHANGED if same else CHANGED,
        label=f"{answer.hub.name} {answer.name}",
        fields=tuple(_fields(before, after, categories)) + _step_fields(answer, step),
        data={
            "hub_id": answer.hub.pk,
            "person_id": answer.person_id,
            "person_before": {"name": person.name, "kana": person.kana} if person else None,
            "response_id": response.pk if response else None,
            "before": before,
            "after": after,
            "step": {
                "kind": step.kind,
                "stint_id": step.stint_id,
                "ends_on": step.ends_on.isoformat() if step.ends_on else None,
                "previous_role": step.previous_role,
            },
        },
    )


def _fields(
    before: dict[str, Any] | None,
    after: dict[str, Any],
    categories: dict[str, QualificationCategory],
) -> list[tuple[str, str, str]]:
    shown = []
    labels = {"role": ROLE, "name": NAME, "kana": KANA, "codes": HELD, "other_text": OTHER_TEXT}
    for name, label in labels.items():
        old = _shown(name, before[name], categories) if before else ""
        new = _shown(name, after[name], categories)
        if old != new:
            shown.append((label, old, new))
    return shown


def _shown(name: str, value: Any, categories: dict[str, QualificationCategory]) -> str:
    if name == "codes":
        return "、".join(categories[code].name for code in value) or "なし"
    return str(CoordinatorRole(value).label) if name == "role" else str(value)


def _step_fields(answer: Answer, step: Step) -> tuple[tuple[str, str, str], ...]:
    if step.kind == "none":
        return ()
    before = str(CoordinatorRole(step.previous_role).label) if step.previous_role else "なし"
    return (("契約の区分", before, str(CoordinatorRole(answer.role).label)),)
