"""ASGI entry; without a word from the environment the strict production settings hold."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yorozu.settings.prod")

from django.core.asgi import get_asgi_application

import yorozu.celery  # noqa: F401

application = get_asgi_application()
