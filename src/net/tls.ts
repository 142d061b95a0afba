/**
 * TLS connections: a TCP connection with a session of OpenSSL before it.
 *
 * @module
 */

import type { Bytes } from "../ffi/memory.ts";
import { TlsError } from "../ffi/tls_error.ts";
import type { TlsContext } from "../ffi/tls_context.ts";
import { RECORD_BYTES, TlsSession } from "../ffi/tls_session.ts";
import type { PeerCertificate } from "../ffi/x509.ts";
import type { ByteStream, Listener } from "./byte_stream.ts";
import { HandshakeQueue } from "./handshake_queue.ts";
import { loginNames, type UserFrom } from "./login_names.ts";
import { plaintextProtocol, plaintextReply } from "./plaintext.ts";

export { TlsError };

/** Buffer for the messages of a handshake: most are smaller. */
const HANDSHAKE_BUFFER_BYTES = 1024;
/** Ciphertext read at a time while a client sends much. */
const LARGE_READ_BYTES = 64 * 1024;
/** Plaintext encrypted at a time: a slow reader makes no more of it. */
const WRITE_BYTES = 4 * RECORD_BYTES;

/** What counts for new connections. */
export interface TlsRules {
  /** The certificates of the moment. */
  readonly context: () => TlsContext;
  /** Which names of a client's certificate are a login. */
  readonly userFrom: UserFrom;
}

/** Accepts TLS connections at a listener's address. */
export class TlsListener implements Listener {
  readonly #listener: Listener;
  readonly #rules: TlsRules;
  readonly #handshakes = new HandshakeQueue();

  /** Owns the listener. */
  constructor(listener: Listener, rules: TlsRules) {
    this.#listener = listener;
    this.#rules = rules;
  }

  get address(): string {
    return this.#listener.address;
  }

  get waiting(): number | undefined {
    return this.#listener.waiting;
  }

  async accept(): Promise<TlsStream> {
    return new TlsStream(await this.#listener.accept(), this.#rules, this.#handshakes);
  }

  async leave(deadlineMs: number): Promise<void> {
    await this.#listener.leave?.(deadlineMs);
  }

  close(): void {
    this.#listener.close();
  }
}

/** One TLS connection. Its session exists from `open` to `close`. */
export class TlsStream implements ByteStream {
  readonly #stream: ByteStream;
  readonly #rules: TlsRules;
  readonly #handshakes: HandshakeQueue;
  #session: TlsSession | undefined;
  #isClosed = false;
  #peerCertificate: PeerCertificate | undefined;
  /** Writes of ciphertext are never concurrent. */
  #sending: Promise<void> | undefined;
  /**
   * The answer to a change of keys is being sent. Nothing is read behind it: else a client that reads no answers could
   * ask for any number of them.
   */
  #answering: Promise<void> | undefined;
  /** Decrypted or received bytes may be left in the session. */
  #hasMore = false;
  /** The last read has filled its buffer: the next one has a larger buffer of its own. */
  #readsMuch = false;

  /** Owns the connection. */
  constructor(stream: ByteStream, rules: TlsRules, handshakes: HandshakeQueue) {
    this.#stream = stream;
    this.#rules = rules;
    this.#handshakes = handshakes;
  }

  get remoteAddress(): string {
    return this.#stream.remoteAddress;
  }

  get localAddress(): string {
    return this.#stream.localAddress;
  }

  get isLocal(): boolean {
    return this.#stream.isLocal;
  }

  /** The names in the client's verified certificate, after `open`; undefined without one. */
  get peerCertificate(): PeerCertificate | undefined {
    return this.#peerCertificate;
  }

  get peerNames(): readonly string[] {
    return this.#peerCertificate ? loginNames(this.#peerCertificate, this.#rules.userFrom) : [];
  }

  peerAnswers(): Promise<boolean> {
    return this.#stream.peerAnswers();
  }

