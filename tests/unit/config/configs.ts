import { type AgentConfig, configFromOptions, type GivenOptions } from "../../../src/config/mod.ts";

/** Values of options, none of them another one's. */
export const GIVEN: GivenOptions = {
  "socket": "a.sock",
  "socket-mode": 0o600,
  "take-over": true,
  "ready-fd": 29,
  "lanes": 3,
  "module": "some/folder/m.wasm",
  "module-config": ' {"a":1}',
  "fail-open": false,
  "pool-size": 5,
  "queue-size": 7,
  "reserve-threads": 2,
  "timeout-ms": 11,
  "start-timeout-ms": 13,
  "max-memory": 17,
  "max-table-entries": 19,
  "max-requests-per-instance": 23,
  "allow-gc": true,
  "log-format": "json",
  "verbose": true,
  "watch": true,
  "admin": "unix:b.sock",
  "admin-allow-remote": true,
  "ready-max-errors": 29,
  "lock-in": true,
  "record": "r.jsonl",
  "record-max-mb": 31,
  "record-redact": "X-Mine, -cookie, ?Sid, -?code",
};

/** What {@linkcode GIVEN} asks for, but for what is changed. */
export function agentConfig(changes: Partial<AgentConfig> = {}): AgentConfig {
  return { ...configFromOptions(GIVEN), ...changes };
}
