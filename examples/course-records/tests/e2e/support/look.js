// Calls `condition` whenever the page changes. Answers `{value}` with what it found, or `{saw}` when the time is up.

const [limit, it, done] = arguments;
const shown = (selector) => [...document.querySelectorAll(selector)].find((node) => !node.hidden && node.textContent.trim());
const describe = () => {
  const parts = [`${document.title} at ${location.pathname}`];
  if (document.body?.dataset.ready !== "true") parts.push("not ready");
  if (document.querySelector('[aria-busy="true"]')) parts.push("a table is busy");
  const dialog = document.querySelector("dialog[open]");
  if (dialog) parts.push(`the dialog ${dialog.id} is open`);
  for (const [name, selector] of [["message", "#toast"], ["alert", '[role="alert"]'], ["field error", ".field-error"]]) {
    const node = shown(selector);
    if (node) parts.push(`${name} “${node.textContent.trim()}”`);
  }
  return parts.join(", ");
};
let observer, ticks;
const end = (answer) => {
  observer.disconnect();
  clearInterval(ticks);
  done(answer);
};
const began = performance.now();
const look = () => {
  const value = condition(it);
  if (value) end({ value });
  else if (performance.now() - began > limit) end({ saw: describe() });
};
observer = new MutationObserver(look);
observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
ticks = setInterval(look, 100);
look();
