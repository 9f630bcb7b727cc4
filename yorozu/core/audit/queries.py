"""What the search screen shows of the trail."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Q

from yorozu.core import clock
from yorozu.core.access import Role, Scope, find_rule
from yorozu.core.audit.models import AuditEvent, AuditEventQuerySet

_TRAIL_END = "SELECT event_hash FROM audit_auditevent ORDER BY sequence DESC LIMIT 1"


@dataclass(frozen=True)
class Difference:
    """One field of an event: before and after as text."""

    name: str
    before: str
    after: str


def trail_end() -> str:
    """The hash of the last event, "" before the first: another one after every act."""
    with connection.cursor() as cursor:
        # Asked on every page of the whole network, where the ORM would cost more than the question.
        cursor.execute(_TRAIL_END)
        found = cursor.fetchone()
    return str(found[0]) if found else ""


def search(actor: Scope, wanted: Mapping[str, Any]) -> AuditEventQuerySet:
    """Events within the actor's scope that meet every given condition, newest first."""
    events = AuditEvent.objects.visible_to(actor)
    if wanted.get("since"):
        events = events.filter(at__gte=_midnight(wanted["since"]))
    if wanted.get("until"):
        events = events.filter(at__lt=_midnight(wanted["until"] + timedelta(days=1)))
    if wanted.get("action"):
        events = events.filter(action=wanted["action"])
    if wanted.get("person"):
        events = events.filter(actor_label__icontains=wanted["person"])
    if wanted.get("hub"):
        events = events.filter(hub_id=int(wanted["hub"]))
    if wanted.get("target"):
        text = wanted["target"]
        events = events.filter(Q(object_label__icontains=text) | Q(object_id=text))
    return events.order_by("-sequence")


def _midnight(day: Any) -> datetime:
    return datetime.combine(day, time.min, tzinfo=clock.now().tzinfo)


def action_label(action: str) -> str:
    """The act in Japanese; the bare name for acts of an older version."""
    try:
        return find_rule(action).label
    except KeyError:
        return action


def role_label(role: str) -> str:
    """The role in Japanese; 自動処理 for commands and jobs without one."""
    return Role(role).label if role in Role.values else "自動処理"


def kind_label(object_type: str) -> str:
    """The kind of the object in Japanese."""
    try:
        return str(apps.get_model(object_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return object_type


def differences(event: AuditEvent) -> list[Difference]:
    """Before and after side by side, field by field."""
    before, after = _values(event.before), _values(event.after)
    names = [*before, *(name for name in after if name not in before)]
    labels = _field_labels(event.object_type)
    return [
        Difference(labels.get(name, name), _text(before.get(name)), _text(after.get(name)))
        for name in names
    ]


def _values(text: str) -> dict[str, Any]:
    values = json.loads(text) if text else {}
    return values if isinstance(values, dict) else {"": values}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _field_labels(object_type: str) -> dict[str, str]:
    try:
        fields = apps.get_model(object_type)._meta.get_fields()
    except (LookupError, ValueError):
        return {}
    return {
        field.name: str(field.verbose_name) for field in fields if hasattr(field, "verbose_name")
    }
