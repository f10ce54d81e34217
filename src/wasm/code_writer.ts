import { type CostLimits, CostSum, functionName } from "./body_limits.ts";
import { BodyScanner } from "./body_scanner.ts";
import type { BulkHelpers } from "./bulk_helpers.ts";
import { ModuleFault } from "./fault.ts";
import type { Declarations } from "./declarations.ts";
import { type Section, SectionId, sectionReader } from "./sections/list.ts";
import type { Writer } from "./writer.ts";

const CALL = 0x10;

/** V8's own limit on a function body (kV8MaxWasmFunctionSize in its wasm-limits.h). */
const MAX_V8_BODY_BYTES = 7_654_321;

/** What {@linkcode writeCodeSection} found on its way. */
export interface CodeFindings {
  /** Offset of the first instruction that allocates on the garbage-collected heap, or -1. */
  readonly allocatesAt: number;
}

/**
 * Writes the code section with `probe` at every place where it is due and calls in place of bulk instructions, then one
 * function whose body is `unreachable`, then the functions of `bulk`.
 *
 * @throws {ModuleError} `MODULE_FUNCTION_TOO_LARGE`, `MODULE_TOO_LARGE`, and what {@linkcode BodyScanner.scan} throws.
 */
export function writeCodeSection(
  writer: Writer,
  declarations: Declarations,
  section: Section | undefined,
  probe: Uint8Array,
  limits: CostLimits,
  bulk: BulkHelpers,
): CodeFindings {
  const scanner = new BodyScanner(declarations, bulk);
  const sum = new CostSum(declarations, limits);
  const mark = writer.beginSection(SectionId.code);
  const countMark = writer.reserve();
  let allocatesAt = -1;
  let bodies = 0;
  if (section !== undefined) {
    const { bytes } = declarations;
    const reader = sectionReader(bytes, section);
    bodies = reader.count(3);
    for (let i = 0; i < bodies; i++) {
      const byteLength = reader.count(1);
      const start = reader.pos;
      const end = start + byteLength;
      const index = declarations.importedFunctions + i;
      const params = declarations.functions[index]?.params.length ?? 0;
      scanner.scan(bytes, start, end, params);
      sum.add(index, { ...scanner.cost, byteLength });
      const size = byteLength + addedBytes(scanner, probe);
      if (size > MAX_V8_BODY_BYTES) throw tooLargeWithProbes(declarations, index, size);
      writer.u32(size);
      writeBody(writer, bytes, start, end, scanner, probe);
      if (allocatesAt < 0) allocatesAt = scanner.allocatesAt;
      reader.pos = end;
    }
    reader.finish();
  }
  for (const byte of [3, 0, 0x00, 0x0b]) writer.byte(byte);
  for (const { body } of bulk.helpers) {
    writer.u32(body.length);
    writer.copy(body);
  }
  writer.fill(countMark, bodies + 1 + bulk.helpers.length);
  writer.endSection(mark);
  return { allocatesAt };
}

/** How much longer than the module's own body the rewritten one is. */
function addedBytes(scanner: BodyScanner, probe: Uint8Array): number {
  let added = 0;
  for (let i = 0; i < scanner.probeCount; i++) {
    const callee = scanner.calls[i] ?? -1;
    added += callee < 0 ? probe.length : callBytes(callee) - ((scanner.resumes[i] ?? 0) - (scanner.probes[i] ?? 0));
  }
  return added;
}

/** Size of a call: the opcode and an unsigned LEB128. */
function callBytes(callee: number): number {
  let size = 2;
  for (let rest = callee >>> 7; rest > 0; rest >>>= 7) size++;
  return size;
}

function writeBody(
  writer: Writer,
  bytes: Uint8Array,
  start: number,
  end: number,
  scanner: BodyScanner,
  probe: Uint8Array,
): void {
  let copied = start;
  for (let i = 0; i < scanner.probeCount; i++) {
    const offset = scanner.probes[i] ?? end;
    const callee = scanner.calls[i] ?? -1;
    writer.copy(bytes, copied, offset);
    if (callee < 0) {
      writer.copy(probe);
    } else {
      writer.byte(CALL);
      writer.u32(callee);
    }
    copied = scanner.resumes[i] ?? end;
  }
  writer.copy(bytes, copied, end);
}

function tooLargeWithProbes(declarations: Declarations, index: number, size: number): ModuleFault {
  return new ModuleFault(
    "MODULE_FUNCTION_TOO_LARGE",
    `the body of ${
      functionName(declarations, index)
    } with deadline checks must be at most ${MAX_V8_BODY_BYTES} bytes, a ` +
      "limit of V8",
    size,
  );
}
