/**
 * Errors of OpenSSL in words.
 *
 * @module
 */

import { fromCString } from "./memory.ts";
import type { OpenSsl } from "./openssl.ts";

/** TLS with a client has failed; the message says why, without anything that the client has sent. */
export class TlsError extends Error {
  /** Shown in stack traces. */
  override name = "TlsError";
  /** A client certificate was missing or refused. */
  readonly isCertificateRefused: boolean;
  /** The alert that the peer has sent, e.g. "certificate required"; undefined when the failure is on this side. */
  readonly alert: string | undefined;

  /** An error with its reason. */
  constructor(
    message: string,
    { isCertificateRefused = false, alert }: { isCertificateRefused?: boolean; alert?: string } =
      {},
  ) {
    super(message);
    this.isCertificateRefused = isCertificateRefused;
    this.alert = alert;
  }
}

/** Reasons of OpenSSL that say less than they could. */
const WORDS: Readonly<Record<string, string>> = {
  "unsupported protocol": "it offers no TLS version from 1.2 on",
  "wrong version number": "it offers no TLS version from 1.2 on",
  "no shared cipher": "it offers no cipher that is allowed here",
  "peer did not return a certificate": "it has no client certificate, and clientAuth is required",
  "http request": "HTTP without TLS",
};

/** Alerts of the peer begin so in OpenSSL's reasons, e.g. `tlsv1 alert unknown ca`. */
const ALERT = /^(?:ssl|tls)v\d+ alert /;

/** Empties this thread's queue of errors and returns the reason of the first, as OpenSSL words it. */
export function takeReason({ symbols }: OpenSsl): string | undefined {
  let first: string | undefined;
  for (let code = symbols.ERR_get_error(); code !== 0n; code = symbols.ERR_get_error()) {
    first ??= fromCString(symbols.ERR_reason_error_string(code)) || `error ${code.toString(16)}`;
  }
  return first;
}

/** The error for a reason of OpenSSL. */
export function tlsError(reason: string): TlsError {
  if (ALERT.test(reason)) {
    const alert = reason.replace(ALERT, "");
    return new TlsError(`it refuses the gateway's certificate or settings: ${alert}`, { alert });
  }
  const isCertificateRefused = reason === "peer did not return a certificate";
  return new TlsError(WORDS[reason] ?? reason, { isCertificateRefused });
}
