/**
 * `deno task sbom`: what an agent is made of, as CycloneDX 1.6, to `dist/sentinel-wasm-agent.cdx.json`.
 *
 * The packages are those of the lock file that runs the agent. The same sources always give the same bytes.
 *
 * @see https://cyclonedx.org/docs/1.6/json/
 * @module
 */

import config from "../deno.json" with { type: "json" };

const LOCK = "src/deno.lock";
const OUTPUT = "dist/sentinel-wasm-agent.cdx.json";

/** A part of the agent. */
export interface Component {
  readonly type: "application" | "library" | "platform";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly hashes?: readonly { readonly alg: "SHA-512"; readonly content: string }[];
  readonly licenses?: readonly { readonly expression: string }[];
}

/** A bill of materials. */
export interface Bom {
  readonly bomFormat: "CycloneDX";
  readonly specVersion: "1.6";
  readonly version: 1;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** An npm package of a lock file. */
export interface LockedPackage {
  /** Subresource integrity: `sha512-` and base64. */
  readonly integrity: string;
  readonly dependencies?: readonly string[];
}

/** A lock file, as far as it is looked at here. */
interface Lock {
  readonly npm: Readonly<Record<string, LockedPackage>>;
}

/** The agent's bill of materials. @param packages By `NAME@VERSION`. @param deno Version of what runs it. */
export function makeBom(packages: Readonly<Record<string, LockedPackage>>, deno: string): Bom {
  const { name, version, license } = config;
  const agent: Component = {
    type: "application",
    "bom-ref": purl(name, version, "generic"),
    name: "sentinel-wasm-agent",
    version,
    licenses: [{ expression: license }],
  };
  const runtime: Component = {
    type: "platform",
    "bom-ref": purl("denoland/deno", `v${deno}`, "github"),
    name: "deno",
    version: deno,
    purl: purl("denoland/deno", `v${deno}`, "github"),
  };
  const locked = Object.entries(packages).map(([id, entry]) => ({ component: library(id, entry), entry }));
  const refOf = (wanted: string): string =>
    locked.find(({ component: { name, version } }) => wanted === name || wanted === `${name}@${version}`)
      ?.component["bom-ref"] ?? unknown(wanted);
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: agent },
    components: [runtime, ...locked.map(({ component }) => component)],
    dependencies: [
      {
        ref: agent["bom-ref"],
        dependsOn: [runtime["bom-ref"], ...locked.map(({ component }) => component["bom-ref"])],
      },
      ...locked.map(({ component, entry: { dependencies = [] } }) => ({
        ref: component["bom-ref"],
        dependsOn: dependencies.map(refOf),
      })),
    ],
  };
}

function library(id: string, { integrity }: LockedPackage): Component {
  // What stands behind a second "_" says what a package was resolved beside.
  const [, name = "", version = ""] = /^(@?[^@]+)@([^_]+)/.exec(id) ?? unknown(id);
  const url = purl(name, version, "npm");
  return {
    type: "library",
    "bom-ref": url,
    name,
    version,
    purl: url,
    hashes: [{ alg: "SHA-512", content: hex(integrity) }],
  };
}

/** @see https://github.com/package-url/purl-spec */
function purl(name: string, version: string, type: string): string {
  return `pkg:${type}/${name.replace("@", "%40")}@${version}`;
}

function hex(integrity: string): string {
  const [, base64 = ""] = /^sha512-(.+)$/.exec(integrity) ?? unknown(integrity);
  return Uint8Array.fromBase64(base64).toHex();
}

function unknown(received: string): never {
  throw new Error(`Cannot write the bill of materials as the lock file must be understood: received "${received}"`);
}

if (import.meta.main) {
  const lock: Lock = JSON.parse(Deno.readTextFileSync(LOCK));
  const text = JSON.stringify(makeBom(lock.npm, Deno.version.deno), undefined, 2);
  Deno.mkdirSync("dist", { recursive: true });
  Deno.writeTextFileSync(OUTPUT, `${text}\n`);
}
