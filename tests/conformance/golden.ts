/**
 * Captured frames: what real proxies sent, what they accepted from an agent, and what they refused.
 *
 * @module
 */

/** Protocols there are captured frames of. */
export type Protocol = "v1" | "v2-json";

/** One captured frame. */
export interface Golden {
  readonly name: string;
  /** What the frame is; the reply's event for replies. */
  readonly kind: string;
  readonly fromProxy: boolean;
  /** The whole frame, its length in front. */
  readonly frame: Uint8Array;
  /** The payload as an independent decoder read it. */
  readonly decoded: unknown;
}

const FOLDER = new URL("./frames/", import.meta.url);

/** The frames of one captured file. */
export function golden(protocol: Protocol, set: "events" | "replies" | "rejected" | "session"): readonly Golden[] {
  const text = Deno.readTextFileSync(new URL(`${protocol}-${set}.jsonl`, FOLDER));
  return text.trimEnd().split("\n").map((line) => {
    const { name, kind, direction, hex, decoded } = JSON.parse(line);
    return { name, kind, fromProxy: direction === "proxy->agent", frame: Uint8Array.fromHex(hex), decoded };
  });
}
