# One image for every role; what runs is chosen by the command: gateway, worker,
# aggregator, migrate, definitions. Also up, for a trial in one container.

FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/docmill
# Pinned; a layer of its own, so that a change of the code installs nothing anew.
# With OCR: --build-arg REQUIREMENTS=requirements-ocr.txt
ARG REQUIREMENTS=requirements.txt
COPY requirements.txt requirements-ocr.txt /src/
RUN /opt/docmill/bin/pip install -r /src/${REQUIREMENTS}
COPY pyproject.toml README.md LICENSE NOTICE /src/
COPY service /src/service
COPY actors /src/actors
COPY gateway /src/gateway
RUN /opt/docmill/bin/pip install --no-deps /src

FROM python:3.12-slim-bookworm
ENV PATH=/opt/docmill/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DOCMILL_DATA_DIR=/var/lib/docmill
# A number, so that Kubernetes can see that it is not root. A new volume mounted on one
# of these folders belongs to it as the folder does.
RUN useradd --uid 10001 --user-group --home-dir /var/lib/docmill --no-create-home docmill \
    && install -d -o 10001 -g 10001 -m 0750 /var/lib/docmill /var/lib/docmill/blobs \
    && install -d -o 10001 -g 10001 -m 0755 /var/lib/docmill-broker
COPY --from=build /opt/docmill /opt/docmill
USER 10001:10001
WORKDIR /var/lib/docmill
# 8000 is the gateway's, 9101 the others' for health and metrics.
EXPOSE 8000 9101
ENTRYPOINT ["docmill"]
CMD ["--help"]
