// A page that is opened from disk may start no worker, in which the site searches: a hidden frame takes its place.
"use strict";
if (location.protocol === "file:") {
  window.IFrameWorker = class extends EventTarget {
    constructor(url) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.append(this.frame);
      this.inner = this.frame.contentWindow;
      this.inner.document.open();
      this.inner.document.write(`<script>
        postMessage = (message) => dispatchEvent(new MessageEvent("told", { data: message }));
        importScripts = (...urls) => urls.reduce((before, url) => before.then(() => new Promise((done, failed) => {
          const script = Object.assign(document.createElement("script"), { src: url, onload: done, onerror: failed });
          document.body.append(script);
        })), Promise.resolve());
      <\/script><body><script src="${new URL(url, location).href}"><\/script>`);
      this.inner.document.close();
      this.inner.addEventListener("told", (event) => this.dispatchEvent(new MessageEvent("message", { data: event.data })));
      this.ready = new Promise((done) => this.inner.addEventListener("load", done));
    }
    postMessage(message) {
      this.ready.then(() => this.inner.dispatchEvent(new this.inner.MessageEvent("message", { data: message })));
    }
    terminate() {
      this.frame.remove();
    }
  };
  window.Worker = window.IFrameWorker;
}
