// Talking to the API, and the message that says what was done.

const csrf = document.querySelector('meta[name="csrf-token"]')?.content ?? "";

export class ApiError extends Error {
  constructor(status, body) {
    super(body?.error ?? "The server gave no readable answer.");
    this.status = status;
    this.fields = body?.fields ?? {};
    this.body = body;
  }
}

/** Whether a planted fault is on; without faults the page names none. */
export const hasFault = (name) => (document.body.dataset.faults ?? "").split(" ").includes(name);

/** Sends a request below /api. A plain object goes as JSON, a Blob or string as it is. */
export async function api(method, path, body, { signal, headers: more } = {}) {
  const headers = { Accept: "application/json", ...more };
  if (method !== "GET") headers["X-CSRF-Token"] = csrf;
  const raw = body === undefined || typeof body === "string" || body instanceof Blob;
  if (!raw) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(`/api${path}`, { method, headers, body: raw ? body : JSON.stringify(body), signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, { error: "The server cannot be reached. Please try again." });
  }
  if (response.status === 401) {
    // The session ended: sign in and come back to this page.
    location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(response.status, answer);
  return answer;
}

const toastText = document.getElementById("toast");
const toastClose = document.getElementById("close-toast");
toastClose.addEventListener("click", () => toast(""));

/** Says what was done. It stays until it is closed or something else is said. */
export function toast(text) {
  toastText.textContent = text;
  toastClose.hidden = text === "";
}

export function showError(element, message) {
  element.textContent = message;
  element.hidden = message === "";
}

/** Runs what a page needs before it can be used, and then marks it as ready, also when that failed. */
export async function start(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ApiError)) console.error(error);
    showError(document.getElementById("page-error"), error.message);
  } finally {
    document.body.dataset.ready = "true";
  }
}

/** An element with text and children; never parses HTML. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}
