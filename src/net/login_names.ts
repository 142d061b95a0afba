/**
 * A client certificate as a login: the names that may be a user's.
 *
 * @module
 */

import type { PeerCertificate } from "../ffi/x509.ts";

/** Which names count: none, the CN of the subject, or the subject's alternative names. */
export type UserFrom = "none" | "cn" | "san";

/**
 * The names under which a certificate may log in. None for one with several CNs: which of them its CA has vouched for as
 * a user is unknown. Names with a NUL do not get here, see TlsSession.
 */
export function loginNames(certificate: PeerCertificate, userFrom: UserFrom): readonly string[] {
  const { commonNames, subjectAltNames } = certificate;
  if (userFrom === "san") return subjectAltNames;
  return userFrom === "cn" && commonNames.length === 1 ? commonNames : [];
}
