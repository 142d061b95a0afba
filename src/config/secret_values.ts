/**
 * Values of the configuration that are kept elsewhere: `{"file": "<path>"}` and `{"env": "<variable>"}`, for passwords and
 * other secrets.
 *
 * @module
 */

import * as z from "zod";

/** Variables that may be read: the program has no permission for others. */
const VARIABLE = /^RAFKA_\w+$/;

/**
 * Where a value is.
 *
 * @ignore its type is zod's
 */
export const secretPlace = z.union([
  z.strictObject({ file: z.string().describe("path of a file that holds the value") }),
  z.strictObject({
    env: z.string().describe(
      "environment variable that holds the value; its name begins with RAFKA_",
    ),
  }),
]);

/** Where a value is: in a file, or in an environment variable. */
export type SecretPlace = { readonly file: string } | { readonly env: string };

/** Reads files and environment variables. */
export interface SecretReader {
  /** The text of a file; throws when it cannot be read. */
  file(path: string): string;
  /** The value of a variable; undefined if it is not set. */
  env(name: string): string | undefined;
}

/** Of a configuration that holds everything itself. */
export const NO_SECRETS: SecretReader = {
  file: () => {
    throw new Error("files cannot be read here");
  },
  env: () => undefined,
};

/**
 * Reads a value; the line break at the end of a file is not part of it.
 *
 * @throws {Error} when there is none; the message says why, and has no secret
 */
export function readSecret(place: SecretPlace, reader: SecretReader): string {
  if ("file" in place) {
    const text = reader.file(place.file).replace(/\r?\n$/, "");
    if (text === "") throw new Error(`the file ${place.file} is empty`);
    return text;
  }
  if (!VARIABLE.test(place.env)) {
    throw new Error(`the variable ${place.env} cannot be read: its name must begin with RAFKA_`);
  }
  const value = reader.env(place.env);
  if (value === undefined || value === "") throw new Error(`the variable ${place.env} is not set`);
  return value;
}
