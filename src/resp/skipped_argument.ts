/**
 * The placeholder of an argument that is too long to be kept.
 *
 * @module
 */

/** An empty argument that knows the length of the skipped one. `slice` returns itself. */
export class SkippedArgument extends Uint8Array<ArrayBuffer> {
  /** The length that the client announced. */
  readonly skippedBytes: number;

  /**
   * A placeholder.
   *
   * @param skippedBytes the announced length
   */
  constructor(skippedBytes: number) {
    super(new ArrayBuffer(0));
    this.skippedBytes = skippedBytes;
  }

  /** Parts of it are plain arrays. */
  static get [Symbol.species](): Uint8ArrayConstructor {
    return Uint8Array;
  }

  /** It has no content to copy. */
  override slice(): this {
    return this;
  }
}
