/**
 * The releases of the real proxy that the agent is tested and measured with.
 *
 * @module
 */

import { join } from "@std/path";

/** Each as `tools/install_proxy.sh` names it, with the protocol that it speaks to its agents. */
export const RELEASES = {
  "sentinel-0.4.14": { program: "sentinel", protocol: 1 },
  "zentinel-0.6.45": { program: "zentinel", protocol: 2 },
  "zentinel-0.6.54": { program: "zentinel", protocol: 2 },
} as const satisfies Readonly<Record<string, { readonly program: string; readonly protocol: 1 | 2 }>>;

/** A release of the proxy. */
export type ProxyRelease = keyof typeof RELEASES;

/** True if `name` is one of {@linkcode RELEASES}. */
export function isRelease(name: string): name is ProxyRelease {
  return Object.hasOwn(RELEASES, name);
}

/** Path of the installed proxy. @throws {Error} that says how to install it. */
export function proxyBinary(release: ProxyRelease, cache: string = cacheFolder()): string {
  const path = join(cache, "sentinel-wasm-agent", release, "bin", RELEASES[release].program);
  try {
    Deno.statSync(path);
  } catch (cause) {
    throw new Error(`${release} is not installed: run tools/install_proxy.sh ${release}`, { cause });
  }
  return path;
}

function cacheFolder(): string {
  return Deno.env.get("XDG_CACHE_HOME") || join(Deno.env.get("HOME") ?? "", ".cache");
}
