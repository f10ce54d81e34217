/**
 * What is to be run: one shape, whether options or anything else have said it.
 *
 * @module
 */

export type { AgentConfig, ConfigurationSource, LogConfig, ModuleConfig, SocketConfig } from "./config.ts";
export { configFromOptions, configurationSource, type GivenOptions } from "./from_options.ts";
