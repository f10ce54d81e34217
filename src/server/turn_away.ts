/**
 * Between a socket file's birth and the moment its mode is set the umask alone says who may connect. Deno offers no way to bind
 * first and to listen later, and its umask needs a grant that cannot be written (`--allow-sys=umask` is unknown to Deno 2.9.6).
 * So each connection that was made in that moment is accepted and closed at once.
 *
 * @module
 */

import { within } from "../sleep.ts";
import type { Listener } from "./listener.ts";

/** How long the end of a connection to ourselves may take to be heard of: the system tells it at once. */
const HEARD_OF_MS = 5;

/** Ends all connections to a listener, whose file is at `path`, that came before this call. */
export async function turnAwayEarly(path: string, listener: Listener): Promise<void> {
  // Connections are accepted in the order in which they came: ours is the last that matters.
  using own = new DisposableStack();
  const last = own.use(await connect(path, listener));
  let reached = false;
  const end = last.read(new Uint8Array(1)).then(() => reached = true, () => reached = true);
  while (!reached) {
    let accepted = false;
    const accepting = listener.accept().then((connection) => {
      accepted = true;
      connection.close();
    });
    await Promise.race([accepting, end]);
    if (!accepted) {
      // Ours was the one before, which a busy machine has told late: this accept must not wait for somebody who may never come.
      own.use(await connect(path, listener));
      await accepting;
      return;
    }
    await within(HEARD_OF_MS, end);
    // A timer that was late may have come before the news.
    if (!reached) await within(0, end);
  }
}

/** Where too many wait to be accepted there is room only once some of them are gone. */
async function connect(path: string, listener: Listener): Promise<Deno.UnixConn> {
  for (;;) {
    try {
      return await Deno.connect({ transport: "unix", path });
    } catch (cause) {
      if (!(cause instanceof Deno.errors.WouldBlock)) throw cause;
      (await listener.accept()).close();
    }
  }
}
