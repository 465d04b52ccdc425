# Passerelle's command line, for a Neo4j beside it (docker-compose.yml): the embedded server is not in the image.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PYTHONPATH=/opt/passerelle \
    PASSERELLE_HOME=/var/lib/passerelle/home \
    PASSERELLE_CACHE=/var/lib/passerelle/cache \
    PASSERELLE_DATA=/data

RUN useradd --system --uid 10001 --home-dir /var/lib/passerelle --create-home passerelle

WORKDIR /opt/passerelle
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes --requirement requirements.txt

# .dockerignore lets through the project's own packages and nothing else
COPY . ./
RUN printf '#!/usr/local/bin/python\nfrom passerelle.cli import main\n\nmain()\n' > /usr/local/bin/passerelle \
    && chmod 755 /usr/local/bin/passerelle

USER 10001
WORKDIR /var/lib/passerelle
ENTRYPOINT ["passerelle"]
CMD ["--help"]
