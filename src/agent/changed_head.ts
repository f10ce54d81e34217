/**
 * A head as it will be once the operations of earlier modules have been carried out.
 *
 * @module
 */

import type { HeadPhase } from "../phase.ts";
import { type ByteWriter, type Head, type HeaderOp, type HeadersForm, headersOf } from "../protocol/mod.ts";

const encoder = new TextEncoder();

/** A head like another one but for its headers. It is good for as long as the other one is, see {@linkcode Head}. */
export class ChangedHead implements Head {
  readonly kind: HeadPhase;
  readonly correlationId: string;
  readonly status: number;
  readonly #head: Head;
  readonly #ops: readonly HeaderOp[];
  /** Made when first asked for: a module whose rule does not match looks at none of them. */
  #changed: ReadonlyMap<string, readonly string[]> | undefined;

  /** @param ops Operations on this head, in their order. */
  constructor(head: Head, ops: readonly HeaderOp[]) {
    this.kind = head.kind;
    this.correlationId = head.correlationId;
    this.status = head.status;
    this.#head = head;
    this.#ops = ops;
  }

  method(): string {
    return this.#head.method();
  }

  uri(): string {
    return this.#head.uri();
  }

  header(name: string): string | undefined {
    return this.#headers().get(name)?.join(", ");
  }

  pathHash(): number {
    return this.#head.pathHash();
  }

  putMethod(out: ByteWriter): void {
    this.#head.putMethod(out);
  }

  putUri(out: ByteWriter): void {
    this.#head.putUri(out);
  }

  putClientIp(out: ByteWriter): void {
    this.#head.putClientIp(out);
  }

  putCorrelationId(out: ByteWriter): void {
    this.#head.putCorrelationId(out);
  }

  putHeaders(out: ByteWriter, form: HeadersForm): void {
    let json = "";
    for (const [name, values] of this.#headers()) {
      const value = form === "lists" ? values : values.join(", ");
      json += `${json === "" ? "" : ","}${JSON.stringify(name)}:${JSON.stringify(value)}`;
    }
    out.put(encoder.encode(json));
  }

  putMetadata(out: ByteWriter): void {
    this.#head.putMetadata(out);
  }

  retain(): Head {
    return new ChangedHead(this.#head.retain(), this.#ops);
  }

  #headers(): ReadonlyMap<string, readonly string[]> {
    return (this.#changed ??= changed(headersOf(this.#head), this.#ops));
  }
}

/** As proxies carry them out: names are compared without regard to case, a header that is set moves to no other place. */
function changed(
  headers: Map<string, readonly string[]>,
  ops: readonly HeaderOp[],
): ReadonlyMap<string, readonly string[]> {
  for (const op of ops) {
    const name = op.name.toLowerCase();
    if (op.op === "remove") headers.delete(name);
    else headers.set(name, op.op === "set" ? [op.value] : [...headers.get(name) ?? [], op.value]);
  }
  return headers;
}
