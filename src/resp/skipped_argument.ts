/**
 * What stands for an argument that was too long to be kept.
 *
 * @module
 */

/** Empty, but it knows how long the argument was. A copy of it is the same thing. */
export class SkippedArgument extends Uint8Array<ArrayBuffer> {
  /** How many bytes the client has sent. */
  readonly skippedBytes: number;

  /** Stands for an argument of `skippedBytes`. */
  constructor(skippedBytes: number) {
    super(new ArrayBuffer(0));
    this.skippedBytes = skippedBytes;
  }

  /** Parts of it are plain, empty bytes. */
  static get [Symbol.species](): Uint8ArrayConstructor {
    return Uint8Array;
  }

  /** There is nothing in it that somebody could change. */
  override slice(): this {
    return this;
  }
}
