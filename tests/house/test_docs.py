"""The generated documents stand as the tables say; the glossary names what the code has."""

import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import resolve

from yorozu.core.access import rules
from yorozu.portal.docs import flows, roles_page, states_page

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs/GLOSSARY.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and "`" in line
]


def test_documents_are_up_to_date() -> None:
    call_command("write_docs", "--check")


def test_check_refuses_a_stale_document_and_writes_nothing(tmp_path: Path) -> None:
    call_command("write_docs", folder=tmp_path)
    call_command("write_docs", "--check", folder=tmp_path)
    page = tmp_path / "STATES.md"
    page.write_text(page.read_text(encoding="utf-8") + "one line more\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"STATES\.md"):
        call_command("write_docs", "--check", folder=tmp_path)
    assert page.read_text(encoding="utf-8").endswith("one line more\n")


def test_roles_name_every_action_once() -> None:
    named = re.findall(r"^\| `([a-z_.]+)` \|", roles_page(), flags=re.MULTILINE)
    assert sorted(named) == [row.action for row in rules()]


def test_states_name_every_flow_and_arrow() -> None:
    page = states_page()
    assert {"plan", "monthly_report", "term", "evaluation_run", "budget_scenario"} <= {
        flow.name for flow in flows()
    }
    for flow in flows():
        assert f"(`{flow.name}`)" in page
        for row in flow.transitions:
            assert f"| `{row.action}` | {row.label} |" in page


def test_addresses_of_the_readme_lead_to_pages() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    addresses = re.findall(r"`(/[a-z0-9/-]+/)`", text)
    assert len(addresses) > 10
    for address in addresses:
        # Resolver404 names the address that leads nowhere.
        resolve(address)


def test_glossary_has_its_rows() -> None:
    assert len(GLOSSARY) > 40


@pytest.mark.parametrize("row", GLOSSARY, ids=lambda row: row[0])
def test_identifier_of_the_glossary_stands_where_it_says(row: list[str]) -> None:
    _, identifiers, _, where = row
    text = (ROOT / where.strip("`")).read_text(encoding="utf-8")
    words = set(re.findall(r"[A-Za-z_]+", text))
    folded = {word.replace("_", "").lower() for word in words}
    for name in re.findall(r"`([a-z_]+)`", identifiers):
        wanted = name.replace("_", "")
        assert any(wanted in word for word in folded), f"{name} is not in {where}"
