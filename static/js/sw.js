// Keeps static files and the offline page, and never a page: those hold people's data. The server puts the version of scripts
// and styles before this line as VERSION, so that each version has a shelf of its own, with an offline page that fits.
const SHELF = `static-${VERSION}`;
const LANGUAGE = new URL(location).searchParams.get("language") || ""; // of the page that registered us: the reader's choice
const OFFLINE = `/offline?language=${LANGUAGE}`;

self.addEventListener("install", (event) => event.waitUntil(stock().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(
  caches.keys().then((names) => Promise.all(names.filter((n) => n !== SHELF).map((n) => caches.delete(n)))).then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/desk")) return;
  if (url.pathname.startsWith("/static/") && url.searchParams.has("v")) event.respondWith(fromShelf(request));
  else if (request.mode === "navigate") event.respondWith(fetch(request).catch(async () => (await (await caches.open(SHELF)).match(OFFLINE)) || Response.error()));
});

// The offline page, in the language of the reader and with nobody's cookies, and the fingerprinted files that it names.
async function stock() {
  const shelf = await caches.open(SHELF);
  const page = await fetch(OFFLINE, { credentials: "omit", cache: "no-store", headers: LANGUAGE ? { "Accept-Language": LANGUAGE } : {} });
  if (!page.ok) throw new Error(page.statusText);
  const names = [...(await page.clone().text()).matchAll(/(?:href|src)="(\/static\/[^"#]+\?v=[^"#]+)/g)].map((m) => m[1].replaceAll("&amp;", "&"));
  await Promise.all([shelf.put(OFFLINE, page), ...[...new Set(names)].map((name) => shelf.add(name))]);
}

// An address names its content, so what is kept under it is right; what the server doesn't vouch for isn't kept.
async function fromShelf(request) {
  const shelf = await caches.open(SHELF);
  const kept = await shelf.match(request.url);
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.status === 200 && fresh.headers.get("Cache-Control")?.includes("immutable")) await shelf.put(request.url, fresh.clone());
  return fresh;
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
