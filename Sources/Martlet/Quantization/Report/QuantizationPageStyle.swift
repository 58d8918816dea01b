/// What the page of a quantization adds to the style sheet and the script of all pages.
enum QuantizationPageStyle {
  static let css = """
    .word { white-space: normal; overflow-wrap: anywhere; min-width: 9em; font-weight: 500; }
    .steps tbody th { position: static; box-shadow: none; background: none; padding: 4px 6px; min-width: 12em;
      border-bottom: 1px solid var(--grid); vertical-align: top; }
    .steps caption, .plain-table caption { text-align: left; max-width: min(1100px, 82vw); }
    .plain-table { border-collapse: collapse; font-size: 12.5px; }
    .plain-table th, .plain-table td { text-align: left; padding: 4px 12px 4px 0; vertical-align: top;
      border-bottom: 1px solid var(--grid); }
    .plain-table td, .plain-table th { white-space: nowrap; } .plain-table .word { white-space: normal; max-width: 46em; }
    .plain-table td.note { white-space: normal; min-width: 15em; color: var(--soft); }
    .layer { border-top: 1px solid var(--line); padding: 8px 0; }
    .layer summary { cursor: pointer; overflow-wrap: anywhere; } .layer summary span { color: var(--soft); }
    .layer p { margin: 6px 0; }
    .figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(330px, 100%), 1fr)); gap: 14px; }
    figure { margin: 4px 0; min-width: 0; } figcaption { overflow-wrap: anywhere; }
    figure p { color: var(--soft); font-size: 12.5px; margin: 2px 0; overflow-wrap: anywhere; }
    .histogram { display: block; width: 100%; max-width: 420px; height: auto; }
    .histogram text { font-size: 11px; fill: var(--soft); } .count { fill: var(--plain); }
    .clipped { fill: var(--c1); fill-opacity: .22; } .bound { stroke: var(--c1); stroke-width: 1.5; }
    @media print { body { max-width: none; padding: 0; } .filter { display: none; } .scroll { max-height: none;
      overflow: visible; } .panel { border: 0; padding: 0; } figure, .layer summary, tr { break-inside: avoid; }
      .steps th { position: static; } .steps, .plain-table { font-size: 10px; } }
    """

  /// Paper shows everything, whatever is folded on the screen.
  static let script = """
    let folded = [];
    addEventListener("beforeprint", () => {
      folded = [...document.querySelectorAll("details:not([open])")];
      for (const part of folded) { part.open = true; }
    });
    addEventListener("afterprint", () => { for (const part of folded) { part.open = false; } });
    """
}
