"""The registered rules of a year: versions, proposed changes, and the note on every result."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from hubs.terms.models import OPEN_CHANGES, PART_LABELS, RuleChange, Term, YearRules
from hubs.terms.parts import Content, YearPart, rule_parts
from hubs.terms.rules.comparing import Pair, differing, pairs
from yorozu.core.canonical import canonical_hash
from yorozu.core.errors import Missing
from yorozu.core.fiscal import nendo, wareki

FORMAT = "yorozu-year-rules-1"


def registered(term: Term) -> YearRules | None:
    """The version in force; None while the year's rules are not registered."""
    return term.year_rules.order_by("-version").first()


def rules_missing(term: Term) -> list[Missing]:
    """What stands between the year and its first start interview: the registration of its rules."""
    if registered(term) is not None:
        return []
    text = (
        f"{nendo(term.fiscal_year)}の規則がまだ登録されていません。"
        "全国本部または中小企業庁が、最初の期初面談の前に登録します。"
    )
    return [Missing(text, "year_rules", link_args=(term.pk,))]


def rules_versions(term: Term) -> list[YearRules]:
    """All versions, the newest first."""
    return list(term.year_rules.order_by("-version"))


def rules_content(
    term: Term,
    version: int,
    previous: YearRules | None,
    reason: str = "",
    override: Mapping[str, Content] | None = None,
) -> dict[str, Any]:
    """What is hashed: every part of the year's rules as it stands (or as ``override`` says)."""
    given = override or {}
    return {
        "format": FORMAT,
        "fiscal_year": term.fiscal_year,
        "version": version,
        "previous_hash": previous.content_hash if previous else "",
        "reason": reason,
        "parts": {part.code: given.get(part.code, part.stands(term)) for part in rule_parts()},
    }


def registered_parts(rules: YearRules) -> dict[str, Content]:
    """Content of each part in a version."""
    content: dict[str, Content] = json.loads(rules.content)["parts"]
    return content


def deviating(term: Term, rules: YearRules) -> list[YearPart]:
    """Parts whose content in use is not what is registered; empty is the lawful state."""
    held = registered_parts(rules)
    return [
        part
        for part in rule_parts()
        if canonical_hash(part.stands(term)) != canonical_hash(held.get(part.code))
    ]


@dataclass(frozen=True)
class PartChange:
    """One part that a version or a proposal changes, with the lines that differ."""

    part: YearPart
    changes: Sequence[Pair]


def _changes(before: Mapping[str, Content], after: Mapping[str, Content]) -> list[PartChange]:
    found = []
    for part in rule_parts():
        old, new = before.get(part.code), after.get(part.code)
        left = part.rows(old) if old is not None else []
        right = part.rows(new) if new is not None else []
        changes = differing(pairs(left, right))
        if changes:
            found.append(PartChange(part, changes))
    return found


@dataclass(frozen=True)
class RulesStep:
    """One registered version with what it changed against the one before (none for the first)."""

    rules: YearRules
    changes: Sequence[PartChange]


def rules_history(term: Term) -> list[RulesStep]:
    """Registered versions, the newest first, each with its changes."""
    rows = list(term.year_rules.order_by("version"))
    contents = [registered_parts(row) for row in rows]
    steps = [
        RulesStep(row, _changes(before, after) if before is not None else [])
        for row, before, after in zip(rows, [None, *contents], contents, strict=False)
    ]
    return steps[::-1]


def open_change(term: Term) -> RuleChange | None:
    """The change being prepared, if any."""
    return term.rule_changes.filter(state__in=OPEN_CHANGES).first()


def change_pairs(change: RuleChange) -> list[PartChange]:
    """What a proposal would change against the registered version."""
    rules = registered(change.term)
    held = registered_parts(rules) if rules else {}
    return _changes(held, held | proposed_parts(change))


def proposed_parts(change: RuleChange) -> dict[str, Content]:
    """Content of the parts that a proposal changes."""
    content: dict[str, Content] = json.loads(change.content)
    return content


@dataclass(frozen=True)
class RulesNote:
    """What every result of a year says when its rules were changed after the registration."""

    text: str
    reason: str
    url: str
    version: int
    changed_at: datetime

    @property
    def line(self) -> str:
        """Text and reason in one line, for tables and files."""
        return f"{self.text}理由：{self.reason}"


@dataclass(frozen=True)
class RulesStamp:
    """Under which registered rules a result stands: versions without their content, and the note.

    ``versions`` are the newest first; empty when the year's rules are not registered.
    """

    versions: Sequence[YearRules]
    note: RulesNote | None

    @property
    def current(self) -> YearRules | None:
        """The version in force."""
        return self.versions[0] if self.versions else None


def rules_stamp(term: Term) -> RulesStamp:
    """The versions of a year's rules and the note of their change, in one query."""
    rows = list(term.year_rules.defer("content").order_by("-version"))
    return RulesStamp(rows, _note(term, rows) if len(rows) > 1 else None)


def year_rules_note(term: Term) -> RulesNote | None:
    """The note on the results of a year; None while the first registration stands unchanged."""
    return rules_stamp(term).note


def _note(term: Term, rows: Sequence[YearRules]) -> RulesNote:
    last, changes = rows[0], len(rows) - 1
    names = "、".join(labels(last.changed_parts))
    times = f"（変更は{changes}回）" if changes > 1 else ""
    text = (
        f"{nendo(term.fiscal_year)}の規則は、登録のあと"
        f"{wareki(timezone.localtime(last.published_at).date())}に変更されています{times}。"
        f"第{last.version}版、変更した項目：{names}。"
    )
    url = reverse("year_rules", args=[term.pk])
    return RulesNote(text, last.reason, url, last.version, last.published_at)


def labels(changed: str) -> list[str]:
    """Names of the parts in a ``changed_parts`` column."""
    return [PART_LABELS.get(code, code) for code in changed.split(",") if code]


def rules_record(stamp: RulesStamp) -> list[dict[str, Any]]:
    """The versions as the certificate of a run names them, the oldest first."""
    return [
        {
            "version": row.version,
            "content_hash": row.content_hash,
            "published_at": _iso(row.published_at),
            "changed_parts": row.changed_parts,
            "reason": row.reason,
        }
        for row in reversed(stamp.versions)
    ]


def rules_file(rules: YearRules) -> dict[str, Any]:
    """A registered version as a file: ``./run manage check_year_rules FILE`` checks its hash."""
    return {
        "kind": "year_rules",
        "fiscal_year": rules.term.fiscal_year,
        "version": rules.version,
        "content": rules.content,
        "content_hash": rules.content_hash,
        "previous_hash": rules.previous_hash,
        "reason": rules.reason,
        "published_at": _iso(rules.published_at),
        "published_by": rules.published_by_name,
        "consents": {
            "sme_agency": {"name": rules.agency_consent_name, "at": _iso(rules.agency_consent_at)},
            "national_hq": {"name": rules.hq_consent_name, "at": _iso(rules.hq_consent_at)},
        },
    }


def _iso(moment: datetime | None) -> str:
    return timezone.localtime(moment).isoformat() if moment else ""
