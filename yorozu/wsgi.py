"""WSGI entry; without a word from the environment the strict production settings hold."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yorozu.settings.prod")

from django.core.wsgi import get_wsgi_application

import yorozu.celery  # noqa: F401

application = get_wsgi_application()
