/**
 * One TLS connection without its socket: ciphertext in, plaintext out, and the other way round. All calls return
 * immediately; the caller moves the ciphertext.
 *
 * @see https://docs.openssl.org/3.0/man7/bio/
 * @module
 */

import { type Bytes, fromCString } from "./memory.ts";
import type { OpenSslSymbols } from "./openssl_symbols.ts";
import type { TlsContext } from "./tls_context.ts";
import { takeReason, TlsError, tlsError } from "./tls_error.ts";
import { type PeerCertificate, readNames } from "./x509.ts";

/** The largest plaintext of a record. */
export const RECORD_BYTES = 16 * 1024;
/** A memory BIO keeps the most that it has held: behind so much it is replaced by an empty one. */
const MAX_KEPT_BYTES = 2 * 1024;
const SSL_ERROR_WANT_READ = 2;
const SSL_ERROR_ZERO_RETURN = 6;
const X509_V_OK = 0n;

/** Owns an `SSL` and its two BIOs. */
export class TlsSession {
  readonly #context: TlsContext;
  readonly #symbols: OpenSslSymbols;
  #ssl: Deno.PointerValue;
  /** Ciphertext received, not decrypted yet. */
  #received: Deno.PointerValue;
  /** Ciphertext to send. */
  #outgoing: Deno.PointerValue;
  #isEstablished = false;
  /** The peer sends no more. */
  #isEnded = false;
  #failure: TlsError | undefined;

