// How often a test fails by how many attempts run at once, and how probable each class is.

function draw(name, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

const WIDTH = 560;
const HEIGHT = 220;
const EDGE = { left: 44, right: 12, top: 10, bottom: 36 };

function plot({ points, counts }) {
  const most = Math.max(...points.map(({ workers }) => workers));
  const x = (workers) => EDGE.left + ((workers - 1) / Math.max(1, most - 1)) * (WIDTH - EDGE.left - EDGE.right);
  const y = (part) => EDGE.top + (1 - part) * (HEIGHT - EDGE.top - EDGE.bottom);
  const path = (of) => of.map(([at, part], index) => `${index ? "L" : "M"}${x(at).toFixed(1)} ${y(part).toFixed(1)}`).join(" ");
  const upper = points.map(({ workers, band }) => [workers, band.high]);
  const lower = points.map(({ workers, band }) => [workers, band.low]).reverse();
  const marks = [0, 0.25, 0.5, 0.75, 1].flatMap((part) => [
    draw("path", { class: "axis", d: `M${EDGE.left} ${y(part)} H${WIDTH - EDGE.right}` }),
    draw("text", { x: EDGE.left - 6, y: y(part) + 4, "text-anchor": "end" }, percent(part))]);
  const ticks = points.map(({ workers }) => draw("text", { x: x(workers), y: HEIGHT - EDGE.bottom + 16, "text-anchor": "middle" }, String(workers)));
  const dots = counts.map(({ workers, failed, attempts }) => draw("circle", { class: "dot", cx: x(workers), cy: y(failed / attempts), r: Math.min(6, 2 + Math.sqrt(attempts) / 2) }));
  const said = points.map(({ workers, rate: part, band }) => `${workers} at once: ${percent(part)}, ${percent(band.low)} to ${percent(band.high)}`).join("; ");
  return draw("svg", { class: "plot", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `How often it fails by how many attempts run at once. ${said}` },
    ...marks, ...ticks,
    draw("text", { x: (WIDTH + EDGE.left) / 2, y: HEIGHT - 4, "text-anchor": "middle" }, "attempts at once"),
    draw("path", { class: "band", d: `${path([...upper, ...lower])} Z` }),
    draw("path", { class: "fit", d: path(points.map(({ workers, rate: part }) => [workers, part])) }), ...dots);
}

function posterior(classes) {
  const shown = classes.filter(([, weight]) => weight >= 0.005);
  return make("dl", { class: "bars" }, ...shown.flatMap(([name, weight]) => {
    const bar = make("span", {});
    bar.style.width = `${100 * weight}%`;
    return [make("dt", {}, CLASSES[name] ?? name), make("dd", { class: "bar", "aria-hidden": "true" }, bar), make("dd", {}, `${(100 * weight).toFixed(1)} %`)];
  }));
}
