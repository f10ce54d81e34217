/**
 * What `misbehaves_as_told.wat` can be told, and what must come of it.
 *
 * @module
 */

/** One thing the guest can be told to do. */
export interface Behaviour {
  readonly letter: string;
  readonly name: string;
  /** Codes that the log may give for it; none where it must be answered as clean requests are. */
  readonly codes: readonly string[];
  /** True if it may do either: succeed, or fail with one of `codes`. */
  readonly either?: boolean;
}

/** Told to these, the guest works until it is stopped. */
export const TIME_EATERS: readonly Behaviour[] = [
  { letter: "s", name: "spin", codes: ["GUEST_DEADLINE"] },
  { letter: "c", name: "catch_all around everything, in a loop", codes: ["GUEST_DEADLINE"] },
  { letter: "d", name: "br_table from loop to loop", codes: ["GUEST_DEADLINE"] },
  { letter: "v", name: "loop over SIMD lanes", codes: ["GUEST_DEADLINE"] },
  { letter: "h", name: "host calls in a loop", codes: ["GUEST_DEADLINE"] },
];

/** Told to these, the guest ends by itself. */
export const MISDEEDS: readonly Behaviour[] = [
  { letter: "t", name: "trap", codes: ["GUEST_TRAPPED"] },
  { letter: "m", name: "catch_all around a trap", codes: ["GUEST_TRAPPED"] },
  { letter: "r", name: "deep recursion", codes: ["GUEST_STACK_OVERFLOW"] },
  { letter: "n", name: "catch_all around deep recursion", codes: ["GUEST_STACK_OVERFLOW"] },
  { letter: "i", name: "mutual recursion through a table", codes: ["GUEST_STACK_OVERFLOW"] },
  { letter: "e", name: "proc_exit", codes: ["GUEST_EXITED"] },
  { letter: "k", name: "catch_all around proc_exit", codes: ["GUEST_EXITED"] },
  { letter: "x", name: "throw", codes: ["GUEST_THREW"] },
  { letter: "o", name: "result out of bounds", codes: ["GUEST_OUT_OF_BOUNDS"] },
  { letter: "q", name: "result too long", codes: ["GUEST_BAD_RESULT"] },
  { letter: "j", name: "result cut short", codes: ["GUEST_BAD_RESULT"] },
  { letter: "u", name: "unknown decision", codes: ["GUEST_BAD_RESULT"] },
  { letter: "w", name: "lone surrogate", codes: ["GUEST_BAD_RESULT"] },
  { letter: "l", name: "leak", codes: [] },
  { letter: "p", name: "many lines", codes: [] },
  { letter: "g", name: "memory.grow to the limit", codes: ["GUEST_DEADLINE"], either: true },
  { letter: "f", name: "memory.fill of all there is", codes: ["GUEST_DEADLINE"], either: true },
];

/** What clean requests ask for. */
export const CLEAN: readonly Behaviour[] = [
  { letter: "a", name: "allow", codes: [] },
  { letter: "b", name: "block", codes: [] },
];
