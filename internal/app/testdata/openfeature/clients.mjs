// The published OpenFeature clients against a running peakday:
// node clients.mjs URL EXPERIMENT. Prints how many units it exposed to each
// variant, as JSON; exits 1 with what went wrong.
import { OpenFeature as Web, ProviderEvents } from "@openfeature/web-sdk";
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature as Server } from "@openfeature/server-sdk";
import { OFREPProvider } from "@openfeature/ofrep-provider";
import { EventSource } from "eventsource";

const [url, key] = process.argv.slice(2);
const wrong = [];
const check = (what, ok) => { if (!ok) wrong.push(what); };

// What a browser has and node lacks.
globalThis.EventSource = EventSource;
const kept = new Map();
globalThis.localStorage = { getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => kept.set(k, v), removeItem: (k) => kept.delete(k) };

await (0, eval)(await (await fetch(url + "/sdk.js")).text());
const page = peakday.init({ url, wait: 5 });

await Web.setContext({ targetingKey: "web-0", country: "CN" });
await Web.setProviderAndWait(new OFREPWebProvider({ baseUrl: url, pollInterval: 0 }));
Web.addHooks(page.hook());
await Server.setProviderAndWait(new OFREPProvider({ baseUrl: url }));
const web = Web.getClient(), server = Server.getClient();

const exposed = { control: 0, treatment: 0 }, buyers = [];
for (let i = 0; i < 30; i++) {
  const user = "web-" + i;
  await Web.setContext({ targetingKey: user, country: "CN" });
  page.identify(user);
  const d = web.getStringDetails(key, "default");
  web.getStringDetails(key, "default"); // used twice, exposed once
  check(`${user}: ${JSON.stringify(d)}`, ["SPLIT", "CACHED"].includes(d.reason) && ["control", "treatment"].includes(d.variant));
  const single = await server.getStringDetails(key, "default", { targetingKey: user, country: "CN" });
  check(`${user}: bulk ${d.variant}, single ${single.variant}`, d.variant === single.variant && d.value === single.value);
  exposed[d.variant]++;
  if (d.variant === "treatment") {
    page.track("product.viewed", { product_id: "p1" });
    buyers.push(user);
  }
}
await page.flush();
for (let i = 0; i < 200 && page.state().waiting > 0; i++) await new Promise((r) => setTimeout(r, 10));
check("sdk.js still has " + JSON.stringify(page.state()), page.state().waiting === 0 && page.state().dropped === 0);

// People buy after they have seen, and not within the milliseconds of a request.
for (const user of buyers) {
  const paid = { specversion: "1.0", id: "paid-" + user, source: "shop", type: "order.paid", data: { order_id: "o-" + user, user_id: user, total: "9.90" } };
  await fetch(url + "/v1/events", { method: "POST", headers: { "Content-Type": "application/cloudevents+json" }, body: JSON.stringify(paid) });
}

const missing = await server.getStringDetails("no-such-flag", "default", { targetingKey: "u" });
check("a flag that is not there: " + JSON.stringify(missing), missing.errorCode === "FLAG_NOT_FOUND" && missing.value === "default");

// A change of the experiment arrives without polling.
const changed = new Promise((resolve) => Web.addHandler(ProviderEvents.ConfigurationChanged, resolve));
const before = Date.now();
await fetch(`${url}/v1/experiments/${key}/pause`, { method: "POST" });
await Promise.race([changed, new Promise((r) => setTimeout(r, 5000))]);
const now = web.getStringDetails(key, "default");
check(`after a pause, ${Date.now() - before} ms: ${JSON.stringify(now)}`, now.reason === "STATIC" && now.value === "old" && Date.now() - before < 2000);

await Web.close();
await Server.close();
if (wrong.length) {
  console.error(wrong.join("\n"));
  process.exit(1);
}
console.log(JSON.stringify(exposed));
process.exit(0);
