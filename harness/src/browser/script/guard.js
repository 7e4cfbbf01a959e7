// Between the look and the click the page may have put something else in the element's place. So the first event of the mouse
// is looked at before anybody else sees it; if it is not for the element, nobody ever does.

const PRESSED = ["pointerdown", "mousedown", "pointerup", "mouseup", "click", "auxclick", "dblclick", "contextmenu"];
const GUARDED = { press: PRESSED, move: ["pointermove", "mousemove", "pointerover", "mouseover"] };

let guarding;

// From now on, until there is a verdict: `{ hit: true }`, `{ missed: markup }` of what would have got it, or, where no event
// came at all, `{ hit: null, covering }`.
function guard(element, point, kind) {
  guarding?.end();
  let tell;
  const told = new Promise((resolve) => (tell = resolve));
  let missed;
  const look = (event) => {
    if (!event.isTrusted) return;
    if (missed === undefined) {
      const path = event.composedPath();
      missed = !isHitBy(element, path);
      tell(missed ? { missed: path[0].localName ? markup(path[0]) : "the page itself" } : { hit: true });
      if (!missed) end();
    }
    if (!missed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const end = () => {
    for (const type of GUARDED[kind]) removeEventListener(type, look, true);
    tell({ hit: null, covering: element.isConnected ? coveredBy(element, point) : undefined });
  };
  for (const type of GUARDED[kind]) addEventListener(type, look, { capture: true, passive: false });
  guarding = { told, end };
}

const answer = (value) => ({ done: true, value, looks: 1, waited: 0 });

const verdict = async () => answer(guarding ? await guarding.told : { hit: null });

function settle() {
  guarding?.end();
  guarding = undefined;
  return answer(true);
}
