import { quoted } from "../escape.ts";
import { readFunctionName } from "./custom_sections.ts";
import { ModuleFault } from "./fault.ts";
import type { Layout } from "./layout.ts";

/** Bounds of a single function: what keeps V8's compiler, which cannot be stopped, from taking seconds for it. */
export interface FunctionLimits {
  /** Bytes of the body as it stands in the module. */
  readonly maxBodyBytes: number;
  /** Parameters and declared locals. */
  readonly maxLocals: number;
  /** Locals and operands on the stack, summed over all blocks and branches: 20 ns of V8's compiler each, at most. */
  readonly maxWork: number;
}

/** Refuses a function that is over a limit, naming it and the limit. */
export function checkFunction(
  layout: Layout,
  limits: FunctionLimits,
  index: number,
  body: { readonly byteLength: number; readonly locals: number; readonly work: number },
): void {
  const { byteLength, locals, work } = body;
  if (byteLength > limits.maxBodyBytes) {
    throw tooLarge(layout, index, "body", `${limits.maxBodyBytes} bytes`, byteLength);
  }
  if (locals > limits.maxLocals) throw tooLarge(layout, index, "number of locals", String(limits.maxLocals), locals);
  if (work > limits.maxWork) {
    throw tooLarge(layout, index, "sum of locals and operands over its branches", String(limits.maxWork), work);
  }
}

function tooLarge(layout: Layout, index: number, what: string, limit: string, received: string | number): ModuleFault {
  return new ModuleFault(
    "MODULE_FUNCTION_TOO_LARGE",
    `the ${what} of ${functionName(layout, index)} must be at most ${limit} (compiling it could take seconds and ` +
      "cannot be stopped)",
    received,
  );
}

/** `function 7 "parse"`, the name only if the module has one for it. */
export function functionName(layout: Layout, index: number): string {
  const names = layout.sections.find((section) => section.name === "name");
  const name = names && readFunctionName(layout.bytes, names, index);
  return name === undefined ? `function ${index}` : `function ${index} ${quoted(name)}`;
}
