/**
 * The table of ABIs. To add one: a file beside this one, and a row here.
 *
 * @module
 */

import type { ModuleInfo } from "../../wasm/mod.ts";
import type { GuestAbi } from "./abi.ts";
import { AGENT_V1 } from "./agent_v1.ts";
import { AGENT_V2 } from "./agent_v2.ts";

/** Every ABI that this host speaks. The first that a module speaks is taken, so the one that any module may mean stands last. */
export const ABIS: readonly GuestAbi[] = [AGENT_V2, AGENT_V1];

/** The ABI of a module. */
export function abiOf(info: ModuleInfo, abis: readonly GuestAbi[] = ABIS): GuestAbi {
  return abis.find((abi) => abi.speaks(info)) ?? AGENT_V1;
}

/** An ABI by its name, which is what crosses threads. */
export function abiNamed(name: string, abis: readonly GuestAbi[] = ABIS): GuestAbi {
  const abi = abis.find((each) => each.name === name);
  if (abi === undefined) throw new TypeError(`Cannot speak ABI as it must be in the table: received "${name}"`);
  return abi;
}
