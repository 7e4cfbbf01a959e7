"""The browser of all tests: the one that PEERS_BROWSER says."""

import os

import pytest


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {
        **browser_type_launch_args,
        "executable_path": os.environ["PEERS_BROWSER"],
        "args": os.environ.get("PEERS_BROWSER_ARGS", "").split(),
    }


@pytest.fixture(scope="session")
def base_url():
    return os.environ.get("PEERS_SITE")
