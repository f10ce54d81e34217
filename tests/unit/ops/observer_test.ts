import { assertEquals } from "@std/assert";
import { type Observer, tee } from "../../../src/ops/mod.ts";
import { recordingObserver } from "./recording_observer.ts";

/** The names of the members that an observer has. */
function membersOf(observer: Observer): readonly string[] {
  return Object.entries(observer).filter(([, member]) => member !== undefined).map(([name]) => name).toSorted();
}

Deno.test("tee() of observers that look at nothing looks at nothing", () => {
  assertEquals(membersOf(tee([])), []);
  assertEquals(membersOf(tee([{}, { decided: undefined }])), []);
});

Deno.test("tee() looks at what one of its observers looks at, and at nothing else", () => {
  assertEquals(membersOf(tee([{}, { connections() {} }, { connections() {}, replaced() {} }])), [
    "connections",
    "replaced",
  ]);
});

for (const several of [1, 2, 3]) {
  Deno.test(`tee() hands each member and all its values to ${several} observers`, () => {
    const recording = Array.from({ length: several }, recordingObserver);
    const all = Object.keys(recordingObserver().observer);
    const one = tee(recording.map(({ observer }) => observer));
    assertEquals(membersOf(one), all.toSorted());
    one.moved?.("m.wasm", true);
    one.connections?.(7);
    one.printed?.({ module: "m.wasm", stream: "stdout", line: "hello", level: "info", correlationId: "id" });
    for (const { told } of recording) {
      assertEquals(told, [
        ["moved", "m.wasm", true],
        ["connections", 7],
        ["printed", { module: "m.wasm", stream: "stdout", line: "hello", level: "info", correlationId: "id" }],
      ]);
    }
  });

  Deno.test(`tee() gives each member of ${several} observers a place of its own`, () => {
    const recording = Array.from({ length: several }, recordingObserver);
    const one = tee(recording.map(({ observer }) => observer));
    for (const member of Object.values(one)) Reflect.apply(member, undefined, []);
    for (const { observer, told } of recording) {
      assertEquals(told.map(([name]) => name).toSorted(), Object.keys(observer).toSorted());
    }
  });
}

Deno.test("tee() calls members as those of their observer", () => {
  class Counter implements Observer {
    count = 0;
    connections(open: number): void {
      this.count += open;
    }
  }
  const counter = new Counter();
  tee([counter]).connections?.(3);
  tee([counter, counter]).connections?.(1);
  assertEquals(counter.count, 5);
});
