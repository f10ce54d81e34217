import { assertEquals } from "@std/assert";
import { PHASES } from "../../../src/phase.ts";
import { phaseOfEventType, phaseOfMessageType, WIRE_NAMES } from "../../../src/protocol/phase.ts";

/** As the crates of the protocol have them. */
const ROWS = [
  { phase: "configure", eventType: "configure", messageType: 0x17, announced: 0 },
  { phase: "request_headers", eventType: "request_headers", messageType: 0x10, announced: 1 },
  { phase: "request_body", eventType: "request_body_chunk", messageType: 0x11, announced: 2 },
  { phase: "response_headers", eventType: "response_headers", messageType: 0x12, announced: 3 },
  { phase: "response_body", eventType: "response_body_chunk", messageType: 0x13, announced: 4 },
  { phase: "request_complete", eventType: "request_complete", messageType: 0x14, announced: 5 },
  { phase: "websocket_frame", eventType: "web_socket_frame", messageType: 0x15, announced: 6 },
  { phase: "guardrail_inspect", eventType: "guardrail_inspect", messageType: 0x16, announced: 7 },
] as const;

for (const { phase, ...names } of ROWS) {
  Deno.test(`${phase} is called on the wires as the proxies call it, in both directions`, () => {
    assertEquals(WIRE_NAMES[phase], names);
    assertEquals(phaseOfEventType(names.eventType), phase);
    assertEquals(phaseOfMessageType(names.messageType), phase);
  });
}

Deno.test("every phase has its names on the wires", () => {
  assertEquals(ROWS.map(({ phase }) => phase), [...PHASES]);
});

Deno.test("phaseOfEventType() takes websocket_frame too, and no name that an object has by birth", () => {
  assertEquals(phaseOfEventType("websocket_frame"), "websocket_frame");
  for (const name of ["toString", "__proto__", "constructor", "request_body", ""]) {
    assertEquals(phaseOfEventType(name), undefined, name);
  }
});

Deno.test("phaseOfMessageType() is undefined for each byte that is no event's", () => {
  const events = new Set<number>(ROWS.map(({ messageType }) => messageType));
  for (let byte = 0; byte < 256; byte++) {
    if (!events.has(byte)) assertEquals(phaseOfMessageType(byte), undefined, byte.toString(16));
  }
});
