"use strict";
// What every page that is one file is made with. Texts become text nodes, whatever is in them.

// Characters that are seen nowhere and change how others are read: shown, so that nothing looks like what it is not.
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const plain = (text) => text.replace(UNSEEN, (one) => `\\u{${one.codePointAt(0).toString(16)}}`);

function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  const shown = children.filter((child) => child !== undefined && child !== null);
  element.append(...shown.map((child) => (typeof child === "string" ? plain(child) : child)));
  return element;
}

const byId = (id) => document.getElementById(id);

const empty = (text) => make("p", { class: "empty" }, text);

function facts(pairs) {
  const list = make("dl", { class: "facts" });
  for (const [name, value] of pairs) {
    if (value === undefined || value === "") continue;
    list.append(make("dt", {}, name), make("dd", {}, value));
  }
  return list;
}

// One of several is shown; the arrows go from one to the next. Returns what chooses another.
function tabs(holder, names, current, onChoose, label = (name) => name, panel) {
  const choose = (name, focus) => {
    for (const tab of holder.children) {
      const isIt = tab.dataset.name === name;
      tab.setAttribute("aria-selected", String(isIt));
      tab.tabIndex = isIt ? 0 : -1;
      if (isIt && focus) tab.focus();
    }
    onChoose(name);
  };
  const tab = (name) =>
    make("button", {
      role: "tab", type: "button", "data-name": name, "aria-controls": panel,
      "aria-selected": String(name === current), tabindex: name === current ? "0" : "-1", onclick: () => choose(name),
    }, label(name));
  holder.replaceChildren(...names.map(tab));
  holder.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = names.indexOf(event.target.dataset.name);
    choose(names[(at + step + names.length) % names.length], true);
    event.preventDefault();
  });
  return choose;
}

const seconds = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`);
const clock = (ms) => `${(ms / 1000).toFixed(3)} s`;
const size = (bytes) => (bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
