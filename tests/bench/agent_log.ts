/**
 * What our agent says while it is measured: nothing, if all is well.
 *
 * @module
 */

/** How often each message was logged. */
export type MessageCounts = Readonly<Record<string, number>>;

/** Said by every agent that has started. */
const EXPECTED = "serving";

/** Counts the lines of a log by their message. */
export class AgentLog {
  readonly #counts = new Map<string, number>();

  /** @param stream The agent's stderr: JSON lines; others are passed over. */
  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#read(stream);
  }

  /** Counts so far. */
  get counts(): MessageCounts {
    return Object.fromEntries(this.#counts);
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#count(line);
    }
  }

  #count(line: string): void {
    const label = labelOf(line);
    if (label !== undefined && label !== EXPECTED) this.#counts.set(label, (this.#counts.get(label) ?? 0) + 1);
  }
}

/** The message of a line, with the cause's code where there is one. */
function labelOf(line: string): string | undefined {
  const message = /"message":"([^"]*)"/.exec(line)?.[1];
  const code = /"code":"([A-Z_]*)"/.exec(line)?.[1];
  return code === undefined ? message : `${message} ${code}`;
}

/** What was logged between two looks. */
export function countsSince(before: MessageCounts, after: MessageCounts): MessageCounts {
  const added = Object.entries(after).map(([message, count]) => [message, count - (before[message] ?? 0)] as const);
  return Object.fromEntries(added.filter(([, count]) => count > 0));
}
