// The dashboard: counts and what came last.

import { api, element, hasFault, start } from "./api.js";

start(async () => {
  const headers = {};
  if (hasFault("dashboard-race")) {
    headers["X-Page"] = crypto.randomUUID();
    // Without an `await` the fetch below may come to the server first.
    api("POST", "/dashboard/registration", undefined, { headers }).catch(() => {});
    // That the page is painted before the fetch, in the second frame, gives it a start, and as a rule that is enough.
    await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
  }
  const { counts, recent } = await api("GET", "/dashboard", undefined, { headers });
  for (const place of document.querySelectorAll("[data-count]")) {
    place.textContent = counts[place.dataset.count] ?? "–";
  }
  document.getElementById("recent-title").textContent = recent.title;
  const table = document.getElementById("recent");
  table.tBodies[0].replaceChildren(...recent.items.map((item) => element(
    "tr",
    { "data-id": item.id },
    element("td", { "data-key": "label" }, element("a", { href: item.href }, item.label)),
    element("td", { "data-key": "detail" }, item.detail),
  )));
  table.hidden = recent.items.length === 0;
  table.setAttribute("aria-busy", "false");
  document.getElementById("empty").hidden = recent.items.length > 0;
});
