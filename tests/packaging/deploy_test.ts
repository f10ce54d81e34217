import { assert, assertEquals, assertMatch } from "@std/assert";
import { dirname, join } from "@std/path";
import { loadAll } from "js-yaml";
import config from "../../deno.json" with { type: "json" };
import { OPTIONS } from "../../src/cli/options.ts";
import { PACKED_SOCKETS } from "../../tools/packed.ts";
import { ROOT, TempDir } from "../e2e/agent_process.ts";

const DEPLOY = `${ROOT}deploy/`;
const SERVICE = "sentinel-wasm-agent.service", SOCKET = "sentinel-wasm-agent.socket";
/** In tenths, of ten: what systemd calls safe ends at 2. */
const MOST_EXPOSED = 10;
const NOBODY_SPECIAL = 65_532;

function read(name: string): string {
  return Deno.readTextFileSync(`${DEPLOY}${name}`);
}

/** Values of a unit by their names: one that stands twice has both. */
function unit(name: string): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const [, key = "", value = ""] of read(name).matchAll(/^(\w+)=(.*)$/gm)) {
    values.set(key, [...values.get(key) ?? [], value]);
  }
  return values;
}

const analyze = (args: readonly string[]) => new Deno.Command("systemd-analyze", { args: [...args] }).output();
const systemd = await analyze(["--version"]).then(() => true, () => false);
const unlessThere = systemd ? "" : " (needs systemd-analyze)";

Deno.test({
  name: `systemd understands every line of the units${unlessThere}`,
  ignore: !systemd,
  fn: async () => {
    const { code, stdout, stderr } = await analyze(["verify", "--man=no", `${DEPLOY}${SERVICE}`, `${DEPLOY}${SOCKET}`]);
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    // Of other units on this machine it may say what it likes.
    assertEquals(said.split("\n").filter((line) => line.includes("sentinel-wasm-agent")), [], said);
    assertEquals(code, 0, said);
  },
});

Deno.test({
  name: `systemd finds the service exposed by no more than it needs${unlessThere}`,
  ignore: !systemd,
  fn: async () => {
    const args = ["security", "--offline=true", `--threshold=${MOST_EXPOSED}`, `${DEPLOY}${SERVICE}`];
    const { code, stdout } = await analyze(args);
    assertEquals(code, 0, new TextDecoder().decode(stdout));
  },
});

Deno.test("the service is started anew whatever ended it, blocks the signal that opens an inspector, and takes its socket over", () => {
  const service = unit(SERVICE);
  assertEquals(service.get("Restart"), ["always"]);
  assertMatch(
    service.get("ExecStart")?.[0] ?? "",
    /^\/usr\/bin\/env --block-signal=USR1 \/usr\/local\/bin\/sentinel-wasm-agent /,
  );
  assertEquals(service.get("Requires"), [SOCKET]);
  // It would go away with the service, and the socket in it.
  assertEquals(service.has("RuntimeDirectory"), false);
  const socket = unit(SOCKET);
  assertEquals([socket.get("SocketMode"), socket.get("Accept")], [["0660"], undefined]);
  assert(PACKED_SOCKETS.includes(socket.get("ListenStream")?.[0] ?? ""));
});

