import Diagnostics
package import IR
import Ops
package import Tensors

/// How valid uses of some operators are made: what the schema does not say.
struct OperatorRecipe: Sendable {
  /// Adds a use of the operator with this name.
  ///
  /// - Throws: what the operator says against operands that do not fit after all; the attempt is then forgotten.
  typealias Grow =
    @Sendable (_ grower: inout GraphGrower, _ name: String)
    throws(Diagnostic) -> Void

  let names: [String]
  let grow: Grow

  init(_ names: String..., grow: @escaping Grow) {
    self.names = names
    self.grow = grow
  }
}

/// The operators that graphs are grown from.
package enum OperatorRecipes {
  /// Recipes that name their operators; those of a family that its protocol describes need none.
  private static let named: [OperatorRecipe] =
    elementwise + movements + products + convolutions + pools + samplings + normalizations
    + reductions + indexing
    + generators + quantizers + sequences + texts + learners + networks
    + regions + qonnx

  /// Every operator that can be grown, by qualified name.
  static let all: [String: OperatorRecipe.Grow] = {
    var found: [String: OperatorRecipe.Grow] = [:]
    for type in OpCatalog.standard.all {
      if let grow = family(of: type) { found[type.schema.qualifiedName] = grow }
    }
    for recipe in named {
      for name in recipe.names { found[name] = recipe.grow }
    }
    return found
  }()

  /// Arrangements of several operators that compilers look for, by a name for messages.
  static let patterns: [String: OperatorRecipe.Grow] = ["quantized layer": quantizedLayer]

  /// The operators that are never grown, and why.
  package static let left: [String: String] = {
    var left = [
      "Scatter": "a name of old opsets for ScatterElements, which is grown",
      "Upsample": "a name of old opsets for Resize, which is grown",
      "SequenceEmpty":
        "a sequence that only grows where others do, by SequenceInsert, which is grown",
      "SequenceMap": "its body runs on sequences of any length; cases of its own test it",
      "ai.onnx.preview.FlexAttention": "its scores go through graphs; cases of its own test it",
      "ImageDecoder": "its input is an image file; cases of its own test it",
      "ai.onnx.ml.CastMap": "maps come in as inputs only; cases of its own test it",
      "ai.onnx.ml.DictVectorizer": "maps come in as inputs only; cases of its own test it",
      "ai.onnx.ml.ZipMap": "gives maps, which nothing compares; cases of its own test it",
    ]
    for type in OpCatalog.standard.all {
      let name = type.schema.qualifiedName
      if type is any ContributedOp.Type {
        left[name] = "the importer writes it out; cases of its own test it"
      }
      if type.schema.domain == "martlet" { left[name] = "made by passes and the importer" }
      if name.hasPrefix("Random") || ["Bernoulli", "Multinomial"].contains(name) {
        left[name] = "draws random numbers"
      }
      if name.hasPrefix("ai.onnx.ml.TreeEnsemble") {
        left[name] = "its trees are lists of attributes that have to fit; cases of its own test it"
      }
    }
    return left
  }()

  /// The names of all that can be grown.
  package static var names: Set<String> { Set(all.keys) }

  /// The recipe of a whole family of operators.
  private static func family(of type: any Op.Type) -> OperatorRecipe.Grow? {
    switch type {
    case is any UnaryElementwise.Type: unary
    case is any VariadicElementwise.Type: variadic
    case is any IntegerBinaryElementwise.Type, is any Ops.Comparison.Type: binary
    case is any Reduction.Type: reduction
    case is any ArgReduction.Type: argReduction
    case is any Cumulation.Type: cumulation
    case is any SoftmaxOp.Type: softmax
    case is any PoolOp.Type: pool
    case is any GlobalPoolOp.Type: globalPool
    default: nil
    }
  }
}

extension GraphGrower {
  /// Types by how often they are taken, where a schema allows them.
  private static let commonness: [(type: ElementType, weight: Int)] = [
    (.f32, 40), (.i64, 6), (.i32, 6), (.f16, 5), (.f64, 5), (.u8, 4), (.i8, 4), (.bool, 4),
    (.bf16, 2), (.i16, 2), (.u16, 2), (.u32, 2), (.u64, 2), (.string, 1), (.u4, 1), (.i4, 1),
    (.f8e4m3fn, 1), (.f8e5m2, 1), (.c64, 1),
  ]

  /// One of the types that an operator's type variable may stand for.
  package mutating func type(
    _ name: String, _ variable: String, among wanted: TypeSet = .all
  ) -> ElementType {
    let allowed = OpCatalog.standard.type(qualifiedName: name)?.schema.types[variable] ?? .all
    let choices = Self.commonness.filter { allowed.contains($0.type) && wanted.contains($0.type) }
    var place = below(choices.reduce(0) { $0 + $1.weight })
    for choice in choices {
      place -= choice.weight
      if place < 0 { return choice.type }
    }
    return .f32
  }

  /// An axis of a rank, sometimes counted from the back.
  package mutating func axis(_ rank: Int) -> Int {
    let axis = below(rank)
    return chance(1, of: 3) ? axis - rank : axis
  }
}
