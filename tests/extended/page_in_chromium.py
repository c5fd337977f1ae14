"""Drives the public page in Chromium, as a person does: choose or drop a folder, type, press, read."""

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

ELSEWHERE = "wheel.example"
"""A name that leads here and is neither https nor localhost."""

WAIT_S = 30


def programs() -> tuple[str, str] | None:
    """Return Chromium and its driver, if both are there."""
    found = shutil.which("chromium"), shutil.which("chromedriver")
    return (found[0], found[1]) if found[0] and found[1] else None


class Served:
    """A web server on loopback that counts what it is asked for."""

    def __init__(self, directory: Path) -> None:
        asked = self.asked = list[str]()

        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *args: object) -> None:
                asked.append(self.path)

        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Handler, directory=str(directory))
        )
        self.port = self.server.server_port

    @contextmanager
    def running(self) -> Iterator["Served"]:
        """Serve until the end of the block."""
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            self.server.shutdown()
            thread.join()
            self.server.server_close()


class Browser:
    """Chromium without a window."""

    def __init__(self, chromium: str, driver: str) -> None:
        options = Options()
        options.binary_location = chromium
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,1000"):
            options.add_argument(argument)
        options.add_argument(f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver: Any = webdriver.Chrome(options=options, service=Service(executable_path=driver))

    def close(self) -> None:
        """End the browser."""
        self.driver.quit()

    def open(self, address: str) -> None:
        """Open a page."""
        self.driver.get(address)

    def run(self, script: str, *given: object) -> Any:
        """Run a script in the page, and return what it returns or resolves to."""
        return self.driver.execute_script(script, *given)

    def text(self, selector: str) -> str:
        """Return what an element holds, shown or not."""
        return str(self.run("return document.querySelector(arguments[0])?.textContent || ''", selector))

    def type(self, **values: str) -> None:
        """Put values into the fields with these ids."""
        for name, value in values.items():
            self.run("document.getElementById(arguments[0]).value = arguments[1]", name, value)

    def choose_folder(self, folder: Path) -> None:
        """Choose a folder as with the file dialogue."""
        self._forget_choice()
        self.driver.find_element(By.ID, "folder").send_keys(str(folder))
        self._until_chosen()

    def drop(self, *paths: Path) -> None:
        """Drop files or folders on the page, as with the mouse."""
        self._forget_choice()
        where = self.run(
            "const drop = document.getElementById('drop'); drop.scrollIntoView();"
            "const box = drop.getBoundingClientRect();"
            "return {x: box.x + box.width / 2, y: box.y + 20}"
        )
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.driver.execute_cdp_cmd("Input.dispatchDragEvent", {"type": kind, **where, "data": data})
        self._until_chosen()

    def _forget_choice(self) -> None:
        self.run("document.getElementById('folder').value = ''; document.getElementById('chosen').textContent = ''")

    def _until_chosen(self) -> None:
        WebDriverWait(self.driver, WAIT_S).until(lambda _: "to read" in self.text("#chosen"))

    def check_draw(self, options: Mapping[str, Any]) -> list[str]:
        """Type what the auditor names, press, and return the lines of the report."""
        fields = {"kiosks": "kiosk", "organisers": "organiser", "seen": "seen", "accept": "accept"}
        self.type(**{name: "\n".join(map(str, options.get(option, []))) for name, option in fields.items()})
        self.run("document.getElementById('answer').replaceChildren()")
        self.driver.find_element(By.CSS_SELECTOR, "#draw-form > button").click()
        WebDriverWait(self.driver, WAIT_S).until(lambda _: self.text("#lines"))
        return self.text("#lines").split("\n")

    def check_ticket(self, **values: str) -> tuple[str, str]:
        """Type a ticket and a code, press, and return the verdict and what stands below it."""
        self.type(**values)
        self.run("document.getElementById('verdict').textContent = ''")
        self.driver.find_element(By.CSS_SELECTOR, "#ticket-form > button").click()
        WebDriverWait(self.driver, WAIT_S).until(lambda _: self.text("#verdict") not in {"", "Checking ..."})
        return self.text("#verdict"), self.text("#why")
