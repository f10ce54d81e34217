/**
 * What `check` knows of a module, for people and for programs.
 *
 * @module
 */

import { type AgentError, ERRORS } from "../errors.ts";
import { escapeText, listed, quoted } from "../escape.ts";
import type { Checkup, Declared, Started } from "../lanes/mod.ts";
import { formatType, type Limits } from "../wasm/mod.ts";
import { showBytes, showCount, showMs } from "./units.ts";
import { paint, table } from "./terminal.ts";

/** A label and what stands behind it. */
type Row = readonly string[];

/** Longest list that is shown in full. */
const MAX_ROWS = 24;
/** Longest list in JSON, and longest type: modules have up to 300,000 exports, and functions up to 1,000 parameters. */
const MAX_ENTRIES = 5_000, MAX_TYPE = 400;
const PAGE_BYTES = 65_536;

/** Lines for people: the answer first, then why, then all that is known. */
export function textCheckup(checkup: Checkup): readonly string[] {
  const { declared, started, faults, warnings, printed } = checkup;
  return [
    `${verdict(checkup)}  ${escapeText(checkup.path)}`,
    ...faults.flatMap(faultLines),
    ...warnings.map((text) => `      ${paint("warning", "warning")}  ${escapeText(text)}`),
    "",
    ...table([
      ...fileRows(checkup),
      ...declared === undefined ? [] : [...declaredRows(declared), ...limitRows(declared, started)],
      ...started === undefined ? [] : startedRows(started, checkup.fileBytes ?? 0),
      ...labelled(
        "printed",
        printed.slice(0, MAX_ROWS).map(({ stream, line }) => `${paint("faint", stream)}  ${escapeText(line)}`),
      ),
    ]),
    ...declared === undefined ? [] : [...importLines(declared), ...exportLines(declared)],
  ];
}

/** A line, and another for each reason why the module would not run and each warning. */
export function shortCheckup(checkup: Checkup): readonly string[] {
  const { path, fileBytes, declared, started, faults, warnings } = checkup;
  const facts = [
    ...fileBytes === undefined ? [] : [showBytes(fileBytes)],
    ...started === undefined ? [] : [
      declared?.fit.abi ?? "",
      `compiled in ${showMs(started.module.build.compileMs)}`,
      ...started.startMs === undefined ? [] : [`started in ${showMs(started.startMs)}`],
    ],
  ];
  return [
    `${verdict(checkup)}  ${escapeText(path)}${facts.length === 0 ? "" : `  ${paint("faint", facts.join(", "))}`}`,
    ...faults.map(({ code, message }) => `      ${paint("bad", code)}  ${escapeText(message)}`),
    ...warnings.map((text) => `      ${paint("warning", "warning")}  ${escapeText(text)}`),
  ];
}

/** The last line about several modules. */
export function total(all: number, unfit: number): string {
  const fit = paint("good", `${showCount(all - unfit)} would run`);
  return unfit === 0
    ? `${showCount(all)} modules: ${fit}`
    : `${showCount(all)} modules: ${fit}, ${paint("bad", `${showCount(unfit)} would not`)}`;
}

/** A line of JSON. */
export function jsonCheckup({ path, fileBytes, sha256, declared, started, ...checkup }: Checkup): string {
  return JSON.stringify({
    file: escapeText(path),
    runs: checkup.faults.length === 0,
    faults: checkup.faults.map(({ code, message, trace }) => ({
      code,
      message: escapeText(message, 4_096),
      trace: trace.length === 0 ? undefined : trace,
    })),
    warnings: checkup.warnings,
    bytes: fileBytes,
    sha256,
    ...declared === undefined ? {} : jsonDeclared(declared),
    ...started === undefined ? {} : jsonStarted(started),
    printed: checkup.printed.map(({ stream, level, line }) => ({ stream, level, line })),
  });
}

