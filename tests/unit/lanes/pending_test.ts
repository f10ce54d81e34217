import { assertEquals } from "@std/assert";
import { Pending } from "../../../src/lanes/pending.ts";
import { requestWith, responseOf } from "./heads.ts";

Deno.test("Pending finds an event's value by id and kind, and ends it with the very event alone", () => {
  const pending = new Pending<string>();
  const [request, response, other] = [requestWith("1"), responseOf("1"), requestWith("1")];
  pending.begin(request, "request");
  pending.begin(response, "response");
  assertEquals(pending.of("request_headers", "1"), "request");
  assertEquals(pending.of("response_headers", "1"), "response");
  assertEquals(pending.of("request_headers", "2"), undefined);
  assertEquals(pending.end(other), undefined);
  assertEquals(pending.end(request), "request");
  assertEquals([pending.end(request), pending.of("request_headers", "1")], [undefined, undefined]);
  assertEquals(pending.end(response), "response");
});

Deno.test("Pending abandons an event when another one of its id comes", () => {
  const abandoned: string[] = [];
  const pending = new Pending<string>((value) => abandoned.push(value));
  const [first, second] = [requestWith("1"), requestWith("1")];
  pending.begin(first, "first");
  pending.begin(second, "second");
  assertEquals([abandoned, pending.end(first), pending.end(second)], [["first"], undefined, "second"]);
});

Deno.test("Pending keeps so many, and abandons the oldest", () => {
  const abandoned: number[] = [];
  const pending = new Pending<number>((value) => abandoned.push(value));
  for (let count = 0; count < 16_384 + 2; count++) pending.begin(requestWith(`${count}`), count);
  assertEquals(abandoned, [0, 1]);
  pending.clear();
  assertEquals(abandoned.length, 16_384 + 2);
});
