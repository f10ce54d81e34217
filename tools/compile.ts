/**
 * Packs the agent into one executable with the permissions it needs and no others: `dist/sentinel-wasm-agent`.
 *
 * A unix socket's path is part of its grants, so a binary serves only sockets known when it was made: the usual ones, and each
 * `--socket PATH` given here. The same holds for `--admin`: the usual addresses, each `--admin HOST:PORT` given here, and any of the
 * sockets as `unix:PATH`. It may read any file, as the module may lie anywhere, and write any, as `new` and `test` write where they are
 * told; serving gives the latter up as soon as its socket is open. `--target` makes it for another system. `--no-optimiser` does without
 * V8's optimiser, for modules that nobody vouches for.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { parseAdminAddress, showAdminAddress } from "../src/config/mod.ts";
import { engineFlags } from "./engine_flags.ts";
import { serveGrants } from "./grants.ts";
import { PACKED_ADMIN, PACKED_SOCKETS, TARGETS } from "./packed.ts";
import { NO_OPTIMISER } from "./start_plan.ts";

const OUTPUT = "dist/sentinel-wasm-agent";
const OPTIONS = ["socket", "admin", "target", "output"];

const given = parseArgs(Deno.args.filter((word) => word !== NO_OPTIMISER), {
  string: OPTIONS,
  collect: OPTIONS,
  alias: {},
  unknown: (word) => {
    throw new Error(
      `Cannot compile as only ${NO_OPTIMISER}, --socket PATH, --admin HOST:PORT, --target TRIPLE and --output FILE may be given: ` +
        `received "${word}"`,
    );
  },
});
const sockets = [...PACKED_SOCKETS, ...valuesOf("socket")];
const hosts = [...PACKED_ADMIN, ...valuesOf("admin").map(hostOf)];
const target = valuesOf("target").at(-1);
const output = valuesOf("output").at(-1) ?? OUTPUT;
for (const path of sockets) {
  if (!/^\/[^,]*$/.test(path)) {
    throw new Error(`Cannot compile as a socket's path must be absolute and without commas: received "${path}"`);
  }
}
if (target !== undefined && !TARGETS.some((known) => known === target)) {
  throw new Error(`Cannot compile as the target must be one of ${TARGETS.join(", ")}: received "${target}"`);
}

const { success, code } = await new Deno.Command("deno", {
  args: [
    "compile",
    "--frozen",
    "--lock=src/deno.lock",
    "--no-prompt",
    engineFlags(!Deno.args.includes(NO_OPTIMISER)),
    "--exclude-unused-npm",
    "--deny-import",
    ...serveGrants({ sockets, hosts, read: undefined, takeOver: true, writesAnywhere: true }),
    ...target === undefined ? [] : [`--target=${target}`],
    `--output=${output}`,
    "main.ts",
  ],
}).spawn().status;
if (!success) Deno.exit(code);

function hostOf(text: string): string {
  // A unix socket is named by --socket.
  const address = /^[^,\s]+:\d+$/.test(text) ? parseAdminAddress(text, true) : undefined;
  if (address?.kind === "tcp") return showAdminAddress(address);
  throw new Error(`Cannot compile as the address of --admin must be HOST:PORT: received "${text}"`);
}

function valuesOf(name: string): readonly string[] {
  const values = given[name];
  return Array.isArray(values) ? values.map(String) : [];
}
