/**
 * Which Redis we look like.
 *
 * @module
 */

/** Clients look at it to know what they may use: we have the connection and introspection commands of this one. */
export const REDIS_VERSION = "7.4.0";
