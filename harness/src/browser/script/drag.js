// Whether the page lets the browser drag something: then the browser has to be told where it goes.

let dragging;

function watchDrag() {
  dragging?.end();
  let event;
  const note = (seen) => (event = seen);
  addEventListener("dragstart", note, true);
  // Who listens last knows whether anybody has refused.
  dragging = {
    is: () => event !== undefined && !event.defaultPrevented,
    end: () => removeEventListener("dragstart", note, true),
  };
  return answer(true);
}

function dragged() {
  const is = dragging?.is() ?? false;
  dragging?.end();
  dragging = undefined;
  return answer(is);
}
