// Import of courses: preview, import, and what came of it. Exports are plain links.

import { ApiError, api, element, showError, toast } from "./api.js";
import { showFieldErrors } from "./dialog.js";

const form = document.getElementById("import-courses");
const error = document.getElementById("import-error");
const result = document.getElementById("import-result");
const buttons = form.querySelectorAll("button");
const ACTIONS = { create: "New", update: "Updated", unchanged: "Unchanged" };

/** The file that was chosen, else what was pasted. */
const source = () => document.getElementById("import-file").files[0] ?? document.getElementById("import-text").value;

function fill(id, records, cells) {
  const table = document.getElementById(id);
  table.tBodies[0].replaceChildren(...records.map((record) => element(
    "tr", { "data-row": record.row }, ...cells(record).map((text) => element("td", {}, String(text))),
  )));
  table.hidden = records.length === 0;
}

function show(report, preview) {
  const counts = `${report.created} new, ${report.updated} updated, ${report.unchanged} unchanged`;
  const wrong = report.errors.length;
  const title = report.committed ? "Imported" : preview ? "Preview" : "Nothing was imported";
  document.getElementById("import-summary").textContent =
    `${title}: ${wrong > 0 ? `${wrong} ${wrong === 1 ? "error" : "errors"}` : counts}`;
  fill("import-rows", report.rows, (row) => [row.row, row.code, row.title, ACTIONS[row.action]]);
  fill("import-errors", report.errors, (row) => [row.row, row.field, row.message]);
  result.hidden = false;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const preview = event.submitter?.value !== "commit";
  const query = new URLSearchParams({ dry_run: preview });
  const program = document.getElementById("import-program").value;
  if (program) query.set("program_id", program);
  for (const button of buttons) button.disabled = true;
  showFieldErrors(form, {});
  showError(error, "");
  result.hidden = true;
  try {
    const report = await api("POST", `/import/courses?${query}`, source());
    show(report, preview);
    if (report.committed) {
      form.reset();
      toast(`${report.created + report.updated} courses were imported.`);
    }
  } catch (problem) {
    if (!(problem instanceof ApiError)) console.error(problem);
    showFieldErrors(form, problem.fields ?? {});
    showError(error, problem.message);
    if (problem.body?.rows) show(problem.body, preview);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
});

document.body.dataset.ready = "true";
