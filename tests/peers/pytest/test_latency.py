"""How soon an expectation sees a change of the page."""

import os
import time
from pathlib import Path

from playwright.sync_api import Page, expect


def test_expectations(page: Page):
    page.set_content(Path(os.environ["PEERS_PAGE"]).read_text())
    figures = []
    for number in range(int(os.environ["PEERS_COUNT"])):
        text = f"text {number}"
        page.evaluate("text => change(text)", text)
        expect(page.locator("#text")).to_have_text(text)
        seen = time.time() * 1e3
        figures.append(seen - page.evaluate("() => noted"))
    Path(os.environ["PEERS_NOTE"]).write_text("\n".join(map(str, figures)))
