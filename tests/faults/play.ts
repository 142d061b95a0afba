/**
 * How a scenario goes: load, the fault, load again, comparison.
 *
 * @module
 */
import { pause } from "./load.ts";
import { type Kafka, type Outcome, Stage, type StageOptions } from "./stage.ts";

/** Time under load before a fault, which what is acked in its first second must outlive; and after it. */
const BEFORE_MS = 5_000;
const AFTER_MS = 2_000;

/**
 * Plays a fault.
 *
 * @param heal what the fault has broken works again, also when it could not be played to its end
 */
export async function play(
  kafka: Kafka,
  options: StageOptions,
  fault: (stage: Stage) => Promise<void>,
  heal: () => Promise<void> = () => Promise.resolve(),
): Promise<Outcome> {
  await using stage = await Stage.open(kafka, options);
  try {
    try {
      await pause(BEFORE_MS);
      stage.faultFromMs = performance.now();
      await fault(stage);
    } finally {
      await heal();
    }
    await stage.works();
    await pause(AFTER_MS);
    return await stage.finish();
  } catch (error) {
    await stage.keepEvidence();
    throw error;
  }
}
