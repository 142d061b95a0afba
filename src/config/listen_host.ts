/**
 * The addresses that the gateway can listen on.
 *
 * @module
 */

import * as z from "zod";

/**
 * The addresses that Deno's permissions can allow: they have no ranges of IPv6 addresses.
 *
 * @ignore its type is zod's
 */
export const listenHost = z.string().refine(
  (text) => z.ipv4().safeParse(text).success || ["localhost", "::", "::1"].includes(text),
  { error: "must be an IPv4 address, localhost, :: or ::1" },
);

/** Whether only this machine reaches a listener on this address. */
export function isLoopback(host: string): boolean {
  return host.startsWith("127.") || ["localhost", "::1"].includes(host);
}
