// Inviting somebody from the list of users.

import { api, showError, toast } from "./api.js";
import { connectDialog } from "./dialog.js";
import { Fields } from "./fields.js";

const fields = new Fields(document.getElementById("invitation-fields"));
const show = connectDialog(
  document.getElementById("create-invitation"),
  () => api("POST", "/invitations", fields.read()),
  (invitation) => toast(`Invitation ${invitation.label} was sent.`),
);
document.getElementById("open-create-invitation").addEventListener("click", async () => {
  try {
    await fields.load();
  } catch (error) {
    showError(document.getElementById("page-error"), error.message);
    return;
  }
  fields.fill(null);
  show();
});
