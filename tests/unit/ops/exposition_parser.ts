/**
 * A strict reader of Prometheus' text format: it refuses what Prometheus would take, but what no good exporter writes.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 * @module
 */

/** One line with a value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One metric and all its lines. */
export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.+)\})? (\S+)$/;

/** Reads all of a text. @throws {Error} for the first line that is not as it must be. */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  const families = new Map<string, { type: string; help: string; samples: Sample[] }>();
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const lines = text.slice(0, -1).split("\n");
  const seen = new Set<string>();
  for (let at = 0; at < lines.length;) {
    const help = /^# HELP (\S+) (.+)$/.exec(lines[at++] ?? "");
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(lines[at++] ?? "");
    const name = help?.[1];
    if (name === undefined || type?.[1] !== name) throw new Error(`no HELP and TYPE at line ${at - 1}`);
    if (families.has(name)) throw new Error(`${name} is there twice`);
    const family = { type: type[2] ?? "", help: help?.[2] ?? "", samples: new Array<Sample>() };
    for (; at < lines.length && !lines[at]?.startsWith("#"); at++) {
      const line = lines[at] ?? "";
      const sample = readSample(line);
      const series = line.slice(0, line.lastIndexOf(" "));
      if (seen.has(series)) throw new Error(`${series} is there twice`);
      seen.add(series);
      const suffix = sample.name.slice(name.length);
      const fits = family.type === "histogram" ? ["_bucket", "_sum", "_count"].includes(suffix) : suffix === "";
      if (!sample.name.startsWith(name) || !fits) throw new Error(`${sample.name} is no part of ${name}`);
      if (family.type !== "gauge" && !(sample.value >= 0)) throw new Error(`${series} is ${sample.value}`);
      family.samples.push(sample);
    }
    if (family.samples.length === 0) throw new Error(`${name} has no value`);
    if (family.type === "histogram") checkHistogram(name, family.samples);
    families.set(name, family);
  }
  return families;
}

function readSample(line: string): Sample {
  const [, name, inside = "", number = ""] = SAMPLE.exec(line) ?? [];
  if (name === undefined || !Number.isFinite(Number(number))) throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < inside.length) {
    const at = LABEL.lastIndex;
    const [, label, value] = LABEL.exec(inside) ?? [];
    if (label === undefined || value === undefined) throw new Error(`no label at ${at}: ${line}`);
    if (Object.hasOwn(labels, label)) throw new Error(`label ${label} is there twice: ${line}`);
    labels[label] = value.replaceAll(/\\(.)/g, (_, one) => one === "n" ? "\n" : one);
  }
  return { name, labels, value: Number(number) };
}

/** Each series has growing bounds, counts that never fall, and `+Inf` with as many as `_count`. */
function checkHistogram(name: string, samples: readonly Sample[]): void {
  const series = new Map<string, { bounds: number[]; counts: number[]; count?: number; sum?: number }>();
  for (const { name: full, labels, value } of samples) {
    const { le, ...rest } = labels;
    const key = JSON.stringify(rest);
    const one = series.get(key) ?? { bounds: [], counts: [] };
    series.set(key, one);
    if (full === `${name}_sum`) one.sum = value;
    else if (full === `${name}_count`) one.count = value;
    else {
      one.bounds.push(le === "+Inf" ? Infinity : Number(le));
      one.counts.push(value);
    }
  }
  for (const [key, { bounds, counts, count, sum }] of series) {
    const grows = bounds.every((bound, index) => index === 0 || bound > (bounds[index - 1] ?? NaN));
    const falls = counts.some((value, index) => value < (counts[index - 1] ?? 0));
    if (!grows || falls || bounds.at(-1) !== Infinity || counts.at(-1) !== count || sum === undefined) {
      throw new Error(`${name}${key} is no histogram`);
    }
  }
}
