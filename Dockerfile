# Stellwerk with its front end; the Node runtime for the bundle comes as a Python wheel and stays in the first stage.
FROM python:3.11-slim AS build
WORKDIR /source
COPY . .
RUN python -m venv /opt/stellwerk && /opt/stellwerk/bin/pip install --no-cache-dir ".[solver]"

FROM python:3.11-slim
RUN useradd --system --uid 1000 --home-dir /data stellwerk && install -d -o stellwerk -g stellwerk -m 700 /data
COPY --from=build /opt/stellwerk /opt/stellwerk
USER stellwerk
ENV STELLWERK_HOME=/data PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["/opt/stellwerk/bin/stellwerk"]
CMD ["serve", "--host", "0.0.0.0"]
