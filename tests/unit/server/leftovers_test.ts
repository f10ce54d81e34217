import { assert } from "@std/assert";
import { fromFileUrl } from "@std/path";

/** More than what is left by chance, and far less than one connection takes, in bytes. */
const NEXT_TO_NOTHING = 200;

Deno.test("Server keeps nothing of a connection that has ended until the whole heap is collected, though many come and go", async () => {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--frozen",
      "--lock=deno.lock",
      "--v8-flags=--expose-gc,--single-threaded-gc,--max-semi-space-size=1,--no-maglev,--invocation-count-for-turbofan=400," +
      "--max-inlined-bytecode-size-cumulative=2760",
      fromFileUrl(new URL("leftovers.ts", import.meta.url)),
    ],
  }).output();
  const [said, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const bytes = Number.parseInt(said ?? "");
  assert(bytes < NEXT_TO_NOTHING, `${bytes} bytes of each connection are left ${errors}`);
});
