/**
 * @module
 * All rows, in the order of the table.
 */
import { consumeRows } from "./consume_rows.ts";
import { produceRows } from "./produce_rows.ts";
import type { Row } from "./row.ts";

/** Everything that can be measured. */
export const rows: readonly Row[] = [...produceRows, ...consumeRows];
