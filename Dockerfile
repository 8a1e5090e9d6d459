ARG BASE=node:24-bookworm-slim

# Everything is built here, once; the image gets only the folder /app of it.
FROM ${BASE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund
COPY . .
RUN node local/build.mjs /app
# The bundles hold their libraries, so of the packages only the runners stay, as they were locked.
# Left out of these: TypeScript and source maps, a jar that only Java functions need, and the binary of
# esbuild, which only a TypeScript function would ask for.
RUN mv node_modules package-lock.json .npmrc /app/ && cd /app \
 && npm prune --omit=dev --no-audit --no-fund \
 && rm -r package-lock.json .npmrc node_modules/.package-lock.json node_modules/java-invoke-local \
      node_modules/@esbuild \
 && find node_modules -type f \( -name '*.[mc]ts' -o -name '*.ts' -o -name '*.map' \) -delete

FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="image-relay" \
      org.opencontainers.image.description="Downloads lists of images and uploads them to Imgur" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
# Owned by root: the service writes nothing, so its root file system may be read-only.
COPY --from=build /app ./
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "local/health-check.mjs"]
# The service itself is the first process and hears the signals. node-fetch 2 uses what DEP0040 is about.
CMD ["node", "--disable-warning=DEP0040", "local/start.mjs"]
