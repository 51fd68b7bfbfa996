"""Safetensors files, and their shards by the index that names them (``model.safetensors.index.json``)."""

from __future__ import annotations

import json
from pathlib import Path

from quantlab.model_file.tensors import FLOATS, FileTensor, ModelFile, claimed, mapped, plain_values, unread
from quantlab.sources.tensors import DTYPES, safetensors_claims
from quantlab.sources.upload import Refused, Upload, show

MAX_INDEX = 64 << 20  # bytes; a model of 1000 tensors has 100 kB
MAX_SHARDS = 1000


def read_safetensors(path: Path) -> ModelFile:
    """The tensors of one file."""
    upload = mapped(path)
    return ModelFile(path.name, "safetensors", tuple(_tensors(upload)), {}, (), (upload,))


def read_index(path: Path) -> ModelFile:
    """The tensors of all shards that an index names, in the index's order; the shards lie in the index's folder."""
    if path.stat().st_size > MAX_INDEX:
        raise Refused(f"{show(path.name)} has {path.stat().st_size} bytes, an index at most {MAX_INDEX}: give the model's own index.")
    try:
        table = json.loads(path.read_text("utf-8"))["weight_map"]
        places = {str(name): str(file) for name, file in table.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Refused(f"{show(path.name)} is no index of shards (it has no table weight_map): give the model's own index.") from error
    shards = dict.fromkeys(places.values())
    if len(shards) > MAX_SHARDS:
        raise Refused(f"{show(path.name)} names {len(shards)} shards, at most {MAX_SHARDS} are opened: join them first.")
    uploads = {file: mapped(_beside(path, file)) for file in shards}
    found = {(file, tensor.name): tensor for file, upload in uploads.items() for tensor in _tensors(upload)}
    if missing := [name for name, file in places.items() if (file, name) not in found]:
        raise Refused(
            f"{show(path.name)} says that {show(missing[0])} lies in {show(places[missing[0]])}, which has no such tensor: "
            "download index and shards of one version again."
        )
    tensors = tuple(found[file, name] for name, file in places.items())
    left = len(found) - len(tensors)
    notes = (f"{left} tensor{'s'[: left != 1]} of the shards stand{'s'[: left == 1]} in no index and are left out.",) if left else ()
    return ModelFile(path.name, f"safetensors, {len(shards)} shards", tensors, {}, notes, tuple(uploads.values()))


def _beside(path: Path, file: str) -> Path:
    """The path of a shard: a plain name in the index's own folder, so that an index cannot point elsewhere."""
    if not file or Path(file).name != file or "\\" in file:
        raise Refused(f"{show(path.name)} points to {show(file)}, and a shard must lie beside its index: put it there.")
    if not (there := path.parent / file).is_file():
        raise Refused(f"The shard {show(file)} is missing beside {show(path.name)}: download it into the same folder.")
    return there


def _tensors(upload: Upload) -> list[FileTensor]:
    tensors = []
    for name, (code, shape, begin, stop) in safetensors_claims(upload).items():
        claimed(name, shape, upload)
        stored = DTYPES.get(code)
        if stored is None or stored.name.startswith("complex"):
            why = f"{show(name)} is {code}, which is not read here: save it as F16, BF16 or F32."
            tensors.append(FileTensor(name, shape, code, stop - begin, unread(why), weights=False, refused=why))
            continue
        values = plain_values(upload.view[begin:stop], stored.raw, stored.decode)
        tensors.append(FileTensor(name, shape, stored.name, stop - begin, values, weights=stored.name in FLOATS))
    return tensors
