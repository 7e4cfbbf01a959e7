// What a person does on a page, what they see there, and what the server holds: as examples/course-records/tests/e2e/support
// has it.
import { expect, type Locator, type Page } from '@playwright/test';

export type Fields = Record<string, string>;
export type Item = Record<string, any>;

/** A page of the application in somebody's browser. */
export class RecordsPage {
  constructor(readonly page: Page) {}

  at(selector: string): Locator {
    return this.page.locator(selector);
  }

  /** Goes to a path and waits until the page shows all it has to. */
  async go(path: string) {
    await this.page.goto(path);
    await this.settled();
  }

  /** Waits until the browser is at a path, wherever the application sends it before. */
  async arrives(path: string) {
    await expect(this.page).toHaveURL(new RegExp(`^\\w+://[^/]+${path}(\\?.*)?$`));
    await this.settled();
  }

  async settled() {
    await expect(this.at('body[data-ready=true]')).toBeAttached();
    await expect(this.at('[aria-busy=true]')).toHaveCount(0);
    await expect(this.at('#page-error')).toBeHidden();
  }

  async signIn(email: string, password: string) {
    await this.fill('login-email', email);
    await this.fill('login-password', password);
    await this.press('#login-submit');
  }

  async press(selector: string) {
    await this.at(selector).click();
  }

  /** Fills in a field, whatever kind of field it is. */
  async fill(id: string, text: string) {
    const field = this.at(`#${id}`);
    await expect(field).toBeVisible();
    if ((await this.at(`select#${id}`).count()) === 1) await field.selectOption({ label: text });
    else if ((await this.at(`fieldset#${id}`).count()) === 1) await field.getByLabel(text, { exact: true }).check();
    else await field.fill(text);
  }

  /** Makes a record in the dialog for it. */
  async create(record: string, fields: Fields) {
    await this.press(`#open-create-${record}`);
    await this.submit(record, fields);
  }

  /** Changes the record whose row shows `text`. */
  async edit(record: string, text: string, fields: Fields) {
    await this.pressInRow(text, 'edit');
    await this.submit(record, fields);
  }

  /** Deletes the record whose row shows `text`, and confirms it. */
  async delete(text: string) {
    await this.pressInRow(text, 'delete');
    await this.submit('', {});
  }

  async pressInRow(text: string, action: string) {
    await this.row(text).locator(`button[data-action=${action}]`).click();
  }

  get dialog(): Locator {
    return this.at('dialog[open]');
  }

  /** Fills in the open dialog and submits it. */
  async submit(record: string, fields: Fields) {
    for (const [name, text] of Object.entries(fields)) await this.fill(`${record}-${name}`, text);
    await this.dialog.locator('[type=submit]').click();
  }

  /** Closes the open dialog without saving. */
  async cancel() {
    await this.dialog.locator('[data-role=cancel]').click();
    await expect(this.dialog).toBeHidden();
  }

  /** Waits until the page says that something was done. */
  async says(text: string) {
    await expect(this.at('#toast')).toHaveText(text);
    await expect(this.dialog).toBeHidden();
    await expect(this.at('[aria-busy=true]')).toHaveCount(0);
  }

  /** Waits until the open dialog refuses what was submitted. */
  async refuses(words: string) {
    await expect(this.dialog.locator('[data-role=error]')).toHaveText(words);
  }

  async findsFault(field: string, words: string) {
    await expect(this.at(`#${field}-error`)).toContainText(words);
  }

  row(text: string): Locator {
    return this.at('main tbody tr').filter({ has: this.page.getByText(text, { exact: true }) });
  }

  /** Waits until columns of a row show these texts. */
  async shows(text: string, cells: Fields) {
    for (const [key, shown] of Object.entries(cells)) {
      await expect(this.row(text).locator(`[data-key=${key}]`)).toHaveText(shown);
    }
  }

  column(key: string): Locator {
    return this.at(`main tbody [data-key=${key}]`);
  }

  /** Waits until no row has exactly this text in a column. */
  async hasNo(key: string, text: string) {
    await expect(this.column(key).getByText(text, { exact: true })).toHaveCount(0);
  }

  /** What the server says, asked from within the page, so with exactly its cookies. */
  async send(method: string, path: string, body: Item | null = null): Promise<{ status: number; body: any }> {
    if (this.page.url() === 'about:blank') await this.go('/profile');
    return await this.page.evaluate(
      async ([method, path, body]) => {
        const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content;
        const headers: Record<string, string> = { Accept: 'application/json' };
        if (token) headers['X-CSRF-Token'] = token;
        if (body !== null) headers['Content-Type'] = 'application/json';
        const sent = body === null ? undefined : JSON.stringify(body);
        const response = await fetch(`/api${path}`, { method, headers, body: sent });
        const text = await response.text();
        return { status: response.status, body: text === '' ? null : JSON.parse(text) };
      },
      [method, path, body] as const,
    );
  }

  async status(path: string): Promise<number> {
    return (await this.send('GET', path)).status;
  }

  async get(path: string): Promise<any> {
    const { status, body } = await this.send('GET', path);
    expect(status, `GET ${path}: ${JSON.stringify(body)}`).toBe(200);
    return body;
  }

  async list(kind: string): Promise<Item[]> {
    return (await this.get(`/${kind}`)).items;
  }

  async matching(kind: string, key: string, value: unknown): Promise<Item[]> {
    return (await this.list(kind)).filter((item) => item[key] === value);
  }

  /** The one record of a kind with this value in a field. */
  async only(kind: string, key: string, value: unknown): Promise<Item> {
    const found = await this.matching(kind, key, value);
    expect(found, `${kind} with ${key} ${value}`).toHaveLength(1);
    return found[0];
  }

  /** Makes a record on the server and returns it. */
  async make(kind: string, fields: Item): Promise<Item> {
    const { status, body } = await this.send('POST', `/${kind}`, fields);
    expect(status, `POST ${kind}: ${JSON.stringify(body)}`).toBe(201);
    return body;
  }
}

let count = 0;

/** A name that nothing else in the worker's database has. */
export function unique(what: string): string {
  count += 1;
  return `${what} ${process.pid}-${count}`;
}
