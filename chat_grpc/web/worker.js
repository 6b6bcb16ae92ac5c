// Keeps the page's own files, so that it opens offline. It never keeps answers of the server.
const SHELL = ["./","ServerPage-7EDYMGKT.js","chunk-QISF64KF.js","chunk-WBA4GWB7.js","de-424KWSFO.js","de-YOU45RE3.js","ja-DP3XURNT.js","ja-YU3BNBK3.js","main-5LXXMXO3.css","main-73MMSOHK.js","table-XBU7QOBM.js"];
const FIXED = ["icon.svg", "icon-192.png", "app.webmanifest"];
// A new build has other names, and so another cache; the old one goes when this worker starts.
const CACHE = "shell " + SHELL.join(" ");

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll([...SHELL, ...FIXED].map((name) => new Request(name, { cache: "no-cache" }))))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const scope = self.registration.scope;
  if (request.method !== "GET" || !request.url.startsWith(scope)) return;
  const name = request.url.slice(scope.length).split(/[?#]/)[0];
  if (request.mode === "navigate" && name === "") event.respondWith(fresh(request));
  else if (SHELL.includes(name) || FIXED.includes(name)) event.respondWith(kept(request));
});

// The page itself is asked for first, so that an update is seen at once.
async function fresh(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match("./", { cacheName: CACHE })) ?? Response.error();
  }
}

async function kept(request) {
  return (await caches.match(request, { cacheName: CACHE, ignoreSearch: true })) ?? fetch(request);
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    self.clients.matchAll({ type: "window" }).then(([page]) => (page ? page.focus() : self.clients.openWindow("./"))),
  );
});
