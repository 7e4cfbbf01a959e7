// Dialogs with a form: open, submit once, show what is wrong, close.

import { ApiError, showError } from "./api.js";

/** The names of the fields in `root`, and where their errors go. */
function errorPlaces(root) {
  return new Map([...root.querySelectorAll("[data-name]")].map((field) => [field.dataset.name, field]));
}

/** Shows the errors of fields beside them, and returns those that have no visible place. */
export function showFieldErrors(root, fields) {
  const homeless = { ...fields };
  for (const [name, field] of errorPlaces(root)) {
    const place = field.querySelector(".field-error");
    const message = fields[name] ?? "";
    if (place) showError(place, message);
    for (const input of field.querySelectorAll("input, select, textarea")) {
      if (message) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
    if (place && !field.hidden) delete homeless[name];
  }
  return Object.values(homeless);
}

/**
 * Connects a dialog with what its form does. `submit` sends it; what it throws is shown, and the dialog
 * stays open; otherwise it closes and `done` gets the answer. Returns the function that opens it.
 */
export function connectDialog(dialog, submit, done, close = () => dialog.close()) {
  const form = dialog.querySelector("form");
  const button = form.querySelector('[type="submit"]');
  const error = form.querySelector('[data-role="error"]');
  const showErrors = (message, fields) => {
    const others = showFieldErrors(form, fields);
    showError(error, [message, ...others].join(" ").trim());
  };
  form.querySelector('[data-role="cancel"]').addEventListener("click", () => dialog.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    // A second click while the first is under way must not save twice.
    if (button.disabled) return;
    button.disabled = true;
    try {
      const answer = await submit(form);
      close();
      await done(answer);
    } catch (problem) {
      if (!(problem instanceof ApiError)) console.error(problem);
      showErrors(problem.message, problem.fields ?? {});
    } finally {
      button.disabled = false;
    }
  });
  return () => {
    showErrors("", {});
    dialog.showModal();
  };
}
