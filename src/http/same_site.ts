/**
 * Refuses requests that a web site makes in the browser of somebody who can reach the port: those of another origin, and
 * those to a name that an attacker has pointed at this machine (DNS rebinding).
 *
 * @module
 */

import { HttpError, type HttpRequest } from "./http_request.ts";

/** Names of this machine, with any port: it may be forwarded. */
const LOCAL_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/**
 * Checks where a request is from.
 *
 * @param isLoopback only this machine reaches the port: any other name in Host is an attack
 * @throws {HttpError} 403
 */
export function refuseOtherSites({ headers }: HttpRequest, isLoopback: boolean): void {
  const host = headers.get("host") ?? "";
  if (isLoopback && !LOCAL_HOST.test(host)) {
    throw new HttpError(
      403,
      "The host must be localhost, 127.0.0.1 or [::1]: this port is for this machine only",
    );
  }
  const origin = headers.get("origin");
  const isForeign = origin !== undefined && origin.toLowerCase() !== `http://${host}`.toLowerCase();
  if (isForeign || isCrossSite(headers)) {
    throw new HttpError(403, "Other sites may not read this");
  }
}

/** A link may lead here: that the site can't read. */
function isCrossSite(headers: HttpRequest["headers"]): boolean {
  const site = headers.get("sec-fetch-site") ?? "none";
  const isLink = headers.get("sec-fetch-mode") === "navigate" &&
    headers.get("sec-fetch-dest") === "document";
  return site !== "none" && site !== "same-origin" && !isLink;
}
