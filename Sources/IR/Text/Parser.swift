public import Diagnostics
public import Tensors

/// A graph read from text, and the lines that its nodes came from.
public struct ParsedGraph: Sendable {
  public let graph: Graph
  /// The line of each node in the file, counted from 1.
  public let lines: [NodeID: Int]
}

/// Reads the textual IR by recursive descent; `docs/ir.md` has the grammar.
///
/// Types may be left out behind a node; they are inferred then.
public struct Parser {
  /// Gives the data of a constant that the text only names by `hash` or `file`.
  public typealias DataSource = (ConstantReference, TensorType) throws(Diagnostic) -> Tensor

  let operators: OpRegistry
  let data: DataSource
  let file: String
  private var lexer: Lexer
  /// The token that is looked at.
  private(set) var token = Token.end
  private(set) var lines: [NodeID: Int] = [:]
  /// Nested graphs being read: hostile text must not exhaust the stack.
  private var depth = 0

  private init(
    _ text: some StringProtocol, operators: OpRegistry, file: String, firstLine: Int,
    data: @escaping DataSource
  ) {
    self.operators = operators
    self.data = data
    self.file = file
    lexer = Lexer(text, file: file, firstLine: firstLine)
  }

  /// Reads one graph.
  ///
  /// - Parameters:
  ///   - file: what messages call the text.
  ///   - firstLine: the line number of the text's first line in that file.
  /// - Throws: the first diagnostic, at its line.
  public static func parse(
    _ text: some StringProtocol, operators: OpRegistry, file: String = "", firstLine: Int = 1,
    data: @escaping DataSource = Parser.noData
  ) throws(Diagnostic) -> ParsedGraph {
    var parser = Parser(
      text, operators: operators, file: file, firstLine: firstLine, data: data)
    try parser.advance()
    let graph = try parser.graph()
    if parser.token != .end { throw parser.unexpected("end of text") }
    return ParsedGraph(graph: graph, lines: parser.lines)
  }

  /// Refuses every reference to data outside the text.
  public static func noData(_ reference: ConstantReference, _ type: TensorType) throws(Diagnostic)
    -> Tensor
  {
    throw Diagnostic(
      "text.no-data", "the data of a constant is not in the text: \(reference) of type \(type)")
  }

  var location: Location { lexer.location }

  mutating func advance() throws(Diagnostic) { token = try lexer.next() }

  func unexpected(_ expected: String) -> Diagnostic {
    Diagnostic("syntax.unexpected", "found \(token), expected \(expected)", at: location)
  }

  mutating func accept(_ character: Character) throws(Diagnostic) -> Bool {
    guard token == .punctuation(character) else { return false }
    try advance()
    return true
  }

  mutating func expect(_ character: Character) throws(Diagnostic) {
    guard try accept(character) else { throw unexpected("'\(character)'") }
  }

  mutating func accept(word: String) throws(Diagnostic) -> Bool {
    guard token == .word(word) else { return false }
    try advance()
    return true
  }

  /// Items between two brackets, separated by commas; the opening one has been read.
  mutating func list<Item>(
    until close: Character, _ item: (inout Parser) throws(Diagnostic) -> Item
  ) throws(Diagnostic) -> [Item] {
    var items: [Item] = []
    if try accept(close) { return items }
    repeat { items.append(try item(&self)) } while try accept(",")
    try expect(close)
    return items
  }

  /// Reads `graph @name(%x: type, ...) { statements return %y, ... }`.
  mutating func graph() throws(Diagnostic) -> Graph {
    guard try accept(word: "graph") else { throw unexpected("'graph'") }
    depth += 1
    defer { depth -= 1 }
    guard depth <= 32 else {
      throw Diagnostic("syntax.depth", "graphs are nested more than 32 deep", at: location)
    }
    var builder = GraphBuilder(name: "main", source: file)
    if case .label(let name) = token {
      builder.graph.name = name
      try advance()
    }
    try expect("(")
    let inputs = try list(until: ")") { (parser) throws(Diagnostic) in try parser.input() }
    for (name, type) in inputs { try builder.addInput(name, type, at: location) }
    try expect("{")
    while token != .word("return") { try statement(&builder) }
    try advance()
    if token != .punctuation("}") {
      repeat { try builder.addOutput(try valueName(), at: location) } while try accept(",")
    }
    try expect("}")
    if depth == 1 { lines = builder.lines }
    return builder.graph
  }

  private mutating func input() throws(Diagnostic) -> (String, ValueType) {
    let name = try valueName()
    try expect(":")
    return (name, try type())
  }

  mutating func valueName() throws(Diagnostic) -> String {
    guard case .value(let name) = token else { throw unexpected("a value such as '%x'") }
    try advance()
    return name
  }

  /// A value's name, or `_` for a place that is left empty.
  private mutating func optionalValueName() throws(Diagnostic) -> String? {
    if try accept(word: "_") { return nil }
    return try valueName()
  }

  /// Reads `%a, _ = Op(%x, _) {attributes} : type, _ @"node"` or `%c = constant type data`.
  private mutating func statement(_ builder: inout GraphBuilder) throws(Diagnostic) {
    let place = location
    let line = lexer.line
    var results = [try optionalValueName()]
    while try accept(",") { results.append(try optionalValueName()) }
    try expect("=")
    guard case .word(let opName) = token else { throw unexpected("an operator") }
    try advance()
    if opName == "constant" {
      guard results.count == 1, let name = results[0] else {
        throw Diagnostic("syntax.constant", "a constant defines exactly one value", at: place)
      }
      try builder.addConstant(name, try tensor(), at: place)
      return
    }
    var node = NodeText(results: results, op: opName, line: line, place: place)
    try expect("(")
    node.inputs = try list(until: ")") { (parser) throws(Diagnostic) in
      try parser.optionalValueName()
    }
    if try accept("{") { node.attributes = try attributes() }
    if try accept(":") {
      node.types = []
      repeat { node.types?.append(try accept(word: "_") ? nil : try type()) } while try accept(",")
    }
    if case .label(let name) = token {
      node.name = name
      try advance()
    }
    try builder.add(node, operators)
  }
}
