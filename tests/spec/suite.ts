import { join } from "@std/path";

/** A value as `wasm-tools json-from-wast` writes it: numbers are decimal strings of their bits. */
export interface SuiteValue {
  readonly type: string;
  readonly lane_type?: string;
  readonly value?: string | readonly string[];
  /** Of `either`: any of them will do. */
  readonly values?: readonly SuiteValue[];
}

/** What a command does to an instance. */
export interface SuiteAction {
  readonly type: "invoke" | "get";
  readonly module?: string;
  readonly field: string;
  readonly args?: readonly SuiteValue[];
}

/** One command of a suite file. */
export interface SuiteCommand {
  readonly type: string;
  readonly line: number;
  readonly name?: string;
  readonly as?: string;
  readonly filename?: string;
  readonly binary_filename?: string;
  readonly module_type?: string;
  readonly module?: string;
  readonly instance?: string;
  readonly action?: SuiteAction;
  readonly expected?: readonly SuiteValue[];
  readonly text?: string;
}

/** One file of the suite: `<name>.json` beside the folder `<name>.d` with its modules. */
export interface SuiteFile {
  readonly name: string;
  readonly commands: readonly SuiteCommand[];
  readonly read: (filename: string) => Uint8Array<ArrayBuffer>;
}

/** Reads all files of the unpacked suite in `folder`, by name. */
export function* readSuite(folder: string, only?: string): Generator<SuiteFile> {
  const names = [...Deno.readDirSync(folder)].map((entry) => entry.name).filter((name) => name.endsWith(".json"))
    .sort();
  for (const file of names) {
    const name = file.slice(0, -".json".length);
    if (only !== undefined && name !== only) continue;
    const { commands }: { commands: SuiteCommand[] } = JSON.parse(Deno.readTextFileSync(join(folder, file)));
    const modules = join(folder, `${name}.d`);
    yield { name, commands, read: (filename) => Deno.readFileSync(join(modules, filename)) };
  }
}

/** Unpacks a `.tgz` of the suite into a temporary folder and returns where its `.json` files are. */
export async function unpackSuite(archive: string): Promise<{ folder: string; remove: () => void }> {
  const target = Deno.makeTempDirSync({ prefix: "wasm-spec-" });
  const { success, stderr } = await new Deno.Command("tar", { args: ["xzf", archive, "-C", target] }).output();
  if (!success) throw new Error(`Cannot unpack "${archive}": ${new TextDecoder().decode(stderr).trim()}`);
  const inner = [...Deno.readDirSync(target)];
  const only = inner.length === 1 && inner[0]?.isDirectory ? join(target, inner[0].name) : target;
  return { folder: only, remove: () => Deno.removeSync(target, { recursive: true }) };
}
