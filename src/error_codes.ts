/**
 * Every code that an error of this program can have: what it means, and what to do.
 *
 * `docs/errors.md` is made from these tables. A code is stable, since logs and alerts are matched by it; its prefix belongs to one
 * class of errors only.
 *
 * @module
 */

/** What an error of each class does to the program. */
export const EFFECTS = {
  ConfigError: "Bad usage or configuration. The process ends with exit code 2.",
  ListenError: "A socket cannot be opened. The process ends with exit code 1.",
  FrameError: "Bytes on a socket are not a frame. Closes that connection.",
  ProtocolError:
    "A frame is not a message that may come now. Closes that connection; an event whose id can be read takes the fail mode instead.",
  ModuleError: "A module cannot be used. The process refuses to start with it and ends with exit code 1.",
  GuestError: "A call into a module failed. The event takes the fail mode, the instance is discarded.",
  PoolError: "No instance could be had in time. The event takes the fail mode.",
  UnexpectedError: "What no code of this program foresees. The process ends with exit code 1.",
} as const;

/** A class of errors, by what they do to the program. */
export type ErrorClass = keyof typeof EFFECTS;

/** What is known of a code. */
export interface ErrorRow {
  /** Its class. */
  readonly class: ErrorClass;
  /** When it happens: one sentence. */
  readonly when: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** All codes. Every row is used in the source, and no other code compiles. */
export const ERRORS = {
  CASES_UNREADABLE: {
    class: "ConfigError",
    when: "A file of cases for `test` cannot be read, or is none.",
    remedy: "The message says which line and case; `docs/cases.schema.json` tells an editor what may stand there.",
  },
  CONFIG_INVALID: {
    class: "ConfigError",
    when: "The configuration file has mistakes. A reload keeps what served before.",
    remedy: "Each of them is told with line and column, also by `check --config FILE`.",
  },
  CONFIG_UNREADABLE: {
    class: "ConfigError",
    when:
      "The configuration of a module, or its file, cannot be read or is no JSON; or the configuration file cannot be read.",
    remedy: "The message says which, and where in it; what `--module-config` takes stands in `--help`.",
  },
  EVENT_UNREADABLE: {
    class: "ConfigError",
    when: "A request or response that a file describes cannot be read, or is none.",
    remedy: "The message says where and which field; `docs/commands.md` has the shape.",
  },
  OUTPUT_UNWRITABLE: {
    class: "ConfigError",
    when: "A file that a command is to write cannot be written.",
    remedy: "The message says which, and why; of a process without the grant, which one it takes.",
  },
  RELOAD_LOCKED_IN: {
    class: "ConfigError",
    when: "A reload was asked for of an agent that was started with `--lock-in`. It serves as before.",
    remedy: "Restart it, or start it without `--lock-in`.",
  },
  USAGE_BAD_VALUE: {
    class: "ConfigError",
    when: "An option or its environment variable has a value that it does not take.",
    remedy: "The message says what it takes; so does `--help`.",
  },
  USAGE_EXTRA_WORD: {
    class: "ConfigError",
    when: "The command line has a word where only options may stand.",
    remedy: "Quote values with blanks, and write `--option=value` where a value looks like an option.",
  },
  USAGE_MISSING_OPTION: {
    class: "ConfigError",
    when: "An option that has no default is neither on the command line nor in the environment.",
    remedy: "Give it.",
  },
  USAGE_MISSING_VALUE: {
    class: "ConfigError",
    when: "An option that takes a value has none, or an empty one.",
    remedy: "Give it one; a variable that is not set is often why.",
  },
  USAGE_TWICE: {
    class: "ConfigError",
    when: "An option is given more often than once.",
    remedy: "Take one of them out: this program does not choose.",
  },
  USAGE_UNKNOWN_OPTION: {
    class: "ConfigError",
    when: "An option is unknown, or belongs to another command.",
    remedy: "The message names the nearest one, where there is one.",
  },

  CONNECT_FAILED: {
    class: "ListenError",
    when: "`try` finds nobody on the socket who answers as an agent does.",
    remedy: "Start an agent, and compare the paths of the sockets.",
  },
  LISTEN_DEAF: {
    class: "ListenError",
    when: "A lane has no file descriptor left to accept connections with.",
    remedy: "Raise `ulimit -n` (`LimitNOFILE=` of a systemd unit), and have the agent started anew.",
  },
  LISTEN_FAILED: {
    class: "ListenError",
    when: "The system does not let the socket be opened.",
    remedy:
      "The message has the system's reason: a folder that is missing, rights, a grant of Deno's, a path that is too long.",
  },
  LISTEN_IN_USE: {
    class: "ListenError",
    when: "Another process answers on the socket.",
    remedy: "Stop it, or choose another path with `--socket`.",
  },
  LISTEN_NOT_A_SOCKET: {
    class: "ListenError",
    when: "The socket's path names a file that is no socket, which is never removed.",
    remedy: "Choose another path, or remove the file yourself.",
  },
  LISTEN_NOT_SHARED: {
    class: "ListenError",
    when:
      "The system's descriptor of the socket cannot be had, or is another process' too (`LISTEN_FDS`), so that several lanes cannot share it.",
    remedy: "Use `--lanes 1`, or let the agent open the socket itself.",
  },
  READY_NOT_TOLD: {
    class: "ListenError",
    when: "The descriptor of `--ready-fd` cannot be written to.",
    remedy: "Have whoever starts the agent open a pipe there, as in `3>pipe`, or leave the option out.",
  },

  FRAME_EMPTY: {
    class: "FrameError",
    when: "A frame has a length of 0.",
    remedy: "The peer speaks another protocol: see what else connects to the socket.",
  },
  FRAME_TOO_LARGE: {
    class: "FrameError",
    when: "A frame's length is above the protocol's limit.",
    remedy: "The peer speaks another protocol, or the proxy sends longer bodies than its own limit allows.",
  },

  CONNECTION_OVER_LIMIT: {
    class: "ProtocolError",
    when: "More connections are opened than may be at a time, or than there are file descriptors for.",
    remedy: "See who opens that many: a proxy needs a few. Raise `ulimit -n` if it is below 1,024.",
  },
  HANDSHAKE_MISSING: {
    class: "ProtocolError",
    when: "A connection of protocol v2 does not begin with a handshake.",
    remedy: "The peer is no proxy that this program knows: see `docs/proxies.md`.",
  },
  HANDSHAKE_REFUSED: {
    class: "ProtocolError",
    when: "A handshake offers no version or no encoding that this program speaks.",
    remedy: "The message says which are offered; `docs/proxies.md` lists the releases that fit.",
  },
  MESSAGE_BAD_FIELD: {
    class: "ProtocolError",
    when: "A field of a message is missing or has another type than the protocol says.",
    remedy: "The message names the field. Compare the proxy's release with `docs/proxies.md`.",
  },
  MESSAGE_NOT_JSON: {
    class: "ProtocolError",
    when: "The body of a frame is not JSON in UTF-8.",
    remedy: "Compare the proxy's release with `docs/proxies.md`.",
  },
  MESSAGE_OVER_LIMIT: {
    class: "ProtocolError",
    when: "A message holds more than it may: bytes of a head, headers, depth, members.",
    remedy: "`docs/limits.md` has the bounds. Lower the proxy's own limit for heads.",
  },
  MESSAGE_UNKNOWN_KIND: {
    class: "ProtocolError",
    when: "A message is of a kind that this program does not know.",
    remedy: "Compare the proxy's release with `docs/proxies.md`.",
  },
  MESSAGE_UNKNOWN_VERSION: {
    class: "ProtocolError",
    when: "A v1 event says that it is of another version.",
    remedy: "Compare the proxy's release with `docs/proxies.md`.",
  },
  PEER_HOLDS_MEMORY: {
    class: "ProtocolError",
    when:
      "Unfinished frames, and replies not taken, hold more memory together than they may, and this peer's for longest.",
    remedy: "See who connects to the socket: a proxy sends a frame in one go, and takes its replies.",
  },
  PEER_STALLED: {
    class: "ProtocolError",
    when: "A peer stops in the middle of a frame, or does not take its replies.",
    remedy: "See whether the proxy hangs or is overloaded.",
  },
  PROTOCOL_UNKNOWN: {
    class: "ProtocolError",
    when: "A connection begins with a byte that no protocol begins with.",
    remedy: "The peer is no proxy: see what else connects to the socket.",
  },
  REPLY_LATE: {
    class: "ProtocolError",
    when: "A reply is ready so late that it could be taken for the answer to another event.",
    remedy: "The machine is too busy, or the module too slow: see `docs/running.md`.",
  },

  MODULE_BAD_EXPORTS: {
    class: "ModuleError",
    when: "An export that the host calls is missing or has another type.",
    remedy: "The message lists what is wanted; `docs/abi.md` says what each is for.",
  },
  MODULE_BAD_IMPORTS: {
    class: "ModuleError",
    when: "The module imports what this host does not provide.",
    remedy: "The message lists both. Build for `wasm32-unknown-unknown` or as a WASI reactor.",
  },
  MODULE_BAD_PHASES: {
    class: "ModuleError",
    when: "The configuration file has the module asked about a phase that it has no handler for.",
    remedy: "Take the phase out of `phases`, or leave `phases` out: then it is asked about all that it handles.",
  },
  MODULE_DOES_NOT_START: {
    class: "ModuleError",
    when: "An instance traps, overruns or runs out of memory before its first call.",
    remedy: "The message has the guest's error. Raise `--start-timeout-ms` or `--max-memory` where that is the reason.",
  },
  MODULE_FILE_TOO_LARGE: {
    class: "ModuleError",
    when: "The module's file is longer than any module may be.",
    remedy: "Strip what is not code, such as debug information.",
  },
  MODULE_FUNCTION_TOO_LARGE: {
    class: "ModuleError",
    when: "One function is more than V8's compilers may be given.",
    remedy: "The message names the function and the limit (`docs/limits.md`). Build with less inlining.",
  },
  MODULE_INVALID: {
    class: "ModuleError",
    when: "V8 does not accept the module.",
    remedy: "The message has V8's reason. Build it again with a current tool.",
  },
  MODULE_MALFORMED: {
    class: "ModuleError",
    when: "The bytes do not follow the binary format.",
    remedy: "The message has the byte's offset. The file may be cut short.",
  },
  MODULE_MEMORY_TOO_LARGE: {
    class: "ModuleError",
    when: "The module's memories begin larger than `--max-memory`, or are too many.",
    remedy: "Raise `--max-memory`, or build with a smaller initial memory.",
  },
  MODULE_NOT_COMPILED: {
    class: "ModuleError",
    when: "V8 does not compile the module once the deadline checks are in it.",
    remedy: "The message has V8's reason, a limit of its own. Report it with the module.",
  },
  MODULE_NOT_WASM: {
    class: "ModuleError",
    when: "The file is no core module of WebAssembly: something else, a component, or another version.",
    remedy: "The message says what it is, and how to build a core module.",
  },
  MODULE_RESERVED_EXPORT: {
    class: "ModuleError",
    when: "An export has a name that the rewrite needs for itself.",
    remedy: "Give the agent the module as it was built, or rename the export.",
  },
  MODULE_TABLE_TOO_LARGE: {
    class: "ModuleError",
    when: "The module's tables begin larger than `--max-table-entries`, or are too many.",
    remedy: "Raise `--max-table-entries`.",
  },
  MODULE_TOO_LARGE: {
    class: "ModuleError",
    when: "The module declares more than V8 may be given: types, exports, segments, work of all functions.",
    remedy: "The message names what and the limit (`docs/limits.md`).",
  },
  MODULE_TOO_MANY_TYPES: {
    class: "ModuleError",
    when: "All modules since the start of the process have more types than V8 can hold.",
    remedy: "Restart the agent.",
  },
  MODULE_UNKNOWN_OPCODE: {
    class: "ModuleError",
    when: "An instruction is none of WebAssembly 3.0.",
    remedy: "Build without experimental features.",
  },
  MODULE_UNREADABLE: {
    class: "ModuleError",
    when: "The module's file cannot be read.",
    remedy: "The message has the system's reason: a path, rights, a grant of Deno's.",
  },
  MODULE_USES_GC: {
    class: "ModuleError",
    when: "The module can allocate on the garbage-collected heap, which no limit bounds.",
    remedy: "Use `--allow-gc` for a module that you trust.",
  },
  MODULE_WRONG_HASH: {
    class: "ModuleError",
    when: "The module's file is not the one that the configuration file pins by its SHA-256.",
    remedy: "Put the file back that was meant, or, if this one is, its SHA-256 into `sha256`.",
  },
  MODULE_USES_THREADS: {
    class: "ModuleError",
    when: "The module has a shared memory or atomic instructions.",
    remedy: "Build it without threads and atomics.",
  },

  GUEST_ABI_UNKNOWN: {
    class: "GuestError",
    when: "`agent_abi_version` answered with a version that this program does not speak.",
    remedy: "Build the module for version 2, or without this export for version 1 (`docs/abi.md`).",
  },
  GUEST_ABORTED: {
    class: "GuestError",
    when: "An AssemblyScript module called `abort`.",
    remedy: "The message has its reason, file and line.",
  },
  GUEST_ALLOC_FAILED: {
    class: "GuestError",
    when: "`alloc` answered 0: most likely the guest's memory is full.",
    remedy: "Look for a leak in the module, or raise `--max-memory`.",
  },
  GUEST_BAD_EXPORTS: {
    class: "GuestError",
    when: "An export that is to be called is no function.",
    remedy: "A fault of this program, because start-up checks the exports: report it with the module.",
  },
  GUEST_BAD_HOST_CALL: {
    class: "GuestError",
    when: "The guest gave a host function what it cannot work with, such as memory beyond its end.",
    remedy: "The message names the function.",
  },
  GUEST_BAD_RESULT: {
    class: "GuestError",
    when: "A result is not what `docs/abi.md` says: its length, its JSON, a field, a decision that is none.",
    remedy: "The message names the field and what came.",
  },
  GUEST_CLOSED: {
    class: "GuestError",
    when: "An instance was wanted of a thread that was being ended.",
    remedy: "None: it happens while the agent stops.",
  },
  GUEST_CONFIG_REFUSED: {
    class: "GuestError",
    when: "`configure` of the module answered with an error.",
    remedy: "The message has the module's reason: correct `--module-config`.",
  },
  GUEST_DEADLINE: {
    class: "GuestError",
    when: "A call did not end within `--timeout-ms`, or a start within `--start-timeout-ms`.",
    remedy: "Make the module faster for what the event was, or raise the limit together with the proxy's own.",
  },
  GUEST_EXITED: {
    class: "GuestError",
    when: "The guest called `proc_exit` or `proc_raise`.",
    remedy: "Build it as a reactor that returns; what it printed before may say why.",
  },
  GUEST_FAILED: {
    class: "GuestError",
    when: "A call failed in a way of V8's that has no code of its own.",
    remedy: "The message has V8's reason.",
  },
  GUEST_NOT_INSTRUMENTED: {
    class: "GuestError",
    when: "A module was to run that has no deadline checks.",
    remedy: "A fault of this program: report it.",
  },
  GUEST_NOT_STARTED: {
    class: "GuestError",
    when: "A call came to a slot whose instance has been closed or did not start.",
    remedy: "The log has why it did not start.",
  },
  GUEST_NO_MEMORY: {
    class: "GuestError",
    when: "The system has no memory for another instance.",
    remedy: "Lower `--pool-size` or `--max-memory`, or give the process more.",
  },
  GUEST_OUT_OF_BOUNDS: {
    class: "GuestError",
    when: "The guest answered with a pointer or length beyond its memory.",
    remedy: "Look at `alloc` and at how the module packs its result.",
  },
  GUEST_STACK_OVERFLOW: {
    class: "GuestError",
    when: "The guest recursed until the stack was full.",
    remedy: "Bound the recursion in the module.",
  },
  GUEST_THREAD_DIED: {
    class: "GuestError",
    when: "The thread of a call ended, or did not come back in time.",
    remedy: "The event has been answered and another thread takes its place; report it if it comes again.",
  },
  GUEST_THREAD_SPENT: {
    class: "GuestError",
    when: "A thread has dropped so many instances that their memory is only freed with it.",
    remedy: "None: another thread takes its place. Look for what makes calls fail.",
  },
  GUEST_THREW: {
    class: "GuestError",
    when: "An exception of the guest's left it uncaught.",
    remedy: "Catch it in the module.",
  },
  GUEST_TRAPPED: {
    class: "GuestError",
    when: "The guest trapped: `unreachable`, a panic, a division by zero, memory out of bounds.",
    remedy: "The message has V8's reason, the function, and what the guest printed before.",
  },

  POOL_CLOSED: {
    class: "PoolError",
    when: "A call came after the pool's end.",
    remedy: "None: it happens while the agent stops.",
  },
  POOL_LANE_DIED: {
    class: "PoolError",
    when: "An event loop of `--lanes` ended by itself; the process drains and ends with exit code 1.",
    remedy: "A fault of this program: report it.",
  },
  POOL_QUEUE_FULL: {
    class: "PoolError",
    when: "As many calls wait for an instance as `--queue-size` allows.",
    remedy: "Raise `--pool-size` or `--lanes`, or make the module faster.",
  },
  POOL_THREAD_FAILED: {
    class: "PoolError",
    when: "A thread does not start.",
    remedy: "The message has the reason: most likely a limit of the system for threads or descriptors.",
  },
  POOL_TOO_LARGE: {
    class: "PoolError",
    when: "More instances are wanted at once, over all modules and a reload, than the watchdog can look after.",
    remedy: "Lower `--pool-size`, or run fewer modules.",
  },
  POOL_WAIT_ABORTED: {
    class: "PoolError",
    when: "The proxy no longer wants the answer that a call was waiting to give.",
    remedy: "None: the event was cancelled.",
  },
  POOL_WAIT_TIMEOUT: {
    class: "PoolError",
    when: "No instance was free before the event's deadline.",
    remedy: "Raise `--pool-size` or `--lanes`, or make the module faster.",
  },
  POOL_WATCHDOG_DIED: {
    class: "PoolError",
    when:
      "The thread that ends overrunning calls has ended; the process ends too, because no call has a deadline any more.",
    remedy: "A fault of this program: report it.",
  },

  UNEXPECTED: {
    class: "UnexpectedError",
    when: "The system refuses what the program needs to go on, such as a write to stdout.",
    remedy: "The message has the system's reason.",
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;

/** A code of the table. */
export type ErrorCode = keyof typeof ERRORS;

/** The codes of one class. */
export type CodeOf<Class extends ErrorClass> = {
  [Code in ErrorCode]: (typeof ERRORS)[Code]["class"] extends Class ? Code : never;
}[ErrorCode];
