/**
 * What a fix of librdkafka is.
 *
 * @module
 */

/** A piece of a file, at each occurrence, and its replacement. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A defect and its fix. */
export interface Fix {
  /** Description of the defect. */
  readonly what: string;
  readonly edits: readonly Edit[];
  /** C source in tasks/native that the edits call; compiled with librdkafka's. */
  readonly source?: string;
  /** The header of that source. */
  readonly header?: string;
}
