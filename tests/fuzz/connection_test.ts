import fc from "fast-check";
import { frameOf, proxyFrames, ROWS } from "../conformance/protocols.ts";
import { converse, type Tempo } from "./conversation.ts";
import { RUNS } from "./runs.ts";

const tempos = fc.array(fc.constantFrom<Tempo>("at once", "soon", "later"), { maxLength: 5 });

/** Where a stream is cut into reads. */
const cuts = fc.array(fc.nat(), { maxLength: 8 });

function pieces(bytes: Uint8Array, cutAt: readonly number[]): Uint8Array[] {
  const places = cutAt.map((place) => bytes.length === 0 ? 0 : place % bytes.length).sort((a, b) => a - b);
  return [...places, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : places[index - 1], end));
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

Deno.test("Connection survives arbitrary bytes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), cuts, tempos, async (bytes, cutAt, how) => {
      await converse(pieces(bytes, cutAt), how);
    }),
    { numRuns: RUNS },
  );
});

/** Bytes that are framed well and mean nothing. */
const framed = fc.array(
  fc.tuple(
    fc.oneof(fc.constantFrom(0x01, 0x10, 0x12, 0x17, 0x33, 0x40, 0x41, 0x42, 0x7b), fc.integer({ min: 0, max: 255 })),
    fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.json().map((json) => new TextEncoder().encode(json))),
  ).map(([type, payload]) => frameOf(Uint8Array.of(type), payload)),
  { maxLength: 8 },
);

for (const { protocol, beginning } of ROWS) {
  Deno.test(`Connection survives arbitrary frames behind a good beginning of ${protocol}`, async () => {
    await fc.assert(
      fc.asyncProperty(framed, cuts, tempos, async (frames, cutAt, how) => {
        await converse(pieces(concat([...beginning("0.6.54"), ...frames]), cutAt), how);
      }),
      { numRuns: RUNS },
    );
  });
}

type Mutation = (bytes: number[]) => void;

/** A place in `bytes`, the same for every length. */
function place(bytes: readonly number[], at: number): number {
  return bytes.length === 0 ? 0 : at % bytes.length;
}

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })).map(([at, value]): Mutation => (bytes) => {
    if (bytes.length > 0) bytes[place(bytes, at)] = value;
  }),
  fc.tuple(fc.nat(), fc.integer({ min: 0, max: 7 })).map(([at, bit]): Mutation => (bytes) => {
    if (bytes.length > 0) bytes[place(bytes, at)]! ^= 1 << bit;
  }),
  fc.tuple(fc.nat(), fc.nat(30)).map(([at, count]): Mutation => (bytes) => bytes.splice(place(bytes, at), count)),
  fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 20 })).map(([at, added]): Mutation => (bytes) =>
    bytes.splice(place(bytes, at), 0, ...added)
  ),
  fc.tuple(fc.nat(), fc.nat(200)).map(([at, count]): Mutation => (bytes) => {
    const from = place(bytes, at);
    bytes.splice(from, 0, ...bytes.slice(from, from + count));
  }),
);

for (const { protocol, beginning } of ROWS) {
  const corpus = proxyFrames(protocol).map(({ frame }) => frame);

  Deno.test(`Connection survives captured ${protocol} frames with damage`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...corpus), { minLength: 1, maxLength: 6 }),
        fc.array(mutation, { maxLength: 4 }),
        cuts,
        tempos,
        async (frames, mutations, cutAt, how) => {
          const bytes = frames.flatMap((frame) => [...frame]);
          for (const mutate of mutations) mutate(bytes);
          await converse(pieces(concat([...beginning("0.6.45"), Uint8Array.from(bytes)]), cutAt), how);
        },
      ),
      { numRuns: RUNS },
    );
  });

  Deno.test(`Connection survives captured ${protocol} frames in any order, cut anywhere, left anywhere`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...corpus), { minLength: 1, maxLength: 20 }),
        fc.nat(),
        cuts,
        tempos,
        async (frames, end, cutAt, how) => {
          const bytes = concat([...beginning("0.6.54"), ...frames]);
          await converse(pieces(bytes.subarray(0, end % (bytes.length + 1)), cutAt), how);
        },
      ),
      { numRuns: RUNS },
    );
  });
}
