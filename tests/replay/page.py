"""One page at one address, and all that a visitor takes from it: seen through the page alone, whatever stands behind it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import pytest
from streamlit.elements.widgets.button import ButtonMixin
from streamlit.testing.v1 import AppTest

from tests.replay.files import FILES, SOURCE, UPLOADER
from tests.ui.test_pages import alive, opened, program, query, tables


@contextmanager
def downloads() -> Iterator[dict[str, Callable[[], Any]]]:
    """What the page's download buttons give, by file name, as it fills: Streamlit's test keeps no such data."""
    given: dict[str, Callable[[], Any]] = {}
    button = ButtonMixin._download_button

    def kept(self: Any, label: str, data: Any, file_name: str | None = None, *others: Any, **more: Any) -> Any:
        given[file_name or label] = data if callable(data) else lambda: data
        return button(self, label, data, file_name, *others, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ButtonMixin, "_download_button", kept)
        yield given


@cache
def name_of(file: str) -> str:
    """The file's name in addresses, once its page has taken it."""
    app = opened(f"{UPLOADER[file]}.py", source=SOURCE.get(file, "upload"))
    if file == "state":  # its uploader stands in a part that is drawn once it is opened
        app.session_state["cnn:more"] = True
        alive(app.run())
    name, make = FILES[file]
    uploader = app.file_uploader[0]
    alive(uploader.set_value((name, make(), "")).run())
    return query(app)["file"]


def with_files(address: str) -> dict[str, str]:
    """The query of an address, the files it names in their places."""
    values = dict(parse_qsl(address, keep_blank_values=True))
    return {name: name_of(value[1:-1]) if value[0] == "{" else value for name, value in values.items()}


def without_files(address: str, text: str) -> str:
    """A text in which files are named as the address named them: their hashes differ with the library that wrote them."""
    for file in re.findall(r"{(\w+)}", address):
        text = text.replace(name_of(file), f"{{{file}}}")
    return text


def slider(app: AppTest) -> dict[str, Any] | None:
    """The level slider: its title, its labels, the label under the thumb."""
    for element in app.get("bidi_component"):
        if element.proto.id.endswith(":slider"):
            data = json.loads(element.proto.json)
            return {"title": data["name"], "labels": data["labels"], "label": data["labels"][data["index"]]}
    return None


def films(app: AppTest) -> list[str]:
    """The keys of everything that moves; the curve's has another while it waits for the other schemes' curves."""
    keys = (element.proto.id.split("-", 2)[2] for element in app.get("bidi_component"))
    return sorted(
        key.removesuffix("-alone") for key in keys if key not in ("tab", "code") and not key.endswith(":groups")
    )  # the browser tab's name; a control's pictures


def plain(text: str) -> str:
    """What a person reads where Markdown's signs are escaped."""
    return re.sub(r"\\(.)", r"\1", text)


def replay(page: str, address: str) -> dict[str, Any]:
    """All that is compared of a page at an address, as JSON keeps it."""
    values = with_files(address)
    with downloads() as given:
        app = opened(f"{page}.py", **values)
    seen = {
        "query": {name: without_files(address, value) for name, value in query(app).items()},
        "notices": [plain(box.value) for box in app.warning],
        "problems": [plain(box.value) for box in app.error],
        "slider": slider(app),
        "films": films(app),
        "words": [box.value for box in app.markdown] + [box.value for box in app.info],
        "program": program(app),
        "tables": [[list(rows[0]), *(next(iter(row.values())) for row in rows)] for rows in tables(app)]
        + [[list(map(str, table.value.columns)), *map(str, table.value.iloc[:, 0])] for table in app.dataframe],
        "csv": {name: shortened(make()) for name, make in given.items() if name.endswith(".csv")},
    }
    return json.loads(json.dumps(seen))


def shortened(csv: str) -> str:
    """A CSV with nine digits of each number."""
    return re.sub(r"-?\d+\.\d+(?:[eE][-+]?\d+)?", lambda found: f"{float(found[0]):.9g}", csv)
