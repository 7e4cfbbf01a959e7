// One's own profile and password.

import { api, start, toast } from "./api.js";
import { connectDialog } from "./dialog.js";

let profile;

function show(answer) {
  profile = answer;
  for (const place of document.querySelectorAll("#profile [data-key]")) {
    place.textContent = answer[place.dataset.key] ?? "–";
  }
  document.getElementById("viewer-name").textContent = answer.display_name;
}

const values = (form) => Object.fromEntries(new FormData(form));

const openProfile = connectDialog(
  document.getElementById("edit-profile"),
  (form) => api("PUT", "/profile", values(form)),
  (answer) => {
    show(answer);
    toast("Your profile was saved.");
  },
);
document.getElementById("open-edit-profile").addEventListener("click", () => {
  document.getElementById("display-name").value = profile?.display_name ?? "";
  openProfile();
});

const passwordDialog = document.getElementById("change-password");
const openPassword = connectDialog(
  passwordDialog,
  (form) => api("PUT", "/profile/password", values(form)),
  () => toast("Your password was changed."),
);
document.getElementById("open-change-password").addEventListener("click", () => {
  passwordDialog.querySelector("form").reset();
  openPassword();
});

start(async () => show(await api("GET", "/profile")));
