// Draws each figure's curves with plotly.js when they come near the screen. Until then, and on paper, its image shows the same.
(async () => {
  "use strict";
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const places = [...document.querySelectorAll("[data-chart]")];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const coarse = matchMedia("(pointer: coarse)");

  const packed = atob(document.getElementById("plotly").textContent);
  const bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script);
  } catch (error) {
    return; // This browser cannot unpack it: the images stay.
  }

  // As many rows as the legend takes at this width: the axis stands right above it. Names that do not fit into one row stand in columns.
  const [BELOW_PX, BESIDE_PX, ROW_PX, HANDLE_PX] = [52, 76, 29, 48];
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = "12px system-ui, sans-serif";
  const legendRows = (data, width) => {
    const room = width - BESIDE_PX;
    const widths = data.filter((trace) => trace.showlegend !== false).map(({ name = "" }) => pen.measureText(name).width + HANDLE_PX);
    if (widths.reduce((sum, own) => sum + own, 0) <= room) return 1;
    return Math.ceil(widths.length / Math.max(1, Math.floor(room / Math.max(...widths))));
  };
  // Black lines would vanish on a dark page, and numbers have colours from dim to bright there; every other colour reads on both.
  const onDark = JSON.parse(document.getElementById("charts").dataset.dark);
  const parts = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16)).join(",");
  const bandsOnDark = Object.fromEntries(Object.entries(onDark).map((pair) => pair.map(parts)));
  const shown = (value) => (dark.matches && onDark[value]) || value;
  const themed = (trace) => ({
    ...trace,
    ...(trace.line && { line: { ...trace.line, color: shown(trace.line.color) } }),
    ...(trace.marker && { marker: { ...trace.marker, color: shown(trace.marker.color) } }),
    ...(dark.matches &&
      trace.fillcolor && {
        fillcolor: trace.fillcolor.replace(/\((\d+,\d+,\d+),/, (all, own) => `(${bandsOnDark[own] ?? own},`),
      }),
  });
  const layoutOf = (layout) => {
    const white = layout.meta?.page === "light";
    const [ink, rule, card] = dark.matches && !white ? ["#e8eaed", "#383e45", "#1e2226"] : ["#1c1e21", "#d9dce1", "#ffffff"];
    const axes = Object.keys(layout).filter((key) => /^[xy]axis/.test(key));
    return {
      ...layout,
      ...Object.fromEntries(axes.map((key) => [key, { ...layout[key], gridcolor: rule, linecolor: rule }])),
      paper_bgcolor: white ? "#ffffff" : "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      modebar: { bgcolor: "rgba(0,0,0,0)", color: rule, activecolor: ink },
      font: { family: "system-ui, sans-serif", size: 12, color: ink },
      hoverlabel: { bgcolor: card, bordercolor: rule, font: { color: ink } },
      // On a touch screen a drag scrolls the page; the buttons above the chart zoom.
      dragmode: coarse.matches ? false : "zoom",
    };
  };
  const draw = (place) => {
    const { data, layout } = structuredClone(charts[place.dataset.chart]);
    delete layout.height; // The page has reserved its height, so that nothing moves when it is drawn.
    if (layout.legend?.yref === "container") layout.margin = { ...layout.margin, b: BELOW_PX + ROW_PX * legendRows(data, place.clientWidth) };
    place.parentElement.classList.add("drawn");
    return Plotly.react(place, data.map(themed), layoutOf(layout), {
      responsive: true,
      displaylogo: false,
      // plotly.js offers to upload charts to its makers' cloud: results stay where they are.
      showSendToCloud: false,
      plotlyServerURL: "",
      modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
    });
  };

  const near = new IntersectionObserver(
    (entries) => {
      for (const entry of entries.filter((one) => one.isIntersecting)) {
        near.unobserve(entry.target);
        draw(entry.target);
      }
    },
    { rootMargin: "600px" },
  );
  for (const place of places) near.observe(place);
  dark.addEventListener("change", () => places.filter((place) => place.data).forEach(draw));
})();
