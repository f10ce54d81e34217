import type { Observer } from "../../../src/ops/mod.ts";

/** What an observer has been told: the member's name, and the values behind it. */
export type Told = readonly [member: keyof Observer, ...values: unknown[]];

/** An observer that looks at all there is, and what it has seen. */
export function recordingObserver(): { readonly observer: Required<Observer>; readonly told: Told[] } {
  const told: Told[] = [];
  const record = (member: keyof Observer) => (...values: unknown[]) => {
    told.push([member, ...values]);
  };
  return {
    told,
    observer: {
      arrived: record("arrived"),
      decided: record("decided"),
      answered: record("answered"),
      called: record("called"),
      made: record("made"),
      ended: record("ended"),
      received: record("received"),
      sent: record("sent"),
      failed: record("failed"),
      unknownKey: record("unknownKey"),
      notStarted: record("notStarted"),
      replaced: record("replaced"),
      moved: record("moved"),
      printed: record("printed"),
      measured: record("measured"),
      uncounted: record("uncounted"),
      connections: record("connections"),
      connectionClosed: record("connectionClosed"),
      reloaded: record("reloaded"),
      noted: record("noted"),
    },
  };
}
