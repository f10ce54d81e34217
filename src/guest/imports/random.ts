import { viewGuest } from "../memory.ts";
import type { HostContext } from "./mod.ts";
import { inPieces } from "./pieces.ts";

/** Random bytes made between two looks at the deadline, the most that `getRandomValues` takes: 0.1 to 0.2 ms. */
const PIECE_BYTES = 65_536;

/** Fills memory of the guest with random bytes fit for keys. @throws {GuestError} `GUEST_OUT_OF_BOUNDS`. */
export function fillRandom(context: HostContext, pointer: number, length: number): void {
  const bytes = viewGuest(context.memory(), pointer, length, "random bytes");
  inPieces(context, length, PIECE_BYTES, (start, end) => crypto.getRandomValues(bytes.subarray(start, end)));
}
