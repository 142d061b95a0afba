# Rafka from source to one file. The first stages build librdkafka and compile the gateway; the last holds the
# executable and certificates.
#
#   docker build -t rafka .
#   docker run --rm -p 6380:6380 rafka --dev --protected-mode no
#   docker run --rm -p 6380:6380 -e RAFKA_CONFIG_JSON='{"general": {"bootstrap.servers": "kafka:9092"}}' rafka
#   docker run --rm -p 6380:6380 -v "$PWD/config.json:/etc/rafka/config.json:ro" rafka
#
# For Rafka the clients of a container are on other machines: it refuses them until the configuration names users in
# "server" ("users" or "aclFile"), or says "protectedMode": false there, where only trusted clients can connect.

FROM denoland/deno:bin-2.9.6 AS deno

FROM debian:12 AS build
# Unpinned on purpose: Debian stable changes its packages to mend them.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends \
      build-essential ca-certificates libssl-dev libzstd-dev zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
COPY --from=deno /deno /usr/local/bin/deno
WORKDIR /rafka
# Before the rest, so that a change there does not build librdkafka again.
COPY deno.json deno.lock ./
COPY tasks tasks
RUN deno install --frozen && deno task native
COPY . .
RUN deno task compile && dist/rafka --version

FROM debian:12-slim
# For TLS to the brokers: librdkafka brings OpenSSL, but no certificates.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /rafka/dist/rafka /usr/local/bin/rafka
# The folder that it may read files of: config.json here is its configuration, unless RAFKA_CONFIG_JSON is.
WORKDIR /etc/rafka
# Nobody in particular; a number, so that Kubernetes can see that it is not root.
USER 10001:10001
EXPOSE 6380
STOPSIGNAL SIGTERM
# Asks where the configuration says that it listens. With options that say otherwise after the image's name, or if
# Kubernetes looks after it, this one is not of use: --no-healthcheck.
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s CMD ["rafka", "--healthcheck"]
ENTRYPOINT ["rafka"]
