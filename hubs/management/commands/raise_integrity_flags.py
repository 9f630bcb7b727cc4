"""Check the reported figures now, as the nightly run does."""

from typing import Any

from django.core.management.base import BaseCommand

from hubs.integrity.operations import raise_flags
from yorozu.core.access import system_scope


class Command(BaseCommand):
    """Safe to run at any time; a second run changes nothing."""

    help = "提出された実績を確認し、確認事項を最新にします（夜間の処理と同じ内容です）。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Run and say what has changed."""
        counts = raise_flags(system_scope("確認事項の検出（コマンド）")).counts
        self.stdout.write(
            f"新しい確認事項 {counts['raised']}件、数値の更新 {counts['updated']}件、"
            f"判断待ちへ {counts['waiting']}件、解消 {counts['resolved']}件"
        )
