/**
 * The settings of the HTTP port: the object `http` in the section `server`.
 *
 * @module
 */

import * as z from "zod";
import { listenHost } from "./listen_host.ts";
import { aBoolean, anObject, integer } from "./setting_types.ts";

/** The port under `--dev`, if it is free. */
export const HTTP_PORT = 6382;

/**
 * The object `http`: what each key means, what is allowed, its default.
 *
 * @ignore its type is zod's
 */
export const httpSection = z.strictObject({
  host: listenHost.default("127.0.0.1").describe(
    "address to listen on, as `server.host`; there is neither a login nor TLS",
  ),
  port: integer(0, 65535).default(HTTP_PORT).describe("port to listen on, 0 for any free one"),
  names: z.boolean(aBoolean).optional().describe(
    "whether names of topics, groups and clients are shown; `true` unless there are users. Without them the figures " +
      "of all topics and groups are summed up as `(hidden)`",
  ),
}, anObject);

/**
 * The values of `server.http`.
 *
 * @ignore inferred from the schema: `--config-help` and docs/configuration.md show it
 */
export type HttpSettings = Readonly<z.infer<typeof httpSection>>;

/** The defaults of `server.http`. */
export const httpDefaults: HttpSettings = httpSection.parse({});

/** The keys of `server.http`: what each means, and its default if it has one. */
export const httpKeys: readonly {
  readonly key: string;
  /** Undefined without one. */
  readonly defaultValue: unknown;
  /** In Markdown. */
  readonly description: string;
}[] = Object.entries(httpSection.shape).map(([key, { description, def }]) => ({
  key,
  defaultValue: "defaultValue" in def ? def.defaultValue : undefined,
  description: description!,
}));
