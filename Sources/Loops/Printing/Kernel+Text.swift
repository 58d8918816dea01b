import Tensors

extension Kernel: CustomStringConvertible {
  /// The textual form: parameters, the views and scratch buffers that the body uses, and one statement per line.
  package var description: String {
    var printer = KernelPrinter()
    printer.print(self)
    return printer.lines.joined(separator: "\n") + "\n"
  }
}

extension Statement: CustomStringConvertible {
  package var description: String {
    var printer = KernelPrinter()
    printer.print([self])
    return printer.lines.joined(separator: "\n")
  }
}

/// Collects the lines of a kernel's text.
private struct KernelPrinter {
  private(set) var lines: [String] = []
  private var depth = 0

  private mutating func line(_ text: String) {
    lines.append(String(repeating: "  ", count: depth) + text)
  }

  mutating func print(_ kernel: Kernel) {
    var arguments = kernel.parameters.map { parameter in
      "%\(parameter.buffer.name): \(parameter.isWritten ? "inout " : "")\(text(parameter.buffer))"
    }
    arguments += kernel.values.map { "\($0.name): index" }
    let scratch = kernel.scratchByteCount > 0 ? " scratch \(kernel.scratchByteCount)" : ""
    line("kernel @\(kernel.name)(\(arguments.joined(separator: ", ")))\(scratch) {")
    depth += 1
    let known = Set(kernel.parameters.map(\.buffer))
    for buffer in kernel.buffersInBody where !known.contains(buffer) {
      line("view %\(buffer.name): \(text(buffer)) of \(base(buffer, kernel))")
    }
    print(kernel.body)
    depth -= 1
    line("}")
  }

  private func base(_ buffer: Buffer, _ kernel: Kernel) -> String {
    switch buffer.base {
    case .parameter(let number):
      kernel.parameters.indices.contains(number)
        ? "%\(kernel.parameters[number].buffer.name)" : "parameter \(number)"
    case .scratch(let byteOffset): "scratch + \(byteOffset)"
    }
  }

  private func text(_ buffer: Buffer) -> String {
    let rowMajor = Buffer(
      name: buffer.name, base: buffer.base, element: buffer.element, shape: buffer.shape)
    var text = "\(buffer.element)\(buffer.shape.positionText)"
    if buffer.strides != rowMajor.strides { text += " strides \(buffer.strides.positionText)" }
    if buffer.offset != 0 { text += " offset \(buffer.offset)" }
    if buffer.alignment != 64 { text += " align \(buffer.alignment)" }
    return text
  }

  mutating func print(_ statements: [Statement]) {
    for statement in statements { print(statement) }
  }

  private mutating func block(_ head: String, _ body: [Statement], _ tail: String = "}") {
    line(head + " {")
    depth += 1
    print(body)
    depth -= 1
    line(tail)
  }

  private mutating func print(_ statement: Statement) {
    switch statement {
    case .loop(let loop): block(head(loop), loop.body)
    case .registers(let registers, let initial):
      let shape = registers.shape.map { "[\($0)]" }.joined()
      line("registers %\(registers.name): \(registers.element)\(shape) = \(initial)")
    case .set(let registers, let position, let value):
      line("set %\(registers.name)\(position.positionText) = \(value)")
    case .let(let local, let value): line("let %\(local.name) = \(value)")
    case .bind(let symbol, let value): line("bind \(symbol.name) = \(value)")
    case .store(let buffer, let position, let value):
      line("store %\(buffer.name)\(position.positionText) = \(value)")
    case .storeIf(let condition, let buffer, let position, let value):
      line("storeIf \(condition) %\(buffer.name)\(position.positionText) = \(value)")
    case .if(let condition, let then, let otherwise):
      block("if \(condition)", then, otherwise.isEmpty ? "}" : "} else {")
      if !otherwise.isEmpty {
        depth += 1
        print(otherwise)
        depth -= 1
        line("}")
      }
    case .while(let condition, let body): block("while \(condition)", body)
    case .prefetch(let buffer, let position):
      line("prefetch %\(buffer.name)\(position.positionText)")
    case .tile(let tile): line(tile.description)
    case .comment(let text): line("// \(text)")
    }
  }

  private func head(_ loop: Loop) -> String {
    let (word, suffix) =
      switch loop.kind {
      case .serial: ("for", "")
      case .unrolled: ("unroll", "")
      case .parallel: ("parallel", "")
      case .vector(let lanes): ("vector", " lanes \(lanes)")
      }
    let step = loop.step == 1 ? "" : " step \(loop.step)"
    return "\(word) \(loop.variable.name) in \(loop.lower)..<\(loop.upper)\(step)\(suffix)"
  }
}
