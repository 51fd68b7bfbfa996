"""How does a test see a page as a person does? ``Lab`` is one tab; things are found by role, label or key."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Locator, Page

REPO = Path(__file__).parents[2]
PROBE = """{
let unanswered = 0; // Streamlit calls itself idle until the server's first answer to what was sent
let asked = 0;
let uploads = 0;
window.WebSocket = class extends window.WebSocket {
  constructor(...how) { super(...how); this.addEventListener('message', () => { unanswered = 0; }); }
  send(data) { unanswered += 1; asked += 1; super.send(data); }
};
window.XMLHttpRequest = class extends window.XMLHttpRequest {
  send(data) { uploads += 1; this.addEventListener('loadend', () => { uploads -= 1; }); super.send(data); }
};
window.labSeen = e => { const b = e.getBoundingClientRect(); return b.width > 0 && b.height > 0; };
window.labSlider = () => document.querySelector('[data-live=slider]');
window.labFilms = () => [...document.querySelectorAll('[data-film]')].filter(labSeen);
window.labKey = e => [...e.closest('[class*=st-key-]').classList].find(c => c.startsWith('st-key-')).slice(7);
window.labState = () => {
  const app = document.querySelector('[data-testid=stApp]'), slider = labSlider();
  const busy = !app || app.dataset.testScriptState !== 'notRunning' || app.dataset.testConnectionState !== 'CONNECTED';
  const untold = slider && slider.dataset.told !== slider.dataset.level; // Python has yet to hear of the level
  const late = slider ? labFilms().filter(f => f.dataset.level !== slider.dataset.level).length : -1;
  return [busy || untold || unanswered > 0 || uploads > 0, late, slider?.dataset.level, location.href, document.querySelectorAll('*').length, document.title];
};
window.labBytes = array => { // as base64: millions of numbers in JSON take seconds
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  let text = '';
  for (let k = 0; k < bytes.length; k += 32768) text += String.fromCharCode(...bytes.subarray(k, k + 32768));
  return btoa(text);
};
window.labGo = async address => { // as Back does, to an address that need not be in the history
  const before = asked;
  history.pushState({}, '', address);
  dispatchEvent(new PopStateEvent('popstate', { state: {} }));
  for (let k = 0; asked === before; k++) {
    if (k > 600) throw new Error('nobody asked the server for ' + address);
    await new Promise(requestAnimationFrame);
  }
};
window.labRaised = () => document.querySelector('[data-testid=stException]') !== null;
let call, seen, still;
window.labSettled = (frames, of, slider) => { // asked once a frame: a page that is late draws fewer, and is given longer
  const now = labState(), key = JSON.stringify(now);
  still = of === call && key === seen && !now[0] && now[1] <= 0 && (now[1] === 0 || !slider) ? still + 1 : 0;
  [call, seen] = [of, key];
  return still >= frames || (!now[0] && labRaised());
};
}"""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """The app as the README starts it, on a free port."""

    def __init__(self, **environment: str) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the process
        self._folder = tempfile.TemporaryDirectory(prefix="quantlab-server-")
        usual = {"QUANTLAB_DATABASE": f"sqlite:///{self._folder.name}/classes.db", "QUANTLAB_WORKERS": "1"}
        environment = usual | environment
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address", "127.0.0.1"]
        command += ["--server.port", str(port), "--server.headless", "true"]
        self._start = partial(subprocess.Popen, command, cwd=REPO, stdout=self._log, stderr=subprocess.STDOUT, env=os.environ | environment)
        self._process = self._start()
        self._wait()

    def kill_and_start(self) -> None:
        """Kill it as a machine that loses its power does, and start it on the same port."""
        self._process.kill()
        self._process.wait()
        self._process = self._start()
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1).close()
                return
            except OSError:
                time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"the app did not start:\n{self.log()[-2000:]}")

    def log(self) -> str:
        self._log.seek(0)
        return self._log.read()

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Lab:
    """One tab: what is shown, what was sent, what went wrong."""

    def __init__(self, page: Page, url: str = "") -> None:
        self.page, self.url = page, url
        self.sent: list[object] = []
        self.errors: list[str] = []
        page.add_init_script(PROBE)
        page.set_default_timeout(45_000)  # a server that has just started, on a busy machine
        page.on("websocket", lambda ws: ws.on("framesent", lambda frame: self.sent.append(frame)))
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        # Streamlit probes /<page>/_stcore first and falls back to /_stcore: those 404s are its own.
        if message.type == "error" and "_stcore" not in message.location.get("url", ""):
            self.errors.append(message.text)

    # ---- go and wait

    def leave(self, address: str) -> None:
        """Go to an empty page of the same server; nothing of this person is kept."""
        self.page.unroute_all()
        self.page.goto(address)
        self.page.mouse.up()
        self.page.mouse.move(0, 0)
        self.page.evaluate("localStorage.clear(); sessionStorage.clear()")
        self.page.context.clear_cookies()
        self.sent.clear()
        self.errors.clear()

    def open(self, address: str = "tensor") -> Lab:
        self.page.goto(f"{self.url}/{address}")
        return self.settle()

    def stands(self) -> bool:
        """Whether the app is open in this tab."""
        return self.page.url.startswith(f"{self.url}/") and self.page.get_by_test_id("stApp").count() > 0

    def calm(self) -> Lab:
        """Take hands off the page that stands here, and go to its top; what the last hand asked for comes first."""
        self.page.mouse.up()
        if self.stands():
            self.settle(slider=False)
        self.page.mouse.move(0, 0)
        self.page.evaluate("document.activeElement?.blur(); document.querySelector('[data-testid=stMain]')?.scrollTo(0, 0)")
        self.sent.clear()
        self.errors.clear()
        return self

    def show(self, address: str = "tensor") -> Lab:
        """Show the state of an address as Back does, without a load, where the app stands in this tab; open it where not."""
        self.go(address)
        return self.settle()

    def go(self, address: str) -> None:
        """``show`` without waiting."""
        if self.stands():
            self.page.evaluate("address => labGo(address)", f"/{address}")
        else:
            self.page.goto(f"{self.url}/{address}")

    def settle(self, quiet: int = 12, limit: float = 60, slider: bool = True) -> Lab:
        """Wait until no run is under way, every film shows the slider's level, and nothing changed for ``quiet`` frames.

        A page that has no ``slider`` yet will have one, unless it is said that there need not be any.
        """
        from playwright.sync_api import TimeoutError as TooLate

        try:
            self.page.wait_for_function(
                "how => labSettled(...how)", arg=[quiet, time.monotonic(), slider], polling="raf", timeout=1000 * limit
            )
        except TooLate:
            raise AssertionError(f"not settled: {self.page.evaluate('labState()')}; {self.main_text()[:500]}") from None
        assert not self.crashed(), self.crashed()
        return self

    def crashed(self) -> str:
        """What the page says where Python raised."""
        boxes = self.page.locator("[data-testid=stException]")
        return "; ".join(boxes.all_inner_texts())

    # ---- what is shown

    def key(self, key: str) -> Locator:
        """The element of a key; Streamlit writes ``-`` for what a class cannot hold."""
        return self.page.locator(f".st-key-{key.replace(':', '-')}")

    @property
    def slider(self) -> Locator:
        return self.page.locator("[data-live=slider]")

    @property
    def level(self) -> str:
        return self.slider.get_attribute("data-level")

    def film_levels(self) -> dict[str, str]:
        """Key of every film in the page -> the level it has painted."""
        return dict(self.page.evaluate("labFilms().map(f => [labKey(f), f.dataset.level])"))

    def texts(self, key: str = "numbers") -> dict[str, str]:
        """Name -> text of the tiles or lines of one numbers film."""
        script = "e => [...e.querySelectorAll('[data-film=numbers] > div')].map(d => [...d.children].map(c => c.textContent))"
        return dict(self.key(key).evaluate(script))

    def every_text(self) -> dict[str, dict[str, str]]:
        return {key: self.texts(key) for key in ("numbers", "following")}

    def paths(self) -> dict[str, list[str]]:
        """Key of every chart -> the paths of its lines, as drawn."""
        script = "labFilms().map(f => [labKey(f), [...f.querySelectorAll('path.js-line')].map(p => p.getAttribute('d'))])"
        return dict(self.page.evaluate(script))

    def point_at(self, key: str) -> Locator:
        """The chart of this key with what plotly gives to a chart that somebody points at: read-out, zoom, export."""
        chart = self.key(key).locator(".ql-plot")
        chart.hover()
        chart.locator(".nsewdrag").first.wait_for(state="attached")
        return chart

    def main_text(self) -> str:
        return self.page.get_by_test_id("stMain").inner_text()

    def says(self) -> list[str]:
        """What the page tells the person about their input: errors and warnings."""
        return [text.strip() for text in self.page.get_by_test_id("stAlert").all_inner_texts()]

    def code(self) -> str:
        return self.page.locator(".ql-program code").text_content()

    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.page.url).query))

    def chosen(self, label: str) -> str:
        """The text of the select box of this label."""
        return self.page.get_by_role("combobox", name=label, exact=True).input_value()

    # ---- what a person does

    def choose(self, label: str, option: str) -> Lab:
        box = self.page.get_by_role("combobox", name=label, exact=True)
        box.click()
        self.page.get_by_role("option", name=option, exact=True).click()
        return self.settle()

    def type(self, label: str, text: str) -> Lab:
        field = self.page.get_by_role("textbox", name=label)
        field.fill(text)
        field.press("Control+Enter")
        return self.settle()

    def upload(self, path: Path) -> Lab:
        """Give a file to the file uploader, as dropping it does."""
        self.page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(str(path))
        return self.settle()

    def thumb(self, share: float) -> tuple[float, float]:
        """Where on the screen the thumb stands at this share of the slider's way."""
        box = self.slider.bounding_box()
        return box["x"] + 8 + (box["width"] - 16) * share, box["y"] + box["height"] / 2

    def share(self) -> float:
        """The share of its way at which the slider's thumb stands."""
        return self.slider.evaluate("s => (s.value - s.min) / (s.max - s.min)")

    def press(self) -> None:
        """Put the mouse button down on the thumb."""
        self.slider.scroll_into_view_if_needed()
        self.page.mouse.move(*self.thumb(self.share()))
        self.page.mouse.down()

    def painted(self) -> None:
        """Wait until every film has painted the slider's level."""
        self.page.wait_for_function("labState()[1] === 0", timeout=5000)


CANCELS = """addEventListener("DOMContentLoaded", () => {
  const seen = new Set();
  let given = false;
  new MutationObserver(() => {
    const buttons = [...document.querySelectorAll("[data-testid=stMain] button")];
    const named = name => buttons.find(e => e.innerText.trim() === name);
    given ||= Boolean(named("Compute it after all"));
    const cancel = named("Cancel");
    if (!cancel || seen.has(cancel)) return;
    document.documentElement.dataset.cancels = String(seen.add(cancel).size);
    if (!given) setTimeout(() => cancel.click(), 50);  // once React hears it
  }).observe(document.documentElement, {childList: true, subtree: true, characterData: true});
});"""


def cancelling(lab: Lab) -> Lab:
    """A fresh tab that cancels the first work it is shown, however soon that would be done: a hand is slower than some of it.

    ``data-cancels`` of the page counts the buttons that offered to.
    """
    lab.page.add_init_script(CANCELS)
    return lab