  /** Begins a session; `context` may be closed before it. */
  constructor(context: TlsContext, role: "server" | "client") {
    const { openSsl: { symbols }, handles } = context;
    this.#context = context;
    this.#symbols = symbols;
    this.#ssl = symbols.SSL_new(context.pointer);
    handles.opened("SSL");
    this.#received = symbols.BIO_new(symbols.BIO_s_mem());
    this.#outgoing = symbols.BIO_new(symbols.BIO_s_mem());
    symbols.SSL_set_bio(this.#ssl, this.#received, this.#outgoing);
    if (role === "server") symbols.SSL_set_accept_state(this.#ssl);
    else symbols.SSL_set_connect_state(this.#ssl);
  }

  /** The handshake is complete. */
  get isEstablished(): boolean {
    return this.#isEstablished;
  }

  /** E.g. "TLSv1.3". */
  get version(): string {
    return fromCString(this.#symbols.SSL_get_version(this.#open()));
  }

  /** Adds received ciphertext. */
  feed(ciphertext: Bytes): void {
    this.#symbols.BIO_write(this.#checked(this.#received), ciphertext, ciphertext.byteLength);
  }

  /**
   * Continues the handshake.
   *
   * @returns whether it is complete; until then it needs more ciphertext
   * @throws {TlsError} when it has failed; an alert for the peer may be there to be sent
   */
  handshake(): boolean {
    const ssl = this.#open();
    this.#symbols.ERR_clear_error();
    const result = this.#symbols.SSL_do_handshake(ssl);
    if (result === 1) {
      this.#isEstablished = true;
      return true;
    }
    if (this.#symbols.SSL_get_error(ssl, result) === SSL_ERROR_WANT_READ) return false;
    throw this.#handshakeError();
  }

  /**
   * The names in the client's certificate, which is verified; undefined without one.
   *
   * @throws {TlsError} when a name holds a NUL, behind which programs in C do not look
   */
  peerCertificate(): PeerCertificate | undefined {
    const x509 = this.#symbols.SSL_get1_peer_certificate(this.#open());
    if (x509 === null) return undefined;
    try {
      const names = readNames(this.#context.openSsl, x509);
      if ([...names.commonNames, ...names.subjectAltNames].some((name) => name.includes("\0"))) {
        throw new TlsError("a name in its certificate holds a NUL", { isCertificateRefused: true });
      }
      return names;
    } finally {
      this.#symbols.X509_free(x509);
    }
  }

  /**
   * Decrypts.
   *
   * @returns the number of bytes; 0 when more ciphertext is needed; null at the end of input
   * @throws {TlsError} when the ciphertext is invalid
   */
  read(into: Bytes): number | null {
    const ssl = this.#open();
    let byteLength = 0;
    while (byteLength < into.byteLength) { // records may be small: one call each
      const rest = byteLength === 0 ? into : into.subarray(byteLength);
      this.#symbols.ERR_clear_error();
      const result = this.#symbols.SSL_read(ssl, rest, rest.byteLength);
      if (result <= 0) {
        this.#noteEnd(ssl, result);
        break;
      }
      byteLength += result;
      if (rest.byteLength > result && this.#symbols.BIO_ctrl_pending(this.#received) === 0) break;
    }
    if (byteLength > 0) return byteLength;
    if (this.#failure) throw this.#failure;
    return this.#isEnded ? null : 0;
  }

  #noteEnd(ssl: Deno.PointerValue, result: number): void {
    if (this.#isEnded || this.#failure) return;
    const error = this.#symbols.SSL_get_error(ssl, result);
    if (error === SSL_ERROR_ZERO_RETURN) this.#isEnded = true;
    else if (error !== SSL_ERROR_WANT_READ) this.#failure = this.#error();
  }

  /**
   * Encrypts all of it, at most a record.
   *
   * @throws {TlsError} when the session has failed
   */
  write(plaintext: Bytes): void {
    const ssl = this.#open();
    this.#symbols.ERR_clear_error();
    const written = this.#symbols.SSL_write(ssl, plaintext, plaintext.byteLength);
    if (written !== plaintext.byteLength) throw this.#error();
  }

  /** Tells the peer that no more plaintext follows. */
  shutdown(): void {
    if (!this.#isEstablished) return;
    this.#symbols.ERR_clear_error();
    this.#symbols.SSL_shutdown(this.#open()); // 0: sent; its own result is of no further use
    takeReason(this.#context.openSsl);
  }

  /** Received ciphertext is left to decrypt. */
  get hasReceived(): boolean {
    return this.#symbols.BIO_ctrl_pending(this.#received) > 0;
  }

  /** Bytes of ciphertext to send. */
  get outgoingBytes(): number {
    return this.#ssl === null ? 0 : this.#symbols.BIO_ctrl_pending(this.#outgoing);
  }

  /** Removes and returns the ciphertext to send. */
  takeOutgoing(): Bytes {
    const ciphertext = new Uint8Array(this.outgoingBytes);
    if (ciphertext.byteLength > 0) {
      this.#symbols.BIO_read(this.#outgoing, ciphertext, ciphertext.byteLength);
    }
    if (ciphertext.byteLength > MAX_KEPT_BYTES) this.#replaceOutgoing();
    return ciphertext;
  }

  /** Gives memory back that the messages of the handshake have taken: 1.3 KB of an idle connection. */
  endHandshake(): void {
    this.shrink();
    if (this.#ssl !== null && this.outgoingBytes === 0) this.#replaceOutgoing();
  }

  #replaceOutgoing(): void {
    this.#outgoing = this.#symbols.BIO_new(this.#symbols.BIO_s_mem());
    this.#symbols.SSL_set0_wbio(this.#ssl, this.#outgoing);
  }

  /** Gives memory back that larger input has taken. */
  shrink(): void {
    if (this.#ssl === null || this.#symbols.BIO_ctrl_pending(this.#received) > 0) return;
    this.#received = this.#symbols.BIO_new(this.#symbols.BIO_s_mem());
    this.#symbols.SSL_set0_rbio(this.#ssl, this.#received);
  }

  /** Frees the session and its keys; idempotent. Other calls then throw, and nothing is left to send. */
  close(): void {
    if (this.#ssl === null) return;
    this.#symbols.SSL_free(this.#ssl); // and its BIOs
    this.#ssl = null;
    this.#received = null;
    this.#outgoing = null;
    this.#context.handles.closed("SSL");
  }

  #open(): Deno.PointerValue {
    if (this.#ssl === null) throw new TlsError("the connection is closed");
    return this.#ssl;
  }

  #checked(bio: Deno.PointerValue): Deno.PointerValue {
    this.#open();
    return bio;
  }

  #error(): TlsError {
    return tlsError(takeReason(this.#context.openSsl) ?? "the connection has failed");
  }

  /** A refused certificate is named with what is wrong with it. */
  #handshakeError(): TlsError {
    const verified = this.#symbols.SSL_get_verify_result(this.#ssl);
    const error = this.#error();
    if (verified === X509_V_OK || error.isCertificateRefused) return error;
    const why = fromCString(this.#symbols.X509_verify_cert_error_string(verified));
    return new TlsError(`its certificate is refused: ${why}`, { isCertificateRefused: true });
  }
}