  /** Performs the handshake. */
  async open(timeoutMs: number): Promise<void> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.close();
    }, timeoutMs);
    try {
      await this.#handshake();
    } catch (cause) {
      if (isLate) throw new TlsError(`its TLS handshake has taken more than ${timeoutMs} ms`);
      throw cause;
    } finally {
      clearTimeout(timer);
    }
  }

  async #handshake(): Promise<void> {
    const buffer = new Uint8Array(HANDSHAKE_BUFFER_BYTES);
    const first = await this.#stream.read(buffer);
    if (first === null) throw new Deno.errors.ConnectionReset("closed before a handshake");
    await this.#refusePlaintext(buffer.subarray(0, first));
    const session = this.#newSession();
    for (let byteLength: number | null = first; byteLength !== null;) {
      session.feed(buffer.subarray(0, byteLength));
      if (await this.#continueHandshake(session)) return;
      byteLength = await this.#stream.read(buffer);
    }
    throw new TlsError("it has closed the connection during the TLS handshake");
  }

  #newSession(): TlsSession {
    if (this.#isClosed) throw new Deno.errors.ConnectionReset("closed before a handshake");
    this.#session = new TlsSession(this.#rules.context(), "server");
    return this.#session;
  }

  /** Whether it is complete. An alert is sent before a failure is thrown. */
  async #continueHandshake(session: TlsSession): Promise<boolean> {
    try {
      const isComplete = await this.#handshakes.run(() => session.handshake());
      if (isComplete) this.#peerCertificate = session.peerCertificate();
      this.#hasMore = isComplete; // the first request may have come along
      if (session.outgoingBytes > 0) await this.#flush();
      if (isComplete) session.endHandshake();
      return isComplete;
    } catch (error) {
      await this.#flush().catch(() => {}); // the client may be gone; the failure counts
      throw error;
    }
  }

  async #refusePlaintext(start: Bytes): Promise<void> {
    const protocol = plaintextProtocol(start);
    if (protocol === undefined) return;
    const reply = plaintextReply(protocol);
    if (reply) await this.#stream.write(reply);
    throw new TlsError(`${protocol} at the port for TLS`);
  }

  /** Without a session, as behind a failed handshake, what is read is of no use but to wait for the client's end. */
  read(into: Bytes): Promise<number | null> {
    const session = this.#session;
    if (!session?.isEstablished) return this.#stream.read(into);
    if (!this.#hasMore) return this.#receive(session, into);
    try {
      const byteLength = this.#decrypt(session, into);
      return byteLength === 0 ? this.#receive(session, into) : Promise.resolve(byteLength);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Reads ciphertext into the buffer for the plaintext: that is never longer, and an idle connection has one buffer. */
  async #receive(session: TlsSession, into: Bytes): Promise<number | null> {
    for (;;) {
      if (this.#answering) await this.#answering;
      this.#answering = undefined;
      const buffer = this.#readsMuch ? new Uint8Array(LARGE_READ_BYTES) : into;
      const received = await this.#stream.read(buffer);
      if (received === null) return null;
      session.feed(received === buffer.byteLength ? buffer : buffer.subarray(0, received));
      const byteLength = this.#decrypt(session, into);
      this.#adapt(session, received === buffer.byteLength);
      if (byteLength !== 0) return byteLength;
    }
  }

  /** A filled buffer is followed by a larger one, a small chunk by the caller's own. */
  #adapt(session: TlsSession, isFilled: boolean): void {
    if (isFilled) {
      this.#readsMuch = true;
    } else if (this.#readsMuch) {
      this.#readsMuch = false;
      session.shrink();
    }
  }

  #decrypt(session: TlsSession, into: Bytes): number | null {
    const byteLength = session.read(into);
    this.#hasMore = byteLength === null || byteLength === into.byteLength || session.hasReceived;
    // its failure is also that of the next write
    if (session.outgoingBytes > 0) this.#answering = this.#flush().catch(() => {});
    return byteLength;
  }

  async write(bytes: Bytes): Promise<number> {
    const session = this.#established();
    const part = bytes.byteLength > WRITE_BYTES ? bytes.subarray(0, WRITE_BYTES) : bytes;
    try {
      for (let at = 0; at < part.byteLength; at += RECORD_BYTES) {
        session.write(part.byteLength > RECORD_BYTES ? part.subarray(at, at + RECORD_BYTES) : part);
      }
    } catch (cause) {
      throw new Deno.errors.BrokenPipe(`TLS: ${(cause as Error).message}`, { cause });
    }
    await this.#flush();
    return part.byteLength;
  }

  async closeWrite(): Promise<void> {
    this.#session?.shutdown();
    await this.#flush();
    await this.#stream.closeWrite();
  }

  /** Frees the session, too: a pending read or write ends with an error. */
  close(): void {
    this.#isClosed = true;
    this.#session?.close();
    this.#stream.close();
  }

  /** Writes to a connection that has no session fail as those to a closed one do. */
  #established(): TlsSession {
    if (this.#session?.isEstablished) return this.#session;
    throw new Deno.errors.NotConnected("there was no TLS handshake");
  }

  /** Sends all ciphertext, behind what is being sent already. */
  #flush(): Promise<void> {
    const sending = this.#sending;
    const sent = sending ? sending.then(() => this.#send()) : this.#send();
    this.#sending = sent;
    const done = (): void => {
      if (this.#sending === sent) this.#sending = undefined;
    };
    sent.then(done, done);
    return sent;
  }

  async #send(): Promise<void> {
    const session = this.#session;
    if (!session) return;
    while (session.outgoingBytes > 0) {
      let rest = session.takeOutgoing();
      while (rest.byteLength > 0) rest = rest.subarray(await this.#stream.write(rest));
    }
  }
}
