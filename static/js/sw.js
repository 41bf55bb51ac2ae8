// Keeps static files and the offline page, and never a page: those hold people's data.
const SHELF = "static-v2";
const OFFLINE = "/offline";

self.addEventListener("install", (event) => event.waitUntil(stock().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(
  caches.keys().then((names) => Promise.all(names.filter((n) => n !== SHELF).map((n) => caches.delete(n)))).then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/desk")) return;
  if (url.pathname.startsWith("/static/") && url.searchParams.has("v")) event.respondWith(fromShelf(request));
  else if (request.mode === "navigate") event.respondWith(fetch(request).catch(async () => (await caches.match(OFFLINE)) || Response.error()));
});

// The offline page and the fingerprinted files that it names.
async function stock() {
  const shelf = await caches.open(SHELF);
  const page = await fetch(OFFLINE, { credentials: "omit" });
  const names = [...(await page.clone().text()).matchAll(/(?:href|src)="(\/static\/[^"#]+\?v=[^"#]+)/g)].map((m) => m[1].replaceAll("&amp;", "&"));
  await Promise.all([shelf.put(OFFLINE, page), ...[...new Set(names)].map((name) => shelf.add(name))]);
}

async function fromShelf(request) {
  const shelf = await caches.open(SHELF);
  const kept = await shelf.match(request);
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.status === 200) await renew(shelf, request, fresh.clone());
  return fresh;
}

// A new fingerprint takes the place of the old one.
async function renew(shelf, request, fresh) {
  await shelf.delete(request, { ignoreSearch: true });
  await shelf.put(request, fresh);
}

// What a push says names nobody. The same message twice shows once: its tag is its own.
self.addEventListener("push", (event) => {
  const { title, body, tag, url } = event.data?.json() ?? {};
  if (title) event.waitUntil(self.registration.showNotification(title, { body, tag, data: { url }, icon: "/static/icons/icon-192.png", badge: "/static/icons/icon-192.png" }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const goal = new URL(event.notification.data?.url || "/", location.origin).href;
  event.waitUntil(self.clients.matchAll({ type: "window" }).then(([open]) => (open ? open.focus().then(() => open.navigate(goal)) : self.clients.openWindow(goal))));
});
