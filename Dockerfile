FROM python:3.11-slim-bookworm

# Pango draws the PDF files; nothing else of the system is used.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=yorozu.settings.prod \
    YOROZU_DATA_DIR=/data \
    STATIC_ROOT=/srv/static

RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin portal \
    && install -d -o portal -g portal -m 0700 /data \
    && install -d -o portal -g portal /srv/static

WORKDIR /srv/portal
COPY requirements.txt requirements-numbers.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes \
    -r requirements.txt -r requirements-numbers.txt
COPY . .

# Collecting reads the settings only; the values live for this one command.
USER portal
RUN SECRET_KEY=collect ALLOWED_HOSTS=localhost DATABASE_URL=postgres://localhost/none \
    REDIS_URL=redis://localhost/0 EMAIL_URL=consolemail:// DEFAULT_FROM_EMAIL=portal@localhost \
    python manage.py collectstatic --noinput

VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "yorozu.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", \
     "--worker-class", "gthread", "--threads", "4", "--timeout", "60", \
     "--worker-tmp-dir", "/dev/shm"]
