"""The coded lists: another spelling, or a whole new version for a coming year."""

import re
from collections.abc import Sequence

from django.db import transaction

from hubs.ledger.models import CodeAlias, CodeItem, CodeKind, CodeList
from hubs.ledger.queries import latest_list
from hubs.ledger.rules import VISIT_CHANNEL
from yorozu.core import clock
from yorozu.core.access import Scope, require
from yorozu.core.audit.operations import record
from yorozu.core.errors import InvalidInput, NotReady, Problem
from yorozu.core.fiscal import fiscal_year_of, nendo
from yorozu.core.sheets import match_key

ACTION = "hubs.ledger.codes"
_CODE = re.compile(r"[0-9A-Z]{1,4}")
MAX_TEXT, MAX_ITEMS = 60, 99


def add_alias(*, actor: Scope, item: CodeItem, alias: str) -> CodeAlias:
    """Let files and people spell a code so; NotReady when the spelling means something already."""
    require(actor, ACTION)
    alias = alias.strip()
    if not 0 < len(alias) <= MAX_TEXT:
        raise NotReady(f"別の表記を{MAX_TEXT}文字までで入力してください。")
    key = match_key(alias)
    mine = CodeItem.objects.filter(code_list=item.code_list_id).prefetch_related("aliases")
    for other in mine:
        spellings = [other.code, other.label, *(one.alias for one in other.aliases.all())]
        if key in {match_key(text) for text in spellings}:
            raise NotReady(f"「{alias}」はすでに「{other.label}」を指しています。")
    with transaction.atomic():
        row = CodeAlias.objects.create(item=item, alias=alias)
        record(actor, ACTION, item, after={"alias": alias, "code": item.code})
    return row


def new_version(
    *, actor: Scope, kind: CodeKind, fiscal_year: int, items: Sequence[tuple[str, str]]
) -> CodeList:
    """Put a new list in force from a coming fiscal year; records of earlier years keep the old one.

    ``items`` are (code, label) in the order of the list. Other spellings of codes that stay are
    taken along. Raises InvalidInput with every fault.
    """
    require(actor, ACTION)
    latest = latest_list(kind)
    problems = _problems(kind, fiscal_year, items, latest)
    if problems:
        raise InvalidInput([Problem(None, "", text) for text in problems])
    with transaction.atomic():
        row = CodeList.objects.create(
            kind=kind,
            version=latest.version + 1 if latest else 1,
            valid_from_fiscal_year=fiscal_year,
        )
        made = CodeItem.objects.bulk_create(
            CodeItem(code_list=row, code=code, label=label, order=place)
            for place, (code, label) in enumerate(items, start=1)
        )
        if latest:
            _take_spellings_along(latest, {item.code: item for item in made})
        after = {"kind": str(kind), "year": fiscal_year, "codes": [code for code, _ in items]}
        record(actor, ACTION, row, after=after)
    return row


def _problems(
    kind: CodeKind, fiscal_year: int, items: Sequence[tuple[str, str]], latest: CodeList | None
) -> list[str]:
    found = []
    if fiscal_year <= fiscal_year_of(clock.today()):
        found.append("適用を始める年度は、来年度以後にしてください。")
    if latest and fiscal_year <= latest.valid_from_fiscal_year:
        found.append(f"{nendo(latest.valid_from_fiscal_year)}からの版がすでにあります。")
    if not 0 < len(items) <= MAX_ITEMS:
        found.append(f"コードは1つから{MAX_ITEMS}個までです。")
    found += [
        f"「{code}　{label}」：コードは半角の数字か大文字で4文字まで、名称は{MAX_TEXT}文字まで。"
        for code, label in items
        if not _CODE.fullmatch(code) or not 0 < len(label) <= MAX_TEXT
    ]
    for name, texts in (("コード", [c for c, _ in items]), ("名称", [b for _, b in items])):
        keys = [match_key(text) for text in texts]
        if len(set(keys)) < len(keys):
            found.append(f"同じ{name}が2回あります。")
    if kind == CodeKind.CHANNEL and VISIT_CHANNEL not in {code for code, _ in items}:
        found.append(f"来訪のコード「{VISIT_CHANNEL}」は、来訪相談者数を数えるために必要です。")
    return found


def _take_spellings_along(old: CodeList, made: dict[str, CodeItem]) -> None:
    taken = {match_key(text) for item in made.values() for text in (item.code, item.label)}
    aliases = CodeAlias.objects.filter(item__code_list=old).select_related("item")
    CodeAlias.objects.bulk_create(
        CodeAlias(item=made[one.item.code], alias=one.alias)
        for one in aliases
        if one.item.code in made and match_key(one.alias) not in taken
    )
