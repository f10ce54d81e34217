/**
 * What an agent answers, the same for every version and encoding of the wire.
 *
 * @module
 */

/** A change to the head of a request or response. The order of a list is kept. */
export type HeaderOp =
  | { readonly op: "set" | "add"; readonly name: string; readonly value: string }
  | { readonly op: "remove"; readonly name: string };

/** Headers of an answer: one value a name, because a proxy takes no more. */
export type AnswerHeaders = Readonly<Record<string, string>>;

/** What to do with the request or response. */
export type Verdict =
  | { readonly kind: "allow" }
  | {
    readonly kind: "block";
    readonly status: number;
    readonly body?: string;
    readonly headers?: AnswerHeaders;
  }
  | {
    readonly kind: "redirect";
    readonly status: number;
    readonly url: string;
    readonly body?: string;
    /** Without `location`; names in lower case. */
    readonly headers?: AnswerHeaders;
  }
  /** The proxy answers 401 with the parameter `www-authenticate` as a header, or 403 where there is none. */
  | { readonly kind: "challenge"; readonly type: string; readonly params: Readonly<Record<string, string>> };

/** Fields of the audit log besides tags. */
export interface Audit {
  /** Rules that have led to the decision, by the module's own names. */
  readonly ruleIds: readonly string[];
  /** Why, by codes of the module's own. */
  readonly reasonCodes: readonly string[];
  /** 0 to 1. */
  readonly confidence?: number;
  /** JSON values by names, none of which is `correlation_id`: that one is the reply's own. */
  readonly custom: Readonly<Record<string, unknown>>;
}

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
  /** What else the audit log gets. */
  readonly audit?: Audit;
  /** What the proxy may route by. */
  readonly routingMetadata?: Readonly<Record<string, string>>;
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
