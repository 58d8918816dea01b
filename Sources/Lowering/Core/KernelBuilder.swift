package import Diagnostics
package import Loops
package import Tensors

/// Collects the parameters and names of one kernel while its body is written.
///
/// Names are numbered from zero in each kernel, so that equal schedules give equal kernels and share code.
package final class KernelBuilder {
  package let target: Target
  private var parameters: [(placed: Placed, isWritten: Bool)] = []
  private var nameCounts: [String: Int] = [:]
  private var scratchByteCount = 0
  private let reserved: Set<String>

  /// - Parameter reserved: symbols of the program, whose names a kernel's own must not hide.
  package init(target: Target, reserved: Set<Symbol> = []) {
    self.target = target
    self.reserved = Set(reserved.map(\.name))
  }

  /// The program memories behind the parameters, in order.
  package var memories: [Int] { parameters.map(\.placed.memory) }

  /// The tensor as this kernel's parameter; one parameter per memory, however many views it has.
  package func view(_ placed: Placed, isWritten: Bool = false) -> View {
    let number: Int
    if let found = parameters.firstIndex(where: { $0.placed.memory == placed.memory }) {
      parameters[found].isWritten = parameters[found].isWritten || isWritten
      number = found
    } else {
      number = parameters.count
      parameters.append((placed, isWritten))
    }
    return View(placed: placed, buffer: Self.buffer(placed, parameter: number))
  }

  private static func buffer(_ placed: Placed, parameter number: Int) -> Buffer {
    let element = placed.stored ?? placed.element
    return Buffer(
      name: "p\(number)", base: .parameter(number), element: element,
      shape: placed.layout.storedShape(placed.shape), alignment: max(1, element.bitWidth / 8))
  }

  /// Memory private to one call on one thread, row-major.
  package func scratch(_ element: ElementType, _ shape: [Int]) -> Buffer {
    let offset = (scratchByteCount + 63) / 64 * 64
    scratchByteCount = offset + element.byteCount(of: shape.elementCount)
    return Buffer(
      name: name("scratch"), base: .scratch(byteOffset: offset), element: element,
      shape: shape.map { IndexExpr($0) })
  }

  /// The same memory of a kernel's own, with as many neighbours of the last axis in each element as 32 bits hold.
  package func words(_ scratch: Buffer) -> Buffer {
    let terms = IndexExpr(32 / scratch.element.bitWidth)
    let last = scratch.shape[scratch.shape.count - 1]
    return Buffer(
      name: name("words"), base: scratch.base, element: .i32,
      shape: scratch.shape.dropLast() + [last.floorDiv(terms)])
  }

  private func name(_ hint: String) -> String {
    var count = nameCounts[hint, default: 0]
    while reserved.contains("\(hint)\(count)") { count += 1 }
    nameCounts[hint] = count + 1
    return "\(hint)\(count)"
  }

  /// A loop variable that runs from 0 to `extent`, exclusive.
  package func index(_ hint: String, _ extent: IndexExpr) -> Symbol {
    Symbol(name(hint), minimum: 0, maximum: extent.upperBound.map { max(0, $0 - 1) })
  }

  /// A symbol for a value computed in the kernel, with what is known of its bounds.
  package func computedIndex(_ hint: String, minimum: Int, maximum: Int?) -> Symbol {
    Symbol(name(hint), minimum: minimum, maximum: maximum)
  }

  package func local(_ hint: String, _ element: ElementType) -> Local { Local(name(hint), element) }

  package func registers(_ hint: String, _ element: ElementType, _ shape: [Int] = []) -> Registers {
    Registers(name(hint), element, shape)
  }

  /// A loop over `0..<extent`; a loop of one iteration is no loop at all.
  package func loop(
    _ hint: String, _ extent: IndexExpr, _ kind: LoopKind = .serial,
    _ body: (IndexExpr) throws(Diagnostic) -> [Statement]
  ) throws(Diagnostic) -> [Statement] {
    if extent == 1, kind == .serial || kind == .unrolled { return try body(0) }
    let variable = index(hint, extent)
    return [.loop(Loop(variable, to: extent, kind, body: try body(IndexExpr(variable))))]
  }

  /// The finished kernel; values are the symbols that the body mentions and no loop or `bind` defines.
  package func kernel(named name: String, body: [Statement]) -> Kernel {
    var free = FreeSymbols()
    free.visit(body)
    for parameter in parameters {
      for extent in parameter.placed.layout.storedShape(parameter.placed.shape) {
        free.use(extent)
      }
    }
    return Kernel(
      name: name,
      parameters: parameters.enumerated().map { number, parameter in
        .init(
          Self.buffer(parameter.placed, parameter: number), isWritten: parameter.isWritten)
      },
      values: free.found.sorted { $0.name < $1.name }, scratchByteCount: scratchByteCount,
      body: body)
  }
}
