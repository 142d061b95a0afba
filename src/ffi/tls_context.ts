/**
 * Certificates, keys and rules of TLS as OpenSSL holds them: read once from their files, shared by the sessions made
 * from them. OpenSSL reads the files itself, which takes no permission of Deno's.
 *
 * @see https://docs.openssl.org/3.0/man3/SSL_CTX_new/
 * @module
 */

import type { HandleCount } from "./handles.ts";
import { whyUnreadable } from "./libc.ts";
import { toCString } from "./memory.ts";
import type { OpenSsl } from "./openssl.ts";
import { takeReason } from "./tls_error.ts";
import { readValidity, type Validity, type X509 } from "./x509.ts";

const SSL_CTRL_MODE = 33;
const SSL_CTRL_SET_SESS_CACHE_MODE = 44;
const SSL_CTRL_SET_MIN_PROTO_VERSION = 123;
const TLS1_2_VERSION = 0x0303n;
/** ENABLE_PARTIAL_WRITE is not set: a write to memory is never partial. An idle session holds no buffers. */
const SSL_MODE_RELEASE_BUFFERS = 0x10n;
const SSL_SESS_CACHE_OFF = 0n;
/**
 * No session is resumed: it would outlive the certificate or the CA that it was made with. NO_TICKET,
 * NO_RENEGOTIATION, NO_COMPRESSION.
 */
const OPTIONS = (1n << 14n) | (1n << 30n) | (1n << 17n);
/**
 * The number of tickets behind a handshake of TLS 1.3. It names a session that is not kept, and so resumes none; but its
 * packet acknowledges the end of the handshake. Without one, a client with Nagle's algorithm holds its first command back
 * until the kernel's delayed acknowledgement: 45 ms instead of 0.3.
 */
const TICKETS = 1n;
const SSL_FILETYPE_PEM = 1;
const SSL_VERIFY_PEER = 1;
const SSL_VERIFY_FAIL_IF_NO_PEER_CERT = 2;
const X509_V_FLAG_CRL_CHECK = 0x4n;
const X509_V_FLAG_CRL_CHECK_ALL = 0x8n;
/**
 * For TLS 1.2: forward secrecy and authenticated encryption only. Those of TLS 1.3 are all of that kind. Level 2 refuses
 * keys below 112 bits of security, as RSA below 2048.
 */
const CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20:@SECLEVEL=2";

/** The values of `ClientAuth`. */
export const CLIENT_AUTH = ["no", "optional", "required"] as const;

/** Whether clients are asked for a certificate, and may have none. */
export type ClientAuth = (typeof CLIENT_AUTH)[number];

/** The files of a server. */
export interface TlsFiles {
  /** The certificate in PEM, then those that lead to its CA. */
  readonly certFile: string;
  /** The key of the certificate in PEM. */
  readonly keyFile: string;
  /** Of the key; none unless given. */
  readonly keyPassphrase?: string | undefined;
  /** The CAs of client certificates, in PEM. */
  readonly clientCaFile?: string | undefined;
  /** Revoked client certificates: CRLs of these CAs, in PEM. */
  readonly clientCrlFile?: string | undefined;
}

/** A file cannot be used; the message names its setting, its path and the reason. */
export class TlsFileError extends Error {
  /** Shown in stack traces. */
  override name = "TlsFileError";
}

/** Owns an `SSL_CTX`. */
export class TlsContext {
  /** The OpenSSL that made it. */
  readonly openSsl: OpenSsl;
  /** Counts the handles of its sessions, too. */
  readonly handles: HandleCount;
  /** Of the server's certificate; undefined for a client. */
  readonly certificate: Validity | undefined;
  /** Of the CA for clients whose certificate ends first. */
  readonly clientCa: Validity | undefined;
  #pointer: Deno.PointerValue;

