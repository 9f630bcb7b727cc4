"""The record of a finalized version as a file, and whether a file is what was fixed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError

from hubs.plans.models import PlanVersion
from hubs.plans.queries.editions import Edition
from yorozu.core import clock
from yorozu.core.canonical import canonical_hash, parse_canonical

FORMAT = "yorozu.plan_version/1"
COMPARED = ("number", "effective_month", "content_hash")


def version_record(edition: Edition) -> str:
    """The record of a version as indented JSON; the hash is over the content alone."""
    version = edition.version
    if version is None:
        raise ValueError("only a finalized version has a record")
    record = {
        "format": FORMAT,
        "hub": edition.plan.hub.code,
        "fiscal_year": edition.plan.term.fiscal_year,
        "number": version.number,
        "kind": version.kind,
        "effective_month": f"{version.effective_month:%Y-%m}",
        "reason": version.reason,
        "finalized_at": version.finalized_at.astimezone(clock.now().tzinfo).isoformat(),
        "finalized_by": version.finalized_by_name,
        "content_hash": version.content_hash,
        "content": edition.content,
    }
    return json.dumps(record, ensure_ascii=False, indent=2)


@dataclass(frozen=True)
class Checked:
    """Outcome of checking one record: what was recomputed and what does not agree."""

    name: str
    recomputed: str
    faults: tuple[str, ...]


def check_record(text: str) -> Checked:
    """Recompute the hash of a record and compare it with the version kept here, if there is one.

    ValueError or KeyError when the text is no record.
    """
    record = parse_canonical(text)
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise ValueError("事業計画の版の記録ではありません。")
    recomputed = canonical_hash(record["content"])
    faults = []
    if recomputed != record["content_hash"]:
        faults.append(f"内容のハッシュが一致しません（記録 {record['content_hash']}）。")
    faults += _faults_of_head(record)
    faults += _faults_against_stored(record, recomputed)
    name = f"{record['hub']} {record['fiscal_year']}年度 第{record['number']}版"
    return Checked(name, recomputed, tuple(faults))


def _faults_of_head(record: Mapping[str, Any]) -> list[str]:
    """The head must say what the hashed content says."""
    content, faults = record["content"], []
    if (content["hub"], content["fiscal_year"]) != (record["hub"], record["fiscal_year"]):
        faults.append("拠点または年度が内容と一致しません。")
    amendment = content.get("amendment")
    said = {"number": 1, "effective_month": f"{record['fiscal_year']}-04", "reason": ""}
    if amendment is not None:
        said = {key: amendment[key] for key in said}
    faults += [f"{key}が内容と一致しません。" for key in said if said[key] != record[key]]
    return faults


def _faults_against_stored(record: Mapping[str, Any], recomputed: str) -> list[str]:
    try:
        stored = PlanVersion.objects.filter(
            plan__hub__code=record["hub"],
            plan__term__fiscal_year=record["fiscal_year"],
            number=record["number"],
        ).first()
    except DatabaseError:
        # A stranger has the file and the program, and no portal.
        return []
    if stored is None or stored.content_hash == recomputed:
        return []
    return [f"このポータルにある版のハッシュ（{stored.content_hash}）と一致しません。"]


def broken_versions() -> list[str]:
    """Recompute every version kept here; one sentence per fault (empty = intact)."""
    faults = []
    last: dict[int, PlanVersion] = {}
    rows = PlanVersion.objects.select_related("plan__hub", "plan__term")
    for version in rows.order_by("plan__term", "plan__hub__code", "number").iterator():
        content = parse_canonical(version.content)
        before = last.get(version.plan_id)
        if canonical_hash(content) != version.content_hash:
            faults.append(f"{version}の内容がハッシュと一致しません。")
        if version.number != (before.number if before else 0) + 1:
            faults.append(f"{version}の前の版がありません。")
        replaces = content.get("amendment", {}).get("replaces") if isinstance(content, dict) else ""
        if before is not None and replaces != before.content_hash:
            faults.append(f"{version}が置き換えた版のハッシュがつながりません。")
        last[version.plan_id] = version
    return faults
