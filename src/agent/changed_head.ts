/**
 * A head as it will be once the operations of earlier modules have been carried out.
 *
 * @module
 */

import type { HeadPhase } from "../phase.ts";
import { ByteWriter, type Head, type HeadersForm } from "../protocol/mod.ts";
import { changedValue, type HeaderChanges, putChanged } from "./header_changes.ts";

/** Nobody writes one head while another is being written. */
const scratch = new ByteWriter();

/** A head like another one but for its headers. It is good for as long as the other one is, see {@linkcode Head}. */
export class ChangedHead implements Head {
  readonly kind: HeadPhase;
  readonly correlationId: string;
  readonly status: number;
  readonly #head: Head;
  /** What becomes of its headers. */
  readonly changes: HeaderChanges;

  constructor(head: Head, changes: HeaderChanges) {
    this.kind = head.kind;
    this.correlationId = head.correlationId;
    this.status = head.status;
    this.#head = head;
    this.changes = changes;
  }

  method(): string {
    return this.#head.method();
  }

  uri(): string {
    return this.#head.uri();
  }

  header(name: string): string | undefined {
    return changedValue(this.changes, name, this.#head.header(name));
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
    scratch.clear();
    this.#head.putHeaders(scratch, form);
    putChanged(out, scratch.written, form, this.changes);
  }

  putMetadata(out: ByteWriter): void {
    this.#head.putMetadata(out);
  }

  retain(): Head {
    return new ChangedHead(this.#head.retain(), this.changes);
  }
}
