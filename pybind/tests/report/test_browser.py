# SPDX-License-Identifier: MIT
"""The report in a real browser: it opens, filters, leads to a cell, and asks nothing of the network."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dtlslab.report import build
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from .synthetic import example

pytestmark = pytest.mark.browser

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,1000",
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> str:
    return build(example(tmp_path_factory.mktemp("report"))).as_uri()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert chromium, "Chromium is missing; install it with: apt-get install chromium"
    assert driver, "its driver is missing; install it with: apt-get install chromium-driver"
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = webdriver.Chrome(options=options, service=Service(driver))
    yield chrome
    chrome.quit()


@pytest.fixture(autouse=True)
def _nothing_is_fetched_and_nothing_complains(browser: webdriver.Chrome) -> Iterator[None]:
    log(browser, "performance")
    log(browser, "browser")
    yield
    messages = [json.loads(entry["message"])["message"] for entry in log(browser, "performance")]
    urls = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    assert urls
    assert [url for url in urls if not url.startswith(("file://", "data:"))] == []
    assert log(browser, "browser") == []


def log(browser: webdriver.Chrome, kind: str) -> list[dict[str, Any]]:
    """What was logged since the last call."""
    return list(browser.get_log(kind))  # type: ignore[no-untyped-call]


def shown(browser: webdriver.Chrome, selector: str) -> list[WebElement]:
    return [element for element in browser.find_elements(By.CSS_SELECTOR, selector) if element.is_displayed()]


def on(browser: webdriver.Chrome) -> list[str]:
    """The verdicts of the cells that the filters let through."""
    script = (
        "return [...document.querySelectorAll('.unit:not([hidden]) .cell:not(.off)')].map(c => c.dataset.v)"
    )
    return list(browser.execute_script(script))


def test_clicking_through_to_a_cell_and_back(browser: webdriver.Chrome, index: str) -> None:
    browser.get(index)
    assert "departures" in browser.find_element(By.TAG_NAME, "h1").text
    browser.find_element(By.CSS_SELECTOR, "#interop .departure").click()
    assert browser.find_element(By.TAG_NAME, "h1").text == "1 MiB of application data comes back unchanged"
    assert browser.find_element(By.CLASS_NAME, "pair").text == "gnutls-cli → libdtls"
    diagram = browser.find_element(By.CSS_SELECTOR, "svg.sequence")
    assert diagram.size["width"] > 600
    assert "ClientHello" in diagram.text
    assert len(shown(browser, ".arrow.bulk")) == 2
    browser.find_element(By.CSS_SELECTOR, ".crumbs a").click()
    assert "departures" in browser.find_element(By.TAG_NAME, "h1").text


def test_filters_narrow_the_page_and_stand_in_the_address(browser: webdriver.Chrome, index: str) -> None:
    browser.get(index)
    everything = len(on(browser))
    browser.find_element(By.CSS_SELECTOR, "input[value=crash] + span").click()
    assert set(on(browser)) == {"crash"}
    assert browser.current_url.endswith("#?verdict=crash")
    browser.find_element(By.CSS_SELECTOR, "input[value=fail] + span").click()
    Select(browser.find_element(By.NAME, "stack")).select_by_value("gnutls")
    browser.find_element(By.NAME, "text").send_keys("4.2.4")
    assert browser.current_url.endswith("#?verdict=fail%2Ccrash&stack=gnutls&text=4.2.4")
    kept = on(browser)
    assert kept
    assert set(kept) == {"fail"}
    browser.find_element(By.CSS_SELECTOR, "button[type=reset]").click()
    WebDriverWait(browser, 5).until(lambda _: len(on(browser)) == everything)
    assert "#" not in browser.current_url


def test_an_address_restores_its_filters(browser: webdriver.Chrome, index: str) -> None:
    browser.get("about:blank")
    browser.get(f"{index}#conformance?verdict=inconclusive&text=closed")
    assert set(on(browser)) == {"inconclusive"}
    assert browser.find_element(By.NAME, "text").get_attribute("value") == "closed"
    assert browser.execute_script("return scrollY") > 100


def test_what_matches_nothing_is_said(browser: webdriver.Chrome, index: str) -> None:
    browser.get("about:blank")
    browser.get(f"{index}#?text=nothingcanmatchthis")
    assert on(browser) == []
    assert len(shown(browser, ".nothing")) == 1


@pytest.mark.parametrize("width", [1400, 700])
def test_pages_fit_the_window(browser: webdriver.Chrome, index: str, width: int) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    cell = index.replace("index.html", "cells/interop/handshake-certificate/openssl--gnutls.html")
    for page in (index, cell):
        browser.get(page)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_copying_a_command(browser: webdriver.Chrome, index: str) -> None:
    browser.get(index)
    button = browser.find_element(By.CSS_SELECTOR, ".top button.copy")
    button.click()
    WebDriverWait(browser, 5).until(lambda _: button.text == "Copied")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_have_contrast_in_both_colour_schemes(
    browser: webdriver.Chrome, index: str, scheme: str
) -> None:
    """WCAG AA: 4.5 to 1 between a text and what is painted behind it."""
    feature = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", feature)
    script = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
    cell = index.replace("index.html", "cells/interop/handshake-certificate/openssl--gnutls.html")
    for page in (index, cell):
        browser.get(page)
        assert browser.execute_script(script) == []
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
