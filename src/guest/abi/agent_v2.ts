/**
 * `agent/2`: the calls of `agent/1`, with richer JSON and a configuration. A module asks for it by an export.
 *
 * | export, besides those of `agent/1` | signature | |
 * |---|---|---|
 * | `agent_abi_version` | () -> i32, which is 2 | required; called once an instance, after `_initialize` |
 * | `configure` | (i32 pointer, i32 length) -> i64 | called once an instance, before its first event |
 *
 * `configure` takes the configuration as JSON. It answers nothing, which is a length of 0, or `{}` where it takes it, and
 * `{"error":"text"}` where it does not.
 *
 * @module
 */

import { GuestError } from "../../errors.ts";
import { escapeText } from "../../escape.ts";
import type { HostContext } from "../imports/mod.ts";
import type { Instance } from "../instance.ts";
import type { GuestAbi } from "./abi.ts";
import { BoundAgent } from "./agent_call.ts";
import { exportRules, HANDLER_TYPE } from "./agent_exports.ts";

const VERSION_EXPORT = "agent_abi_version";
const VERSION = 2;
const CONFIGURE = "configure";

/** `agent/2`. */
export const AGENT_V2: GuestAbi = {
  name: "agent/2",
  dialect: "agent/2",
  provides: new Map(),
  speaks: (info) => info.exports.some(({ name }) => name === VERSION_EXPORT),
  ...exportRules([[VERSION_EXPORT, "() -> i32"], [CONFIGURE, HANDLER_TYPE]]),
  takesConfiguration: (info) => info.exports.some(({ name }) => name === CONFIGURE),
  bind: (host) => new BoundAgentV2(host),
};

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Longest reason for a refused configuration that is shown, in characters: it is one line of the log. */
const MAX_REASON = 512;

class BoundAgentV2 extends BoundAgent {
  readonly #host: HostContext;

  constructor(host: HostContext) {
    super();
    this.#host = host;
  }

  override start(instance: Instance): void {
    checkVersion(instance.function(VERSION_EXPORT)());
    super.start(instance);
    if (!instance.has(CONFIGURE)) return;
    const configuration = encoder.encode(this.#host.configuration);
    const refusal = refusalIn(this.exchange(instance.function(CONFIGURE), CONFIGURE, configuration, 0));
    this.release();
    if (refusal === undefined) return;
    throw new GuestError(
      "GUEST_CONFIG_REFUSED",
      `Cannot configure guest as it must take its configuration: received "${escapeText(refusal, MAX_REASON)}"`,
    );
  }
}

function checkVersion(answered: unknown): void {
  if (answered === VERSION) return;
  throw new GuestError(
    "GUEST_ABI_UNKNOWN",
    `Cannot start guest as "${VERSION_EXPORT}" must answer ${VERSION} (a module of version 1 does not export it): received ${answered}`,
  );
}

/** Why a configuration is not taken. @throws {GuestError} `GUEST_BAD_RESULT` for what is neither yes nor no. */
function refusalIn(answer: Uint8Array): string | undefined {
  if (answer.length === 0) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(answer));
  } catch (cause) {
    throw badAnswer("other bytes", cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw badAnswer("other JSON");
  const { error, ...others }: Readonly<Record<string, unknown>> = { ...value };
  if (Object.keys(others).length > 0) throw badAnswer("other keys");
  if (error === undefined || error === null) return undefined;
  if (typeof error !== "string") throw badAnswer("an error that is no string");
  return error;
}

function badAnswer(received: string, cause?: unknown): GuestError {
  return new GuestError(
    "GUEST_BAD_RESULT",
    `Cannot use result of "${CONFIGURE}" as it must be nothing, {} or {"error":"text"}: received ${received}`,
    { cause },
  );
}
