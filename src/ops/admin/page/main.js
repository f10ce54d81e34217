/**
 * The status page: asks once a second while somebody looks, and draws.
 *
 * @module
 */

import { chart } from "./chart.js";
import { $, write, writeBig } from "./dom.js";
import { age, bytes, count, percent, time } from "./format.js";
import { instances, modules, problems, sum } from "./parts.js";

const EVERY_MS = 1_000;

const perSecond = (of) => (second) => (of(second) ?? 0) * 1_000 / Math.max(second.ms, 1);
const decided = ["allow", "block", "redirect", "challenge"].map((name) => ({
  name,
  label: name,
  of: perSecond(({ decisions }) => decisions[name]),
}));

const draws = [
  chart($("decisions-chart"), { kind: "stack", title: "Decisions a second", series: decided, format: count }),
  chart($("latency-chart"), {
    kind: "lines",
    title: "Latency",
    log: true,
    format: time,
    series: [
      { name: "p50", label: "median", of: ({ p50_ms }) => p50_ms },
      { name: "p99", label: "99 %", of: ({ p99_ms }) => p99_ms },
    ],
  }),
  chart($("errors-chart"), {
    kind: "bars",
    title: "Errors a second",
    format: count,
    series: [{ name: "errors", label: "errors", of: perSecond(({ errors }) => errors) }],
  }),
];

function lastReload({ last_reload, now }) {
  if (last_reload === undefined) return "";
  const { reloaded, error, trace = [], at, need_restart } = last_reload;
  const waiting = need_restart.length > 0 ? ` A restart is needed for: ${need_restart.join(", ")}.` : "";
  const ago = `${age((now - at) / 1000)} ago`;
  return reloaded ? `Loaded anew ${ago}.${waiting}` : [`Not loaded anew ${ago}: ${error}`, ...trace].join("\n");
}

let cpuBefore;

function show(status) {
  document.title = `${status.ready ? "" : "! "}${status.program}`;
  write("program", status.program);
  write("where", `${status.socket} · up ${age(status.uptime_s)}`);
  write("build", `${status.version} · Deno ${status.deno} · process ${status.pid}`);
  $("health").className = `pill ${status.ready ? "good" : "bad"}`;
  write(
    "health-text",
    status.ready
      ? "Ready"
      : status.stage === "serving"
      ? "Not ready"
      : status.stage === "draining"
      ? "Draining"
      : "Starting",
  );
  $("reload").hidden = !status.can_reload;
  if (!status.ready) say(status.reasons.join(" · "), "reasons");
  else unsay("reasons");
  tiles(status);
  for (const draw of draws) draw(status.history);
  write("instances-count", `· ${status.pools.reduce((all, { slots }) => all + slots.length, 0)}`);
  instances($("instances"), status);
  modules($("modules"), status);
  write("reload-note", lastReload(status));
  $("reload-note").classList.toggle("failed", status.last_reload?.reloaded === false);
  problems($("problems"), status);
}

function tiles({ history, totals, connections, resident_bytes, cpu_seconds, now }) {
  const last = history.at(-1) ?? { ms: 1_000, decisions: {}, errors: 0 };
  const rate = perSecond(({ decisions }) => sum(decisions))(last);
  const errors = perSecond((second) => second.errors)(last);
  writeBig("rate", `${count(rate)} /s`);
  write("rate-more", `${count(totals.replies)} since the start`);
  writeBig("latency", time(last.p50_ms));
  write("latency-more", last.p99_ms === undefined ? "no event in this second" : `99 % within ${time(last.p99_ms)}`);
  writeBig("errors", `${count(errors)} /s`);
  write("errors-more", `${count(totals.errors)} since the start, ${percent(totals.errors, totals.replies)}`);
  $("error-tile").className = errors > 0 ? "tile trouble" : "tile";
  writeBig("memory", bytes(resident_bytes));
  const cpu = cpuBefore && 100 * (cpu_seconds - cpuBefore.cpu_seconds) / ((now - cpuBefore.now) / 1_000);
  cpuBefore = { cpu_seconds, now };
  const share = cpu === undefined || !Number.isFinite(cpu) ? "–" : `${Math.max(0, Math.round(cpu))} %`;
  write("memory-more", `CPU ${share} · ${count(connections)} connections`);
}

/** What the banner says, and on whose behalf: only they take it away again. */
let said;

function say(text, by, fine = false) {
  said = by;
  write("banner", text);
  $("banner").className = fine ? "banner fine" : "banner";
  $("banner").hidden = false;
}

function unsay(by) {
  if (said === by) $("banner").hidden = true;
}

async function look() {
  try {
    const response = await fetch("/status", { cache: "no-store" });
    if (!response.ok) throw new Error(`the agent answers ${response.status}`);
    show(await response.json());
    document.body.classList.remove("lost");
    unsay("lost");
  } catch (error) {
    document.body.classList.add("lost");
    $("health").className = "pill bad";
    write("health-text", "No answer");
    say(`The agent does not answer (${error.message}). Trying again.`, "lost");
  }
}

async function reload() {
  $("reload").disabled = true;
  try {
    const response = await fetch("/reload", { method: "POST" });
    const text = await response.text();
    const error = response.ok ? undefined : response.status === 422 ? JSON.parse(text).error : text;
    say(
      error === undefined ? "All modules were loaded anew." : `The old modules go on: ${error}`,
      "reload",
      response.ok,
    );
    setTimeout(() => unsay("reload"), response.ok ? 5_000 : 30_000);
  } catch (error) {
    say(`Could not ask for a reload: ${error.message}`, "reload");
  } finally {
    $("reload").disabled = false;
  }
}

$("reload").addEventListener("click", reload);

// Nobody looks at a page in the background.
for (;;) {
  if (!document.hidden) await look();
  await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
}
