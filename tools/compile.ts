/**
 * Packs the agent into one executable with the permissions it needs and no others: `dist/sentinel-wasm-agent`.
 *
 * A unix socket's path is part of its grants, so a binary serves only sockets known when it was made: the usual ones, and each
 * `--socket PATH` given here. The same holds for `--admin`: the usual addresses, each `--admin HOST:PORT` given here, and any of the
 * sockets as `unix:PATH`. It may read any file, as the module may lie anywhere, and write any, as `new` and `test` write where they are
 * told; serving gives the latter up as soon as its socket is open. `--no-optimiser` does without V8's optimiser, for
 * modules that nobody vouches for.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { OPTIONS } from "../src/cli/options.ts";
import { parseAdminAddress, showAdminAddress } from "../src/config/mod.ts";
import { engineFlags } from "./engine_flags.ts";
import { serveGrants } from "./grants.ts";
import { NO_OPTIMISER } from "./start_plan.ts";

const OUTPUT = "dist/sentinel-wasm-agent";

/** Sockets that every binary may serve. */
const SOCKETS = [
  OPTIONS.socket.default,
  "/run/zentinel/wasm.sock",
  "/run/sentinel/wasm.sock",
  "/var/run/zentinel/wasm.sock",
  "/var/run/sentinel/wasm.sock",
];

/** Addresses at which every binary may be asked how it does; the last one is for containers, and needs `--admin-allow-remote`. */
const ADMIN = ["127.0.0.1:9464", "[::1]:9464", "localhost:9464", "0.0.0.0:9464"];

const given = parseArgs(Deno.args.filter((word) => word !== NO_OPTIMISER), {
  string: ["socket", "admin", "output"],
  collect: ["socket", "admin", "output"],
  alias: {},
  unknown: (word) => {
    throw new Error(
      `Cannot compile as only ${NO_OPTIMISER}, --socket PATH, --admin HOST:PORT and --output FILE may be given: received "${word}"`,
    );
  },
});
const sockets = [...SOCKETS, ...valuesOf("socket")];
const hosts = [...ADMIN, ...valuesOf("admin").map(hostOf)];
const output = valuesOf("output").at(-1) ?? OUTPUT;
for (const path of sockets) {
  if (!/^\/[^,]*$/.test(path)) {
    throw new Error(`Cannot compile as a socket's path must be absolute and without commas: received "${path}"`);
  }
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
    ...serveGrants({ sockets, hosts, read: undefined, takeOver: "maybe", writesAnywhere: true }),
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
