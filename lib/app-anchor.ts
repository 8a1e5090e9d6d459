import type { App } from './app';

/**
 * The parts are anchored on `globalThis`: every function is bundled apart, so a module-level
 * variable would give each of them a store of its own, and a client would never find its job.
 */
const APP: unique symbol = Symbol.for('image-relay.app');
const anchor = globalThis as { [APP]?: Promise<App> | undefined };

/** The one App of this process; built from the environment when it is asked for first. */
export function getApp(): Promise<App> {
  return (anchor[APP] ??= build().catch((error: unknown) => {
    // On Lambda the process goes on, and what stood in the way may be gone with the next call.
    anchor[APP] = undefined;
    throw error;
  }));
}

/** Makes `getApp` answer with a given App. */
export function installApp(app: App): void {
  anchor[APP] = Promise.resolve(app);
}

/**
 * Every bundle holds all parts, but only the first function that runs needs them. They are imported
 * here, so that the other functions do not even evaluate them. That saves some 5 MB for each.
 */
async function build(): Promise<App> {
  const [{ createApp }, { loadConfig }] = await Promise.all([import('./app'), import('./config')]);
  return createApp(loadConfig(process.env));
}
