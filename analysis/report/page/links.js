// Leads links to runs to the port at which `sweep ui` runs: a reader can say another one, which the browser keeps for this page.
(() => {
  "use strict";
  const keyOf = (made) => `sweep ui ${location.pathname} ${made}`;
  // A browser may keep nothing for a page: a port then holds until the page is left.
  const kept = (made) => {
    try {
      return localStorage.getItem(keyOf(made));
    } catch (error) {
      return null;
    }
  };
  const keep = (made, port) => {
    try {
      localStorage.setItem(keyOf(made), port);
    } catch (error) {
      return;
    }
  };
  const found = [...document.querySelectorAll("[data-ui-port]")].map((place) => {
    const made = place.dataset.uiPort;
    const start = `http://127.0.0.1:${made}/`;
    const links = [...document.querySelectorAll(`a[href^="${start}"]`)];
    return { place, made, links: links.map((link) => [link, link.href.slice(start.length)]) };
  });
  for (const { place, made, links } of found) {
    const field = document.createElement("input");
    Object.assign(field, { type: "number", min: 1, max: 65535, required: true, defaultValue: made, value: kept(made) ?? made });
    field.setAttribute("aria-label", `Port of sweep ui, instead of ${made}`);
    if (!field.checkValidity()) field.value = made;
    const lead = () => {
      for (const [link, page] of links) link.href = `http://127.0.0.1:${field.value}/${page}`;
    };
    field.addEventListener("input", () => {
      if (!field.checkValidity()) return;
      lead();
      keep(made, field.value);
    });
    lead();
    place.replaceChildren(field);
  }
})();
