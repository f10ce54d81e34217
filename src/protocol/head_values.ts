/**
 * What a head holds as values, for those who are not in a hurry: a head itself only writes JSON.
 *
 * @module
 */

import type { Head } from "./head.ts";
import { ByteWriter } from "./writer.ts";

const OPEN_BRACE = 0x7b, CLOSE_BRACE = 0x7d;

const scratch = new ByteWriter();
const decoder = new TextDecoder();

/** All headers: names in lower case to values in their order. A map, because a header may be called `__proto__`. */
export function headersOf(head: Head): Map<string, readonly string[]> {
  scratch.clear();
  scratch.putByte(OPEN_BRACE);
  head.putHeaders(scratch, "lists");
  scratch.putByte(CLOSE_BRACE);
  const headers: Readonly<Record<string, readonly string[]>> = JSON.parse(decoder.decode(scratch.written));
  return new Map(Object.entries(headers));
}

/** What the proxy tells about a request besides its head; empty where it tells nothing. */
export function metadataOf(head: Head): Readonly<Record<string, unknown>> {
  scratch.clear();
  head.putMetadata(scratch);
  // The members of an object, each with a comma in front.
  return scratch.length === 0 ? {} : JSON.parse(`{${decoder.decode(scratch.written).slice(1)}}`);
}