  private constructor(openSsl: OpenSsl, handles: HandleCount, files?: TlsFiles, auth?: ClientAuth) {
    const { symbols } = openSsl;
    this.openSsl = openSsl;
    this.handles = handles;
    const method = files ? symbols.TLS_server_method() : symbols.TLS_client_method();
    this.#pointer = symbols.SSL_CTX_new(method);
    handles.opened("SSL_CTX");
    try {
      this.#setRules();
      if (!files) return;
      this.#useFiles(files);
      this.certificate = readValidity(openSsl, symbols.SSL_CTX_get0_certificate(this.#pointer)!);
      this.clientCa = this.#verifyClients(files, auth ?? "no");
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * Reads the files of a server.
   *
   * @throws {TlsFileError} when one cannot be used
   */
  static forServer(
    openSsl: OpenSsl,
    handles: HandleCount,
    files: TlsFiles,
    clientAuth: ClientAuth,
  ): TlsContext {
    return new TlsContext(openSsl, handles, files, clientAuth);
  }

  /** For a client that does not verify the server and has no certificate. */
  static forClient(openSsl: OpenSsl, handles: HandleCount): TlsContext {
    return new TlsContext(openSsl, handles);
  }

  /** The `SSL_CTX *`, borrowed. */
  get pointer(): Deno.PointerValue {
    return this.#pointer;
  }

  /** Closes it; sessions made from it live on. Idempotent. */
  close(): void {
    if (this.#pointer === null) return;
    this.openSsl.symbols.SSL_CTX_free(this.#pointer);
    this.#pointer = null;
    this.handles.closed("SSL_CTX");
  }

  #setRules(): void {
    const { symbols } = this.openSsl;
    symbols.SSL_CTX_ctrl(this.#pointer, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, null);
    symbols.SSL_CTX_ctrl(this.#pointer, SSL_CTRL_MODE, SSL_MODE_RELEASE_BUFFERS, null);
    symbols.SSL_CTX_ctrl(this.#pointer, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF, null);
    symbols.SSL_CTX_set_options(this.#pointer, OPTIONS);
    symbols.SSL_CTX_set_num_tickets(this.#pointer, TICKETS);
    symbols.SSL_CTX_set_cipher_list(this.#pointer, toCString(CIPHERS));
  }

  #useFiles({ certFile, keyFile, keyPassphrase = "" }: TlsFiles): void {
    const { symbols } = this.openSsl;
    const key = toPath("keyFile", keyFile);
    const chain = toPath("certFile", certFile);
    symbols.ERR_clear_error();
    // also an empty passphrase: else OpenSSL asks on the terminal
    const passphrase = toCString(keyPassphrase);
    symbols.SSL_CTX_set_default_passwd_cb_userdata(this.#pointer, passphrase);
    // the key first: behind the certificate, OpenSSL refuses one of another certificate as if it could not be read
    const isRead = symbols.SSL_CTX_use_PrivateKey_file(this.#pointer, key, SSL_FILETYPE_PEM) === 1;
    symbols.SSL_CTX_set_default_passwd_cb_userdata(this.#pointer, NO_PASSPHRASE); // the other is freed
    if (!isRead) {
      const how = keyPassphrase === "" ? "without a passphrase" : "with this keyPassphrase";
      throw this.#error("keyFile", keyFile, `holds no usable key in PEM ${how}`);
    }
    if (symbols.SSL_CTX_use_certificate_chain_file(this.#pointer, chain) !== 1) {
      throw this.#error("certFile", certFile, "holds no usable certificate in PEM");
    }
    if (symbols.SSL_CTX_check_private_key(this.#pointer) !== 1) {
      takeReason(this.openSsl); // "no private key assigned"
      throw this.#error("keyFile", keyFile, `is not the key of ${JSON.stringify(certFile)}`);
    }
  }

  #verifyClients(
    { clientCaFile, clientCrlFile }: TlsFiles,
    auth: ClientAuth,
  ): Validity | undefined {
    if (auth === "no" || clientCaFile === undefined) return undefined;
    const { symbols } = this.openSsl;
    const store = symbols.SSL_CTX_get_cert_store(this.#pointer);
    let first: Validity | undefined;
    this.#readPem("clientCaFile", clientCaFile, "certificate", (x509) => {
      symbols.X509_STORE_add_cert(store, x509);
      symbols.SSL_CTX_add_client_CA(this.#pointer, x509);
      const validity = readValidity(this.openSsl, x509);
      if (!first || validity.notAfter < first.notAfter) first = validity;
    });
    if (clientCrlFile !== undefined) {
      this.#readPem("clientCrlFile", clientCrlFile, "CRL", (crl) => {
        symbols.X509_STORE_add_crl(store, crl);
      });
      symbols.X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    }
    const mode = SSL_VERIFY_PEER | (auth === "required" ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
    symbols.SSL_CTX_set_verify(this.#pointer, mode, null);
    return first;
  }

  /** Calls `use` for each object of a file. */
  #readPem(
    setting: string,
    path: string,
    what: "certificate" | "CRL",
    use: (one: X509) => void,
  ): void {
    const { symbols } = this.openSsl;
    const [read, free] = what === "CRL"
      ? [symbols.PEM_read_bio_X509_CRL, symbols.X509_CRL_free]
      : [symbols.PEM_read_bio_X509, symbols.X509_free];
    symbols.ERR_clear_error();
    const bio = symbols.BIO_new_file(toPath(setting, path), toCString("r"));
    if (bio === null) throw this.#error(setting, path, "cannot be read");
    try {
      let count = 0;
      for (let one = read(bio, null, null, null); one !== null; one = read(bio, null, null, null)) {
        use(one);
        free(one);
        count++;
      }
      const reason = takeReason(this.openSsl);
      if (count === 0 || reason !== "no start line") {
        throw new TlsFileError(
          `'server.tls.${setting}' is ${JSON.stringify(path)}: holds ${
            count === 0 ? `no ${what} in PEM` : `a ${what} that cannot be read (${reason})`
          }`,
        );
      }
    } finally {
      symbols.BIO_free(bio);
    }
  }

  #error(setting: string, path: string, what: string): TlsFileError {
    const reason = takeReason(this.openSsl);
    return new TlsFileError(
      `'server.tls.${setting}' is ${JSON.stringify(path)}: it ${what}${
        reason ? ` (${reason})` : ""
      }`,
    );
  }
}

/** "" in C, at an address that stays: V8 moves small arrays without an ArrayBuffer of their own. */
const NO_PASSPHRASE = new Uint8Array(new ArrayBuffer(1));

/** @throws {TlsFileError} when the file cannot be read */
function toPath(setting: string, path: string): Uint8Array<ArrayBuffer> {
  const why = path.includes("\0")
    ? "it holds a NUL character"
    : whyUnreadable(path, { isFolderAllowed: false });
  if (why === undefined) return toCString(path);
  throw new TlsFileError(`'server.tls.${setting}' is ${JSON.stringify(path)}: ${why}`);
}
