"""A server for each worker of pytest-xdist, and pages of its users, signed in once for each worker and role."""

import os
import shutil
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from records_page import RecordsPage

STAGE = Path(os.environ["PEERS_STAGE"])
PROGRAM = os.environ["PEERS_PROGRAM"]
# The limit of examples/course-records/callboard.toml.
LIMIT = 20_000


@dataclass
class Server:
    url: str
    number: int
    folder: Path


def pytest_configure(config):
    """Once for the run: the database that each worker gets a copy of, and the directory that all servers share."""
    expect.set_options(timeout=LIMIT)
    if hasattr(config, "workerinput"):
        return
    seed = [PROGRAM, "seed", "--database", STAGE / "base.db", "--workers", "16"]
    subprocess.run(seed, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url_file = STAGE / "directory.url"
    directory = [PROGRAM, "directory", "--database", STAGE / "campus.db", "--url-file", url_file]
    config.directory = subprocess.Popen(directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(config.directory, url_file.exists)


def pytest_unconfigure(config):
    if hasattr(config, "directory"):
        config.directory.terminate()
        config.directory.wait()


@pytest.fixture(scope="session")
def server(worker_id):
    number = 0 if worker_id == "master" else int(worker_id.removeprefix("gw"))
    folder = STAGE / f"worker-{number}"
    folder.mkdir()
    shutil.copyfile(STAGE / "base.db", folder / "app.db")
    port = int(os.environ["PEERS_PORT"]) + number
    surroundings = {
        **os.environ,
        "DATABASE_URL": f"sqlite://{folder}/app.db",
        "DIRECTORY_URL_FILE": str(STAGE / "directory.url"),
    }
    command = [PROGRAM, "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    wait_for(process, lambda: answers(f"{url}/health"))
    yield Server(url, number, folder)
    process.terminate()
    process.wait()


@pytest.fixture(scope="session")
def signed_in(browser: Browser, server: Server):
    states = {}

    def state_of(role):
        if role not in states:
            context = browser.new_context(base_url=server.url)
            page = RecordsPage(context.new_page())
            page.go("/login")
            page.sign_in(f"{role}_worker{server.number}@example.test", "only-for-tests")
            page.arrives("/dashboard")
            states[role] = server.folder / f"{role}.json"
            context.storage_state(path=states[role])
            context.close()
        return states[role]

    return state_of


def user(role):
    """A page in a context of its own, in which the worker's account of a role is signed in."""

    @pytest.fixture(name=role)
    def page_of_user(new_context, server, signed_in):
        context = new_context(base_url=server.url, storage_state=signed_in(role))
        page = context.new_page()
        page.set_default_timeout(LIMIT)
        return RecordsPage(page)

    return page_of_user


site_admin = user("site_admin")
institution_admin = user("institution_admin")
program_admin = user("program_admin")
instructor = user("instructor")


def answers(url):
    try:
        return urllib.request.urlopen(url).status == 200
    except OSError:
        return False


def wait_for(process, condition):
    while not condition():
        if process.poll() is not None:
            raise RuntimeError(f"{process.args} ended with {process.returncode}")
        time.sleep(0.02)
