package import Tensors

extension Program {
  /// Programs that run inside this one: the branches of a condition, or the body of a loop.
  ///
  /// They share the kernels and constants of the outermost program. Their inputs are what is carried and what is captured; a
  /// loop's has the number of the run and the condition before them, and gives the next condition before its results.
  package struct Region: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
      /// The first argument chooses the first body (true) or the second.
      case branches
      /// The first argument is the most runs, the second whether there is a first one; so many results are carried.
      case loop(carried: Int)
    }

    /// The memory that an argument is read from, nil where it is left out, or that a result is put in, nil when nobody
    /// reads it.
    package struct Port: Hashable, Sendable {
      package var memory: Int?
      package var element: ElementType
      package var shape: [IndexExpr]

      package init(memory: Int?, element: ElementType, shape: [IndexExpr]) {
        self.memory = memory
        self.element = element
        self.shape = shape
      }
    }

    package var kind: Kind
    package var bodies: [Program]
    package var arguments: [Port]
    package var results: [Port]
    /// Symbols of the results' shapes that have their value when the step is done.
    package var defines: [Symbol]

    package init(
      kind: Kind, bodies: [Program], arguments: [Port], results: [Port], defines: [Symbol]
    ) {
      self.kind = kind
      self.bodies = bodies
      self.arguments = arguments
      self.results = results
      self.defines = defines
    }

    package static func == (a: Region, b: Region) -> Bool {
      a.kind == b.kind && a.arguments == b.arguments && a.results == b.results
        && a.defines == b.defines && a.bodies.map(\.description) == b.bodies.map(\.description)
    }

    package func hash(into hasher: inout Hasher) {
      hasher.combine(kind)
      hasher.combine(arguments)
      hasher.combine(results)
    }
  }

  /// What a step does for a region beside launching its kernel, which does nothing.
  package enum RegionPart: Hashable, Sendable {
    /// Runs the bodies. The next step takes the results.
    case run(Region)
    case take
  }

  /// The program with every constant of it and its regions at another offset; an empty one may be anywhere.
  package func moving(_ places: [Int: Int]) -> Program {
    mapping(kernel: { $0 }, constant: { places[$0] ?? 0 })
  }

  /// The program, and those inside it, with other numbers of kernels and other offsets of constants.
  package func mapping(kernel: (Int) -> Int, constant: (Int) -> Int) -> Program {
    var program = self
    for number in buffers.indices {
      guard case .constant(let offset) = buffers[number].kind else { continue }
      program.buffers[number].kind = .constant(offset: constant(offset))
    }
    for number in steps.indices {
      program.steps[number].kernel = kernel(steps[number].kernel)
      guard case .run(var region)? = steps[number].region else { continue }
      region.bodies = region.bodies.map { $0.mapping(kernel: kernel, constant: constant) }
      program.steps[number].region = .run(region)
    }
    program.specialised = specialised.map { $0.mapping(kernel: kernel, constant: constant) }
    return program
  }

  /// Offsets of constants that the program and those inside it read.
  var constantOffsets: Set<Int> {
    var read: Set<Int> = []
    for case .constant(let offset) in buffers.lazy.map(\.kind) { read.insert(offset) }
    for case .run(let region)? in steps.lazy.map(\.region) {
      for body in region.bodies { read.formUnion(body.constantOffsets) }
    }
    for program in specialised { read.formUnion(program.constantOffsets) }
    return read
  }
}
