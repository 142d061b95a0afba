# The gateway from source. The first stage builds librdkafka; the last holds only what running takes, and
# needs no network but the brokers'.
#
#   docker build -t rafka .
#   docker run --rm -p 6380:6380 rafka --dev
#   docker run --rm -p 6380:6380 -v "$PWD/config.json:/etc/rafka/config.json:ro" rafka --config /etc/rafka/config.json

FROM denoland/deno:bin-2.9.6 AS deno

FROM debian:12 AS build
# Unpinned on purpose: Debian stable changes its packages to mend them.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends \
      build-essential ca-certificates libssl-dev libzstd-dev zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
COPY --from=deno /deno /usr/local/bin/deno
WORKDIR /rafka

# Before src, so that a change there does not build librdkafka again.
COPY deno.json deno.lock ./
RUN deno install --frozen
COPY tasks tasks
RUN deno task native

# Without librdkafka's source and our tasks. The run fills the cache of compiled modules, which is found
# again only under the same paths, and shows that everything is there.
COPY src src
RUN rm -r tasks native/*/build.log native/*/lock node_modules/node-rdkafka/deps \
    && DENO_DIR=/rafka/.cache deno run --cached-only --allow-ffi --allow-read=/rafka --allow-env=RAFKA_LIBRDKAFKA \
      src/main.ts --version

FROM debian:12-slim
COPY --from=deno /deno /usr/local/bin/deno
# For TLS to the brokers: librdkafka brings OpenSSL, but no certificates.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /rafka /rafka
ENV DENO_DIR=/rafka/.cache DENO_NO_UPDATE_CHECK=1
# Nobody in particular; a number, so that Kubernetes can see that it is not root.
USER 10001:10001
EXPOSE 6380
STOPSIGNAL SIGTERM
# The permissions of `deno task start`, with absolute paths.
ENTRYPOINT ["deno", "run", "--quiet", "--no-prompt", "--cached-only", \
  "--allow-net", "--allow-ffi", "--allow-read=/rafka,/etc/rafka", "--allow-env=RAFKA_LIBRDKAFKA", \
  "/rafka/src/main.ts"]
