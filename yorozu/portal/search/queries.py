"""Search over hubs, people, plans and import files, folded, within scope and rights."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Prefetch, Q
from django.urls import reverse

from hubs.network.models import Hub
from hubs.people.models import Engagement, Person
from hubs.people.rules import kana_key, name_key
from hubs.plans.models import Plan
from yorozu.core.access import Scope, decide
from yorozu.core.fiscal import nendo
from yorozu.core.imports.models import ImportBatch
from yorozu.core.imports.queries import kind_label
from yorozu.core.sheets import match_key

MAX_QUERY = 100
PER_GROUP = 20
# Files are looked through from the newest; older ones are found in the list of imports.
FILES_LOOKED_AT = 1000


@dataclass(frozen=True)
class Hit:
    """One thing found."""

    label: str
    url: str
    note: str = ""


@dataclass(frozen=True)
class Group:
    """Hits of one kind; ``has_more`` says that the list was cut."""

    title: str
    hits: list[Hit]
    has_more: bool


def search(scope: Scope, text: str) -> list[Group]:
    """Groups with hits, in a fixed order; every word of the text must be met."""
    words = match_key(text).split()
    if not words:
        return []
    found = (group(scope, words) for group in _GROUPS)
    return [group for group in found if group is not None and group.hits]


def _cut(title: str, hits: Iterable[Hit]) -> Group:
    rows: list[Hit] = []
    for hit in hits:
        if len(rows) == PER_GROUP:
            return Group(title, rows, True)
        rows.append(hit)
    return Group(title, rows, False)


def _meets(words: list[str], *texts: str) -> bool:
    """Every word stands in one of the texts, blanks left out on both sides."""
    keys = [match_key(text).replace(" ", "") for text in texts]
    return all(any(word in key for key in keys) for word in words)


def _hubs(scope: Scope, words: list[str]) -> Group | None:
    if not decide(scope, "hubs.network.view").allowed:
        return None
    rows = Hub.objects.visible_to(scope).select_related("bureau", "prefecture")
    return _cut(
        "拠点",
        (
            Hit(hub.name, reverse("hub_detail", args=[hub.code]), hub.bureau.name)
            for hub in rows
            if _meets(words, hub.name, hub.prefecture.name, hub.code, hub.bureau.name)
        ),
    )


def _people(scope: Scope, words: list[str]) -> Group | None:
    """By name or reading; where somebody is engaged is shown for the hubs of the scope only."""
    if not decide(scope, "hubs.people.view").allowed:
        return None
    wanted = Q()
    for word in words:
        wanted &= Q(name_key__contains=name_key(word)) | Q(kana_key__contains=_reading(word))
    own = Engagement.objects.visible_to(scope).select_related("hub")
    rows = (
        Person.objects.visible_to(scope)
        .filter(wanted)
        .prefetch_related(Prefetch("engagements", queryset=own, to_attr="places"))
    )
    return _cut(
        "人材",
        (
            Hit(person.name, reverse("person_detail", args=[person.pk]), _places(person.places))
            for person in rows[: PER_GROUP + 1]
        ),
    )


def _reading(word: str) -> str:
    # A word of dots or long vowels alone folds to nothing, which every reading would contain.
    return kana_key(word) or word


def _places(engagements: Iterable[Engagement]) -> str:
    seen = dict.fromkeys(f"{row.hub.name}　{row.get_role_display()}" for row in engagements)
    return "、".join(seen)


def _plans(scope: Scope, words: list[str]) -> Group | None:
    if not decide(scope, "hubs.plans.view").allowed:
        return None
    rows = (
        Plan.objects.visible_to(scope)
        .select_related("hub", "term")
        .prefetch_related("focus_areas")
        .defer("regional_analysis", "business_plan", "draft_texts")
        .order_by("-term__fiscal_year", "hub__code")
    )
    return _cut(
        "事業計画",
        (hit for plan in rows if (hit := _plan_hit(plan, words)) is not None),
    )


def _plan_hit(plan: Plan, words: list[str]) -> Hit | None:
    areas = [area.name for area in plan.focus_areas.all()]
    title = f"{plan.hub.name} {nendo(plan.term.fiscal_year)} 事業計画"
    if not _meets(words, title.replace(" ", ""), str(plan.term), *areas):
        return None
    note = f"重点分野：{'、'.join(areas)}" if areas else ""
    return Hit(title, reverse("plan_detail", args=[plan.pk]), note)


def _files(scope: Scope, words: list[str]) -> Group | None:
    if not decide(scope, "core.imports.view").allowed:
        return None
    rows = ImportBatch.objects.visible_to(scope).values_list("pk", "filename", "kind")
    return _cut(
        "取込ファイル",
        (
            Hit(filename, reverse("import_detail", args=[pk]), kind_label(kind))
            for pk, filename, kind in rows[:FILES_LOOKED_AT]
            if _meets(words, filename, kind_label(kind))
        ),
    )


_GROUPS: tuple[Callable[[Scope, list[str]], Group | None], ...] = (
    _hubs,
    _people,
    _plans,
    _files,
)
