/**
 * The lists of the page: instances, modules, errors.
 *
 * @module
 */

import { h } from "./dom.js";
import { age, bytes, count, percent, time } from "./format.js";

const DECISIONS = ["allow", "block", "redirect", "challenge"];
/** Short enough for a tile. */
const PHASES = { request_headers: "request", response_headers: "response" };
const PLACES = { event_loop: "event loop", thread: "thread" };

/** Calls that each slot had ended when it was last looked at, to know how many it makes a second. */
let callsBefore = new Map();
let lookedAt = 0;

/** One group for each module and event loop. */
export function instances(element, { pools, lanes, now }) {
  const calls = new Map();
  const seconds = Math.max((now - lookedAt) / 1000, 0.001);
  const groups = pools.map((pool) =>
    h(
      "div",
      { class: "group" },
      h(
        "p",
        { class: "quiet" },
        [
          pool.module,
          lanes > 1 ? `lane ${pool.lane}` : undefined,
          pool.in_threads ? "long calls run in threads" : undefined,
          pool.waiting > 0 ? `${count(pool.waiting)} calls wait` : undefined,
        ].filter((text) => text !== undefined).join(" · "),
      ),
      h(
        "ul",
        { class: "slots" },
        ...pool.slots.map((slot, index) => {
          const key = `${pool.lane} ${index} ${pool.module}`;
          calls.set(key, slot.calls);
          const before = callsBefore.get(key);
          // A new instance counts from nothing.
          const rate = before === undefined
            ? 0
            : Math.max(0, slot.calls - (slot.calls < before ? 0 : before)) / seconds;
          return slotTile(slot, index, rate, pool.max_memory_bytes);
        }),
      ),
    )
  );
  callsBefore = calls;
  lookedAt = now;
  element.replaceChildren(...groups);
}

function slotTile({ place, state, phase, for_ms, calls, memory_bytes, age_s }, index, rate, most) {
  const serving = state === "idle" && rate > 0;
  const call = PHASES[phase] ?? phase?.replaceAll("_", " ");
  const doing = state === "working" ? `${call} ${time(for_ms)}` : serving ? `${count(rate)} calls/s` : state;
  const share = Math.min(memory_bytes / most, 1);
  const bar = h("i");
  bar.style.width = `${share * 100}%`;
  return h(
    "li",
    { class: `slot ${serving ? "serving" : state}` },
    h("p", { class: "head" }, h("span", { class: "dot" }), h("span", {}, doing), h("span", {}, `#${index + 1}`)),
    h(
      "div",
      {
        class: share > 0.9 ? "meter full" : "meter",
        title: `${bytes(memory_bytes)} of ${bytes(most)}`,
      },
      bar,
    ),
    h("p", { class: "foot" }, h("span", {}, PLACES[place]), h("span", {}, bytes(memory_bytes))),
    h("p", { class: "foot" }, h("span", {}, `${count(calls)} calls`), h("span", {}, age(age_s))),
  );
}

/** One block for each module. */
export function modules(element, { modules, now }) {
  element.replaceChildren(...modules.map((module) => moduleBlock(module, now)));
}

function moduleBlock(module, now) {
  const decided = sum(module.decisions), failed = sum(module.errors);
  const own = Object.entries(module.metrics).map(([name, value]) => [name, count(value)]);
  const facts = [
    ["Decisions", count(decided)],
    ["Failed", failed === 0 ? "none" : `${count(failed)}, ${percent(failed, decided)}`],
    ["Call, median", time(module.call_p50_ms)],
    ["Call, 99 %", time(module.call_p99_ms)],
    ["Deadline", time(module.timeout_ms)],
    ["When it fails", module.fail_mode === "open" ? "allow" : "block"],
    ["Instances killed", count(sum(module.killed))],
    ["Instances recycled", count(sum(module.recycled))],
    ["Handles", module.phases.map((phase) => phase.replaceAll("_", " ")).join(", ")],
    ["ABI", module.abi],
    ["File", bytes(module.bytes)],
    ...own,
  ];
  return h(
    "article",
    { class: "module" },
    h(
      "div",
      { class: "title" },
      h("h3", {}, module.name),
      h("code", { title: `SHA-256 ${module.sha256}` }, module.sha256.slice(0, 12)),
      h("span", { class: "quiet" }, `serves for ${age((now - module.since) / 1000)}`),
    ),
    splitBar(module.decisions, decided),
    h(
      "ul",
      { class: "legend" },
      ...DECISIONS.filter((name) => module.decisions[name] > 0).map((name) =>
        h(
          "li",
          {},
          h("span", { class: `swatch ${name}` }),
          `${name} `,
          h("b", {}, percent(module.decisions[name], decided)),
        )
      ),
    ),
    h("dl", { class: "facts" }, ...facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
  );
}

function splitBar(decisions, total) {
  const parts = DECISIONS.filter((name) => decisions[name] > 0).map((name) => {
    const part = h("i", { class: name });
    part.style.width = `${100 * decisions[name] / total}%`;
    return part;
  });
  return h("div", { class: "split", "aria-hidden": "true" }, ...parts);
}

let countsBefore = new Map();

/** What went wrong since the start, the most frequent first; what has just happened again is marked. */
export function problems(element, { errors, closed }) {
  const rows = [...errors, ...closed].toSorted((one, other) => other.count - one.count);
  const counts = new Map(rows.map((row) => [`${row.module} ${row.code}`, row.count]));
  const blocks = rows.map(({ module, code, count: times, when, remedy }) => {
    const before = countsBefore.get(`${module} ${code}`);
    return h(
      "div",
      { class: before !== undefined && times > before ? "problem fresh" : "problem" },
      h("div", {}, h("code", {}, code), " ", h("span", { class: "quiet" }, module ?? "connections")),
      h("span", { class: "times" }, `${count(times)} ×`),
      h("p", { class: "quiet" }, [when, remedy].filter((text) => text !== undefined).join(" ").replaceAll("`", "")),
    );
  });
  countsBefore = counts;
  element.replaceChildren(...blocks.length > 0 ? blocks : [h("p", { class: "empty" }, "Nothing, since the start.")]);
}

/** @param {Record<string, number>} counts */
export function sum(counts) {
  return Object.values(counts).reduce((all, one) => all + one, 0);
}
