// The dashboard: counts and what came last.

import { api, element, start } from "./api.js";

start(async () => {
  const { counts, recent } = await api("GET", "/dashboard");
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
