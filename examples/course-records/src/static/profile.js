// One's own profile and password.

import { api, hasFault, start, toast } from "./api.js";
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

const profileDialog = document.getElementById("edit-profile");

/** `modal-stays-open`: the style sheet has no transition for this class, so none ever ends. */
function fadeOut() {
  profileDialog.addEventListener("transitionend", () => profileDialog.close(), { once: true });
  profileDialog.classList.add("fading");
}

const openProfile = connectDialog(
  profileDialog,
  (form) => api("PUT", "/profile", values(form)),
  (answer) => {
    show(answer);
    toast("Your profile was saved.");
  },
  hasFault("modal-stays-open") ? fadeOut : undefined,
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
