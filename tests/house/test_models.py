"""Every table says what it is, and foreign keys point down the storeys."""

import pytest
from django.apps import apps
from django.db import connection, models

from yorozu.core import guards

OURS = [
    model
    for model in apps.get_models()
    if model.__module__.split(".")[0] in {"yorozu", "hubs", "evaluation"}
]
FLOORS = ["yorozu.core", "hubs", "evaluation", "yorozu.portal"]
SLICES = [
    "hubs.network",
    "hubs.people",
    "hubs.partners",
    "hubs.terms",
    "hubs.plans",
    "hubs.ledger",
    "hubs.results",
    "hubs.integrity",
    "evaluation.surveys",
    "evaluation.hearings",
    "evaluation.evidence",
    "evaluation.scoring",
    "evaluation.budget",
    "evaluation.guidance",
    "evaluation.reports",
]


def _height(model: type[models.Model]) -> tuple[int, int]:
    module = model.__module__
    floor = next((i for i, name in enumerate(FLOORS) if module.startswith(name)), 0)
    place = next((i for i, name in enumerate(SLICES) if module.startswith(name)), -1)
    return floor, place


@pytest.mark.parametrize("model", OURS, ids=lambda m: m._meta.label)
def test_model_has_a_japanese_name_a_text_and_an_order(model: type[models.Model]) -> None:
    meta = model._meta
    if meta.auto_created:
        return
    assert not str(meta.verbose_name).isascii(), "verbose_name is not Japanese"
    assert str(meta.verbose_name_plural) == str(meta.verbose_name), "plural differs in Japanese"
    assert "__str__" in model.__dict__, "no __str__"
    assert meta.ordering, "no ordering decided"
    assert model.__doc__, "no docstring"
    assert not model.__doc__.startswith(f"{model.__name__}("), "only Django's own docstring"


@pytest.mark.parametrize("model", OURS, ids=lambda m: m._meta.label)
def test_foreign_keys_point_down(model: type[models.Model]) -> None:
    for field in model._meta.get_fields():
        if not isinstance(field, models.ForeignKey | models.ManyToManyField) or field.auto_created:
            continue
        target = field.related_model
        if not isinstance(target, type) or target not in OURS:
            continue
        assert _height(target) <= _height(model), f"{field} points up to {target._meta.label}"


@pytest.mark.parametrize("model", OURS, ids=lambda m: m._meta.label)
def test_keys_across_apps_leave_no_way_up(model: type[models.Model]) -> None:
    for field in model._meta.get_fields():
        if not isinstance(field, models.ForeignKey) or not isinstance(field.related_model, type):
            continue
        target = field.related_model
        if target in OURS and _height(target)[0] < _height(model)[0]:
            name = field.remote_field.related_name
            assert name == "+" or model._meta.label == "hubs.Membership", f"{field}: {name}"


def test_every_guard_stands_in_the_database(db: None) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        standing = {row[0] for row in cursor.fetchall()}
    wanted = {guard.trigger for rows in guards.REGISTERED.values() for guard in rows}
    assert wanted <= standing
    assert {name for name in standing if name.startswith("guard_")} == wanted


def test_sqlite_lifts_the_guards_while_tables_are_rebuilt(db: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite rebuilds tables")
    held = {guard.trigger for rows in guards.REGISTERED.values() for guard in rows}
    for plan, standing in (([], held), ([object()], set())):
        guards.lift_before(plan, "default")
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            assert {row[0] for row in cursor.fetchall()} == standing


def test_trigger_names_are_unique_and_short_enough_for_postgresql() -> None:
    names = [guard.trigger for rows in guards.REGISTERED.values() for guard in rows]
    assert len(names) == len(set(names))
    assert max(map(len, names)) <= 63
