"""Deadlines laid before they had a rule: the product's default calendar was their rule."""

from datetime import date
from zoneinfo import ZoneInfo

from django.db import migrations

TOKYO = ZoneInfo("Asia/Tokyo")
# Code -> (month counted on from April = 4, day); the same twelve report lines on the 10th after.
RULES = {
    "policy": (4, 10),
    "plan": (5, 20),
    "interview": (6, 20),
    "finalize": (6, 30),
    "survey": (14, 15),
    "hearing": (15, 10),
} | {f"month-{(place - 1) % 12 + 1:02}": (place + 1, 10) for place in range(4, 16)}


def write_rules(apps, schema_editor):
    for row in apps.get_model("hubs", "TermDeadline").objects.select_related("term"):
        local = row.due_at.astimezone(TOKYO)
        year = row.term.fiscal_year
        place = (local.year - year) * 12 + local.month
        row.month, row.number = RULES.get(row.code, (place, local.day))
        row.nominal_on = date(year + (row.month - 1) // 12, (row.month - 1) % 12 + 1, row.number)
        row.at = local.time().replace(microsecond=0)
        row.save(update_fields=["month", "number", "nominal_on", "at"])


class Migration(migrations.Migration):

    dependencies = [
        ('hubs', '0006_rules_of_the_year'),
    ]

    operations = [
        migrations.RunPython(write_rules, migrations.RunPython.noop),
    ]
