"""Do fetched weights become the network that torchvision has, and pictures what it makes of them? With random weights of the real layout."""

import hashlib
import io
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from quantlab.networks.data import photographs
from quantlab.networks.engine import imagenet
from quantlab.networks.engine._torchvision import torchvision
from quantlab.networks.engine.imagenet import PRETRAINED, PretrainedNetwork, network_steps, photo_set, photo_steps
from quantlab.networks.engine.models import tensor_of
from quantlab.networks.engine.runner import Runner
from quantlab.networks.settings import Setting
from tests.networks.file_server import serving
from tests.networks.test_downloads import near  # noqa: F401
from tests.steps import drained

pytestmark = pytest.mark.slow


def saved(state, **options) -> bytes:
    file = io.BytesIO()
    torch.save(state, file, **options)
    return file.getvalue()


@pytest.fixture(scope="module")
def models():
    torch.manual_seed(2)
    return {slug: getattr(torchvision().models, entry.model)(weights=None).eval() for slug, entry in PRETRAINED.items()}


@pytest.fixture(scope="module")
def files(models):
    """slug -> (name with the beginning of its SHA-256, content)."""
    contents = {slug: saved(model.state_dict()) for slug, model in models.items()}
    return {slug: (f"{PRETRAINED[slug].model}-{hashlib.sha256(c).hexdigest()[:8]}.pth", c) for slug, c in contents.items()}


@pytest.fixture
def server(files, monkeypatch):
    """These files in place of torchvision's, under names that state their checksum as torchvision's do."""
    real = {slug: entry.entry for slug, entry in PRETRAINED.items()}

    def entry(self):
        url = f"http://nowhere.invalid/models/{files[self.slug][0]}"
        return SimpleNamespace(url=url, meta=real[self.slug].meta, transforms=real[self.slug].transforms)

    monkeypatch.setattr(PretrainedNetwork, "entry", property(entry))
    with serving(dict(files.values())) as server:
        yield server


def pictures():
    rng = np.random.default_rng(4)
    return [rng.integers(0, 256, (*size, 3), dtype=np.uint8) for size in ((300, 400), (224, 224), (90, 70), (1, 300))]


@pytest.mark.parametrize("slug", PRETRAINED)
def test_a_picture_is_answered_as_torchvision_answers_it(slug, server, tmp_path, models):
    network, seen = drained(network_steps(slug, tmp_path, server.base))
    assert seen[-1][0] == seen[-1][1] > 10_000_000
    entry, transform = PRETRAINED[slug], PRETRAINED[slug].entry.transforms()
    for picture in pictures()[:3]:
        with torch.inference_mode():
            expected = models[slug](transform(Image.fromarray(picture))[None])
        ours = network(tensor_of(entry.pixels(picture)[None]))
        assert (ours - expected).abs().max() < 1e-4 * expected.abs().max()


@pytest.mark.parametrize("slug", PRETRAINED)
def test_pictures_are_prepared_by_torchvisions_own_transform(slug):
    entry = PRETRAINED[slug]
    transform = entry.entry.transforms()
    for picture in pictures():
        pixels = entry.pixels(picture)
        assert pixels.dtype == np.uint8 and pixels.shape == (224, 224, 3)
        normalized = torchvision().transforms.functional.normalize(tensor_of(pixels[None]), transform.mean, transform.std)
        assert torch.allclose(normalized[0], transform(Image.fromarray(picture)), atol=1e-6)


def test_names_addresses_and_checksums_are_torchvisions():
    models = torchvision().models
    for slug, weights in (("mobilenet-v2", models.MobileNet_V2_Weights), ("resnet-18", models.ResNet18_Weights)):
        entry = PRETRAINED[slug]
        assert entry.classes == tuple(weights.IMAGENET1K_V1.meta["categories"]) and len(entry.classes) == 1000
        assert entry.remote.mirrors[0] + entry.remote.name == weights.IMAGENET1K_V1.url
        assert entry.remote.algorithm == "sha256" and f"-{entry.remote.digest}.pth" in entry.remote.name and len(entry.remote.digest) == 8


def test_the_second_time_nothing_is_fetched(server, tmp_path):
    drained(network_steps("mobilenet-v2", tmp_path, server.base))
    assert drained(network_steps("mobilenet-v2", tmp_path, "http://nowhere.invalid/"))[1] == [] and len(server.asked) == 1


def test_files_in_torchs_old_format_that_count_no_batches_are_read_too(server, tmp_path, files, models, monkeypatch):
    state = {key: value for key, value in models["resnet-18"].state_dict().items() if not key.endswith("num_batches_tracked")}
    content = saved(state, _use_new_zipfile_serialization=False)
    name = f"resnet18-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    monkeypatch.setitem(files, "resnet-18", (name, content))
    (tmp_path / name).write_bytes(content)
    found = drained(network_steps("resnet-18", tmp_path, server.base))[0].modules.state_dict()
    assert torch.equal(found["answer.weight"], state["fc.weight"]) and server.asked == []


def test_weights_of_another_network_are_refused(server, tmp_path, files, monkeypatch):
    monkeypatch.setitem(files, "mobilenet-v2", files["resnet-18"])
    with pytest.raises(ValueError, match="does not fit MobileNetV2"):
        list(network_steps("mobilenet-v2", tmp_path, server.base))


def test_a_file_that_is_no_state_dict_is_refused(server, tmp_path, files, monkeypatch):
    name = f"x-{hashlib.sha256(b'junk').hexdigest()[:8]}.pth"
    monkeypatch.setitem(files, "resnet-18", (name, b"junk"))
    (tmp_path / name).write_bytes(b"junk")
    with pytest.raises(ValueError, match="cannot be read"):
        list(network_steps("resnet-18", tmp_path, server.base))


def test_an_unknown_network_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="choose one of mobilenet-v2, resnet-18"):
        list(network_steps("alexnet"))


def test_ones_own_pictures_come_first_and_no_photograph_calibrates_and_tests(models, monkeypatch):
    photos = dict(list(photographs().items())[:5])
    monkeypatch.setattr(imagenet, "photographs", lambda: photos)
    network = PRETRAINED["mobilenet-v2"].network(models["mobilenet-v2"].state_dict())
    own = pictures()[0]
    data = photo_set(network, {"mine": own})
    pixels = PRETRAINED["mobilenet-v2"].pixels
    again, seen = drained(photo_steps(network, {"mine": own}))
    assert again.digest == data.digest and seen == [(done, 6) for done in range(6)]
    assert len(data.test) == 4 and len(data.calibration) == 2 and len(data.training) == 0 and not data.truth
    assert np.array_equal(data.test.pixels[0], pixels(own))
    expected = [pixels(photo).tobytes() for photo in photos.values()]
    assert [x.tobytes() for x in data.test.pixels[1:]] == expected[::2] and [x.tobytes() for x in data.calibration.pixels] == expected[1::2]
    runner = Runner(network, data)
    assert runner.logits().argmax(1).tolist() == data.test.labels.tolist()
    assert runner.logits(Setting(weights=8, activations=8, calibration=1)).shape == (4, 1000)
