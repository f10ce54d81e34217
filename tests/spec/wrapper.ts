import type { FunctionType } from "../../src/wasm/mod.ts";
import { Writer } from "../../src/wasm/writer.ts";

/** How a type is encoded, loaded and stored, and how many bytes of the exchange memory it takes. */
interface Codec {
  readonly code: number;
  readonly size: number;
  readonly load: readonly number[];
  readonly store: readonly number[];
}

const CODECS: ReadonlyMap<string, Codec> = new Map([
  ["i32", { code: 0x7f, size: 4, load: [0x28, 0], store: [0x36, 0] }],
  ["i64", { code: 0x7e, size: 8, load: [0x29, 0], store: [0x37, 0] }],
  ["f32", { code: 0x7d, size: 4, load: [0x2a, 0], store: [0x38, 0] }],
  ["f64", { code: 0x7c, size: 8, load: [0x2b, 0], store: [0x39, 0] }],
  ["v128", { code: 0x7b, size: 16, load: [0xfd, 0x00, 0], store: [0xfd, 0x0b, 0] }],
]);

/** Types that may be results only: what is stored is whether the reference is null. */
const NULL_TESTED: ReadonlyMap<string, number> = new Map([["exnref", 0x69], ["nullexnref", 0x74]]);

const SLOT = 16;

/**
 * Calls a Wasm function without its arguments and results ever being JS values: v128 cannot cross that boundary, and
 * NaN bits may change there. The values pass through a memory, {@linkcode SLOT} bytes each.
 */
export class Wrapper {
  readonly #memory: DataView;
  readonly #call: () => void;
  readonly #type: FunctionType;

  private constructor(type: FunctionType, target: WebAssembly.ExportValue) {
    this.#type = type;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(encodeWrapper(type)), { m: { f: target } });
    const { memory, run } = exports;
    if (!(memory instanceof WebAssembly.Memory) || typeof run !== "function") throw new Error("Cannot happen");
    this.#memory = new DataView(memory.buffer);
    this.#call = () => run();
  }

  /** A wrapper for a function of this type, if it can have one. */
  static create(type: FunctionType, target: WebAssembly.ExportValue): Wrapper | undefined {
    const possible = type.params.every((param) => CODECS.has(param)) &&
      type.results.every((result) => CODECS.has(result) || NULL_TESTED.has(result));
    if (!possible) return undefined;
    try {
      return new Wrapper(type, target);
    } catch (error) {
      // A function whose type is open or in a recursion group does not link with a plain import of the same signature.
      if (error instanceof WebAssembly.LinkError) return undefined;
      throw error;
    }
  }

  /** Arguments and results as the bits of each value. */
  call(args: readonly bigint[]): bigint[] {
    args.forEach((bits, index) => {
      this.#memory.setBigUint64(index * SLOT, BigInt.asUintN(64, bits), true);
      this.#memory.setBigUint64(index * SLOT + 8, bits >> 64n, true);
    });
    this.#call();
    return this.#type.results.map((type, index) => {
      const low = this.#memory.getBigUint64(index * SLOT, true);
      const size = CODECS.get(type)?.size ?? 4;
      if (size === 4) return low & 0xffff_ffffn;
      return size === 8 ? low : low | (this.#memory.getBigUint64(index * SLOT + 8, true) << 64n);
    });
  }
}

function encodeWrapper({ params, results }: FunctionType): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  const bytes = (...values: number[]) => values.forEach((value) => writer.byte(value));
  const section = (id: number, write: () => void) => {
    const mark = writer.beginSection(id);
    write();
    writer.endSection(mark);
  };
  const codeOf = (type: string) => CODECS.get(type)?.code ?? NULL_TESTED.get(type) ?? 0;
  bytes(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  section(1, () => {
    bytes(2, 0x60);
    writer.u32(params.length);
    bytes(...params.map(codeOf), results.length, ...results.map(codeOf), 0x60, 0, 0);
  });
  section(2, () => bytes(1, 1, 0x6d, 1, 0x66, 0, 0));
  section(3, () => bytes(1, 1));
  section(5, () => bytes(1, 0, 1));
  section(7, () => {
    writer.u32(2);
    writer.name("memory");
    bytes(2, 0);
    writer.name("run");
    bytes(0, 1);
  });
  section(10, () => {
    const body = new Writer();
    const put = (...values: number[]) => values.forEach((value) => body.byte(value));
    const address = (slot: number) => {
      put(0x41);
      // Signed LEB128: two bytes hold every slot.
      const at = slot * SLOT;
      put((at & 0x7f) | 0x80, ((at >> 7) & 0x7f) | 0x80, (at >> 14) & 0x3f);
    };
    body.u32(results.length);
    for (const result of results) put(1, codeOf(result));
    params.forEach((param, index) => {
      address(index);
      put(...CODECS.get(param)?.load ?? [], 0);
    });
    put(0x10, 0);
    for (let i = results.length - 1; i >= 0; i--) put(0x21, i);
    results.forEach((result, index) => {
      address(index);
      put(0x20, index);
      const codec = CODECS.get(result);
      put(...codec ? codec.store : [0xd1, 0x36, 0], 0);
    });
    put(0x0b);
    bytes(1);
    writer.u32(body.length);
    writer.copy(body.finish());
  });
  return writer.finish();
}
