"""Attendees written as one text become rows; who they spoke for is not known."""

import re

from django.db import migrations

LONGEST = 80


def write_rows(apps, schema_editor):
    attendee = apps.get_model("hubs", "InterviewAttendee")
    rows = []
    for interview in apps.get_model("hubs", "StartInterview").objects.order_by("pk"):
        names = [name.strip() for name in re.split("[\n、]", interview.attendees) if name.strip()]
        rows += [
            attendee(interview=interview, side="other", name=name[:LONGEST], order=order)
            for order, name in enumerate(names, start=1)
        ]
    attendee.objects.bulk_create(rows)


class Migration(migrations.Migration):
    dependencies = [("hubs", "0011_versions_of_plans_fixed_before")]
    operations = [migrations.RunPython(write_rows, migrations.RunPython.noop)]