function jsonDeclared({ info, fit, features }: Declared): Readonly<Record<string, unknown>> {
  const name = (text: string) => escapeText(text);
  return {
    name: info.name === undefined ? undefined : name(info.name),
    abi: fit.abi,
    phases: fit.phases,
    takes_configuration: fit.takesConfiguration,
    producers: info.producers.map(name),
    features,
    functions: info.functionCount,
    imports: info.imports.slice(0, MAX_ENTRIES).map(({ type }, index) => {
      const { module, name: imported, offered, fits } = fit.imports[index] ?? { module: "", name: "", fits: false };
      return {
        module: name(module),
        name: name(imported),
        type: escapeText(formatType(type), MAX_TYPE),
        provided: fits,
        here: fits ? undefined : offered,
      };
    }),
    exports: fit.exports.slice(0, MAX_ENTRIES).map(({ name: exported, type, used }) => ({
      name: name(exported),
      type: escapeText(formatType(type), MAX_TYPE),
      used,
    })),
    export_count: fit.exports.length,
    memories: info.memories.map(({ min, max, index64 }) => ({ pages: min, declared_max_pages: max, index64 })),
    tables: info.tables.map(({ min, max, elementType }) => ({
      entries: min,
      declared_max_entries: max,
      type: elementType,
    })),
    custom_sections: info.customSections.slice(0, MAX_ENTRIES).map(({ name: section, byteLength }) => ({
      name: name(section),
      bytes: byteLength,
    })),
  };
}

