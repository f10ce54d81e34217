/**
 * Charts of the last minutes. Each is read by pointer and by keyboard: arrows move a cursor, which tells its values.
 *
 * @module
 */

import { h, s } from "./dom.js";

const SECONDS = 300;
const LEFT = 46, BOTTOM = 22, TOP = 8;

/**
 * @param figure Where it is drawn.
 * @param options.kind `stack`, `lines` or `bars`.
 * @param options.series Each with `name`, `label` and `of(second)`.
 * @param options.format Of a value.
 * @returns Draws seconds, the oldest first.
 */
export function chart(figure, { kind, title, series, format, log = false }) {
  let seconds = [], cursor;
  const svg = s("svg", { "aria-hidden": "true" });
  const tip = h("div", { class: "tip", "aria-live": "polite", hidden: "" });
  const legend = h("ul", { class: "legend" });
  figure.append(svg, tip);
  figure.after(legend);
  for (const [name, value] of [["tabindex", "0"], ["role", "group"], ["aria-label", `${title}, use the arrow keys`]]) {
    figure.setAttribute(name, value);
  }

  const box = () => ({ width: Math.max(figure.clientWidth, 120), height: Math.max(figure.clientHeight, 80) });
  const xOf = (index, width) => LEFT + (width - LEFT) * (SECONDS - seconds.length + index + 0.5) / SECONDS;

  function draw() {
    const { width, height } = box();
    const scale = log ? logScale(seconds, series) : linearScale(seconds, series, kind);
    const yOf = (value) => TOP + (height - BOTTOM - TOP) * (1 - scale.at(value));
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const shapes = scale.ticks.flatMap((tick) => [
      s("line", { class: "grid", x1: LEFT, x2: width, y1: yOf(tick), y2: yOf(tick) }),
      s("text", { class: "axis", x: LEFT - 8, y: yOf(tick) + 4, "text-anchor": "end" }, format(tick)),
    ]);
    const marks = [[0, "start", "5 min ago"], [0.4, "middle", "3 min"], [0.8, "middle", "1 min"], [1, "end", "now"]];
    for (const [at, anchor, text] of marks) {
      const x = LEFT + (width - LEFT) * at;
      shapes.push(s("text", { class: "axis", x, y: height - 4, "text-anchor": anchor }, text));
    }
    shapes.push(...DRAW[kind](seconds, series, (index) => xOf(index, width), yOf, (width - LEFT) / SECONDS));
    if (cursor !== undefined && seconds[cursor] !== undefined) {
      const x = xOf(cursor, width);
      shapes.push(s("line", { class: "cursor", x1: x, x2: x, y1: TOP, y2: height - BOTTOM }));
      tell(x, width);
    } else tip.hidden = true;
    svg.replaceChildren(...shapes);
    const now = seconds.at(-1);
    legend.replaceChildren(...series.map(({ name, label, of }) =>
      h(
        "li",
        {},
        h("span", { class: `swatch ${name}` }),
        `${label} `,
        h("b", {}, now === undefined ? "–" : format(of(now))),
      )
    ));
  }

  function tell(x, width) {
    const ago = seconds.length - 1 - cursor;
    tip.replaceChildren(
      h("p", { class: "quiet" }, ago === 0 ? "now" : `${ago} s ago`),
      ...series.map(({ name, label, of }) =>
        h(
          "p",
          {},
          h("span", {}, h("span", { class: `swatch ${name}` }), label),
          h("b", {}, format(of(seconds[cursor]))),
        )
      ),
    );
    tip.hidden = false;
    const left = x > width / 2 ? x - tip.offsetWidth - 12 : x + 12;
    tip.style.left = `${Math.max(0, left)}px`;
  }

  const moveTo = (index) => {
    cursor = index === undefined ? undefined : Math.min(Math.max(index, 0), seconds.length - 1);
    draw();
  };
  figure.addEventListener("pointermove", ({ clientX }) => {
    const { left, width } = figure.getBoundingClientRect();
    const at = (clientX - left - LEFT) / (width - LEFT) * SECONDS;
    moveTo(Math.floor(at) - (SECONDS - seconds.length));
  });
  for (const name of ["pointerleave", "blur"]) figure.addEventListener(name, () => moveTo(undefined));
  figure.addEventListener("keydown", (event) => {
    const last = seconds.length - 1;
    const to = {
      ArrowLeft: (cursor ?? last + 1) - 1,
      ArrowRight: (cursor ?? last - 1) + 1,
      PageUp: (cursor ?? last) - 10,
      PageDown: (cursor ?? last) + 10,
      Home: 0,
      End: last,
      Escape: undefined,
    };
    if (!Object.hasOwn(to, event.key)) return;
    event.preventDefault();
    moveTo(to[event.key]);
  });
  new ResizeObserver(draw).observe(figure);

  return (next) => {
    // A cursor stays at its second while that moves to the left.
    if (cursor !== undefined && seconds.length === SECONDS && next.length === SECONDS) cursor = Math.max(0, cursor - 1);
    seconds = next;
    draw();
  };
}

const DRAW = {
  stack(seconds, series, x, y) {
    const below = seconds.map(() => 0);
    return series.flatMap(({ name, of }) => {
      const low = seconds.map((_, index) => `${x(index)},${y(below[index])}`);
      for (const [index, second] of seconds.entries()) below[index] += of(second) ?? 0;
      const high = seconds.map((_, index) => `${x(index)},${y(below[index])}`);
      return low.length === 0
        ? []
        : [s("polygon", { class: `area ${name}`, points: [...high, ...low.reverse()].join(" ") })];
    });
  },
  lines(seconds, series, x, y) {
    return series.map(({ name, of }) => {
      let path = "", up = true;
      for (const [index, second] of seconds.entries()) {
        const value = of(second);
        if (value !== undefined) path += `${up ? "M" : "L"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
        up = value === undefined;
      }
      return s("path", { class: `line ${name}`, d: path });
    });
  },
  bars(seconds, series, x, y, step) {
    const width = Math.max(step - 0.5, 1);
    return series.flatMap(({ name, of }) =>
      [...seconds.entries()].filter(([, second]) => of(second) > 0).map(([index, second]) => {
        const top = Math.min(y(of(second)), y(0) - 2);
        return s("rect", { class: `bar ${name}`, x: x(index) - width / 2, y: top, width, height: y(0) - top });
      })
    );
  },
};

/** From 0 to a round number above all values. */
function linearScale(seconds, series, kind) {
  const values = (second) => series.map(({ of }) => of(second) ?? 0);
  const heights = seconds.map((second) =>
    kind === "stack" ? values(second).reduce((sum, value) => sum + value, 0) : Math.max(...values(second))
  );
  const most = Math.max(1, ...heights);
  const step = roundUp(most / 4);
  const top = Math.ceil(most / step) * step;
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => index * step);
  return { ticks, at: (value) => value / top };
}

/** Decades around all values, from 10 us. */
function logScale(seconds, series) {
  const values = seconds.flatMap((second) => series.map(({ of }) => of(second)).filter((value) => value > 0));
  const high = Math.ceil(Math.log10(Math.max(1, ...values)));
  const low = Math.floor(Math.log10(Math.max(0.001, Math.min(0.1, ...values))));
  const ticks = Array.from({ length: high - low + 1 }, (_, index) => Number((10 ** (low + index)).toPrecision(1)));
  return { ticks, at: (value) => Math.min(Math.max((Math.log10(value) - low) / (high - low), 0), 1) };
}

/** 1, 2 or 5 times a power of ten. */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}
