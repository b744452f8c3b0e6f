// Loads the page again once it was written anew; place.js keeps what the reader sees.
(() => {
  "use strict";
  const VERSION = "{version}";
  const SIGNAL = "{signal}";
  const PAUSE_MS = 2000;

  let pressed = false;
  addEventListener("pointerdown", () => (pressed = true));
  for (const type of ["pointerup", "pointercancel"]) addEventListener(type, () => (pressed = false));
  const isBusy = () => document.hidden || pressed || !getSelection().isCollapsed;

  const renew = () => (isBusy() ? setTimeout(renew, PAUSE_MS / 4) : reportPlace.loadAgain(VERSION));
  // A script can be read from disk too, where a page may fetch nothing.
  const look = () => {
    const script = document.createElement("script");
    const seen = (isNew) => {
      script.remove();
      if (isNew) renew();
      else setTimeout(look, PAUSE_MS);
    };
    script.addEventListener("load", () => seen(window.sweepReport !== VERSION));
    script.addEventListener("error", () => seen(true)); // the signal is gone: the last page is there
    script.src = `${SIGNAL}?${Date.now()}`;
    document.head.append(script);
  };

  // The same page once more: it is a copy without its signal.
  if (reportPlace.version === VERSION) return;
  const mark = document.createElement("p");
  mark.textContent = `live, drawn at ${new Date(document.lastModified).toLocaleTimeString()}`;
  mark.className = "follows";
  document.body.append(mark);
  setTimeout(look, PAUSE_MS);
})();
