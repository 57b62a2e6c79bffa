// peakday for web pages: exposures and behaviour, in batches. See docs/sdk.md.
(function (root) {
  "use strict";
  var stored = "peakday.unsent";

  function id() {
    return root.crypto && crypto.randomUUID ? crypto.randomUUID() : Date.now().toString(36) + Math.random().toString(36).slice(2);
  }

  // A page without storage (private mode, an old web view) goes on without it.
  function store(key, value) {
    try {
      if (value === undefined) return localStorage.getItem(key);
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch (e) {}
    return null;
  }

  // init({url, key, user, device, session, batch, wait, most}) returns a client.
  function init(o) {
    var url = o.url.replace(/\/$/, "") + "/v1/events", most = o.most || 1000;
    var queue = [], seen = {}, sending = false, timer = 0, tries = 0, quiet = 0, dropped = 0;
    var device = o.device || store("peakday.device") || id();
    store("peakday.device", device);
    try { queue = JSON.parse(store(stored) || "[]"); } catch (e) {}
    store(stored, null);

    function later(ms) {
      if (!timer) timer = setTimeout(function () { timer = 0; flush(); }, ms);
    }

    function push(event) {
      if (queue.length >= most) { dropped++; return; }
      queue.push(event);
      if (queue.length >= (o.batch || 20)) flush(); else later(o.wait || 2000);
    }

    // What goes into one request: at most 100 events and about 50 kB, since
    // browsers refuse larger ones from a page that is closing. This clock may be
    // wrong: sentat lets peakday take only the events' age from it.
    function take() {
      var n = 0, size = 2, now = new Date().toISOString();
      while (n < queue.length && n < 100 && (size += JSON.stringify(queue[n]).length + 50) < 50000) n++;
      return queue.splice(0, Math.max(n, 1)).map(function (e) { e.sentat = now; return e; });
    }

    function flush() {
      var now = Date.now();
      if (sending || !queue.length) return Promise.resolve();
      if (now < quiet) { later(quiet - now); return Promise.resolve(); }
      var batch = take(), headers = { "Content-Type": "application/cloudevents-batch+json" };
      if (o.key) headers["X-API-Key"] = o.key;
      sending = true;
      function again(seconds) {
        queue = batch.concat(queue).slice(0, most); // their ids make a second arrival harmless
        quiet = Date.now() + (seconds * 1000 || Math.min(60000, 1000 * Math.pow(2, tries++)) * (0.5 + Math.random()));
      }
      return fetch(url, { method: "POST", headers: headers, body: JSON.stringify(batch), credentials: "omit" }).then(function (r) {
        if (r.status === 429 || r.status >= 500) return again(r.headers.get("Retry-After"));
        tries = 0;
        return r.json().then(function (a) { if (!r.ok || a.rejected.length) console.warn("peakday refused", a); });
      }).catch(function () { again(); }).then(function () {
        sending = false;
        return flush();
      });
    }

    // leave hands what is left to the browser, which sends it after the page.
    function leave() {
      while (queue.length) {
        var batch = take(), body = JSON.stringify(batch), to = url + (o.key ? "?key=" + encodeURIComponent(o.key) : "");
        if (!(navigator.sendBeacon && navigator.sendBeacon(to, body))) {
          store(stored, JSON.stringify(batch.concat(queue)));
          queue = [];
        }
      }
    }

    function track(type, data, eventID) {
      var d = { anonymous_id: device };
      if (o.user) d.user_id = o.user;
      if (o.session) d.session_id = o.session;
      for (var k in data) d[k] = data[k];
      push({ specversion: "1.0", id: eventID || id(), source: "web", type: type, time: new Date().toISOString(), data: type === "experiment.exposed" ? data : d });
    }

    // exposed says, once a page, that the unit meets its variant. The id is that
    // of any exposure of this kind, so that sending it again adds nothing.
    function exposed(x) {
      var key = [x.experiment, x.version, x.variant, x.unit].join("/");
      if (seen[key]) return;
      seen[key] = true;
      track("experiment.exposed", x, key);
    }

    // hook is for OpenFeature: it exposes when a flag is used, not when it is loaded.
    function hook() {
      return { after: function (c, details) {
        var m = details.flagMetadata || {}, ctx = c.context || {}, attributes = {};
        if (m.enrolled !== true) return;
        for (var k in ctx) if (k !== "targetingKey" && k !== "units") attributes[k] = ctx[k];
        var unit = (ctx.units || {})[m.unit] || ctx.targetingKey;
        if (unit) exposed({ experiment: m.experiment, version: m.version, variant: details.variant, unit: unit, attributes: attributes });
      } };
    }

    if (root.addEventListener) {
      addEventListener("pagehide", leave);
      addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") leave(); });
    }
    if (queue.length) later(0);
    return {
      track: track, exposed: exposed, hook: hook, flush: flush,
      identify: function (user) { o.user = user; },
      state: function () { return { device: device, waiting: queue.length, dropped: dropped }; }
    };
  }

  root.peakday = { init: init };
})(typeof globalThis === "object" ? globalThis : window);
