/**
 * What certificates say: names, validity, serial number.
 *
 * @see https://docs.openssl.org/3.0/man3/X509_get0_notAfter/
 * @module
 */

import { OutParameter } from "./memory.ts";
import type { OpenSsl } from "./openssl.ts";

const NID_COMMON_NAME = 13;
const NID_SUBJECT_ALT_NAME = 85;
/** Types of a GENERAL_NAME that hold text: rfc822Name, dNSName, uniformResourceIdentifier. */
const TEXT_NAMES = [1, 2, 6];
/** Size of `struct tm` on 64-bit systems; its first six members are what is read. */
const TM_BYTES = 56;

/** The names in a client's certificate. */
export interface PeerCertificate {
  /** Each CN of the subject. */
  readonly commonNames: readonly string[];
  /** Each e-mail address, DNS name and URI of the subject's alternative names. */
  readonly subjectAltNames: readonly string[];
}

/** The validity of a certificate. */
export interface Validity {
  /** Hexadecimal, as OpenSSL prints it. */
  readonly serial: string;
  /** Its beginning. */
  readonly notBefore: Date;
  /** Its end. */
  readonly notAfter: Date;
}

/** An `X509 *`, borrowed. */
export type X509 = NonNullable<Deno.PointerValue>;

/** Reads validity and serial number. */
export function readValidity({ symbols }: OpenSsl, x509: X509): Validity {
  const serial = symbols.X509_get0_serialNumber(x509);
  return {
    serial: hex(copyString(symbols, serial)),
    notBefore: toDate(symbols, symbols.X509_get0_notBefore(x509)),
    notAfter: toDate(symbols, symbols.X509_get0_notAfter(x509)),
  };
}

/** Reads the names. A NUL in one stays in it. */
export function readNames({ symbols }: OpenSsl, x509: X509): PeerCertificate {
  return {
    commonNames: readCommonNames(symbols, x509),
    subjectAltNames: readSubjectAltNames(symbols, x509),
  };
}

type Symbols = OpenSsl["symbols"];

function readCommonNames(symbols: Symbols, x509: X509): string[] {
  const subject = symbols.X509_get_subject_name(x509);
  const names: string[] = [];
  for (let at = -1;;) {
    at = symbols.X509_NAME_get_index_by_NID(subject, NID_COMMON_NAME, at);
    if (at < 0) return names;
    const entry = symbols.X509_NAME_get_entry(subject, at);
    names.push(toUtf8(symbols, symbols.X509_NAME_ENTRY_get_data(entry)));
  }
}

function readSubjectAltNames(symbols: Symbols, x509: X509): string[] {
  const all = symbols.X509_get_ext_d2i(x509, NID_SUBJECT_ALT_NAME, null, null);
  if (all === null) return [];
  const names: string[] = [];
  const type = new Int32Array(1);
  for (let at = 0; at < symbols.OPENSSL_sk_num(all); at++) {
    const general = symbols.OPENSSL_sk_value(all, at);
    const value = symbols.GENERAL_NAME_get0_value(general, new Uint8Array(type.buffer));
    if (TEXT_NAMES.includes(type[0]!)) names.push(decode(copyString(symbols, value)));
  }
  symbols.GENERAL_NAMES_free(all);
  return names;
}

/** The text of a name in any of ASN.1's alphabets. */
function toUtf8(symbols: Symbols, string: Deno.PointerValue): string {
  const out = new OutParameter();
  const byteLength = symbols.ASN1_STRING_to_UTF8(new Uint8Array(out.buffer.buffer), string);
  if (byteLength < 0) return "\0"; // not a text: like one with a NUL, it matches nothing
  const text = decode(copy(out.pointer, byteLength));
  symbols.CRYPTO_free(out.pointer, null, 0);
  return text;
}

function copyString(symbols: Symbols, string: Deno.PointerValue): Uint8Array {
  return copy(symbols.ASN1_STRING_get0_data(string), symbols.ASN1_STRING_length(string));
}

function copy(pointer: Deno.PointerValue, byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  if (pointer !== null && byteLength > 0) new Deno.UnsafePointerView(pointer).copyInto(bytes);
  return bytes;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function toDate(symbols: Symbols, time: Deno.PointerValue): Date {
  const tm = new Int32Array(TM_BYTES / 4);
  symbols.ASN1_TIME_to_tm(time, new Uint8Array(tm.buffer));
  const [second, minute, hour, day, month, year] = tm;
  return new Date(Date.UTC(1900 + year!, month!, day!, hour!, minute!, second!));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase();
}
