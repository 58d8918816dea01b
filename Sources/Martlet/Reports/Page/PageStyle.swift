/// The style sheet and the script of a page.
enum PageStyle {
  static let css = """
    :root { color-scheme: light dark; --page: #f6f7f9; --panel: #fff; --ink: #1b2230; --soft: #5c6678;
      --line: #dfe3ea; --grid: #edf0f4; --roof: #8791a3; --c0: #2f6fde; --c1: #d9730d; --c2: #1f9d77;
      --c3: #b3478f; --c4: #7a5cd6; --c5: #b08900; --c6: #7b8494; --plain: #4a6fa5; }
    @media (prefers-color-scheme: dark) { :root { --page: #12161d; --panel: #1a2029; --ink: #e6eaf1;
      --soft: #98a3b5; --line: #2e3744; --grid: #252d38; --roof: #77839a; --c0: #6aa2ff; --c1: #f59a4a;
      --c2: #4cc9a0; --c3: #e082c1; --c4: #ab94ff; --c5: #ddb83c; --c6: #98a3b5; --plain: #86a9dc; } }
    * { box-sizing: border-box; }
    body { margin: 0 auto; padding: 24px; max-width: 1200px; background: var(--page); color: var(--ink);
      font: 14px/1.45 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
    h1 { font-size: 22px; margin: 0; } h2 { font-size: 18px; margin: 22px 0 10px; overflow-wrap: anywhere; }
    h3 { font-size: 15px; margin: 0 0 6px; }
    .facts, .hint, footer { color: var(--soft); margin: 2px 0 8px; } footer { margin-top: 18px; font-size: 12px; }
    ul { list-style: none; margin: 0; padding: 0; }
    .cards { display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px; margin-bottom: 14px; }
    .cards li, .panel { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; }
    .cards li { padding: 10px 14px; display: flex; flex-direction: column; }
    .cards span, .cards small { color: var(--soft); } .cards b { font-size: 20px; font-weight: 600; }
    .panel { padding: 14px 16px; margin-bottom: 14px; min-width: 0; }
    .columns { display: grid; grid-template-columns: 1fr 1fr; gap: 14px; align-items: start; }
    .legend { display: flex; flex-wrap: wrap; gap: 4px 14px; color: var(--soft); }
    .key { width: 10px; height: 10px; margin-right: 5px; }
    .chart { display: block; width: 100%; height: auto; } .slim { display: none; }
    .chart text { font-size: 12px; fill: var(--soft); } .chart .rooflabel { fill: var(--ink); }
    .rooflabel { paint-order: stroke; stroke: var(--panel); stroke-width: 3px; stroke-linejoin: round; }
    .grid { stroke: var(--grid); } .axis { stroke: var(--roof); } .roof { stroke: var(--roof); stroke-width: 1.5; }
    .point { fill-opacity: .55; stroke-width: 1; cursor: default; } .point:hover { fill-opacity: .9; }
    .c0 { fill: var(--c0); stroke: var(--c0); } .c1 { fill: var(--c1); stroke: var(--c1); }
    .c2 { fill: var(--c2); stroke: var(--c2); } .c3 { fill: var(--c3); stroke: var(--c3); }
    .c4 { fill: var(--c4); stroke: var(--c4); } .c5 { fill: var(--c5); stroke: var(--c5); }
    .c6 { fill: var(--c6); stroke: var(--c6); } .plain { fill: var(--plain); }
    .bars li { display: grid; grid-template-columns: minmax(0, 11em) minmax(40px, 1fr) 5.4em 4.2em; gap: 10px;
      align-items: center; padding: 2px 0; } .bars li:hover { background: var(--grid); }
    .bars .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; direction: rtl; text-align: left; }
    main > .panel > .bars li { grid-template-columns: minmax(0, 24em) minmax(40px, 1fr) 5.4em 4.2em; }
    .bar { width: 100%; height: 14px; stroke: none; } .rest { fill-opacity: .32; }
    .value, .share { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
    .share { color: var(--soft); }
    .filter { font: inherit; width: 100%; max-width: 320px; padding: 5px 9px; margin-bottom: 8px; color: inherit;
      background: var(--page); border: 1px solid var(--line); border-radius: 6px; }
    .scroll { overflow: auto; max-height: 80vh; }
    .steps { border-collapse: collapse; width: 100%; font-size: 12.5px; }
    .steps th { position: sticky; top: 0; background: var(--panel); text-align: left; padding: 0; z-index: 1;
      box-shadow: inset 0 -1px var(--line); }
    .steps th button { font: inherit; font-weight: 600; color: inherit; background: none; border: 0; cursor: pointer;
      padding: 6px 6px; width: 100%; text-align: inherit; white-space: nowrap; }
    .steps th[aria-sort] button::after { content: " \\25be"; } .steps th[aria-sort=ascending] button::after { content: " \\25b4"; }
    .steps td { padding: 4px 6px; border-bottom: 1px solid var(--grid); white-space: nowrap; vertical-align: top; }
    .steps tbody tr:hover { background: var(--grid); }
    .steps .n { text-align: right; font-variant-numeric: tabular-nums; }
    .steps .node { padding-left: 22px; } .steps th.node { padding-left: 14px; }
    .steps td.node { position: relative; white-space: normal; overflow-wrap: anywhere; min-width: 17em; }
    .steps td.note { white-space: normal; min-width: 19em; color: var(--soft); } .note b { font-weight: 600; color: var(--ink); }
    .mark { position: absolute; left: 8px; top: 9px; width: 8px; height: 8px; border-radius: 4px; }
    .mark.c0 { background: var(--c0); } .mark.c1 { background: var(--c1); } .mark.c2 { background: var(--c2); }
    .mark.c3 { background: var(--c3); } .mark.c4 { background: var(--c4); } .mark.c5 { background: var(--c5); }
    .mark.c6 { background: var(--c6); }
    #tip { position: fixed; z-index: 9; max-width: min(360px, 92vw); padding: 7px 10px; border-radius: 6px;
      background: var(--ink); color: var(--page); font-size: 12px; white-space: pre-line; pointer-events: none;
      overflow-wrap: anywhere; }
    @media (max-width: 760px) { body { padding: 12px; } .cards { grid-template-columns: 1fr 1fr; }
      .columns { grid-template-columns: 1fr; gap: 0; } .broad { display: none; } .slim { display: block; }
      .wide { display: none; } .bars li, main > .panel > .bars li {
        grid-template-columns: minmax(0, 1fr) 5.2em 3.8em; gap: 0 8px; padding: 4px 0; }
      .bars .name { grid-column: 1; white-space: normal; overflow-wrap: anywhere;
        direction: ltr; } .bars .bar { grid-row: 2; grid-column: 1 / 4; height: 8px; }
      .steps td.note { min-width: 15em; } .steps td.node { min-width: 11em; } .panel { padding: 12px; } }
    """

