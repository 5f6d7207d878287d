# quishmilter in a container of its own: one static program, no shell, an unprivileged user.
#
#   docker build -t quishmilter .
#   docker run -d --name quishmilter -p 127.0.0.1:8895:8895 -v quishmilter-state:/var/lib/quishmilter quishmilter
#
# and in Postfix's main.cf: quishmilter_address = inet:127.0.0.1:8895 (see postfix-example.cf). The milter protocol has
# neither encryption nor passwords, so publish the port on an address that only Postfix reaches.

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -tags nodynamic -o bin/quishmilter ./cmd/quishmilter
# The final stage has no shell to make folders with. A new volume takes over the owner of what it covers.
RUN mkdir -p empty

FROM scratch
COPY --from=build /src/bin/quishmilter /usr/bin/quishmilter
COPY --from=build /src/packaging/container.toml /etc/quishmilter/quishmilter.toml
COPY --from=build --chown=65532:65532 /src/empty /var/lib/quishmilter
COPY --from=build --chown=65532:65532 /src/empty /tmp
# For linked pictures, where fetching them is switched on.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
USER 65532:65532
VOLUME /var/lib/quishmilter
EXPOSE 8895
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s \
    CMD ["/usr/bin/quishmilter", "check", "--health", "-c", "/etc/quishmilter/quishmilter.toml"]
ENTRYPOINT ["/usr/bin/quishmilter"]
CMD ["serve", "-c", "/etc/quishmilter/quishmilter.toml"]
