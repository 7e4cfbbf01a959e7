"""What a person does on a page, what they see there, and what the server holds: as
examples/course-records/tests/e2e/support has it."""

import itertools
import os
import re

from playwright.sync_api import Locator, Page, expect

FETCH = """async ([method, path, body]) => {
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  const headers = { Accept: 'application/json' };
  if (token) headers['X-CSRF-Token'] = token;
  if (body !== null) headers['Content-Type'] = 'application/json';
  const sent = body === null ? undefined : JSON.stringify(body);
  const response = await fetch(`/api${path}`, { method, headers, body: sent });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}"""


class RecordsPage:
    """A page of the application in somebody's browser."""

    def __init__(self, page: Page):
        self.page = page

    def at(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def go(self, path):
        """Goes to a path and waits until the page shows all it has to."""
        self.page.goto(path)
        self.settled()

    def arrives(self, path):
        """Waits until the browser is at a path, wherever the application sends it before."""
        expect(self.page).to_have_url(re.compile(rf"^\w+://[^/]+{path}(\?.*)?$"))
        self.settled()

    def settled(self):
        expect(self.at("body[data-ready=true]")).to_be_attached()
        expect(self.at("[aria-busy=true]")).to_have_count(0)
        expect(self.at("#page-error")).to_be_hidden()

    def sign_in(self, email, password):
        self.fill("login-email", email)
        self.fill("login-password", password)
        self.press("#login-submit")

    def press(self, selector):
        self.at(selector).click()

    def fill(self, id, text):
        """Fills in a field, whatever kind of field it is."""
        field = self.at(f"#{id}")
        expect(field).to_be_visible()
        if self.at(f"select#{id}").count() == 1:
            field.select_option(label=text)
        elif self.at(f"fieldset#{id}").count() == 1:
            field.get_by_label(text, exact=True).check()
        else:
            field.fill(text)

    def create(self, record, /, **fields):
        """Makes a record in the dialog for it."""
        self.press(f"#open-create-{record}")
        self.submit(record, **fields)

    def edit(self, record, text, /, **fields):
        """Changes the record whose row shows `text`."""
        self.press_in_row(text, "edit")
        self.submit(record, **fields)

    def delete(self, text):
        """Deletes the record whose row shows `text`, and confirms it."""
        self.press_in_row(text, "delete")
        self.submit("")

    def press_in_row(self, text, action):
        self.row(text).locator(f"button[data-action={action}]").click()

    @property
    def dialog(self) -> Locator:
        return self.at("dialog[open]")

    def submit(self, record, /, **fields):
        """Fills in the open dialog and submits it."""
        for name, text in fields.items():
            self.fill(f"{record}-{name.replace('_', '-')}", text)
        self.dialog.locator("[type=submit]").click()

    def cancel(self):
        """Closes the open dialog without saving."""
        self.dialog.locator("[data-role=cancel]").click()
        expect(self.dialog).to_be_hidden()

    def says(self, text):
        """Waits until the page says that something was done."""
        expect(self.at("#toast")).to_have_text(text)
        expect(self.dialog).to_be_hidden()
        expect(self.at("[aria-busy=true]")).to_have_count(0)

    def refuses(self, words):
        """Waits until the open dialog refuses what was submitted."""
        expect(self.dialog.locator("[data-role=error]")).to_have_text(words)

    def finds_fault(self, field, words):
        expect(self.at(f"#{field}-error")).to_contain_text(words)

    def row(self, text) -> Locator:
        return self.at("main tbody tr").filter(has=self.page.get_by_text(text, exact=True))

    def shows(self, text, /, **cells):
        """Waits until columns of a row show these texts."""
        for key, shown in cells.items():
            expect(self.row(text).locator(f"[data-key={key}]")).to_have_text(shown)

    def column(self, key) -> Locator:
        return self.at(f"main tbody [data-key={key}]")

    def has_no(self, key, text):
        """Waits until no row has exactly this text in a column."""
        expect(self.column(key).get_by_text(text, exact=True)).to_have_count(0)

    def send(self, method, path, body=None):
        """What the server says, asked from within the page, so with exactly its cookies."""
        if self.page.url == "about:blank":
            self.go("/profile")
        answer = self.page.evaluate(FETCH, [method, path, body])
        return answer["status"], answer["body"]

    def status(self, path):
        return self.send("GET", path)[0]

    def get(self, path):
        status, body = self.send("GET", path)
        assert status == 200, f"GET {path}: {body}"
        return body

    def list(self, kind):
        return self.get(f"/{kind}")["items"]

    def matching(self, kind, key, value):
        return [item for item in self.list(kind) if item[key] == value]

    def only(self, kind, key, value):
        """The one record of a kind with this value in a field."""
        found = self.matching(kind, key, value)
        assert len(found) == 1, f"{kind} with {key} {value}: {found}"
        return found[0]

    def make(self, kind, /, **fields):
        """Makes a record on the server and returns it."""
        status, body = self.send("POST", f"/{kind}", fields)
        assert status == 201, f"POST {kind}: {body}"
        return body


numbers = itertools.count(1)


def unique(what):
    """A name that nothing else in the worker's database has."""
    return f"{what} {os.getpid()}-{next(numbers)}"
