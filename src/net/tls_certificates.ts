/**
 * The certificates that new TLS connections get. They are read again when their files have changed; what cannot be used
 * changes nothing. The log says when one ends.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { fileStamp } from "../ffi/file_stamp.ts";
import type { HandleCount } from "../ffi/handles.ts";
import type { OpenSsl } from "../ffi/openssl.ts";
import { type ClientAuth, TlsContext, TlsFileError, type TlsFiles } from "../ffi/tls_context.ts";
import type { Validity } from "../ffi/x509.ts";

const DAY_MS = 86_400_000;
/** A warning when so many days are left, and again. */
const WARN_DAYS = [30, 7, 1, 0];

const logger = getLogger(["rafka", "tls"]);

/** What the certificates are read from, and with. */
export interface CertificateSource {
  /** Reads and uses them. */
  readonly openSsl: OpenSsl;
  /** Counts the contexts. */
  readonly handles: HandleCount;
  /** Paths. */
  readonly files: TlsFiles;
  /** Whether clients are asked for a certificate. */
  readonly clientAuth: ClientAuth;
}

/** Owns the contexts. */
export class TlsCertificates {
  readonly #source: CertificateSource;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #warned = new Map<Validity, number>();
  #context: TlsContext;
  #stamps: string;
  /** Stamps that differ from those of the current files; they are read when the next look finds the same ones. */
  #changingTo: string | undefined;

  /**
   * Reads them, and looks for changes every `checkMs`.
   *
   * @throws {TlsFileError} when a file cannot be used
   */
  constructor(source: CertificateSource, checkMs: number) {
    this.#source = source;
    this.#stamps = stampsOf(source.files);
    this.#context = load(source);
    this.#logEnds();
    this.#timer = setInterval(() => this.#look(), checkMs);
    Deno.unrefTimer(this.#timer as unknown as number);
  }

  /** The context for a new connection. */
  get context(): TlsContext {
    return this.#context;
  }

  /** The gateway's certificate. */
  get certificate(): Validity {
    return this.#context.certificate!;
  }

  /** The CA for clients whose certificate ends first; undefined without any. */
  get clientCa(): Validity | undefined {
    return this.#context.clientCa;
  }

  /**
   * Reads the files again. Connections keep what they were made with; new ones get what is new, unless it cannot be used.
   *
   * @returns whether the files could be used
   */
  reload(): boolean {
    this.#stamps = stampsOf(this.#source.files);
    this.#changingTo = undefined;
    let context: TlsContext;
    try {
      context = load(this.#source);
    } catch (error) {
      if (!(error instanceof TlsFileError)) throw error;
      return this.#refuse(error.message);
    }
    const { serial, notBefore, notAfter } = context.certificate!;
    const now = new Date();
    if (notAfter < now || notBefore > now) {
      context.close();
      const range = `${notBefore.toISOString()} to ${notAfter.toISOString()}`;
      return this.#refuse(`certificate ${serial} is valid from ${range}, which is not now`);
    }
    this.#context.close();
    this.#context = context;
    logger.info("The certificates were read again and count for new connections");
    this.#logEnds();
    return true;
  }

  /** Stops looking and closes the current context. */
  close(): void {
    clearInterval(this.#timer);
    this.#context.close();
  }

  #refuse(error: string): false {
    logger.error("The certificates cannot be read again, the old ones stay: {error}", { error });
    return false;
  }

  /** Files are replaced one after the other: they are read when they have stayed the same for an interval. */
  #look(): void {
    const stamps = stampsOf(this.#source.files);
    if (stamps === this.#stamps) {
      this.#changingTo = undefined;
    } else if (stamps === this.#changingTo) {
      this.reload();
    } else {
      this.#changingTo = stamps;
    }
    this.#warn();
  }

  #logEnds(): void {
    const { serial, notAfter } = this.certificate;
    logger.info("TLS certificate {serial} ends on {end}, in {days} days", {
      serial,
      end: notAfter.toISOString(),
      days: daysLeft(this.certificate),
    });
    this.#warned.clear();
    this.#warn();
  }

  #warn(): void {
    this.#warnOf("TLS certificate", this.certificate);
    if (this.clientCa) this.#warnOf("A CA of TLS clients,", this.clientCa);
  }

  /** A line each time when it has come nearer to its end. */
  #warnOf(what: string, validity: Validity): void {
    const days = daysLeft(validity);
    const nearness = WARN_DAYS.filter((limit) => days < limit).length;
    if (nearness <= (this.#warned.get(validity) ?? 0)) return;
    this.#warned.set(validity, nearness);
    const { serial, notAfter } = validity;
    const properties = { what, serial, end: notAfter.toISOString(), days };
    if (days < 0) {
      logger.error(
        "{what} {serial} has ended on {end}: clients refuse it, or are refused",
        properties,
      );
    } else {
      logger.warn("{what} {serial} ends on {end}, in {days} days", properties);
    }
  }
}

/** Whole days until the end; negative behind it. */
export function daysLeft({ notAfter }: Validity): number {
  return Math.floor((notAfter.getTime() - Date.now()) / DAY_MS);
}

function load({ openSsl, handles, files, clientAuth }: CertificateSource): TlsContext {
  return TlsContext.forServer(openSsl, handles, files, clientAuth);
}

function stampsOf({ certFile, keyFile, clientCaFile, clientCrlFile }: TlsFiles): string {
  const paths = [certFile, keyFile, clientCaFile, clientCrlFile];
  return paths.map((path) => path === undefined ? "" : fileStamp(path)).join("\n");
}
