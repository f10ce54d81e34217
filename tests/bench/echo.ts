/**
 * The least that a server on Deno can do: answers every read with the same reply, whatever it was. `echo.ts --socket PATH`.
 *
 * @module
 */

import { encodeFrame } from "../../src/protocol/mod.ts";

const path = Deno.args[Deno.args.indexOf("--socket") + 1] ?? "";
const reply = encodeFrame(new TextEncoder().encode('{"version":1,"decision":"allow"}'.padEnd(379)));

async function serve(conn: Deno.UnixConn): Promise<void> {
  using open = conn;
  const target = new Uint8Array(16 * 1024);
  while (await open.read(target) !== null) await open.write(reply);
}

for await (const conn of Deno.listen({ transport: "unix", path })) serve(conn).catch(() => {});