  static let script = """
    const tip = document.getElementById("tip");
    document.addEventListener("pointerover", event => {
      const shown = event.target.closest("[data-tip]");
      tip.hidden = shown === null;
      if (shown !== null) { tip.textContent = shown.dataset.tip; }
    });
    document.addEventListener("pointermove", event => {
      const box = tip.getBoundingClientRect();
      const left = Math.min(event.clientX + 14, innerWidth - box.width - 6);
      const below = event.clientY + 16;
      const top = below + box.height > innerHeight ? event.clientY - box.height - 12 : below;
      tip.style.left = Math.max(6, left) + "px";
      tip.style.top = Math.max(6, top) + "px";
    });
    function value(row, column) {
      const cell = row.cells[column];
      return "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent;
    }
    for (const table of document.querySelectorAll("table.steps")) {
      const headings = [...table.tHead.rows[0].cells];
      headings.forEach((heading, column) => heading.addEventListener("click", () => {
        const isNumber = heading.classList.contains("n");
        const before = heading.getAttribute("aria-sort");
        const first = isNumber ? "descending" : "ascending";
        const second = isNumber ? "ascending" : "descending";
        const order = before === first ? second : first;
        headings.forEach(other => other.removeAttribute("aria-sort"));
        heading.setAttribute("aria-sort", order);
        const sign = order === "ascending" ? 1 : -1;
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => {
          const x = value(a, column), y = value(b, column);
          return sign * (isNumber ? x - y : x.localeCompare(y, undefined, { numeric: true }));
        });
        table.tBodies[0].append(...rows);
      }));
      const filter = table.closest("section").querySelector(".filter");
      filter.addEventListener("input", () => {
        const word = filter.value.toLowerCase();
        for (const row of table.tBodies[0].rows) {
          row.hidden = !(row.textContent + " " + row.title).toLowerCase().includes(word);
        }
      });
    }
    """
}
