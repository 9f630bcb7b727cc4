"""``manage.py load_facts``: hubs, bureaus, blocks, prefectures and the qualification code list."""

from typing import Any

from django.core.management.base import BaseCommand

from hubs.network.facts import load_facts
from hubs.network.models import Hub


class Command(BaseCommand):
    """Loads the facts; may be run again at any time."""

    help = "基礎データ（拠点、経済産業局、ブロック、資格区分）を登録します。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and say how many hubs there are."""
        load_facts()
        self.stdout.write(f"基礎データを登録しました（{Hub.objects.count()}拠点）。")
