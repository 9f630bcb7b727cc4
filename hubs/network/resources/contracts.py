"""Commission contracts as a file."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from django.db import models, transaction
from django.db.models import ProtectedError

from hubs.network.hub_rows import hub_columns
from hubs.network.models import CommissionContract, Hub, ImplementingBody
from hubs.network.resources.keyed import KeyedKind, fiscal_year, whole_number
from yorozu.core.errors import Problem
from yorozu.core.figures import format_count
from yorozu.core.fiscal import fiscal_year_of, nendo, wareki
from yorozu.core.imports.kinds import register
from yorozu.core.sheets import Column, Row, cells


class ContractKind(KeyedKind):
    """Commission contracts: one row per hub, fiscal year and funding line (S24)."""

    code = "network.contracts"
    label = "委託契約"
    description = "拠点ごと・年度ごとの実施機関、契約額、契約期間を取り込みます。"
    model = CommissionContract
    key_fields = ("fiscal_year", "funding_line")
    labels = {
        "body": "実施機関",
        "amount_yen": "契約額（円）",
        "document_number": "文書番号",
        "starts_on": "開始日",
        "ends_on": "終了日",
        "is_sample": "サンプル",
    }

    def columns(self, params: dict[str, Any]) -> list[Column]:
        """拠点コード to 終了日."""
        return [
            *hub_columns(),
            Column("body", "実施機関", cells.text(80), aliases=("実施機関名",)),
            Column("fiscal_year", "年度", fiscal_year(), key=True),
            Column("funding_line", "予算区分", cells.text(40)),
            Column(
                "amount_yen", "契約額（円）", whole_number(999_999_999_999), aliases=("契約額",)
            ),
            Column("document_number", "文書番号", cells.text(60), optional=True, blank=True),
            Column("starts_on", "開始日", cells.date()),
            Column("ends_on", "終了日", cells.date()),
        ]

    def example_rows(self, params: dict[str, Any]) -> list[list[Any]]:
        """One row that shows the spelling."""
        return [
            ["13", "東京都よろず支援拠点", "（実施機関の名称）", 2026, "当初予算", 60_000_000,
             "", date(2026, 4, 1), date(2027, 3, 31)]
        ]  # fmt: skip

    def row_problems(self, row: Row) -> list[Problem]:
        """The period lies in its fiscal year and does not run backwards."""
        problems = []
        if row["ends_on"] < row["starts_on"]:
            text = "開始日以後の日付を入力してください。"
            problems.append(Problem(row.number, "終了日", text))
        for name, heading in (("starts_on", "開始日"), ("ends_on", "終了日")):
            if fiscal_year_of(row[name]) != row["fiscal_year"]:
                text = f"{nendo(row['fiscal_year'])}の中の日付を入力してください。"
                problems.append(Problem(row.number, heading, text))
        return problems

    def key_of(self, row: Row) -> dict[str, Any]:
        """Fiscal year and funding line."""
        return {"fiscal_year": row["fiscal_year"], "funding_line": row["funding_line"]}

    def values_of(self, row: Row) -> dict[str, Any]:
        """What the contract says."""
        return {
            "body": row["body"],
            "amount_yen": row["amount_yen"],
            "document_number": row["document_number"] or "",
            "starts_on": row["starts_on"].isoformat(),
            "ends_on": row["ends_on"].isoformat(),
        }

    def rows(self) -> models.QuerySet:
        """Contracts with their bodies."""
        return CommissionContract.objects.select_related("implementing_body")

    def assign(self, obj: Any, values: dict[str, Any]) -> None:
        """Days from their text; the body by its name, resolved for all rows when they are saved."""
        for name, value in values.items():
            if name == "body":
                obj.wanted_body = value
            else:
                setattr(obj, name, date.fromisoformat(value) if name.endswith("_on") else value)

    def save(self, fresh: list[Any], kept: list[Any]) -> None:
        """Resolve the bodies in one query, then save."""
        wanted = {obj.wanted_body for obj in (*fresh, *kept)}
        found = ImplementingBody.objects.filter(name__in=wanted)
        ids = dict(found.values_list("name", "pk"))
        for obj in (*fresh, *kept):
            obj.implementing_body_id = ids[obj.wanted_body]
        super().save(fresh, kept)

    def stored_values(self, obj: Any) -> dict[str, Any]:
        """The same of a stored contract."""
        return {
            "body": obj.implementing_body.name,
            "amount_yen": obj.amount_yen,
            "document_number": obj.document_number,
            "starts_on": obj.starts_on.isoformat(),
            "ends_on": obj.ends_on.isoformat(),
            "is_sample": obj.is_sample,
        }

    def shown(self, name: str, value: Any) -> str:
        """Money with commas, days in the Japanese calendar."""
        if name == "amount_yen":
            return format_count(value)
        if name in {"starts_on", "ends_on"}:
            return wareki(date.fromisoformat(value))
        return "はい" if value is True else "いいえ" if value is False else str(value)

    def key_label(self, hub: Hub, key: dict[str, Any]) -> str:
        """Hub, year and line."""
        return f"{hub.name} {nendo(key['fiscal_year'])} {key['funding_line']}"

    def prepare(self, values: Sequence[dict[str, Any]], params: dict[str, Any]) -> list[int]:
        """Create the bodies that are new; returns their ids."""
        wanted = {value["body"] for value in values}
        known = set(ImplementingBody.objects.filter(name__in=wanted).values_list("name", flat=True))
        made = ImplementingBody.objects.bulk_create(
            ImplementingBody(name=name, is_sample=bool(params.get("is_sample")))
            for name in sorted(wanted - known)
        )
        return [body.pk for body in made]

    def clear(self, ids: list[int]) -> None:
        """Remove the bodies this import brought, unless something else refers to them now."""
        for body in ImplementingBody.objects.filter(pk__in=ids):
            with suppress(ProtectedError), transaction.atomic():
                body.delete()


register(ContractKind())
