// Keeps the reader's place, and what is open, sorted or filtered, where the page is loaded again because it was drawn anew.
(() => {
  "use strict";
  const LANDMARKS = "h1, h2, h3, h4, figcaption, summary";

  // What a reader sees has no names of its own: it is the nth of its kind with this text.
  const named = (selector, textOf) => {
    const counts = Object.create(null);
    return [...document.querySelectorAll(selector)].map((element) => {
      const text = textOf(element).trim().slice(0, 200);
      counts[text] = (counts[text] ?? 0) + 1;
      return [`${text} ${counts[text]}`, element];
    });
  };
  const labelOf = (field) => field.id || field.getAttribute("aria-label") || field.labels?.[0]?.textContent || field.name || "";
  const landmarks = () => named(LANDMARKS, (one) => `${one.tagName} ${one.textContent}`);
  const folds = () => named("details", (one) => one.querySelector("summary")?.textContent ?? "");
  const fields = () => named("input, select, textarea", labelOf);
  const heads = () => named("th", (one) => one.textContent);
  const sortOf = (head) => head.getAttribute("aria-sort");
  const isTouched = ([, field]) => field.value !== field.defaultValue || field.checked !== field.defaultChecked;
  let asMade = {};

  // Only what the reader changed: browsers keep little for a page.
  const shown = () => {
    const passed = landmarks().filter(([, one]) => one.getClientRects().length && one.getBoundingClientRect().top < 8);
    const [mark, element] = passed.at(-1) ?? [];
    return {
      mark,
      below: element ? element.getBoundingClientRect().top : scrollY,
      open: Object.fromEntries(folds().map(([name, fold]) => [name, fold.open]).filter(([name, open]) => open !== asMade[name])),
      fields: Object.fromEntries(fields().filter(isTouched).map(([name, field]) => [name, [field.value, field.checked]])),
      sorted: Object.fromEntries(heads().map(([name, head]) => [name, sortOf(head)]).filter(([, sort]) => sort)),
    };
  };
  const show = (state) => {
    for (const [name, field] of fields()) {
      const [value, checked] = state.fields[name] ?? [field.value, field.checked];
      if (value === field.value && checked === field.checked) continue;
      Object.assign(field, { value, checked });
      for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
    }
    for (const [name, head] of heads()) {
      for (let clicks = 0; clicks < 2 && state.sorted[name] && sortOf(head) !== state.sorted[name]; clicks += 1) {
        head.querySelector("button")?.click();
      }
    }
    for (const [name, fold] of folds()) fold.open = state.open[name] ?? fold.open;
  };
  const go = (state) => {
    const found = landmarks().find(([name]) => name === state.mark)?.[1];
    scrollTo({ top: found ? scrollY + found.getBoundingClientRect().top - state.below : state.below, behavior: "instant" });
  };

  const before = history.state?.place;
  addEventListener("DOMContentLoaded", () => {
    asMade = Object.fromEntries(folds().map(([name, fold]) => [name, fold.open]));
    if (!before) return;
    show(before);
    go(before);
    history.replaceState(null, "");
  });
  addEventListener("load", () => {
    if (!before) return;
    go(before); // images have their heights now
    setTimeout(() => (history.scrollRestoration = "auto")); // at once, the browser would go to where it was
  });

  // Which version was shown before, and how to load the page again.
  window.reportPlace = {
    version: before?.version,
    loadAgain: (version) => {
      history.scrollRestoration = "manual";
      history.replaceState({ place: { version, ...shown() } }, "");
      location.reload();
    },
  };
})();
