// Answers `{value}` with what `condition` found, or else `{saw}` with what the page is like.

const shown = (selector) => [...document.querySelectorAll(selector)].find((node) => node.checkVisibility() && node.textContent.trim());
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
const value = condition(arguments[0]);
return value ? { value } : { saw: describe() };
