import { assertEquals, assertRejects } from "@std/assert";
import { ModuleError } from "../../../src/errors.ts";
import { Lane, loadApart, loadEdition } from "../../../src/lanes/mod.ts";
import { configFromOptions } from "../../../src/config/mod.ts";
import { createLog } from "../../../src/ops/mod.ts";
import { setThreadEntry } from "../../../src/threads/mod.ts";
import { assembleGuest } from "../../guests/build.ts";
import { GIVEN } from "../config/configs.ts";
import { guestText } from "../guest/guests.ts";

setThreadEntry(new URL("../../../main.ts", import.meta.url).href);

/** A file with a module that prints, and what asks for it. */
async function inFile(text: string, body: (options: typeof GIVEN) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile({ prefix: "agent-", suffix: ".wasm" });
  try {
    await Deno.writeFile(path, await assembleGuest("guest", text));
    await body({ ...GIVEN, "module": path, "module-config": '{"a":1}', "timeout-ms": 4_000, "pool-size": 2 });
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("loadApart() makes in a thread what loadEdition() makes, and a lane takes it", async () => {
  await inFile(guestText("prints_lines"), async (options) => {
    const edition = await loadApart({ options });
    const here = await loadEdition(configFromOptions(options));
    const [apart] = edition.modules;
    // How long it took is not the same twice.
    const build = { ...apart.build, rewriteMs: 0, compileMs: 0 };
    const [other] = here.modules;
    assertEquals({ ...apart, build, compiled: undefined }, {
      ...other,
      build: { ...other.build, rewriteMs: 0, compileMs: 0 },
      compiled: undefined,
    });
    assertEquals(edition.config, here.config);
    const log = createLog(() => {}, false, () => Promise.resolve());
    const lane = await Lane.start(edition, log);
    const staged = await lane.stage(await loadApart({ options }));
    await staged.take();
    await lane.close();
  });
});

Deno.test("loadApart() fails as loadEdition() does", async () => {
  await assertRejects(
    () => loadApart({ options: { ...GIVEN, module: "/nowhere.wasm" } }),
    ModuleError,
    "/nowhere.wasm",
  );
});
