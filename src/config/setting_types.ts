/**
 * What settings are made of: kinds of values with their errors.
 *
 * @module
 */

import * as z from "zod";

/** One mebibyte, in bytes. */
export const MIB: number = 1024 * 1024;

/** The error for a section that is no object; other problems have their own errors. */
export const anObject: { error: (issue: { readonly code?: string }) => string | undefined } = {
  error: ({ code }) => code === "invalid_type" ? "must be an object" : undefined,
};

/** The error for what is neither true nor false. */
export const aBoolean: { error: string } = { error: "must be true or false" };

/**
 * A whole number from `least` to `most`.
 *
 * @ignore its type is zod's
 */
export function integer(least: number, most: number): z.ZodInt {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}