/** Instructions of the Dockerfile, lines that go on put together. */
function instructions(): readonly (readonly [string, string])[] {
  const text = read("Dockerfile").replaceAll(/^#.*\n/gm, "").replaceAll(/\\\n\s*/g, "");
  return text.split("\n").filter((line) => line !== "").map((line) => {
    const [, word = "", rest = ""] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    return [word, rest];
  });
}

Deno.test("the image has the executable alone, which no root runs, and which knows its socket", () => {
  const all = instructions();
  const last = all.slice(all.findLastIndex(([word]) => word === "FROM"));
  assertEquals(last.map(([word]) => word), ["FROM", "COPY", "ENV", "USER", "STOPSIGNAL", "ENTRYPOINT"]);
  const values = new Map(last);
  assertMatch(values.get("FROM") ?? "", /^gcr\.io\/distroless\/cc-debian12:nonroot$/);
  assertEquals(values.get("USER"), `${NOBODY_SPECIAL}:${NOBODY_SPECIAL}`);
  const env = Object.fromEntries((values.get("ENV") ?? "").split(" ").map((pair) => pair.split("=", 2)));
  assertEquals(Object.keys(env), [OPTIONS.socket.env, OPTIONS.module.env, "MALLOC_MMAP_THRESHOLD_"]);
  assert(PACKED_SOCKETS.includes(env[OPTIONS.socket.env]));
  assertEquals(JSON.parse(values.get("ENTRYPOINT") ?? ""), [(values.get("COPY") ?? "").split(" ").at(-1)]);
});

Deno.test("the image is built with the Deno of .dvmrc", () => {
  const [[, image] = []] = instructions();
  assertEquals(image, `denoland/deno:debian-${Deno.readTextFileSync(`${ROOT}.dvmrc`).trim()} AS build`);
});

Deno.test("what the image copies, and .dockerignore lets through, is enough to pack the executable", async () => {
  using dir = new TempDir();
  const all = instructions();
  const through = Deno.readTextFileSync(`${ROOT}.dockerignore`).split("\n").filter((line) => line.startsWith("!"));
  for (const [word, rest] of all.slice(0, all.findLastIndex(([word]) => word === "FROM"))) {
    if (word !== "COPY") continue;
    const names = rest.split(" ");
    const target = names.pop() ?? "";
    for (const name of names) {
      assert(through.includes(`!${name}`), `.dockerignore keeps ${name} away`);
      await copy(join(ROOT, name), join(dir.path, target.endsWith("/") ? name : target));
    }
  }
  const [, run = ""] = all.find(([word]) => word === "RUN") ?? [];
  const [deno, task, name, ...words] = run.replace("/sentinel-wasm-agent", dir.at("packed")).split(" ");
  assertEquals([deno, task, name], ["deno", "task", "compile"]);
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...config.tasks.compile.command.split(" ").slice(1), ...words],
    cwd: dir.path,
    env: { DENORT_BIN: Deno.execPath(), NO_COLOR: "1" },
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  assert(Deno.statSync(dir.at("packed")).isFile);
});

async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(dirname(to), { recursive: true });
  const { code } = await new Deno.Command("cp", { args: ["-R", from, to] }).output();
  assertEquals(code, 0);
}

/** A container, as far as it is looked at here. */
interface Container {
  readonly name: string;
  readonly restartPolicy?: string;
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly securityContext?: unknown;
  readonly resources?: { readonly limits?: { readonly memory?: string } };
  readonly startupProbe?: { readonly exec: { readonly command: readonly string[] } };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

/** The same of a pod. */
interface Pod {
  readonly securityContext: unknown;
  readonly automountServiceAccountToken: boolean;
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes: readonly { readonly name: string }[];
}

/** The same of what Kubernetes is told. */
interface Manifest {
  readonly kind: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly template: { readonly spec: Pod } };
}

function manifests(): readonly Manifest[] {
  // What of it is looked at, a test compares.
  return loadAll(read("kubernetes.yaml")) as Manifest[];
}

function pod(): Pod {
  const found = manifests().find(({ kind }) => kind === "Deployment")?.spec?.template.spec;
  assert(found !== undefined);
  return found;
}

Deno.test("the sidecar serves before the proxy starts, on a socket that they share", () => {
  const { initContainers: [agent], containers: [proxy], volumes } = pod();
  assert(agent !== undefined && proxy !== undefined);
  assertEquals([agent.name, agent.restartPolicy], ["agent", "Always"]);
  const env = Object.fromEntries((agent.env ?? []).map(({ name, value }) => [name, value]));
  const socket = env[OPTIONS.socket.env] ?? "";
  assert(PACKED_SOCKETS.includes(socket));
  const shared = (container: Container) =>
    container.volumeMounts.find(({ mountPath }) => mountPath === dirname(socket));
  assertEquals(shared(agent), shared(proxy));
  assertEquals(shared(agent)?.readOnly, undefined);
  const [, command] = agent.startupProbe?.exec.command ?? [];
  assertEquals(command, "try");
  assert(manifests().some(({ data }) => data?.["zentinel.kdl"]?.includes(`unix-socket "${socket}"`)));
  const mounted = [...agent.volumeMounts, ...proxy.volumeMounts].map(({ name }) => name);
  assertEquals(new Set(mounted), new Set(volumes.map(({ name }) => name)));
});

Deno.test("nothing in the pod is root, may become more than it is, or writes to its own files", () => {
  const { securityContext, automountServiceAccountToken, initContainers, containers } = pod();
  const { runAsNonRoot, runAsUser, seccompProfile } = securityContext as Readonly<Record<string, unknown>>;
  assertEquals([runAsNonRoot, runAsUser, seccompProfile], [true, NOBODY_SPECIAL, { type: "RuntimeDefault" }]);
  assertEquals(automountServiceAccountToken, false);
  for (const { securityContext, resources } of [...initContainers, ...containers]) {
    assertEquals(securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    assert(resources?.limits?.memory !== undefined);
  }
});
