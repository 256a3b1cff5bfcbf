# SPDX-License-Identifier: MIT
"""The site and the man pages are built without a warning; search, links and `man` work."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import editions
import headers
import netx_reference as netx
import pytest

if TYPE_CHECKING:
    from selenium.webdriver.chrome.webdriver import WebDriver

KOREAN_PARTS = re.findall(r"^## (.*)", (headers.ROOT / "docs" / "ko" / "index.md").read_text("utf-8"), re.M)
BUILDER = headers.ROOT / "docs" / "site" / "build.py"
PLAIN = {**os.environ, "MANPAGER": "cat", "MANWIDTH": "120", "LC_ALL": "C.UTF-8"}
pytestmark = pytest.mark.timeout(600)  # the first of them builds the documentation


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole documentation, built once. Any warning fails."""
    out = tmp_path_factory.mktemp("docs")
    done = subprocess.run(
        [sys.executable, BUILDER, "--out", out], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(out / "html" / "index.html")
    return out


@pytest.fixture(scope="module")
def browser() -> Iterator[WebDriver]:
    """Debian's Chromium without a window."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1400,900"):
        options.add_argument(argument)
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    driver = webdriver.Chrome(options, service)
    driver.implicitly_wait(20)
    yield driver
    driver.quit()


def test_names_in_prose_and_in_signatures_are_links(built: Path) -> None:
    tutorial = (built / "html" / "tutorial" / "echo-server.html").read_text()
    assert 'href="../reference/libdtls/config.html#c.dtls_config"' in tutorial
    assert 'href="../reference/libdtls/server.html#c.dtls_server_write"><span class="n">' in tutorial
    reference = (built / "html" / "reference" / "libdtls" / "server.html").read_text()
    assert 'href="connection.html#c.dtls_protect"' in reference
    assert "https://www.rfc-editor.org/rfc/rfc6347#section-4.2.1" in reference


def test_every_public_function_has_a_place_and_a_man_page(built: Path) -> None:
    for name in headers.names():
        page = (built / "html" / "reference" / "libdtls" / f"{name.removesuffix('.h')}.html").read_text()
        for declaration in headers.read(name).declarations:
            if declaration.kind == "function":
                assert f'id="c.{declaration.name}"' in page
                alias = (built / "man" / f"{declaration.name}.3").read_text()
                assert (built / "man" / alias.removeprefix(".so man3/").strip()).exists()


def test_man_pages_are_readable(built: Path) -> None:
    pages = [*built.glob("man/dtls-*"), built / "man" / "dtlslab.1", *built.glob("man/**/nx_*")]
    assert len(pages) > 70
    for page in pages:
        command = ["groff", "-Kutf8", "-Tutf8", "-man", "-ww", "-z", str(page)]
        shown = subprocess.run(command, capture_output=True, text=True, check=True)
        assert shown.stderr == "", page
    text = (built / "man" / "dtls-connection.3").read_text()
    assert "dtls_error dtls_write(" in text.replace("\\fB", "").replace("\\fP", "").replace("\\fI", "")
    assert "<#c." not in text


@pytest.mark.parametrize("edition", netx.EDITIONS, ids=lambda edition: edition.suffix or "_en")
def test_services_have_man_pages_in_both_languages(built: Path, edition: netx.Edition) -> None:
    folder = built / "man" / ("ko" if edition is netx.KOREAN else "")
    for service in netx.services():
        page = folder / f"{service.public}.3"
        shown = subprocess.run(
            ["man", "-E", "UTF-8", "-l", str(page)], capture_output=True, text=True, check=True, env=PLAIN
        ).stdout
        named = subprocess.run(["lexgrog", str(page)], capture_output=True, text=True, check=True).stdout
        assert f'"{service.public} - {edition.text(service.texts, "title")}"' in named
        headings = re.findall(r"^\S.*$", shown, re.M)[1:-2]  # without what Sphinx writes around
        words = ["name", "prototype", "description", "parameters", "codes", "waits", "callers"]
        words += ["example"] if netx.program_of(service) else []
        assert headings == [edition.word(word).upper() for word in [*words, "see"]]
        assert service.prototype.code.split("\n")[0] in shown
        missing = [row["code"] for row in service.codes if f"{row['code']} (0x" not in shown]
        assert missing == []
        for other in service.texts["see"]:
            assert f"{netx.PREFIX}{other}(3)" in shown
        assert "\u2010\n" not in shown, "a name that ends a line is whole"


def test_man_pages_are_installed(built: Path, tmp_path: Path) -> None:
    options = [f"-DDTLS_MAN_DIR={built / 'man'}", "-DBUILD_TESTING=OFF", "-DDTLS_PROGRAMS=OFF"]
    configure = [
        "cmake",
        "-G",
        "Ninja",
        "-S",
        str(headers.ROOT / "libdtls"),
        "-B",
        str(tmp_path / "build"),
        *options,
    ]
    prefix = ["--prefix", str(tmp_path / "there"), "--component", "man"]
    install = ["cmake", "--install", str(tmp_path / "build"), *prefix]
    for command in (configure, install):
        subprocess.run(command, capture_output=True, check=True)
    manual = tmp_path / "there" / "share" / "man"
    for folder, page, said in (
        (manual, "dtls_write", "DTLS-"),
        (manual, "dtls-server", "DTLS-"),
        (manual, "nx_secure_dtls_server_create", "Create a DTLS server"),
        (manual / "ko", "nx_secure_dtls_server_create", "DTLS 서버 만들기"),
    ):
        command = ["man", "-E", "UTF-8", "-M", str(folder), page]
        shown = subprocess.run(command, env=PLAIN, capture_output=True, text=True, check=True).stdout
        assert said in shown
    assert len(list((manual / "ko" / "man3").iterdir())) == len(netx.services())
    assert {path.name for path in manual.iterdir()} == {"ko", "man1", "man3"}
    assert [path for path in (manual / "man3").iterdir() if path.is_dir()] == []


@pytest.mark.browser
def test_search_finds_functions_and_pages(built: Path, browser: WebDriver) -> None:
    from selenium.webdriver.common.by import By

    for words, wanted in (
        ("dtls_write", "connection.html#c.dtls_write"),
        ("event loop", "own-event-loop.html"),
    ):
        browser.get(f"file://{built}/html/search.html?q={words}")
        browser.find_element(By.CSS_SELECTOR, "#search-results ul.search li a")
        found = [
            link.get_attribute("href") or ""
            for link in browser.find_elements(By.CSS_SELECTOR, "#search-results ul.search li a")
        ]
        assert any(wanted in href for href in found), (words, found)


def test_korean_pages_are_korean_around_the_text_too(built: Path) -> None:
    korean = (built / "html" / "ko" / "how-to" / "port-a-netx-program.html").read_text("utf-8")
    assert re.search(r'<html[^>]* lang="ko"', korean)
    assert '<a lang="en" hreflang="en" href="../../how-to/port-a-netx-program.html">English</a>' in korean
    assert '<link rel="alternate" hreflang="en" href="../../how-to/port-a-netx-program.html">' in korean
    assert re.findall(r'class="caption"[^>]*>\s*<span[^>]*>([^<]*)', korean) == KOREAN_PARTS
    for word in editions.WORDS:
        assert not re.search(rf">\s*{word}\s*<|\"{word}\"", korean), word
    english = (built / "html" / "how-to" / "port-a-netx-program.html").read_text("utf-8")
    assert re.search(r'<html[^>]* lang="en"', english)
    assert '<a lang="ko" hreflang="ko" href="../ko/how-to/port-a-netx-program.html">한국어</a>' in english


def test_korean_nouns_are_found_behind_their_particles() -> None:
    split = editions.Search({}).split("서버에서 슬롯으로 난수는 세션 핸드셰이크입니다 보냅니다")
    assert split[6:] == ["서버", "슬롯", "난수", "핸드셰이크"]


@pytest.mark.browser
def test_the_search_finds_korean_nouns_with_particles(built: Path, browser: WebDriver) -> None:
    from selenium.webdriver.common.by import By

    browser.get(f"file://{built}/html/search.html?q=난수")
    links = "#search-results ul.search li a"
    browser.find_element(By.CSS_SELECTOR, links)
    found = [link.get_attribute("href") or "" for link in browser.find_elements(By.CSS_SELECTOR, links)]
    assert any("ko/explanation/netx.html" in href for href in found), found


@pytest.mark.browser
@pytest.mark.parametrize("width", [400, 1400])
def test_korean_pages_fit_and_break_between_words(built: Path, browser: WebDriver, width: int) -> None:
    browser.set_window_size(width, 900)
    for page in sorted((built / "html" / "ko").rglob("*.html")):
        browser.get(f"file://{page}")
        wide = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
        assert browser.execute_script(f"return {wide}") == 0, page
        style = "getComputedStyle(document.querySelector('article p')).wordBreak"
        assert browser.execute_script(f"return {style}") == "keep-all", page


@pytest.mark.browser
def test_the_navigation_has_the_four_kinds_of_pages(built: Path, browser: WebDriver) -> None:
    from selenium.webdriver.common.by import By

    browser.get(f"file://{built}/html/index.html")
    captions = [e.text.lower() for e in browser.find_elements(By.CSS_SELECTOR, ".sidebar-tree .caption")]
    assert captions[:1] == ["tutorials"]
    assert {"how to use libdtls", "how to use the laboratory", "reference", "explanation"} <= set(captions)
