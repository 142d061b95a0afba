/**
 * The components of the program as plain data: notices and SBOM are two renderings.
 *
 * @module
 */
import { TaskError } from "../say.ts";

/** A component inside the program. */
export interface Component {
  readonly name: string;
  /** Absent for source without a version: that of its component applies. */
  readonly version?: string;
  /** SPDX identifier. */
  readonly license: string;
  /** Copyright and licence, as they must be passed on. */
  readonly text: string;
  /** Package URL of the origin, for package managers and scanners. */
  readonly purl: string;
  /** Identifier in lists of known vulnerabilities. */
  readonly cpe?: string;
  readonly hashes?: readonly Hash[];
  /** The name of the component that it is linked or compiled into. */
  readonly within?: string;
}

/** A checksum, in hexadecimal digits. */
export interface Hash {
  readonly alg: "SHA-256" | "SHA-512";
  readonly content: string;
}

/** An SPDX identifier for public domain, which is not in SPDX' list. */
export const publicDomain = "LicenseRef-Public-Domain";

/** Patterns that identify a licence's text; the first match counts. */
const signs: readonly (readonly [id: string, sign: RegExp])[] = [
  ["Apache-2.0", /Apache License Version 2\.0/],
  ["MIT", /Permission is hereby granted, free of charge/],
  ["Zlib", /provided 'as-is', without any express or implied warranty/],
  ["BSD-3-Clause", /Redistribution and use in source and binary forms.* Neither the names? /],
  ["BSD-2-Clause", /Redistribution and use in source and binary forms/],
  [publicDomain, /\bpublic domain\b/],
];

/** The SPDX identifier of a licence's text. */
export function identify(text: string, name: string): string {
  const words = plainWords(text);
  const found = signs.find(([, sign]) => sign.test(words));
  if (found === undefined) throw new TaskError(`The licence of ${name} is none that we know`);
  return found[0];
}

/** The text of a licence without its layout: line breaks, comment signs, quotes. */
export function plainWords(text: string): string {
  return text.replaceAll(/^[ \t]*(\*|#|\/\/)+/gm, "").replaceAll(/\s+/g, " ").trim();
}
