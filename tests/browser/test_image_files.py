"""What happens to a person's own pictures: good ones are shown, bad ones refused in a sentence, the camera answers?"""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from tests.images.test_pictures import PICTURE, png_that_claims, saved

from .test_take_away import ran

NOISE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)


def animated() -> bytes:
    file = io.BytesIO()
    frames = [Image.fromarray(PICTURE), Image.fromarray(255 - PICTURE)]
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    return file.getvalue()


def clear_palette() -> bytes:
    image = Image.fromarray(PICTURE).quantize(16)
    return saved(image, "PNG", transparency=0)


BAD = {
    "truncated": ("a.png", saved(NOISE, "PNG")[:5000]),
    "zero bytes": ("a.png", b""),
    "no picture inside": ("a.png", b"%PDF-1.4 and so on, certainly no picture"),
    "a decompression bomb": ("a.png", png_that_claims(60_000, 60_000)),
    "1 by 1": ("a.png", saved(PICTURE[:1, :1], "PNG")),
    "60000 by 1": ("a.png", saved(np.zeros((1, 60_000, 3), np.uint8), "PNG")),
}
ODD = {
    "CMYK": ("a.jpg", saved(Image.fromarray(PICTURE).convert("CMYK"), "JPEG"), "CMYK"),
    "animated": ("a.webp", animated(), "first of its 2 frames"),
    "a palette with transparency": ("a.png", clear_palette(), "white"),
    "another kind than its name says": ("a.jpg", saved(PICTURE, "PNG"), "PNG"),
    "16 bits": ("a.png", saved(Image.fromarray(np.arange(64 * 48, dtype=np.uint16).reshape(64, 48) * 20), "PNG"), "16 bits"),
}


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_bad_pictures_are_refused_in_one_sentence_and_what_was_there_is_kept(reader, tmp_path):
    lab = reader().show("image?source=upload&bits=3")
    lab.upload(written(tmp_path, "good.png", saved(NOISE, "PNG")))
    assert lab.says() == [] and "good.png" in lab.code()
    before = lab.texts()
    for name, (file, data) in BAD.items():
        lab.upload(written(tmp_path, file, data))
        (sentence,) = lab.says()
        assert sentence.endswith(".") and "\n" not in sentence and "Choose a file" not in sentence, name
        assert lab.texts() == before and set(lab.film_levels().values()) == {"3"}, name
    lab.upload(written(tmp_path, "again.png", saved(PICTURE, "PNG")))
    assert lab.says() == [] and "again.png" in lab.code() and lab.texts() != before


def test_odd_pictures_are_shown_and_the_page_says_what_was_changed(reader, tmp_path):
    lab = reader().show("image?source=upload")
    for name, (file, data, word) in ODD.items():
        lab.upload(written(tmp_path, file, data))
        assert lab.says() == [], name
        captions = " ".join(lab.page.get_by_test_id("stCaptionContainer").all_inner_texts())
        assert word in captions and "dB" in lab.texts()["PSNR"], name
    address, shown = lab.page.url, lab.texts()
    lab.page.reload()
    assert lab.settle().page.url == address and lab.texts() == shown


def test_a_photo_is_taken_with_the_camera_quantized_and_taken_away_with_its_program(new_lab, tmp_path):
    lab = new_lab(permissions=["camera"]).open("image")  # the camera is Chromium's test picture
    assert lab.page.get_by_test_id("stCameraInput").count() == 0  # it opens only when it is asked for
    before = lab.texts()
    lab.choose("Picture", "Take a photo")
    assert any("button below the camera" in text for text in lab.says()) and lab.texts() == before
    button = lab.page.get_by_role("button", name="Take Photo")
    button.wait_for(timeout=20_000)
    lab.page.wait_for_function("document.querySelector('[data-testid=stCameraInput] video').currentTime > 0.2")  # else it is black
    button.click()
    lab.page.wait_for_function("document.querySelector('.ql-program')?.textContent.includes('load_picture')")
    lab.settle()
    assert lab.says() == [] and lab.texts() != before
    assert lab.query()["source"] == "webcam" and lab.errors == []
    with lab.page.expect_download() as download:
        lab.page.get_by_role("button", name="Save this photo").click()
    download.value.save_as(tmp_path / download.value.suggested_filename)
    assert f"PSNR {lab.texts()['PSNR']}, from afar {lab.texts()['From afar']}" in ran(lab.code(), tmp_path)
