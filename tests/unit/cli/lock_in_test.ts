import { assert, assertEquals } from "@std/assert";
import { keptGrants } from "../../../src/cli/lock_in.ts";
import type { AgentConfig } from "../../../src/config/mod.ts";
import { ROOT } from "../../e2e/agent_process.ts";
import { agentConfig } from "../config/configs.ts";

const SOCKET = "/SOCKET";
const [MODULE] = agentConfig().modules;

/** What is asked for by nothing but a module. */
const PLAIN: AgentConfig = agentConfig({
  socket: { path: SOCKET, mode: 0o600, takeOver: false, readyFd: 0 },
  modules: [{ ...MODULE, path: "/MODULE", configuration: { json: "{}" } }],
  admin: undefined,
  record: undefined,
  lockIn: false,
});
const ADMIN = { allowRemote: false, maxErrorPercent: 50 };

/** What each row of the page stands for. */
const FEATURES: Readonly<Record<string, Partial<AgentConfig>>> = {
  "nothing": {},
  "`--module-config FILE`": { modules: [{ ...PLAIN.modules[0], configuration: { path: "/FILE" } }] },
  "`--watch`": {},
  "`--lanes`": { lanes: 2 },
  "`--admin HOST:PORT`": { admin: { ...ADMIN, address: { kind: "tcp", hostname: "127.0.0.1", port: 1 } } },
  "`--admin unix:PATH`": { admin: { ...ADMIN, address: { kind: "unix", path: "/PATH" } } },
  "`--record FILE`": { record: { path: "/FILE", maxBytes: 1, headers: [], parameters: [] } },
  "`--take-over`": { socket: { ...PLAIN.socket, takeOver: true } },
  "`OTEL_DENO=true`": {},
};

function grants(changes: Partial<AgentConfig>): string[] {
  const { read, write, net } = keptGrants({ ...PLAIN, ...changes }, SOCKET);
  return [
    ...read.map((path) => `read ${path.slice(1)}`),
    ...write.map((path) => `write ${path.slice(1)}`),
    ...net.map((host) => `net ${host.replace("unix:/", "unix:").replace("127.0.0.1:1", "HOST:PORT")}`),
  ];
}

Deno.test("docs/running.md tells what each feature keeps after the start", () => {
  const page = Deno.readTextFileSync(`${ROOT}docs/running.md`);
  const [, table] = /<!-- kept -->\n([^]*?)<!-- \/kept -->/.exec(page) ?? [];
  assert(table !== undefined, "docs/running.md has no <!-- kept --> ... <!-- /kept -->");
  const rows = table.trim().split("\n").slice(2).map((row) => row.split("|").slice(1, 3).map((cell) => cell.trim()));
  const plain = grants({});
  const expected = Object.entries(FEATURES).map(([feature, changes]) => {
    const all = grants(changes);
    const more = feature === "nothing" ? all : all.filter((grant) => !plain.includes(grant));
    return [feature, more.map((grant) => `\`${grant}\``).join(", ") || "nothing more"];
  });
  assertEquals(rows, expected);
});

Deno.test("keptGrants() keeps neither modules nor their configuration with --lock-in", () => {
  const changes = { ...FEATURES["`--module-config FILE`"], lockIn: true };
  const others = grants(changes).filter((grant) => !grant.startsWith(`read ${ROOT.slice(1)}src/`));
  assertEquals(others, ["read SOCKET"]);
});
