/**
 * The version of Redis that Rafka reports.
 *
 * @module
 */

/** Clients infer from it what they may use: the connection and introspection commands are those of this version. */
export const REDIS_VERSION = "7.4.0";
