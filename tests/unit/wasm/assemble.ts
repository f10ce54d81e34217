/** An unsigned LEB128. */
export function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}

/** A name: its length, then its UTF-8. */
export function name(text: string): number[] {
  const bytes = new TextEncoder().encode(text);
  return [...leb(bytes.length), ...bytes];
}

/** A section: id, size, contents. */
export function section(id: number, ...contents: number[]): number[] {
  return sectionOf(id, contents);
}

/** As {@linkcode section}, for contents too many to be arguments. */
export function sectionOf(id: number, contents: readonly number[]): number[] {
  return [id, ...leb(contents.length)].concat(contents);
}

/** A custom section. */
export function custom(title: string, ...contents: number[]): number[] {
  return section(0, ...name(title), ...contents);
}

/** A module: the header and these sections. */
export function assemble(...sections: readonly number[][]): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0].concat(...sections));
}

/** What {@linkcode withCode} puts around a body. */
export interface Around {
  /** Sections between the type and the function section. */
  readonly imports?: readonly number[][];
  /** One more export. */
  readonly exports?: readonly number[];
  /** Sections between the function and the export section: tables, memories, tags. */
  readonly before?: readonly number[][];
  /** Sections between the export and the code section. */
  readonly between?: readonly number[][];
  /** Types after type 0, which is `() -> ()`. */
  readonly types?: readonly number[][];
  /** Runs of locals: `[number, type]`. */
  readonly locals?: readonly (readonly [count: number, type: number])[];
}

/** A module whose one function, exported as `run`, is `() -> ()` with this code; its last `end` is added. */
export function withCode(code: readonly number[], around: Around = {}): Uint8Array<ArrayBuffer> {
  const { imports = [], exports = [], before = [], between = [], types = [], locals = [] } = around;
  const runs = locals.flatMap(([count, type]) => [...leb(count), type]);
  const body = [...leb(locals.length), ...runs].concat([...code], 0x0b);
  return assemble(
    section(1, 1 + types.length, 0x60, 0, 0, ...types.flat()),
    ...imports,
    section(3, 1, 0),
    ...before,
    section(7, exports.length === 0 ? 1 : 2, ...name("run"), 0, 0, ...exports),
    ...between,
    sectionOf(10, [1, ...leb(body.length)].concat(body)),
  );
}
