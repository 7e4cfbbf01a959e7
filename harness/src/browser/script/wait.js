// Waiting in the page: it is looked again when something has changed, and not more than can be afforded.

// Of the page's time at most a tenth goes into looking.
const SHARE = 9;
// Where no frames are drawn, as in a page behind others, it is looked again after so many milliseconds.
const WITHOUT_FRAMES = 50;

// Looks until `look` returns `{ value }`, or until the time is over. What it returned last is in `last`.
//
// Changes of the tree are looked at at once. Everything else (what is typed, scrolled, faded, loaded, set by a script)
// is seen with the next frame.
async function until(limit, look) {
  const began = performance.now();
  const observer = new MutationObserver(() => wake?.());
  let wake;
  try {
    for (let looks = 1; ; looks += 1) {
      const start = performance.now();
      const last = look();
      const now = performance.now();
      const waited = now - began;
      if (last.value !== undefined) return { done: true, value: last.value, looks, waited };
      if (waited >= limit) return { done: false, last, looks, waited };
      if (looks === 1 && isSilent()) return { done: false, last, looks, waited, silent: true };
      if (looks === 1 || looks % 16 === 0) watch(observer);
      const pause = (now - start) * SHARE;
      await soon(pause, limit - waited, (resolve) => (wake = resolve));
    }
  } finally {
    observer.disconnect();
  }
}

// Whether nobody is ever called back here: a document that may not execute scripts, as in a sandboxed frame, has no timers, no frames
// and no observers for us either. Then whoever asks has to ask again. Such a document parses what is in a `noscript`.
function isSilent() {
  try {
    const probe = document.createElement("div");
    probe.innerHTML = "<noscript><b></b></noscript>";
    return probe.querySelector("b") !== null;
  } catch {
    // Where no markup may be made of texts, scripts are executed.
    return false;
  }
}

function watch(observer) {
  const options = { subtree: true, childList: true, attributes: true, characterData: true };
  for (const scope of scopesOf(document)) observer.observe(scope, options);
}

// The next change or frame, but not before the pause is over; and never after the time is.
async function soon(pause, left, onWake) {
  if (pause > 2) await new Promise((resolve) => setTimeout(resolve, Math.min(pause, left)));
  await new Promise((resolve) => {
    onWake(resolve);
    requestAnimationFrame(resolve);
    setTimeout(resolve, Math.min(WITHOUT_FRAMES, Math.max(left, 0)));
  });
}

// Whether an element has stood still from one frame to the next: asked again and again.
function stillness() {
  let [known, box, at] = [undefined, undefined, undefined];
  return (element) => {
    const now = element.getBoundingClientRect();
    const frame = document.timeline.currentTime;
    const is = (side) => box[side] === now[side];
    const stood = known === element && ["x", "y", "width", "height"].every(is);
    if (stood && frame !== at) return true;
    if (!stood) [known, box, at] = [element, now, frame];
    return false;
  };
}
