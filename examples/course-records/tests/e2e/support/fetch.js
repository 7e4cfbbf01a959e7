// Sends a request with the page's cookies, and answers with its status and text.

const [method, path, body, done] = arguments;
const token = document.querySelector('meta[name="csrf-token"]')?.content;
const headers = { Accept: "application/json" };
if (token) headers["X-CSRF-Token"] = token;
if (body !== null) headers["Content-Type"] = "application/json";
fetch(`/api${path}`, { method, headers, body: body === null ? undefined : JSON.stringify(body) })
  .then(async (response) => done({ status: response.status, text: await response.text() }))
  .catch((error) => done({ status: 0, text: String(error) }));
