/**
 * The rewritten code section: the module's own bodies with what is inserted, then the functions that are appended.
 *
 * @module
 */

import { type CostLimits, CostSum, functionName } from "./body_limits.ts";
import { BodyScanner } from "./body_scanner.ts";
import type { BulkHelpers } from "./bulk_helpers.ts";
import { CodeMapWriter } from "./code_map.ts";
import type { Declarations } from "./declarations.ts";
import { ModuleFault } from "./fault.ts";
import { readCodeSection } from "./sections/code.ts";
import { SectionId, sectionReader } from "./sections/list.ts";
import type { Writer } from "./writer.ts";

/** V8's own limit on a function body (kV8MaxWasmFunctionSize in its wasm-limits.h). */
const MAX_V8_BODY_BYTES = 7_654_321;

/** Body of the trap function: its size, no locals, `unreachable`, `end`. */
const TRAP_BODY = Uint8Array.of(3, 0, 0x00, 0x0b);

/** Bytes of the section's id, its size and the number of bodies, the latter two padded: the first body's size follows. */
export const CODE_HEADER_BYTES = 11;

/** What {@linkcode writeCodeSection} writes besides the module's own code. */
export interface CodeRewrite {
  /** Put at every place where a probe is due. */
  readonly probe: Uint8Array;
  /** Bounds of what V8's compilers may have to do. */
  readonly costs: CostLimits;
  /** What takes the place of bulk instructions. */
  readonly bulk: BulkHelpers;
}

/** What {@linkcode writeCodeSection} found on its way. */
export interface CodeFindings {
  /** How many probes and calls were put in. */
  readonly insertions: number;
  /** Where each function comes from. */
  readonly map: CodeMapWriter;
  /** Offset of the first instruction that allocates on the garbage-collected heap, or -1. */
  readonly allocatesAt: number;
}

/**
 * Writes the code section with a probe at every place where it is due and calls in place of bulk instructions, then one
 * function whose body is `unreachable`, then the functions of `bulk`.
 *
 * @throws {ModuleError} `MODULE_FUNCTION_TOO_LARGE`, `MODULE_TOO_LARGE`, and what {@linkcode BodyScanner.scan} throws.
 */
export function writeCodeSection(
  writer: Writer,
  declarations: Declarations,
  { probe, costs, bulk }: CodeRewrite,
): CodeFindings {
  const { bytes, importedFunctions, functions } = declarations;
  const scanner = new BodyScanner(declarations, bulk);
  const sum = new CostSum(declarations, costs);
  const map = new CodeMapWriter(declarations, probe.length);
  const mark = writer.beginSection(SectionId.code);
  const countMark = writer.reserve();
  let allocatesAt = -1;
  let bodies = 0;
  let insertions = 0;
  const section = declarations.section(SectionId.code);
  if (section !== undefined) {
    bodies = readCodeSection(sectionReader(bytes, section), (start, end, number) => {
      const index = importedFunctions + number;
      const byteLength = end - start;
      scanner.scan(bytes, start, end, functions[index]?.params.length ?? 0);
      sum.add(index, { ...scanner.cost, byteLength });
      const size = byteLength + scanner.insertions.addedBytes(probe);
      if (size > MAX_V8_BODY_BYTES) throw tooLargeWithProbes(declarations, index, size);
      writer.u32(size);
      scanner.insertions.write(writer, bytes, start, end, probe);
      map.add(start, end, size, scanner.insertions);
      insertions += scanner.insertions.count;
      if (allocatesAt < 0) allocatesAt = scanner.allocatesAt;
    });
  }
  writer.copy(TRAP_BODY);
  for (const { body } of bulk.helpers) {
    writer.u32(body.length);
    writer.copy(body);
  }
  writer.fill(countMark, bodies + 1 + bulk.helpers.length);
  writer.endSection(mark);
  return { allocatesAt, insertions, map };
}

function tooLargeWithProbes(declarations: Declarations, index: number, size: number): ModuleFault {
  const name = functionName(declarations, index);
  return new ModuleFault(
    "MODULE_FUNCTION_TOO_LARGE",
    `the body of ${name} with deadline checks must be at most ${MAX_V8_BODY_BYTES} bytes, a limit of V8`,
    size,
  );
}
