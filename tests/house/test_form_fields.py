"""No field is asked that feeds no figure, report or decision (product.md 0, promise 5).

form_fields.csv is a table that people review: for every field of every form what it is for and
which file reads it. The fields come from the forms themselves, so that a new one fails until
somebody has said who reads it; the reader must name the field's column (``word``) and be no form.
"""

import csv
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from django import forms

import evaluation
import hubs
from hubs.plans.rules import AREA_PARTS, SECTIONS, TARGET_PARTS

ROOT = Path(__file__).resolve().parents[2]
TABLE = Path(__file__).with_name("form_fields.csv")
# What the field is for; way: it only says where an act or a look is meant.
USES = {"figure", "report", "decision", "way"}


def _modules() -> Iterator[ModuleType]:
    for package in (hubs, evaluation):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".forms" in found.name:
                yield importlib.import_module(found.name)


def _declared() -> Iterator[tuple[str, str]]:
    for module in _modules():
        for name, member in vars(module).items():
            if not (inspect.isclass(member) and issubclass(member, forms.BaseForm)):
                continue
            if member.__module__ == module.__name__:
                yield from ((f"{module.__name__}.{name}", field) for field in member.base_fields)
    # The plan's form is made of parts by its rules.
    yield from (("plan", section) for section in SECTIONS)
    yield from (("plan target", part) for part in TARGET_PARTS)
    yield from (("plan focus area", part) for part in AREA_PARTS)


def _rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_field_has_a_row_and_every_row_a_field() -> None:
    rows = [(row["form"], row["field"]) for row in _rows()]
    assert len(rows) == len(set(rows))
    assert sorted(set(_declared()) - set(rows)) == [], "fields nobody has said a reader for"
    assert sorted(set(rows) - set(_declared())) == [], "rows of fields that are gone"


def test_no_field_is_without_a_reader() -> None:
    unread = []
    for row in _rows():
        reader = ROOT / row["reader"]
        is_reader = reader.is_file() and "/forms" not in row["reader"]
        if row["use"] not in USES or not is_reader or row["word"] not in reader.read_text("utf-8"):
            unread.append(f"{row['form']}.{row['field']}: {row['reader']} ({row['word']})")
    assert unread == []
