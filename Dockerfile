FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    QUANTLAB_CACHE=/var/cache/quantlab

WORKDIR /srv/quantlab

# PyTorch first: the usual build for Linux brings gigabytes of CUDA. TORCH_INDEX names an index with its CPU builds.
ARG TORCH_INDEX=
COPY requirements.txt .
RUN grep -E '^(torch|torchvision)==' requirements.txt > torch.txt \
    && python -m pip install ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} -r torch.txt \
    && python -m pip install -r requirements.txt "hatchling>=1.27"

COPY pyproject.toml README.md LICENSE app.py ./
COPY .streamlit .streamlit
COPY pages pages
COPY assets assets
COPY quantlab quantlab
RUN python -m pip install --no-deps --no-build-isolation . \
    && useradd --create-home --uid 1000 quantlab \
    && install --directory --owner=quantlab --group=quantlab "$QUANTLAB_CACHE"

USER quantlab
WORKDIR /home/quantlab
VOLUME /var/cache/quantlab
EXPOSE 8501

HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]

CMD ["quantlab", "app", "--host", "0.0.0.0", "--port", "8501", "--no-browser"]
