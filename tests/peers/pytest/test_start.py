"""Tests that note when their first line is executed, in milliseconds of the epoch."""

import os
import time
from pathlib import Path

from playwright.sync_api import Page


def note():
    Path(os.environ["PEERS_NOTE"]).write_text(str(time.time() * 1e3))


def test_without_browser():
    note()


def test_with_browser(page: Page):
    note()
    page.goto("/")
