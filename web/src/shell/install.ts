/** Registers the worker that keeps the page's own files, so that the page opens offline. */
export function startWorker(): void {
  // Browsers offer workers only by TLS and on the machine itself; without one the page works while online.
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register("worker.js", { updateViaCache: "none" }).catch((error: unknown) => {
    // Private windows refuse workers. The page needs none.
    console.warn("The page will not open offline:", error);
  });
}
