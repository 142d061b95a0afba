/**
 * All rows, in the order of the table.
 *
 * @module
 */
import { connectionRows } from "./connection_rows.ts";
import { consumeRows } from "./consume_rows.ts";
import { costRows } from "./cost_rows.ts";
import { crowdRow } from "./crowd_row.ts";
import { gatewayRows } from "./gateway_rows.ts";
import { latencyRow } from "./latency_row.ts";
import { produceRows } from "./produce_rows.ts";
import { pubsubRows } from "./pubsub_rows.ts";
import type { Row } from "./row.ts";
import { scrapeRow } from "./scrape_row.ts";
import { startRows } from "./start_rows.ts";
import { streamDelayRows } from "./stream_delay_rows.ts";
import { streamRows } from "./stream_rows.ts";
import { streamWorkerRow } from "./stream_worker_row.ts";

/** Everything that can be measured. */
export const rows: readonly Row[] = [
  ...produceRows,
  ...consumeRows,
  latencyRow,
  ...streamRows,
  ...streamDelayRows,
  ...pubsubRows,
  ...costRows,
  scrapeRow,
  ...connectionRows,
  crowdRow,
  ...gatewayRows,
  streamWorkerRow,
  ...startRows,
];
