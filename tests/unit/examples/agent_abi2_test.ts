/** The examples that speak version 2, asked by the agent's own ABI and read by its own codec. */

import { assertEquals } from "@std/assert";
import { parseResultV2 } from "../../../src/agent/codec/result_v2.ts";
import { ABIS, Guest, prepareModule } from "../../../src/guest/mod.ts";
import { LIMITS, PatientGuard } from "../guest/guests.ts";
import { readCases } from "./cases.ts";
import { exampleUrl, type Headers } from "./guest_host.ts";

const EXAMPLES = ["rust", "go", "c", "c-wasi", "assemblyscript", "zig"] as const;
const encoder = new TextEncoder();

/** Headers as lists, the last key, as the agent writes them. */
function inputOf({ headers, ...fields }: Readonly<Record<string, unknown>>): Uint8Array {
  const lists = Object.entries((headers ?? {}) as Headers).map(([name, value]) => [name, [value].flat()]);
  return encoder.encode(JSON.stringify({
    method: "GET",
    uri: "/",
    client_ip: "192.0.2.1",
    correlation_id: "id",
    ...fields,
    headers: Object.fromEntries(lists),
  }));
}

Deno.test.each(EXAMPLES.map((example) => ({ example })))(
  "agent takes the configuration and every answer of examples/$example",
  async ({ example }) => {
    const { config, cases } = readCases(example);
    const module = await prepareModule(
      Deno.readFileSync(exampleUrl(`${example}/policy.wasm`)),
      example,
      { ...LIMITS, maxMemoryMiB: 128, maxTableEntries: 200_000 },
      ABIS,
      config === undefined ? undefined : JSON.stringify(config),
    );
    assertEquals(module.abi, "agent/2");
    const guest = new Guest(module, { guard: new PatientGuard(), output: () => {} });
    for (const { name, handler, event, expect } of cases) {
      const phase = handler === "on_request_headers" ? "request_headers" : "response_headers";
      const call = { phase, input: inputOf(event), correlationId: "id", deadline: Infinity } as const;
      const { decision, unknownKeys } = guest.call(call, parseResultV2);
      assertEquals([decision.verdict.kind, unknownKeys], [expect.decision, undefined], name);
    }
  },
);
