/// An operator of another runtime, which an import writes out as operators of the standard: no graph holds it.
///
/// Source of those of domain `com.microsoft`: onnxruntime 1.22, docs/ContribOperators.md.
package protocol ContributedOp: FunctionOp {}

extension ContributedOp {
  /// The domain of onnxruntime's own operators.
  static var runtimeDomain: String { "com.microsoft" }
}
