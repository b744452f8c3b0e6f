// Tables that can be sorted, filtered, cut down to columns and saved as CSV; without this they are tables all the same.
(() => {
  "use strict";
  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const save = (name, text) => {
    const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  // The number behind a cell; undefined where there is none.
  const numberOf = (cell) => {
    const value = cell.dataset.value === undefined ? NaN : Number(cell.dataset.value);
    return Number.isNaN(value) ? undefined : value;
  };
  const compare = (one, other) => {
    const [a, b] = [numberOf(one), numberOf(other)];
    if (a !== undefined && b !== undefined) return a - b;
    return one.textContent.localeCompare(other.textContent, "en", { numeric: true });
  };
  const isEmpty = (cell) => cell.textContent === "\u2013" || cell.textContent === "NaN" || cell.textContent === "";
  const csvCell = (cell) => {
    const value = numberOf(cell);
    if (value !== undefined) return String(value);
    const text = cell.textContent === "\u2013" ? "" : cell.textContent;
    // A spreadsheet would run what begins like a formula.
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };

  for (const wide of document.querySelectorAll("[data-table]")) {
    const heads = [...wide.querySelectorAll("thead th")];
    const body = wide.querySelector("tbody");
    const rows = [...body.rows];
    const hidden = new Set();
    const count = make("span", { className: "small" });
    count.setAttribute("role", "status");
    const filter = make("input", { type: "search", placeholder: "words of a row" });
    filter.setAttribute("aria-label", `Show only rows of ${wide.dataset.table} with these words`);

    const show = () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of rows) {
        const text = [...row.cells].map((cell) => cell.textContent.toLowerCase()).join("\n");
        row.hidden = !words.every((word) => text.includes(word));
      }
      count.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows`;
    };
    const sortBy = (column, direction) => {
      const ordered = direction
        ? [...rows].sort((a, b) => {
            const [one, other] = [a.cells[column], b.cells[column]];
            if (isEmpty(one) || isEmpty(other)) return isEmpty(one) - isEmpty(other); // whatever the direction, last
            return direction * compare(one, other);
          })
        : rows;
      body.append(...ordered);
    };
    heads.forEach((head, column) => {
      head.dataset.name = head.textContent;
      const button = make("button", { type: "button", title: "Sort" }, ...head.childNodes);
      button.addEventListener("click", () => {
        const next = { ascending: "descending", descending: "" }[head.getAttribute("aria-sort")] ?? "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        if (next) head.setAttribute("aria-sort", next);
        sortBy(column, { ascending: 1, descending: -1 }[next] ?? 0);
      });
      head.replaceChildren(button);
    });
    const choices = heads.map((head, column) => {
      const box = make("input", { type: "checkbox", checked: true });
      box.addEventListener("change", () => {
        hidden[box.checked ? "delete" : "add"](column);
        for (const row of [heads[column].parentElement, ...rows]) row.cells[column].hidden = !box.checked;
      });
      return make("label", {}, box, ` ${head.dataset.name}`);
    });
    const columns = make("details", {}, make("summary", { textContent: "Columns" }), make("fieldset", {}, ...choices));
    columns.addEventListener("keydown", (event) => {
      if (event.key === "Escape") columns.open = false;
    });
    const csv = make("button", { type: "button", textContent: "Download CSV" });
    csv.addEventListener("click", () => {
      const shown = (cell, column) => !hidden.has(column);
      const head = heads.filter(shown).map((one) => {
        const unit = one.dataset.unit;
        return csvCell({ dataset: {}, textContent: unit ? `${one.dataset.name} (${unit})` : one.dataset.name });
      });
      const lines = [...body.rows].filter((row) => !row.hidden).map((row) => [...row.cells].filter(shown).map(csvCell));
      save(`${document.title}-${wide.dataset.table}.csv`, [head, ...lines].map((cells) => `${cells.join(",")}\r\n`).join(""));
    });
    const find = make("label", {}, "Filter ", filter);
    filter.addEventListener("input", show);
    wide.before(make("div", { className: "tools" }, find, columns, csv, count));
    show();
  }

  for (const command of document.querySelectorAll(".command")) {
    if (!navigator.clipboard) break; // a page without one: copy by hand
    const button = make("button", { type: "button", textContent: "Copy" });
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(command.textContent);
      button.textContent = "Copied";
    });
    command.after(button);
  }
})();
