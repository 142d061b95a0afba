/**
 * The settings of TLS for clients: the object `tls` in the section `server`.
 *
 * @module
 */

import * as z from "zod";
import { CLIENT_AUTH, type ClientAuth } from "../ffi/tls_context.ts";
import { secretPlace } from "./secret_values.ts";
import { anObject, integer } from "./setting_types.ts";

const path = z.string({ error: "must be the path of a file" }).min(1, {
  error: "must be the path of a file",
});

/**
 * The object `tls`: what each key means, what is allowed, its default.
 *
 * @ignore its type is zod's
 */
export const tlsSection = z.strictObject({
  port: integer(0, 65535).default(6381).describe("port to listen on with TLS, 0 for any free one"),
  certFile: path.describe(
    "the certificate in PEM, behind it those that lead to its CA; read again when it changes",
  ),
  keyFile: path.describe("the key of the certificate in PEM"),
  keyPassphrase: z.union([z.string(), secretPlace], {
    error: 'must be a text, or where to read it: {"file": …} or {"env": …}',
  }).optional().describe('the passphrase of the key, or `{"file": …}` or `{"env": …}` for it'),
  clientAuth: z.enum(CLIENT_AUTH).optional().describe(
    'certificates of clients: `"required"`; `"optional"`: one that is shown must be valid; `"no"`: none is asked for. ' +
      '`"required"` if there is a `clientCaFile`, else `"no"`',
  ),
  clientCaFile: path.optional().describe("the CAs of client certificates, in PEM"),
  clientCrlFile: path.optional().describe(
    "CRLs of all these CAs in PEM: revoked certificates are refused",
  ),
  userFrom: z.enum(["none", "cn", "san"]).default("none").describe(
    'whether a client certificate is a login, as the user with the name of its CN (`"cn"`) or of one of its ' +
      'alternative names (`"san"`)',
  ),
}, anObject)
  .refine(({ clientAuth = "no", clientCaFile }) => clientAuth === "no" || clientCaFile, {
    path: ["clientAuth"],
    error: "needs clientCaFile",
  })
  .refine(({ clientAuth, clientCaFile }) => clientAuth !== "no" || !clientCaFile, {
    path: ["clientAuth"],
    error: "makes no use of clientCaFile",
  })
  .refine(({ clientCrlFile, clientCaFile }) => !clientCrlFile || clientCaFile, {
    path: ["clientCrlFile"],
    error: "needs clientCaFile",
  })
  .refine(({ userFrom, clientCaFile }) => userFrom === "none" || clientCaFile, {
    path: ["userFrom"],
    error: "needs clientCaFile",
  });

/**
 * The values of `server.tls`.
 *
 * @ignore inferred from the schema: `--config-help` and docs/configuration.md show it
 */
export type TlsSettings = Readonly<z.infer<typeof tlsSection>>;

/** Whether clients are asked for a certificate. */
export function clientAuthOf({ clientAuth, clientCaFile }: TlsSettings): ClientAuth {
  return clientAuth ?? (clientCaFile ? "required" : "no");
}

/** The keys of `server.tls`: what each means, and its default if it has one. */
export const tlsKeys: readonly {
  readonly key: string;
  /** Undefined without one. */
  readonly defaultValue: unknown;
  /** In Markdown. */
  readonly description: string;
}[] = Object.entries(tlsSection.shape).map(([key, { description, def }]) => ({
  key,
  defaultValue: "defaultValue" in def ? def.defaultValue : undefined,
  description: description!,
}));