function jsonStarted({ module, startMs, memoryBytes }: Started): Readonly<Record<string, unknown>> {
  const { build } = module;
  return {
    max_pages: build.memories.map(({ max }) => max),
    max_table_entries: build.tables.map(({ max }) => max),
    rewritten_bytes: build.rewrittenBytes,
    insertions: build.insertions,
    rewrite_ms: rounded(build.rewriteMs),
    compile_ms: rounded(build.compileMs),
    start_ms: startMs === undefined ? undefined : rounded(startMs),
    memory_bytes: memoryBytes,
  };
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** As wide as the other. */
function verdict({ faults }: Checkup): string {
  return faults.length === 0 ? paint("good", "runs") : paint("bad", "no  ");
}

function faultLines({ code, message, trace }: AgentError): readonly string[] {
  const lines = message.split("\n").map((line) => escapeText(line, 4_096));
  return [
    `      ${paint("bad", code)}  ${lines[0]}`,
    ...[...lines.slice(1), ...trace.map((frame) => `at ${frame}`)].map((line) => `        ${line}`),
    `      ${paint("faint", ERRORS[code].remedy)}`,
  ];
}

function fileRows({ fileBytes, sha256, declared }: Checkup): readonly Row[] {
  const custom = (declared?.info.customSections ?? []).reduce((sum, { byteLength }) => sum + byteLength, 0);
  const dropped = custom === 0 ? "" : `, ${showBytes(custom)} of it in custom sections, which are dropped`;
  return [
    ...labelled(
      "file",
      fileBytes === undefined ? [] : [
        `${showCount(fileBytes)} bytes${fileBytes < 1_024 ? "" : ` (${showBytes(fileBytes)})`}${dropped}`,
      ],
    ),
    ...labelled("sha256", sha256 === undefined ? [] : [sha256]),
  ];
}

function declaredRows({ info, fit, features }: Declared): readonly Row[] {
  const of = (field: string) =>
    info.producers.filter((text) => text.startsWith(`${field} `)).map((text) =>
      escapeText(text.slice(field.length + 1), 80)
    );
  const toolchain = [...of("processed-by"), ...of("sdk")];
  const handles = fit.phases.length === 0 ? "" : `, handles ${fit.phases.join(" and ")}`;
  const names = info.customSections.some(({ name }) => name === "name");
  return [
    ["abi", `${fit.abi}${handles}${fit.takesConfiguration ? ", takes its configuration" : ""}`],
    ["language", listed(of("language").length > 0 ? of("language") : [guessedLanguage(info.imports)])],
    ...labelled("toolchain", toolchain.length === 0 ? [] : [listed(toolchain)]),
    ["features", features.length === 0 ? "none beyond the first version" : features.join(", ")],
    [
      "functions",
      `${showCount(info.functionCount)}, ${names ? "with names" : "without names: failures tell their numbers"}`,
    ],
  ];
}

/** AssemblyScript leaves no producers section. */
function guessedLanguage(imports: readonly { readonly module: string; readonly name: string }[]): string {
  return imports.some(({ module, name }) => module === "env" && name === "abort")
    ? "not told; its imports are AssemblyScript's"
    : "not told";
}

/** Memories and tables; of the latter the host bounds only the module's own, which come last. */
function limitRows({ info }: Declared, started: Started | undefined): readonly Row[] {
  const build = started?.module.build;
  const imported = info.tables.length - (build?.tables.length ?? 0);
  return [
    ...labelled(
      "memory",
      info.memories.slice(0, MAX_ROWS).map((memory, index) => limitsText(memory, build?.memories[index], pages)),
    ),
    ...labelled(
      "table",
      info.tables.slice(0, MAX_ROWS).map((table, index) => limitsText(table, build?.tables[index - imported], entries)),
    ),
  ];
}

function startedRows({ module, startMs, memoryBytes }: Started, fileBytes: number): readonly Row[] {
  const { build } = module;
  const added = build.rewrittenBytes - fileBytes;
  const percent = fileBytes === 0 ? 0 : Math.round(added / fileBytes * 1000) / 10;
  return [
    [
      "rewrite",
      `${showCount(fileBytes)} to ${showCount(build.rewrittenBytes)} bytes (${added < 0 ? "" : "+"}${percent} %), ${
        showCount(build.insertions)
      } deadline checks, ${showMs(build.rewriteMs)}`,
    ],
    ["compile", showMs(build.compileMs)],
    [
      "start",
      `${startMs === undefined ? "" : `${showMs(startMs)}, `}${showBytes(memoryBytes)} of memory, self-check passed`,
    ],
  ];
}

/** What the module declares, and the maximum that holds here, where that is known. */
function limitsText(declared: Limits, here: Limits | undefined, show: (count: number) => string): string {
  const cap = here?.max === undefined ? "" : `, at most ${show(here.max)}`;
  const wish = declared.max === undefined
    ? ", declared without a maximum"
    : declared.max === here?.max
    ? ""
    : `, declared with at most ${show(declared.max)}`;
  return `${show(declared.min)}${cap}${wish}`;
}

function pages(count: number): string {
  return `${showCount(count)} ${count === 1 ? "page" : "pages"} (${showBytes(count * PAGE_BYTES)})`;
}

function entries(count: number): string {
  return `${showCount(count)} ${count === 1 ? "entry" : "entries"}`;
}

function importLines({ fit }: Declared): readonly string[] {
  if (fit.imports.length === 0) return ["", "imports nothing"];
  // What is missing must not be cut.
  const sorted = [...fit.imports].sort((a, b) => Number(a.fits) - Number(b.fits));
  return section("imports", sorted, ({ module, name, wanted, offered, fits }) => [
    fits ? paint("good", "provided") : paint("bad", "missing "),
    quoted(`${module}.${name}`),
    `${escapeText(wanted, 120)}${fits || offered === undefined ? "" : `, here ${offered}`}`,
  ]);
}

function exportLines({ fit }: Declared): readonly string[] {
  if (fit.exports.length === 0) return ["", "exports nothing"];
  const sorted = [...fit.exports].sort((a, b) => Number(b.used) - Number(a.used));
  return section("exports", sorted, ({ name, type, used }) => [
    used ? paint("good", "used    ") : paint("faint", "not used"),
    quoted(name),
    escapeText(formatType(type), 120),
  ]);
}

function section<T>(title: string, entries: readonly T[], row: (entry: T) => Row): readonly string[] {
  const more = entries.length - MAX_ROWS;
  return [
    "",
    `${title} ${showCount(entries.length)}`,
    ...table(entries.slice(0, MAX_ROWS).map(row), { indent: "  " }),
    ...more > 0 ? [`  and ${showCount(more)} more, all of them with --json`] : [],
  ];
}

/** The label stands before the first. */
function labelled(label: string, texts: readonly string[]): readonly Row[] {
  return texts.map((text, index) => [index === 0 ? label : "", text]);
}
