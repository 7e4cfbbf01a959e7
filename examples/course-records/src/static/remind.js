// Reminding the instructors of several sections at once.

import { api, element, toast } from "./api.js";
import { connectDialog } from "./dialog.js";
import { guarded, reload } from "./table.js";

const dialog = document.getElementById("create-reminder");
const choices = document.getElementById("reminder-sections");
const note = document.getElementById("reminder-note");
const report = document.getElementById("reminder-report");

/** Offers the sections that somebody teaches, all of them chosen. */
async function offer() {
  const { items } = await api("GET", "/sections");
  const boxes = items.filter((section) => section.instructor_id).map((section) => {
    const id = `${choices.id}-${section.id}`;
    const input = element("input", { type: "checkbox", id, value: section.id });
    input.checked = true;
    return element("label", { for: id }, input, ` ${section.label}, ${section.instructor_name}`);
  });
  choices.replaceChildren(choices.querySelector("legend"), ...boxes);
}

function choose(checked) {
  for (const box of choices.querySelectorAll("input")) box.checked = checked;
}
dialog.querySelector('[data-role="all"]').addEventListener("click", () => choose(true));
dialog.querySelector('[data-role="none"]').addEventListener("click", () => choose(false));

const show = connectDialog(
  dialog,
  () => api("POST", "/reminders", {
    section_ids: [...choices.querySelectorAll("input:checked")].map((box) => Number(box.value)),
    note: note.value,
  }),
  async ({ sent, failed }) => {
    report.replaceChildren(...failed.map(({ id, label, status, error }) => element(
      "li", { "data-id": id, "data-status": status }, `${label}: ${error}`,
    )));
    report.hidden = failed.length === 0;
    await guarded(reload);
    const all = sent.length + failed.length;
    const noun = all === 1 ? "reminder" : "reminders";
    toast(`${sent.length} of ${all} ${noun} ${sent.length === 1 ? "was" : "were"} sent.`);
  },
);
document.getElementById("open-create-reminder").addEventListener("click", () => guarded(async () => {
  await offer();
  note.value = "";
  report.hidden = true;
  show();
}));
