# driftd from source. Untested: see compose.yaml.
FROM rust:1.95-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends cmake clang && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN cargo build --release --locked --bin driftd

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
 && install -d -o 65532 -g 65532 -m 700 /var/lib/driftd
COPY --from=build /source/target/release/driftd /usr/local/bin/driftd
USER 65532:65532
VOLUME /var/lib/driftd
EXPOSE 8440
ENTRYPOINT ["driftd"]
CMD ["run"]
