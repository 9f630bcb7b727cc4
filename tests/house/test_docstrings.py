"""Every module, every public rule, query and operation, and every model says what it is for."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("yorozu", "hubs", "evaluation")
# Modules whose functions others call: each of these says what it does (house.md 6.6).
SPOKEN = {"rules", "queries", "operations"}


def _sources() -> list[Path]:
    paths = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    return [path for path in paths if "migrations" not in path.parts]


SOURCES = _sources()


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _is_spoken(path: Path) -> bool:
    """True for rules.py and its like, and for every module of a package of that name."""
    return path.stem in SPOKEN or path.parent.name in SPOKEN


def _mute(tree: ast.Module, kinds: tuple[type[ast.AST], ...]) -> list[str]:
    """Public definitions of these kinds at the top of the module that have no docstring."""
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and isinstance(node, kinds)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]


def test_there_are_sources_to_look_at() -> None:
    assert len(SOURCES) > 200
    assert sum(map(_is_spoken, SOURCES)) > 20


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_module_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if tree.body:
        assert ast.get_docstring(tree), "no module docstring"


@pytest.mark.parametrize("path", [path for path in SOURCES if _is_spoken(path)], ids=_name)
def test_public_functions_and_classes_say_what_they_do(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert _mute(tree, (ast.FunctionDef, ast.ClassDef)) == []


@pytest.mark.parametrize("path", [path for path in SOURCES if path.name == "models.py"], ids=_name)
def test_models_say_what_they_hold(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert _mute(tree, (ast.ClassDef,)) == []


def test_a_mute_function_would_be_found() -> None:
    tree = ast.parse("def heard():\n    '''Said.'''\ndef mute(): ...\ndef _own(): ...\n")
    assert _mute(tree, (ast.FunctionDef,)) == ["mute"]
