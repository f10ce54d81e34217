/**
 * The parts of a client's address. Proxies up to 0.6.45 send `192.0.2.1:4711` and `[2001:db8::1]:4711` with `client_port` 0, later ones
 * the bare address with the port beside it.
 *
 * @module
 */

const DOT = 0x2e, ZERO = 0x30, NINE = 0x39, COLON = 0x3a, OPEN_BRACKET = 0x5b, CLOSE_BRACKET = 0x5d;
const NO_PORT = -1;

/** The highest port of TCP. */
export const MAX_PORT = 65_535;

/** Where the parts of one address stand in its text; to be used again for the next one. */
export class AddressParts {
  /** The first byte of the bare address. */
  start = 0;
  /** Just past its last byte. */
  end = 0;
  /** The port in the address, 1 to 65,535; 0 where none is told. */
  port = 0;

  /**
   * Finds the parts of the address that stands from `start` to `end` of `bytes`. Whatever is not of one of the two forms stays whole:
   * `2001:db8::1`, `unix:/run/proxy.sock`, a name, nonsense.
   */
  read(bytes: Uint8Array, start: number, end: number): void {
    this.start = start;
    this.end = end;
    this.port = 0;
    let at = start;
    if (bytes[start] === OPEN_BRACKET) {
      while (at < end && bytes[at] !== CLOSE_BRACKET) at++;
      if (at === end) return;
      const port = at + 1 === end ? 0 : portAt(bytes, at + 1, end);
      if (port === NO_PORT) return;
      this.start = start + 1;
      this.port = port;
    } else {
      while (at < end && (isDigit(bytes[at]!) || bytes[at] === DOT)) at++;
      // A bare address is what most proxies send.
      if (at === end || at === start) return;
      const port = portAt(bytes, at, end);
      if (port === NO_PORT) return;
      this.port = port;
    }
    this.end = at;
  }
}

/** The port that a colon and digits from `start` to `end` tell, 0 if it is none that can be; {@linkcode NO_PORT} for other text. */
function portAt(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== COLON || start + 1 >= end) return NO_PORT;
  let port = 0;
  for (let at = start + 1; at < end; at++) {
    const byte = bytes[at]!;
    if (!isDigit(byte)) return NO_PORT;
    port = Math.min(port * 10 + byte - ZERO, MAX_PORT + 1);
  }
  return port > MAX_PORT ? 0 : port;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}
