import type { SuiteValue } from "./suite.ts";

/** The bits of a numeric suite value. */
export function bitsOf(value: SuiteValue): bigint {
  if (value.type !== "v128") return BigInt(String(value.value));
  const lanes = value.value;
  if (!Array.isArray(lanes)) throw new Error(`A v128 has no lanes: ${JSON.stringify(value)}`);
  const width = BigInt(laneBits(value));
  return lanes.reduceRight((bits: bigint, lane: string) => {
    return (bits << width) | BigInt.asUintN(Number(width), /^nan/.test(lane) ? 0n : BigInt(lane));
  }, 0n);
}

function laneBits(value: SuiteValue): number {
  return Number(value.lane_type?.slice(1));
}

const view = new DataView(new ArrayBuffer(8));

/** A value as JS passes it to Wasm. References that are not null are host objects, one for each number. */
export function toJs(value: SuiteValue): unknown {
  switch (value.type) {
    case "i32":
      return Number(BigInt.asIntN(32, bitsOf(value)));
    case "i64":
      return BigInt.asIntN(64, bitsOf(value));
    case "f32":
      view.setUint32(0, Number(bitsOf(value)));
      return view.getFloat32(0);
    case "f64":
      view.setBigUint64(0, BigInt.asUintN(64, bitsOf(value)));
      return view.getFloat64(0);
    default:
      return value.value === "null" ? null : hostObject(String(value.value));
  }
}

const hostObjects = new Map<string, object>();

function hostObject(number: string): object {
  const found = hostObjects.get(number) ?? { host: number };
  hostObjects.set(number, found);
  return found;
}

/** A result that came through JS, as text that can be compared: `i32:0xff`, `function`, `host 1`, `null`. */
export function describeJs(value: unknown, type: string): string {
  switch (type) {
    case "i32":
      return describeBits(BigInt.asUintN(32, BigInt(Number(value))), type);
    case "i64":
      return typeof value === "bigint" ? describeBits(BigInt.asUintN(64, value), type) : "no bigint";
    case "f32":
      view.setFloat32(0, Number(value));
      return describeBits(BigInt(view.getUint32(0)), type);
    case "f64":
      view.setFloat64(0, Number(value));
      return describeBits(view.getBigUint64(0), type);
  }
  if (value === null) return "null";
  if (typeof value === "object" && "host" in value) return `host ${value.host}`;
  return typeof value;
}

/** Bits of a numeric result as text that can be compared. */
export function describeBits(bits: bigint, type: string): string {
  return `${type}:0x${bits.toString(16)}`;
}

/** Whether a result, as described above, is what the suite expects. */
export function matches(actual: string, expected: SuiteValue): boolean {
  if (expected.type === "either") return (expected.values ?? []).some((one) => matches(actual, one));
  if (expected.type === "v128") return matchesLanes(actual, expected);
  if (/^[if](32|64)$/.test(expected.type)) {
    const bits = bitsIn(actual, expected.type);
    return bits !== undefined && matchesNumber(bits, String(expected.value), expected.type);
  }
  if (expected.value === "null" || /^(refnull|null\w*ref)$/.test(expected.type)) {
    return actual === "null" || actual.endsWith("exnref:0x1");
  }
  switch (expected.type) {
    case "funcref":
      return actual === "function";
    case "i31ref":
      return actual === "number";
    case "externref":
    case "anyref":
      return expected.value === undefined ? actual !== "null" : actual === `host ${expected.value}`;
    case "eqref":
      return actual === "object" || actual === "number";
    default:
      return actual === "object";
  }
}

function bitsIn(actual: string, type: string): bigint | undefined {
  return actual.startsWith(`${type}:`) ? BigInt(actual.slice(type.length + 1)) : undefined;
}

function matchesLanes(actual: string, expected: SuiteValue): boolean {
  const bits = bitsIn(actual, "v128");
  if (bits === undefined || !Array.isArray(expected.value)) return false;
  const width = laneBits(expected);
  return expected.value.every((lane: string, index: number) => {
    return matchesNumber(BigInt.asUintN(width, bits >> BigInt(index * width)), lane, expected.lane_type ?? "");
  });
}

function matchesNumber(bits: bigint, expected: string, type: string): boolean {
  const width = Number(type.slice(1));
  if (!expected.startsWith("nan:")) return bits === BigInt.asUintN(width, BigInt(expected));
  const fraction = width === 32 ? 22n : 51n;
  const quiet = (width === 32 ? 0x1ffn : 0xfffn) << fraction;
  const magnitude = BigInt.asUintN(width - 1, bits);
  return expected === "nan:canonical" ? magnitude === quiet : (magnitude & quiet) === quiet;
}
