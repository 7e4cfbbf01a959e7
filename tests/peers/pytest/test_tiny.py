"""Isolated tests of a tiny page, as many as PEERS_COUNT says."""

import os

import pytest
from playwright.sync_api import Page, expect


@pytest.mark.parametrize("number", range(int(os.environ["PEERS_COUNT"])))
def test_tiny(page: Page, number):
    page.goto("/")
    expect(page.locator("#user")).to_have_text("signed out")
