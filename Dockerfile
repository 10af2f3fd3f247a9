# One image, one role a container: web | worker-bulk | worker-interactive | beat | flower | manage ...
# PostgreSQL and Redis run in containers of their own (docker-compose.yml).
ARG PYTHON_IMAGE=python:3.13-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
# Where a proxy of your network signs what pip downloads: the certificates to check it with.
ARG PIP_CERT
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt /
RUN python3 -m venv /opt/taggarr && /opt/taggarr/bin/pip install --require-hashes -r /requirements.txt
COPY . /app
RUN cd /app && /opt/taggarr/bin/python -m taggarr.translations && /opt/taggarr/bin/python -m compileall -q .

FROM ${PYTHON_IMAGE}
COPY --from=build /opt/taggarr /opt/taggarr
COPY --from=build /app /app
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
CMD ["web"]
