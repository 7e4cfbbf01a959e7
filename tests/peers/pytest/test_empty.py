"""Tests that do nothing, as many as PEERS_COUNT says."""

import os

import pytest


@pytest.mark.parametrize("number", range(int(os.environ["PEERS_COUNT"])))
def test_empty(number):
    pass
