import { assert, assertEquals } from "@std/assert";
import { ROOT } from "../e2e/agent_process.ts";

/** A module of `deno info --json`, as far as it is looked at here. */
interface Info {
  readonly specifier: string;
  readonly dependencies?: readonly { readonly code?: { readonly specifier: string }; readonly isDynamic?: boolean }[];
}

async function deno(args: readonly string[]): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd: ROOT, stdout: "piped", stderr: "piped" });
  const { success, stdout, stderr } = await command.output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** The project's files that a file brings with it, from the root: not those that it asks for later. */
async function loadedWith(entry: string): Promise<readonly string[]> {
  const { modules }: { readonly modules: readonly Info[] } = JSON.parse(
    await deno(["info", "--json", "--frozen", "--lock=src/deno.lock", entry]),
  );
  const root = new URL(`file://${ROOT}`).href;
  const found = new Set([`${root}${entry}`]);
  for (const specifier of found) {
    for (const { code, isDynamic } of modules.find((each) => each.specifier === specifier)?.dependencies ?? []) {
      if (code !== undefined && isDynamic !== true) found.add(code.specifier);
    }
  }
  return [...found].filter((specifier) => specifier.startsWith(root)).map((specifier) => specifier.slice(root.length));
}

Deno.test("a thread that runs calls loads nothing of what reads and rewrites modules", async () => {
  const files = [
    ...await loadedWith("src/pool/thread_slot.ts"),
    ...await loadedWith("src/agent/codec/checked_result.ts"),
  ];
  assert(files.includes("src/guest/guest.ts"));
  assertEquals(files.filter((file) => /^src\/wasm\/(mod|instrument|inspect|work_meter)\.ts$/.test(file)), []);
});

Deno.test("@std/path does without Node's process, which is a tenth of an agent's heap", async () => {
  const program = `
    import { fromFileUrl, join, relative, resolve } from "@std/path";
    console.log(resolve("a.sock"), join("a", "b"), relative("/a/b", "/a/c"), fromFileUrl("file:///a"));
  `;
  // What runs before the imports are loaded.
  const trap = `Object.defineProperty(globalThis, "process", { get: () => { throw new Error("loaded"); } });`;
  const args = ["run", "--quiet", "--frozen", "--lock=src/deno.lock", "--allow-read"];
  const url = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
  const out = await deno([...args, `--config=${ROOT}deno.json`, `--preload=${url(trap)}`, url(program)]);
  assertEquals(out, `${ROOT}a.sock a/b ../c /a\n`);
});
