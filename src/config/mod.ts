/**
 * What is to be run: one shape, whether options or anything else have said it.
 *
 * @module
 */

export { type AdminAddress, isLoopback, NO_ADMIN, parseAdminAddress, showAdminAddress } from "./admin_address.ts";
export type { AdminConfig, AgentConfig, ConfigurationSource, LogConfig, ModuleConfig, SocketConfig } from "./config.ts";
export type { Mistake, Place } from "./parsed_file.ts";
export { MAX_TEXT_BYTES, readTextFile, type TextKind, unreadable } from "./text_file.ts";
export type { Schema } from "./validate.ts";
export type { CheckedFile } from "./from_file.ts";
export { checkConfig, type ConfigRequest, type FileRequest, readConfig } from "./request.ts";
export { lookedAtBy } from "./files.ts";
export { olderRecord, parseRecord, type RecordConfig } from "./record.ts";
export { configFromOptions, configurationSource, type GivenOptions } from "./from_options.ts";
