// The fields of a record's form: their choices, filling in, reading out, and which of them are shown.

import { api, element } from "./api.js";

/** The fields below `root` (the element that moves between the create and the edit dialog). */
export class Fields {
  constructor(root) {
    this.root = root;
    this.fields = [...root.querySelectorAll(".field")];
    this.records = new Map();
    this.creating = true;
    root.addEventListener("change", () => this.refresh());
  }

  get(name) {
    return this.fields.find((field) => field.dataset.name === name);
  }

  /** Fetches what can be chosen, each list once. */
  async load() {
    const sources = new Set(this.fields.map((field) => field.dataset.source).filter(Boolean));
    await Promise.all([...sources].map(async (source) => {
      this.records.set(source, (await api("GET", `/${source}`)).items);
    }));
  }

  /** Fills in a record, or with `null` the values of a new one. */
  fill(record) {
    this.creating = record === null;
    for (const field of this.fields) {
      // First, because what can be chosen depends on what is chosen in the fields before it.
      this.refreshOne(field);
      write(field, record?.[field.dataset.name]);
    }
  }

  /** The values of the fields that count, under their names in the API. */
  read() {
    const counting = this.fields.filter((field) => !field.hidden && (this.creating || !isFixed(field)));
    return Object.fromEntries(counting.map((field) => [field.dataset.name, read(field)]));
  }

  refresh() {
    for (const field of this.fields) this.refreshOne(field);
  }

  /** Whether a field is shown, can be changed, and what it offers. */
  refreshOne(field) {
    const { roles, source } = field.dataset;
    const role = this.get("role") && read(this.get("role"));
    field.hidden = Boolean(roles) && !roles.split(" ").includes(role);
    if (isFixed(field)) field.querySelector("input, select").disabled = !this.creating;
    if (source) offer(field, this.offered(field));
  }

  /** The records that can be chosen in a field, given what is chosen in the others. */
  offered(field) {
    const records = this.records.get(field.dataset.source) ?? [];
    const other = this.get(field.dataset.sameAs);
    if (!other || other.hidden) return records;
    const chosen = (this.records.get(other.dataset.source) ?? []).find((record) => String(record.id) === read(other));
    if (!chosen) return [];
    return records.filter((record) => record.institution_id === chosen[field.dataset.sameKey]);
  }
}

const isFixed = (field) => "createOnly" in field.dataset;

function read(field) {
  const input = field.querySelector("input, select, textarea");
  if (field.dataset.input === "checks") {
    return [...field.querySelectorAll("input:checked")].map((box) => Number(box.value));
  }
  return field.dataset.input === "check" ? input.checked : input.value;
}

function write(field, value) {
  if (field.dataset.input === "checks") {
    for (const box of field.querySelectorAll("input")) box.checked = (value ?? []).includes(Number(box.value));
    return;
  }
  const input = field.querySelector("input, select, textarea");
  if (field.dataset.input === "check") input.checked = value ?? true;
  else input.value = value ?? "";
}

/** Puts the choices into a field and keeps what is chosen, if it can still be. */
function offer(field, records) {
  // The same choices stay the same elements: leaving another field brings us here, and what was left for may be
  // a click on one of them.
  const ids = records.map((record) => record.id).join(" ");
  if (field.dataset.offered === ids) return;
  field.dataset.offered = ids;
  if (field.dataset.input === "checks") offerChecks(field, records);
  else offerOptions(field.querySelector("select"), records);
}

function offerChecks(field, records) {
  const box = field.querySelector("fieldset");
  const chosen = read(field);
  const items = records.map((record) => {
    const id = `${box.id}-${record.id}`;
    const input = element("input", { type: "checkbox", id, value: record.id });
    input.checked = chosen.includes(record.id);
    return element("label", { for: id }, input, ` ${record.label}`);
  });
  box.replaceChildren(box.querySelector("legend"), ...items);
}

/** Site admins see the records of all institutions, therefore in groups. */
function offerOptions(select, records) {
  const chosen = select.value;
  const option = (record) => element("option", { value: record.id }, record.label);
  const names = new Set(records.map((record) => record.institution_name).filter(Boolean));
  const choices = names.size < 2 ? records.map(option) : [...names].sort().map((name) => element(
    "optgroup",
    { label: name },
    ...records.filter((record) => record.institution_name === name).map(option),
  ));
  select.replaceChildren(select.options[0], ...choices);
  select.value = chosen;
  // What was chosen may be gone: fall back to “Choose…”.
  if (select.selectedIndex < 0) select.selectedIndex = 0;
}
