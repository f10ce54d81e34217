/**
 * What is to be run: one shape, whether options or anything else have said it.
 *
 * @module
 */

export { type AdminAddress, isLoopback, NO_ADMIN, parseAdminAddress, showAdminAddress } from "./admin_address.ts";
export type { AdminConfig, AgentConfig, ConfigurationSource, LogConfig, ModuleConfig, SocketConfig } from "./config.ts";
export { type ConfigRequest, readConfig } from "./request.ts";
export { configFromOptions, configurationSource, type GivenOptions } from "./from_options.ts";
