/**
 * What an agent answers, the same for every version and encoding of the wire.
 *
 * @module
 */

/** A change to the head of a request or response. The order of a list is kept. */
export type HeaderOp =
  | { readonly op: "set" | "add"; readonly name: string; readonly value: string }
  | { readonly op: "remove"; readonly name: string };

/** What to do with the request or response. */
export type Verdict =
  | { readonly kind: "allow" }
  | {
    readonly kind: "block";
    readonly status: number;
    readonly body?: string;
    readonly headers?: Readonly<Record<string, string>>;
  }
  | { readonly kind: "redirect"; readonly status: number; readonly url: string };

/**
 * The whole answer to an event. Never changed once made: encoders remember its bytes.
 */
export interface Decision {
  /** Releases up to 0.6.50 take any verdict on a response for allow. */
  readonly verdict: Verdict;
  /** Changes to the request that goes upstream. */
  readonly requestHeaders: readonly HeaderOp[];
  /** Changes to the response to the client; releases up to 0.6.50 drop those that come with an allowed request. */
  readonly responseHeaders: readonly HeaderOp[];
  /** Words for the proxy's audit log. */
  readonly tags: readonly string[];
  /** Bytes (base64) that take the place of a response body chunk. */
  readonly responseBody?: { readonly data: string; readonly chunkIndex: number };
  /** Set on answers to WebSocket frames. */
  readonly websocket?: "allow";
}

/** Lets the request or response pass untouched. */
export const ALLOW: Decision = {
  verdict: { kind: "allow" },
  requestHeaders: [],
  responseHeaders: [],
  tags: [],
};
