/**
 * What the program is made of, as plain data: notices and SBOM are two ways to write it down.
 *
 * @module
 */
import { TaskError } from "../say.ts";

/** A piece of software inside of the program. */
export interface Component {
  readonly name: string;
  /** Missing where a piece of source has none: it has that of the component it is a part of. */
  readonly version?: string;
  /** As SPDX calls it. */
  readonly license: string;
  /** Copyright and licence, as they have to be passed on. */
  readonly text: string;
  /** Where it comes from, as package managers and scanners write it. */
  readonly purl: string;
  /** Its name in lists of known vulnerabilities. */
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

/** How SPDX lets people name what is no licence of its list. */
export const publicDomain = "LicenseRef-Public-Domain";

/** What tells one text from the others; the first that fits. */
const signs: readonly (readonly [id: string, sign: RegExp])[] = [
  ["Apache-2.0", /Apache License Version 2\.0/],
  ["MIT", /Permission is hereby granted, free of charge/],
  ["Zlib", /provided 'as-is', without any express or implied warranty/],
  ["BSD-3-Clause", /Redistribution and use in source and binary forms.* Neither the names? /],
  ["BSD-2-Clause", /Redistribution and use in source and binary forms/],
  [publicDomain, /\bpublic domain\b/],
];

/** Which licence a text is, as SPDX calls it. */
export function identify(text: string, name: string): string {
  const words = plainWords(text);
  const found = signs.find(([, sign]) => sign.test(words));
  if (found === undefined) throw new TaskError(`The licence of ${name} is none that we know`);
  return found[0];
}

/** The words of a licence without what frames them: line breaks, comment signs, quotes. */
export function plainWords(text: string): string {
  return text.replaceAll(/^[ \t]*(\*|#|\/\/)+/gm, "").replaceAll(/\s+/g, " ").trim();
}
