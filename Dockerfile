# What running needs is installed once, apart, so that the image holds no npm cache.
FROM node:22-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:22-bookworm-slim
LABEL org.opencontainers.image.title="image-relay" \
      org.opencontainers.image.description="Downloads lists of images and uploads them to Imgur" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
# The handlers are bundled below the project, which therefore belongs to the one who runs it.
RUN chown node:node /app
COPY --from=dependencies --chown=node:node /app/node_modules ./node_modules
COPY --chown=node:node package.json serverless.yml tsconfig.json ./
COPY --chown=node:node lib ./lib
COPY --chown=node:node handlers ./handlers
COPY --chown=node:node local ./local
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "local/health-check.mjs"]
# The service itself is the first process and hears the signals.
CMD ["node", "local/start.mjs"]
