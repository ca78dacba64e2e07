"""A headless Chromium that opens a page and tells what it shows, what it asked for and what went wrong.

It is spoken to over a pair of pipes in the browser's own protocol (DevTools), so that no further package is needed.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "msedge")
_PATIENCE: Final = 60.0


class Page:
    """One page in a browser of its own.

    ``asked`` lists every address that it asked for other than the file itself, ``faults`` every error and warning.
    """

    def __init__(self, program: str, width: int = 1400, height: int = 1000, *, dark: bool = False) -> None:
        self.asked: list[str] = []
        self.faults: list[str] = []
        self._loaded = False
        self._profile = tempfile.mkdtemp(prefix="page-")
        to_read, self._write = os.pipe()
        self._read, to_write = os.pipe()
        switches = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
            f"--window-size={width},{height}", f"--user-data-dir={self._profile}", "about:blank",
        ]  # fmt: skip
        command = f'exec "$0" "$@" 3<&{to_read} 4>&{to_write}'
        self._process = subprocess.Popen(
            ["bash", "-c", command, program, *switches], pass_fds=(to_read, to_write), stderr=subprocess.DEVNULL
        )
        os.close(to_read)
        os.close(to_write)
        os.set_blocking(self._read, False)
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        target = self.call("Target.getTargets")["targetInfos"]
        page = next(one["targetId"] for one in target if one["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.resize(width, height)
        self.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}],
        )

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One order to the browser, and its answer."""
        self._number += 1
        order: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            order["sessionId"] = self._session
        os.write(self._write, json.dumps(order).encode() + b"\0")
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            for message in self._messages():
                if message.get("id") == self._number:
                    if "error" in message:
                        raise RuntimeError(f"{method}: {message['error']['message']}")
                    result: dict[str, Any] = message["result"]
                    return result
                self._note(message)
        raise TimeoutError(f"{method} was not answered")

    def _messages(self) -> list[dict[str, Any]]:
        try:
            read = os.read(self._read, 1 << 20)
        except BlockingIOError:
            time.sleep(0.005)
            return []
        if not read:
            raise RuntimeError("the browser has ended")
        *whole, self._buffer = (self._buffer + read).split(b"\0")
        return [json.loads(one) for one in whole]

    def _note(self, message: dict[str, Any]) -> None:
        method, found = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            address = found["request"]["url"]
            if not address.startswith(("file:", "data:", "blob:", "about:")):
                self.asked.append(address)
        elif method == "Runtime.exceptionThrown":
            details = found["exceptionDetails"]
            self.faults.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and found["type"] in ("error", "warning", "assert"):
            self.faults.append(" ".join(str(one.get("value", one.get("description"))) for one in found["args"]))
        elif method == "Log.entryAdded" and found["entry"]["level"] in ("error", "warning"):
            self.faults.append(found["entry"]["text"])
        elif method == "Page.loadEventFired":
            self._loaded = True

    def open(self, path: Path, fragment: str = "") -> float:
        """Open a file and wait until the page says that it is ready; milliseconds from its start."""
        self._loaded = False
        address = path.resolve().as_uri() + (f"#{fragment}" if fragment else "")
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=address)
        fault = "(document.getElementById('fault') || {}).textContent"
        self.wait(f"(document.documentElement || {{ dataset: {{}} }}).dataset.ready || {fault}")
        return float(self.value("document.documentElement.dataset.ready || 'nan'"))

    def wait(self, condition: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + _PATIENCE
        while not self.value(f"Boolean({condition})"):
            if time.monotonic() > end:
                raise TimeoutError(f"{condition} did not come true; {self.faults}")
            time.sleep(0.02)

    def value(self, expression: str) -> Any:
        """What an expression gives in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description") or details["text"])
        return answer["result"].get("value")

    def choose(self, element: str, value: str) -> None:
        """Choose in a list, a slider or a group of buttons, as the page's own control would, and let it draw."""
        name, wanted = json.dumps(element), json.dumps(value)
        self.value(
            f"""(() => {{ const box = document.getElementById({name});
            if (box.tagName === 'FIELDSET')
              return box.querySelector('input[value=' + CSS.escape({wanted}) + ']').click();
            box.value = {wanted};
            for (const kind of ['input', 'change']) box.dispatchEvent(new Event(kind, {{ bubbles: true }})); }})()"""
        )
        self.draw()

    def draw(self) -> None:
        """Draw what has changed, in view or not."""
        self.value(
            "new Promise(done => requestAnimationFrame(() => { drawStale(true); requestAnimationFrame(done); }))"
        )

    def press(self, key: str) -> None:
        """Press a key, such as Tab or ArrowRight."""
        code = {"Tab": 9, "ArrowRight": 39, "ArrowLeft": 37, "Enter": 13}[key]
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def point(self, x: float, y: float) -> None:
        """Move the mouse to a point of the window."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def resize(self, width: int, height: int) -> None:
        """Give the window another size."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def picture(self, path: Path, *, whole: bool = True) -> None:
        """A picture of the window, or of the whole page."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        found = self.call(
            "Page.captureScreenshot", format="png", captureBeyondViewport=whole, **({"clip": clip} if whole else {})
        )
        path.write_bytes(base64.b64decode(found["data"]))

    def close(self) -> None:
        """End the browser."""
        self._process.terminate()
        self._process.wait()
        for end in (self._read, self._write):
            os.close(end)
        shutil.rmtree(self._profile, ignore_errors=True)

    def __enter__(self) -> Page:
        return self

    def __exit__(self, *_: Sequence[object]) -> None:
        self.close()
