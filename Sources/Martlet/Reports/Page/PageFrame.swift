/// What every page has around its content: one file that needs nothing but a browser.
struct PageFrame {
  let title: String
  let heading: String
  /// The machine, the date: whatever is to be known about the measurement.
  let facts: [String]
  let footer: String
  /// What the page's style sheet and script add to those of all pages.
  var css = ""
  var script = ""

  /// The page, HTML and well-formed XML at once.
  ///
  /// - Parameter content: markup.
  func html(_ content: String) -> String {
    """
    <!DOCTYPE html>
    <html xmlns="http://www.w3.org/1999/xhtml" lang="en">
    <head>
    <meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <title>\(Markup.escape(title))</title>
    <style>
    \(PageStyle.css)
    \(css)
    </style>
    </head>
    <body>
    <header><h1>\(Markup.escape(heading))</h1>
    <p class="facts">\(facts.map(Markup.escape).joined(separator: " · "))</p></header>
    \(content)
    <footer>\(Markup.escape(footer))</footer>
    <div id="tip" hidden="hidden"></div>
    <script>
    //<![CDATA[
    \(PageStyle.script)
    \(script)
    //]]>
    </script>
    </body>
    </html>

    """
  }
}
