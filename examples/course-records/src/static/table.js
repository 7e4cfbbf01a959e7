// A table of records: shows, searches, creates, edits and deletes them. What is special about a kind of
// record stands in the page's markup.

import { api, element, hasFault, showError, start, toast } from "./api.js";
import { connectDialog } from "./dialog.js";
import { Fields } from "./fields.js";

const table = document.querySelector("table[data-plural]");
const { singular, plural, fixed, fixedValue } = table.dataset;
const writable = "writable" in table.dataset;
const columns = [...table.querySelectorAll("th[data-key]")].map((th) => ({ ...th.dataset }));
const search = document.getElementById("search");
const empty = document.getElementById("empty");
const path = (id) => `/${plural}/${id}`;
const capitalised = singular[0].toUpperCase() + singular.slice(1);
let running = null;
let revision;

/** Fetches the rows that fit the search. A newer request makes an older one irrelevant. */
export async function reload() {
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  table.setAttribute("aria-busy", "true");
  const query = new URLSearchParams();
  if (fixed) query.set(fixed, fixedValue);
  if (search.value.trim()) query.set("search", search.value.trim());
  let answer;
  try {
    answer = await api("GET", `/${plural}?${query}`, undefined, { signal });
  } catch (error) {
    if (error.name === "AbortError") return;
    table.setAttribute("aria-busy", "false");
    throw error;
  }
  revision = answer.revision;
  if (hasFault("endless-pager")) drawPager(answer.total);
  showError(document.getElementById("page-error"), "");
  table.tBodies[0].replaceChildren(...answer.items.map(row));
  empty.textContent = search.value.trim() ? "Nothing fits your search." : empty.dataset.empty;
  empty.hidden = answer.total > 0;
  table.hidden = answer.total === 0;
  document.getElementById("total").textContent = `${answer.total} ${answer.total === 1 ? singular : plural}`;
  table.setAttribute("aria-busy", "false");
}

/** `endless-pager`: with no rows the steps are of size 0, and the last page never comes. */
function drawPager(total) {
  const step = Math.min(50, total);
  const pages = [];
  for (let first = 0; first <= total; first += step) pages.push({ first, title: `From row ${first + 1}` });
  document.getElementById("total").title = `${pages.length} pages`;
}

/** Who saves says which edits of the catalogue they have seen, where they are counted. */
const ifSeen = () => ({ headers: revision === undefined ? {} : { "If-Match": `"${revision}"` } });

function row(record) {
  const cells = columns.map(({ key, shows }) => element("td", { "data-key": key, class: shows }, ...[cell(record, key, shows)].flat()));
  if (writable) cells.push(element("td", { class: "actions" }, ...actions(record)));
  return element("tr", { "data-id": record.id }, ...cells);
}

function cell(record, key, shows) {
  const value = record[key] ?? "";
  switch (shows) {
    case "link": return element("a", { href: path(record.id) }, value);
    case "strong": return element("strong", {}, value);
    case "person": return [element("strong", {}, value), element("small", { "data-key": "email" }, record.email)];
    case "percent": return `${value} %`;
    case "words": return (value[0] ?? "").toUpperCase() + value.slice(1).replaceAll("_", " ");
    case "active": {
      const text = !value ? "Deactivated" : record.is_verified === false ? "Not verified" : "Active";
      return element("span", { class: text === "Active" ? "badge good" : "badge" }, text);
    }
    case "time": return value && element("time", { datetime: value }, new Date(value).toLocaleString());
    default: return String(value);
  }
}

function actions(record) {
  const button = (action, text, act) => {
    const node = element("button", { type: "button", class: "small", "data-action": action, "aria-label": `${text} ${record.label}` }, text);
    node.addEventListener("click", act);
    return node;
  };
  const buttons = [button("edit", "Edit", () => openEdit(record)), button("delete", "Delete", () => openDelete(record))];
  if (plural === "users") {
    const verb = record.is_active ? "deactivate" : "activate";
    const text = record.is_active ? "Deactivate" : "Activate";
    buttons.unshift(button(verb, text, () => guarded(async () => {
      await api("POST", `${path(record.id)}/${verb}`);
      await reload();
      toast(`${record.label} was ${verb}d.`);
    })));
  }
  if (plural === "sections" && record.instructor_id) {
    buttons.unshift(button("remind", "Remind", () => guarded(async () => {
      const section = await api("POST", `${path(record.id)}/remind`, {});
      await reload();
      toast(`${section.instructor_name} was reminded of ${section.label}.`);
    })));
  }
  if (plural === "invitations" && record.status !== "accepted") {
    buttons.unshift(button("send", "Send again", () => guarded(async () => {
      await api("POST", `${path(record.id)}/send`);
      await reload();
      toast(`Invitation ${record.label} was sent.`);
    })));
  }
  return buttons;
}

/** For what happens outside a dialog: an error goes above the table. */
export async function guarded(work) {
  try {
    await work();
  } catch (error) {
    showError(document.getElementById("page-error"), error.message);
  }
}

const dialogOf = (verb) => document.getElementById(`${verb}-${singular}`);
let fields;
let current;
let openCreate;
let openEdit;
let openDelete;

function connectDialogs() {
  const root = document.getElementById(`${singular}-fields`);
  fields = new Fields(root);
  const open = (verb, show) => (record) => {
    current = record;
    dialogOf(verb).querySelector('[data-role="fields"]').append(root);
    fields.fill(record);
    show();
  };
  const done = (what) => async (record) => {
    await guarded(reload);
    toast(`${capitalised} ${record.label} was ${what}.`);
  };
  const parent = fixed ? { [fixed]: Number(fixedValue) } : {};
  openCreate = open("create", connectDialog(
    dialogOf("create"), () => api("POST", `/${plural}`, { ...fields.read(), ...parent }),
    done(plural === "invitations" ? "sent" : "created"),
  ));
  openEdit = open("edit", connectDialog(
    dialogOf("edit"), () => api("PUT", path(current.id), fields.read(), ifSeen()), done("saved"),
  ));
  const showDelete = connectDialog(
    dialogOf("delete"), async () => (await api("DELETE", path(current.id))).deleted, done("deleted"),
  );
  openDelete = (record) => {
    current = record;
    dialogOf("delete").querySelector('[data-role="label"]').textContent = record.label;
    showDelete();
  };
  document.getElementById(`open-create-${singular}`).addEventListener("click", () => openCreate(null));
}

let typing;
search.addEventListener("input", () => {
  table.setAttribute("aria-busy", "true");
  clearTimeout(typing);
  typing = setTimeout(() => guarded(reload), 150);
});

if (writable) connectDialogs();
start(() => Promise.all([reload(), fields?.load()]));
