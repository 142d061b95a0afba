/**
 * Topics of the same name, told apart by their ids.
 *
 * @module
 */

/** Whether these are the ids of two topics; one that is not known may be either. */
export function isOtherTopic(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}
