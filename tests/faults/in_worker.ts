/**
 * Load from another thread, so that it does not hold up those who measure.
 *
 * @module
 */

/**
 * Runs a module that answers its one message with one.
 *
 * @param module of this folder
 * @throws what it threw
 */
export async function inWorker<Task, Result>(module: string, task: Task): Promise<Result> {
  const worker = new Worker(new URL(module, import.meta.url), { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`${module}: ${event.message}`));
      };
      worker.postMessage(task);
    });
  } finally {
    worker.terminate();
  }
}

/** What a module that is run so sees of itself. */
interface WorkerScope {
  onmessage: (event: { readonly data: unknown }) => void;
  postMessage(message: unknown): void;
}

/** In the module: `run` is what it is there for. */
export function onTask<Task, Result>(run: (task: Task) => Promise<Result>): void {
  const scope = self as unknown as WorkerScope;
  scope.onmessage = async ({ data }) => scope.postMessage(await run(data as Task));
}
